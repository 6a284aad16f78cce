# Everything a stage needs from CMake: the language, the warnings, the libraries, and ladder_stage().
include_guard(GLOBAL)

get_filename_component(LADDER_ROOT "${CMAKE_CURRENT_LIST_DIR}/.." ABSOLUTE)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Release, Debug, …" FORCE)
endif()
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

set(LADDER_MARCH native CACHE STRING
  "What -march says: native (every instruction of this machine), x86-64-v3, …; OFF for no -march")
option(LADDER_NATIVE "OFF means no -march=native, as LADDER_MARCH=OFF does" ON)
option(LADDER_WERROR "Treat warnings as errors" OFF)
set(LADDER_SANITIZE "" CACHE STRING "Sanitizers, for example address,undefined or thread")

include(CTest) # BUILD_TESTING, ON by default
include("${CMAKE_CURRENT_LIST_DIR}/LadderDependencies.cmake")

# Flags are compiled into every target of the ladder through this one interface library.
add_library(ladder_flags INTERFACE)
target_compile_options(ladder_flags INTERFACE -Wall -Wextra $<$<BOOL:${LADDER_WERROR}>:-Werror>)
# g++ sees overlapping copies inside std::string where there are none (GCC bug 105651); before 12.3
# also unset variables in its own header for AVX-512 (GCC bug 105593).
target_compile_options(ladder_flags INTERFACE
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict;-Wno-maybe-uninitialized>
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,12.3>>:-Wno-uninitialized>)
target_include_directories(ladder_flags INTERFACE "${LADDER_ROOT}")
target_compile_definitions(ladder_flags INTERFACE LADDER_ROOT="${LADDER_ROOT}"
  LADDER_BIN="${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
include("${CMAKE_CURRENT_LIST_DIR}/LadderMarch.cmake")
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_options(ladder_flags INTERFACE -O3)
endif()
if(LADDER_SANITIZE)
  target_compile_options(ladder_flags INTERFACE
    -fsanitize=${LADDER_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(ladder_flags INTERFACE -fsanitize=${LADDER_SANITIZE})
endif()

# `cmake --build … --target ladder` builds the programs and leaves the tests out.
add_custom_target(ladder)

# Catch2 tests of one executable, one ctest entry each, labelled with the stage and the kind of test.
# A Catch2 tag ([nll], [hardware], [book], [classroom]) names the kind; a test without one is `unit`.
function(ladder_tests target stage)
  set(not_unit "")
  foreach(kind IN ITEMS nll hardware book classroom)
    string(APPEND not_unit "~[${kind}]")
  endforeach()
  foreach(kind IN ITEMS unit ${ARGN})
    if(kind STREQUAL "unit")
      set(tests "${not_unit}")
    else()
      set(tests "[${kind}]")
    endif()
    catch_discover_tests(${target} TEST_SPEC "${tests}" TEST_PREFIX "${stage}/"
      TEST_LIST ${target}_${kind} DISCOVERY_MODE POST_BUILD PROPERTIES SKIP_RETURN_CODE 4)
    # Two labels are a list, and a list does not survive PROPERTIES; so they are set afterwards, by a
    # file that ctest reads once the tests are known.
    set(labels "${CMAKE_CURRENT_BINARY_DIR}/${target}_${kind}_labels.cmake")
    set(all_labels "${stage};${kind}")
    if(stage STREQUAL "stage08" AND kind STREQUAL "unit") # of other hardware are all of them
      string(APPEND all_labels ";hardware")
    endif()
    file(WRITE "${labels}"
      "foreach(test IN LISTS ${target}_${kind})\n"
      "  set_tests_properties(\"\${test}\" PROPERTIES LABELS \"${all_labels}\")\n"
      "endforeach()\n")
    set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${labels}")
  endforeach()
endfunction()

# Makes an earlier stage's library available, also when a stage is configured alone.
function(ladder_need stage)
  if(NOT TARGET ${stage}_lib)
    set(LADDER_LIBRARY_ONLY ON)
    add_subdirectory("${LADDER_ROOT}/${stage}" "${CMAKE_BINARY_DIR}/${stage}")
  endif()
endfunction()

# A room of a stage that is a library of its own: ladder_room(07_fast_inference/judge).
function(ladder_room room)
  get_property(rooms GLOBAL PROPERTY LADDER_ROOMS)
  if(NOT room IN_LIST rooms)
    set_property(GLOBAL APPEND PROPERTY LADDER_ROOMS ${room})
    add_subdirectory("${LADDER_ROOT}/${room}" "${CMAKE_BINARY_DIR}/${room}")
  endif()
endfunction()

# ladder_stage(04_mlp NEEDS 03_autograd SOURCES mlp.cpp TESTS test_mlp.cpp KINDS nll)
#
#   04_mlp_lib   the stage's concept, for its own program, its tests and the stages above it
#   04_mlp       the program, main.cpp, in build/<preset>/bin/
#   test_04_mlp  its tests, labelled stage04
function(ladder_stage name)
  cmake_parse_arguments(stage "" "" "NEEDS;SOURCES;TESTS;KINDS" ${ARGN})
  add_library(${name}_lib STATIC ${stage_SOURCES})
  target_link_libraries(${name}_lib PUBLIC ladder_common Eigen3::Eigen)
  foreach(need IN LISTS stage_NEEDS)
    ladder_need(${need})
    target_link_libraries(${name}_lib PUBLIC ${need}_lib)
  endforeach()

  if(LADDER_LIBRARY_ONLY)
    return() # this stage was only asked for by a later one
  endif()

  add_executable(${name} main.cpp)
  target_link_libraries(${name} PRIVATE ${name}_lib)
  add_dependencies(ladder ${name})

  if(BUILD_TESTING)
    string(SUBSTRING ${name} 0 2 number)
    add_executable(test_${name} ${stage_TESTS})
    target_link_libraries(test_${name} PRIVATE ${name}_lib Catch2::Catch2WithMain)
    add_dependencies(test_${name} ${name}) # its tests run the program too
    ladder_tests(test_${name} stage${number} ${stage_KINDS})
  endif()
endfunction()

include("${CMAKE_CURRENT_LIST_DIR}/LadderCross.cmake")
add_subdirectory("${LADDER_ROOT}/common" "${CMAKE_BINARY_DIR}/common")
