# course_lab(NN topic): all that a lab needs.
#
# labs/NN-topic holds README.md, one contract header, main.cpp and one more .cpp, the gap that a
# student fills. Made from them:
#   lab-NN-program   the lab's small program, with the student's file in it (./course run NN)
#   lab-NN-tests     the rubric, compiled once against the contract header
#   lab-NN           what grading needs: the tests, and recipe.json, by which any version of the gap
#                    (starter, solution, mutant, submission) is compiled and linked
# Grading a file is one compile and one link by that recipe: neither CMake nor ninja has a part in it.

# A precompiled header with the standard library, for the graded file of every lab.
set(COURSE_PCH_SOURCE ${CMAKE_SOURCE_DIR}/common/course/testing/student_pch.hpp)
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
    set(COURSE_PCH ${CMAKE_BINARY_DIR}/student_pch.hpp.pch)
    set(COURSE_PCH_FLAGS -include-pch ${COURSE_PCH})
else()
    set(COURSE_PCH ${CMAKE_BINARY_DIR}/student_pch.hpp.gch)
    set(COURSE_PCH_FLAGS -include ${CMAKE_BINARY_DIR}/student_pch.hpp)
endif()
add_custom_command(
    OUTPUT ${COURSE_PCH}
    COMMAND ${CMAKE_CXX_COMPILER} ${COURSE_GRADED_FLAGS} -pthread -x c++-header ${COURSE_PCH_SOURCE}
            -o ${COURSE_PCH} -MD -MT ${COURSE_PCH} -MF ${COURSE_PCH}.d
    DEPENDS ${COURSE_PCH_SOURCE}
    DEPFILE ${COURSE_PCH}.d
    COMMENT "Precompiling the standard library for graded files"
    VERBATIM)
add_custom_target(student-pch DEPENDS ${COURSE_PCH})

# course_rubric(target lab_dir gap test...): the tests of one lab as an object library, and the recipe
# beside them in the build tree. The lab's name is the folder's.
function(course_rubric target lab_dir gap_name)
    cmake_path(GET lab_dir FILENAME name)
    add_library(${target}-tests OBJECT ${ARGN})
    target_include_directories(${target}-tests PRIVATE ${lab_dir})
    target_link_libraries(${target}-tests PRIVATE course_testing course_graded)
    target_compile_options(${target}-tests PRIVATE -Werror)

    string(JOIN "\", \"" compile
        ${CMAKE_CXX_COMPILER} ${COURSE_GRADED_FLAGS} ${COURSE_PCH_FLAGS} -pthread
        -fdiagnostics-color=never -I${lab_dir} -I${CMAKE_SOURCE_DIR}/common)
    string(JOIN "\", \"" link
        ${CMAKE_CXX_COMPILER} ${sanitizer_flags} ${COURSE_LINKER_FLAGS} -pthread
        "$<JOIN:$<TARGET_OBJECTS:${target}-tests>,\", \">")
    set(libraries "$<TARGET_FILE:course_testing>")
    get_target_property(catch2_type Catch2::Catch2 TYPE)
    if(NOT catch2_type STREQUAL INTERFACE_LIBRARY)  # Catch2 2 is headers only, 3 is a library
        string(APPEND libraries "\", \"$<TARGET_FILE:Catch2::Catch2>")
    endif()
    file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/labs/${name}/recipe.json CONTENT
"{
    \"lab\": \"${name}\",
    \"gap\": \"${gap_name}\",
    \"sanitize\": \"${COURSE_SANITIZE}\",
    \"compile\": [\"${compile}\"],
    \"link\": [\"${link}\"],
    \"libraries\": [\"${libraries}\"]
}
")
    add_custom_target(${target} DEPENDS student-pch ${target}-tests course_testing)
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
    course_rubric(lab-${number} ${lab_dir} ${gap_name} ${tests})

    add_executable(lab-${number}-program EXCLUDE_FROM_ALL ${lab_dir}/main.cpp ${gap})
    set_target_properties(lab-${number}-program PROPERTIES
        OUTPUT_NAME program RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/labs/${name})
    target_compile_options(lab-${number}-program PRIVATE -O2 -Wall -Wextra -Wshadow)
    set_source_files_properties(${lab_dir}/main.cpp PROPERTIES COMPILE_OPTIONS "-Wconversion;-Werror")
    target_link_libraries(lab-${number}-program PRIVATE course_program)
endfunction()
