# course_lab(NN topic): all that a lab needs.
#
# labs/NN-topic holds README.md, one contract header, main.cpp and one more .cpp, the gap that a
# student fills. Made from them:
#   lab-NN-program   the lab's small program, with the student's file in it (./course run NN)
#   lab-NN-tests     the rubric, compiled once against the contract header
#   lab-NN           what grading needs: the tests, and recipe.json, by which any version of the gap
#                    (starter, solution, mutant, submission) is compiled and linked
# Grading a file is one compile and one link by that recipe: neither CMake nor ninja has a part in it.

# A lab whose threads are graded in the simulation says course_lab(NN topic SIMULATED): its tests, its graded
# file and what is linked with them are instrumented (see common/course/simulation). There is no simulation under
# ThreadSanitizer, which hooks the same calls; lab-NN is then the small program with the solution in it, on bare
# threads. PROGRAM_LIBRARIES name what the small program is linked with besides, to show the real one; LIBRARIES what
# the student's file and the tests are linked with as well.

# course_pch(name flags...): a precompiled header with the standard library, made once for all graded
# files that are compiled with these flags. Sets NAME_FLAGS, and makes the target NAME.
function(course_pch name)
    set(source ${CMAKE_SOURCE_DIR}/common/course/testing/student_pch.hpp)
    if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
        set(header ${CMAKE_BINARY_DIR}/${name}.hpp.pch)
        set(${name}_FLAGS -include-pch ${header} PARENT_SCOPE)
    else()
        set(header ${CMAKE_BINARY_DIR}/${name}.hpp.gch)
        set(${name}_FLAGS -include ${CMAKE_BINARY_DIR}/${name}.hpp PARENT_SCOPE)
    endif()
    add_custom_command(
        OUTPUT ${header}
        COMMAND ${CMAKE_CXX_COMPILER} ${COURSE_GRADED_FLAGS} ${ARGN} -pthread -x c++-header ${source}
                -o ${header} -MD -MT ${header} -MF ${header}.d
        DEPENDS ${source}
        DEPFILE ${header}.d
        COMMENT "Precompiling the standard library for graded files"
        VERBATIM)
    add_custom_target(${name} DEPENDS ${header})
endfunction()

course_pch(student-pch)
if(TARGET course_simulation)
    get_target_property(COURSE_SIMULATION_FLAGS course_simulation_flags INTERFACE_COMPILE_OPTIONS)
    if(NOT COURSE_SIMULATION_FLAGS)  # under another sanitizer nothing is instrumented
        set(COURSE_SIMULATION_FLAGS "")
    endif()
    course_pch(simulated-pch ${COURSE_SIMULATION_FLAGS})
endif()

# course_rubric(target lab_dir gap [SIMULATED] [LIBRARIES target...] TESTS test...): the tests of one lab as an object library, and
# the recipe beside them in the build tree. The lab's name is the folder's.
function(course_rubric target lab_dir gap_name)
    cmake_parse_arguments(PARSE_ARGV 3 rubric "SIMULATED" "" "TESTS;LIBRARIES")
    cmake_path(GET lab_dir FILENAME name)
    set(pch student-pch)
    set(testing course_testing)
    set(flags "")
    set(objects $<TARGET_OBJECTS:${target}-tests>)
    set(libraries "")
    set(simulated false)
    if(rubric_SIMULATED)
        set(simulated true)
        set(pch simulated-pch)
        set(testing course_testing_simulated)
        set(flags ${COURSE_SIMULATION_FLAGS})
        list(APPEND objects $<TARGET_OBJECTS:course_simulation>)
        set(libraries $<TARGET_FILE:course_simulation_tested>)  # last: its self-test uses the program's functions
    endif()
    add_library(${target}-tests OBJECT ${rubric_TESTS})
    target_include_directories(${target}-tests PRIVATE ${lab_dir})
    target_link_libraries(${target}-tests PRIVATE ${testing} course_graded ${rubric_LIBRARIES})
    target_compile_options(${target}-tests PRIVATE -Werror ${flags})

    get_target_property(catch2_type Catch2::Catch2 TYPE)
    if(NOT catch2_type STREQUAL INTERFACE_LIBRARY)  # Catch2 2 is headers only, 3 is a library
        list(PREPEND libraries $<TARGET_FILE:Catch2::Catch2>)
    endif()
    foreach(library IN LISTS rubric_LIBRARIES)
        list(APPEND libraries $<TARGET_FILE:${library}>)
    endforeach()
    list(PREPEND libraries $<TARGET_FILE:${testing}>)
    string(JOIN "\", \"" compile
        ${CMAKE_CXX_COMPILER} ${COURSE_GRADED_FLAGS} ${flags} ${${pch}_FLAGS} -pthread
        -fdiagnostics-color=never -I${lab_dir} -I${CMAKE_SOURCE_DIR}/common)
    string(JOIN "\", \"" link
        ${CMAKE_CXX_COMPILER} ${sanitizer_flags} ${COURSE_LINKER_FLAGS} -pthread)
    file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/labs/${name}/recipe.json CONTENT
"{
    \"lab\": \"${name}\",
    \"gap\": \"${gap_name}\",
    \"sanitize\": \"${COURSE_SANITIZE}\",
    \"simulated\": ${simulated},
    \"compile\": [\"${compile}\"],
    \"link\": [\"${link}\", \"$<JOIN:${objects},\", \">\"],
    \"libraries\": [\"$<JOIN:${libraries},\", \">\"]
}
")
    add_custom_target(${target} DEPENDS ${pch} ${target}-tests ${testing})
    if(rubric_LIBRARIES)
        add_dependencies(${target} ${rubric_LIBRARIES})
    endif()
    if(rubric_SIMULATED)
        add_dependencies(${target} course_simulation course_simulation_tested)
    endif()
endfunction()

# course_timelines(): the target `timelines`, which makes the pictures of who ran when that handouts and decks show
# (./course timeline --pictures), and COURSE_TIMELINES_STAMP, a file that is newer if one of them changed. They are
# made for each build that asks for them, and written only if they differ. Without solutions there is nothing to
# make, and so there is where nothing is graded: then COURSE_TIMELINES_STAMP is empty.
function(course_timelines)
    get_property(labs GLOBAL PROPERTY COURSE_SIMULATED_LABS)
    set(COURSE_TIMELINES_STAMP "" PARENT_SCOPE)
    if(NOT TARGET course-cli OR NOT labs OR NOT EXISTS ${CMAKE_SOURCE_DIR}/solutions)
        add_custom_target(timelines)
        return()
    endif()
    set(stamp ${CMAKE_BINARY_DIR}/timelines.stamp)
    set(COURSE_TIMELINES_STAMP ${stamp} PARENT_SCOPE)
    add_custom_target(timelines
        COMMAND ${CMAKE_COMMAND} -E env COURSE_ROOT=${CMAKE_SOURCE_DIR}
            $<TARGET_FILE:course-cli> timeline --pictures --built --stamp ${stamp}
        BYPRODUCTS ${stamp}  # ninja looks whether it changed: no deck is built anew for nothing
        COMMENT "Drawing who ran when"
        VERBATIM)
    add_dependencies(timelines course-cli ${labs})
endfunction()

function(course_lab number topic)
    set(name ${number}-${topic})
    set(lab_dir ${CMAKE_SOURCE_DIR}/labs/${name})

    file(GLOB gap CONFIGURE_DEPENDS ${lab_dir}/*.cpp)
    list(REMOVE_ITEM gap ${lab_dir}/main.cpp)
    list(LENGTH gap gaps)
    if(NOT gaps EQUAL 1)
        message(FATAL_ERROR "labs/${name} needs exactly one .cpp beside main.cpp; found: ${gap}")
    endif()
    cmake_path(GET gap FILENAME gap_name)

    file(GLOB tests CONFIGURE_DEPENDS
        ${CMAKE_SOURCE_DIR}/tests/${name}/*.cpp ${CMAKE_SOURCE_DIR}/tests/${name}/hidden/*.cpp)
    cmake_parse_arguments(PARSE_ARGV 2 lab "SIMULATED" "" "PROGRAM_LIBRARIES;LIBRARIES")
    set(simulated "")
    if(lab_SIMULATED)
        set(simulated SIMULATED)
    endif()
    if(lab_SIMULATED AND NOT TARGET course_simulation)
        if(EXISTS ${CMAKE_SOURCE_DIR}/solutions/${name}/${gap_name})
            set(gap ${CMAKE_SOURCE_DIR}/solutions/${name}/${gap_name})
        endif()
        add_custom_target(lab-${number} DEPENDS lab-${number}-program)
    else()
        course_rubric(lab-${number} ${lab_dir} ${gap_name} ${simulated} TESTS ${tests} LIBRARIES ${lab_LIBRARIES})
        if(lab_SIMULATED)
            set_property(GLOBAL APPEND PROPERTY COURSE_SIMULATED_LABS lab-${number})
        endif()
    endif()

    add_executable(lab-${number}-program EXCLUDE_FROM_ALL ${lab_dir}/main.cpp ${gap})
    set_target_properties(lab-${number}-program PROPERTIES
        OUTPUT_NAME program RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/labs/${name})
    target_include_directories(lab-${number}-program PRIVATE ${lab_dir})
    target_compile_options(lab-${number}-program PRIVATE -O2 -Wall -Wextra -Wshadow)
    set_source_files_properties(${lab_dir}/main.cpp PROPERTIES COMPILE_OPTIONS "-Wconversion;-Werror")
    target_link_libraries(lab-${number}-program PRIVATE course_program ${lab_LIBRARIES} ${lab_PROGRAM_LIBRARIES})
endfunction()
