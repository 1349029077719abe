# How the course compiles: one standard, strict warnings for our own code, a fast linker.
#
# course_base     every target of ours: the standard, the include root, the sanitizer of the preset
# course_strict   our own code: warnings are errors
# course_graded   code that is graded, and the tests that grade it; COURSE_GRADED_FLAGS is the same
#                 as a list, for the recipe by which a submission is compiled outside CMake

set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(COURSE_SANITIZE "" CACHE STRING "Sanitizers to build with: address,undefined or thread")
set(COURSE_CATCH2_ROOT "" CACHE PATH "Where to look for Catch2 before the system")

find_program(COURSE_MOLD mold)
find_program(COURSE_LLD NAMES ld.lld ld.lld-19 ld.lld-18)
if(COURSE_MOLD)
    set(COURSE_LINKER_FLAGS -fuse-ld=mold)
elseif(COURSE_LLD)
    set(COURSE_LINKER_FLAGS -fuse-ld=lld)
endif()

set(sanitizer_flags "")
if(COURSE_SANITIZE)
    set(sanitizer_flags -fsanitize=${COURSE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
endif()

add_library(course_base INTERFACE)
target_compile_features(course_base INTERFACE cxx_std_20)
target_include_directories(course_base INTERFACE ${CMAKE_SOURCE_DIR}/common)
target_compile_options(course_base INTERFACE ${sanitizer_flags})
target_link_options(course_base INTERFACE ${sanitizer_flags} ${COURSE_LINKER_FLAGS})

add_library(course_strict INTERFACE)
target_link_libraries(course_strict INTERFACE course_base)
target_compile_options(course_strict INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror)

# An out-of-range index aborts, and a variable that was never set has the same wrong value in every
# run: a mistake must not pass now and then.
set(COURSE_GRADED_FLAGS
    -std=c++20 -g -O0 -Wall -Wextra -Wshadow -D_GLIBCXX_ASSERTIONS
    -ftrivial-auto-var-init=pattern -fno-omit-frame-pointer ${sanitizer_flags})
add_library(course_graded INTERFACE)
target_link_libraries(course_graded INTERFACE course_base)
target_compile_options(course_graded INTERFACE ${COURSE_GRADED_FLAGS})

find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(pugixml REQUIRED)
find_package(Threads REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(LibArchive REQUIRED)
find_package(yaml-cpp REQUIRED)
set(Boost_NO_WARN_NEW_VERSIONS ON)
find_package(Boost 1.81 REQUIRED COMPONENTS chrono filesystem thread)
if(COURSE_CATCH2_ROOT)
    find_package(Catch2 REQUIRED PATHS ${COURSE_CATCH2_ROOT} NO_DEFAULT_PATH)
else()
    find_package(Catch2 REQUIRED)
endif()
