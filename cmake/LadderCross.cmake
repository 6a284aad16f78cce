# Programs for a processor that is not this one: built beside the others by a cross compiler, run by an
# emulator. A directory that wants one says so where it is configured for this machine:
#
#   ladder_cross_program(08_neon
#     TOOLCHAIN "${LADDER_ROOT}/cmake/aarch64-linux-gnu.cmake"
#     EMULATOR qemu-aarch64
#     NEEDS aarch64-linux-gnu-g++ g++-aarch64-linux-gnu qemu-aarch64 qemu-user
#     TESTS test_program.cpp)
#
# NEEDS are pairs: a command, or a file with its path, and Debian's package that has it. If something is
# missing there is no program, and its tests are skipped and name what to install. Else the same directory
# is configured once more with that toolchain (there LADDER_CROSS is true, and it builds the program as any
# other); bin/08_neon is a script that runs it. EMULATOR is a command with its options; empty, the program
# runs by itself. ARGS go to that CMake (-DNAME=VALUE); DEPENDS are targets that come first.
#
# TESTS are Catch2's, of this machine; they run the program as a reader does (common/run_program.hpp). They
# are labelled stage08 and hardware. LADDER_CROSS_PROBLEM is a definition for them, see
# common/cross_program.hpp: what is missing, or empty.
include_guard(GLOBAL)
include(ExternalProject)

# Headers of the libraries, each beside no other: /usr/include as a whole is another system's there.
function(ladder_cross_headers)
  set(to "${CMAKE_BINARY_DIR}/cross/include")
  file(MAKE_DIRECTORY "${to}")
  foreach(pair IN ITEMS fmt=fmt/format.h CLI11=CLI/CLI.hpp nlohmann_json=nlohmann/json.hpp)
    string(REPLACE "=" ";" pair "${pair}")
    list(GET pair 0 library)
    list(GET pair 1 header)
    FetchContent_GetProperties(${library} SOURCE_DIR source)
    find_path(LADDER_HEADERS_${library} ${header} HINTS "${source}/include" REQUIRED)
    mark_as_advanced(LADDER_HEADERS_${library})
    get_filename_component(folder "${header}" DIRECTORY)
    file(CREATE_LINK "${LADDER_HEADERS_${library}}/${folder}" "${to}/${folder}" SYMBOLIC)
  endforeach()
endfunction()

# QEMU's plugin for common/cross.hpp, lib/libcount_instructions.so beside bin/.
function(ladder_count_instructions)
  if(NOT TARGET count_instructions)
    add_library(count_instructions MODULE "${LADDER_ROOT}/cmake/cross/count_instructions.cpp")
    set_target_properties(count_instructions PROPERTIES CXX_VISIBILITY_PRESET hidden
      LIBRARY_OUTPUT_DIRECTORY "${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/../lib")
    target_compile_options(count_instructions PRIVATE -Wall -Wextra $<$<BOOL:${LADDER_WERROR}>:-Werror>)
  endif()
endfunction()

function(ladder_cross_program name)
  cmake_parse_arguments(cross "" "TOOLCHAIN" "EMULATOR;NEEDS;ARGS;TESTS;DEPENDS" ${ARGN})
  # 1. Is all of it here?
  set(packages "")
  while(cross_NEEDS)
    list(POP_FRONT cross_NEEDS command package)
    find_program(LADDER_FOUND_${command} ${command} NO_CACHE)
    if(NOT LADDER_FOUND_${command})
      list(APPEND packages ${package})
    endif()
  endwhile()
  list(JOIN packages " " packages)
  set(problem "")
  if(packages)
    set(problem "no cross compiler or emulator for ${name} here: apt-get install ${packages}")
    message(STATUS "${problem}")
  endif()

  # 2. The program, and a script of its name.
  set(built "${CMAKE_BINARY_DIR}/cross/${name}")
  if(NOT problem)
    ladder_cross_headers()
    set(sanitize "")
    if(LADDER_SANITIZE MATCHES undefined) # the others need an operating system's help that emulators lack
      set(sanitize undefined)
    endif()
    ExternalProject_Add(${name}_cross
      SOURCE_DIR "${CMAKE_CURRENT_SOURCE_DIR}"
      BINARY_DIR "${built}"
      PREFIX "${CMAKE_BINARY_DIR}/cross/steps/${name}"
      CMAKE_ARGS "-DCMAKE_TOOLCHAIN_FILE=${cross_TOOLCHAIN}"
        -DCMAKE_BUILD_TYPE=${CMAKE_BUILD_TYPE} -DBUILD_TESTING=OFF -DLADDER_MARCH=OFF
        "-DLADDER_CROSS=${CMAKE_BINARY_DIR}/cross/include" -DLADDER_WERROR=${LADDER_WERROR}
        -DLADDER_SANITIZE=${sanitize}
        "-DCMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER}"
        "-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=${CMAKE_CXX_FLAGS_RELWITHDEBINFO}" ${cross_ARGS}
      BUILD_ALWAYS ON # it knows its sources itself
      BUILD_COMMAND "${CMAKE_COMMAND}" --build "${built}" --target ${name}
      BUILD_BYPRODUCTS "${built}/bin/${name}"
      INSTALL_COMMAND "" TEST_COMMAND ""
      EXCLUDE_FROM_ALL ON
      DEPENDS ${cross_DEPENDS})
    set(run "\"${built}/bin/${name}\"")
    if(cross_EMULATOR)
      list(JOIN cross_EMULATOR " " emulator)
      string(JOIN "" run "LADDER_EMULATOR='${emulator}' exec ${emulator} -0 ${name} " ${run})
    else()
      set(run "exec ${run}")
    endif()
    file(WRITE "${built}.sh" "#!/bin/sh\n# Made by cmake/LadderCross.cmake.\n${run} \"$@\"\n")
    file(CHMOD "${built}.sh" PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ
      GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
    ladder_count_instructions()
    add_custom_target(${name} ALL
      COMMAND "${CMAKE_COMMAND}" -E make_directory "${CMAKE_RUNTIME_OUTPUT_DIRECTORY}"
      COMMAND "${CMAKE_COMMAND}" -E copy_if_different "${built}.sh"
        "${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/${name}" VERBATIM)
    add_dependencies(${name} ${name}_cross count_instructions)
  else()
    add_custom_target(${name} COMMAND "${CMAKE_COMMAND}" -E echo "${problem}")
  endif()

  # 3. Its tests.
  if(BUILD_TESTING AND cross_TESTS)
    ladder_cross_tests(${name} "${problem}" ${cross_TESTS})
  endif()
endfunction()

# ladder_cross_tests(08_neon "" test_program.cpp): also where the program is built like any other.
function(ladder_cross_tests name problem)
  add_executable(test_${name} ${ARGN})
  target_link_libraries(test_${name} PRIVATE ladder_common Catch2::Catch2WithMain)
  target_compile_definitions(test_${name} PRIVATE "LADDER_CROSS_PROBLEM=\"${problem}\"")
  add_dependencies(test_${name} ${name})
  string(SUBSTRING ${name} 0 2 number)
  ladder_tests(test_${name} stage${number} hardware)
endfunction()
