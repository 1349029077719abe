# Stages what Doxygen does not find by itself: the page that lists the labs, and the pictures of the pages.
#
# cmake -DROOT=REPOSITORY -DPAGES=FOLDER -DHTML=FOLDER -P stage.cmake
set(page "# Labs\n\nEach handout says what to write, what it is worth and how to see that it works.\n\n")
string(APPEND page "| lab | slides |\n| --- | --- |\n")
file(GLOB handouts ${ROOT}/labs/*/README.md)
foreach(handout IN LISTS handouts)
    cmake_path(GET handout PARENT_PATH folder)
    cmake_path(GET folder FILENAME lab)
    set(slides "")
    if(EXISTS ${ROOT}/slides/${lab}.md)
        set(slides "<a href=\"../../slides/${lab}.html\">slides</a>, <a href=\"../../slides/${lab}.pdf\">PDF</a>")
    endif()
    string(APPEND page "| @subpage lab-${lab} | ${slides} |\n")
endforeach()
file(WRITE ${PAGES}/labs.md "${page}")

file(GLOB pictures RELATIVE ${ROOT} ${ROOT}/labs/*/*.svg ${ROOT}/labs/*/*.png ${ROOT}/labs/*/timelines/*.svg
    ${ROOT}/docs/*.svg ${ROOT}/docs/*.png ${ROOT}/docs/measured/*.svg)
foreach(picture IN LISTS pictures)
    cmake_path(GET picture PARENT_PATH folder)
    file(COPY ${ROOT}/${picture} DESTINATION ${HTML}/${folder})
endforeach()
