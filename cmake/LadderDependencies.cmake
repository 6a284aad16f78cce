# The libraries: the machine's own if it has them (find_package), else a pinned release (FetchContent).
# Where a program is built for another processor (LadderCross.cmake): headers alone, in the folder that
# LADDER_CROSS names.
if(LADDER_CROSS)
  foreach(library IN ITEMS fmt::fmt CLI11::CLI11 nlohmann_json::nlohmann_json utf8proc::utf8proc)
    add_library(${library} INTERFACE IMPORTED GLOBAL)
    target_include_directories(${library} SYSTEM INTERFACE "${LADDER_CROSS}")
  endforeach()
  target_compile_definitions(fmt::fmt INTERFACE FMT_HEADER_ONLY=1)
  target_include_directories(utf8proc::utf8proc SYSTEM INTERFACE "${CMAKE_CURRENT_LIST_DIR}/cross")
  return()
endif()

include(FetchContent)
set(FETCHCONTENT_QUIET OFF)

FetchContent_Declare(fmt
  GIT_REPOSITORY https://github.com/fmtlib/fmt.git
  GIT_TAG 10.2.1 GIT_SHALLOW ON FIND_PACKAGE_ARGS)
FetchContent_Declare(nlohmann_json
  GIT_REPOSITORY https://github.com/nlohmann/json.git
  GIT_TAG v3.11.3 GIT_SHALLOW ON FIND_PACKAGE_ARGS)
FetchContent_Declare(CLI11
  GIT_REPOSITORY https://github.com/CLIUtils/CLI11.git
  GIT_TAG v2.4.2 GIT_SHALLOW ON FIND_PACKAGE_ARGS)
# Only Eigen's headers are wanted; a sub-directory without a CMakeLists.txt leaves its own build out.
FetchContent_Declare(Eigen3
  GIT_REPOSITORY https://gitlab.com/libeigen/eigen.git
  GIT_TAG 3.4.0 GIT_SHALLOW ON SOURCE_SUBDIR cmake FIND_PACKAGE_ARGS NO_MODULE)
FetchContent_MakeAvailable(fmt nlohmann_json CLI11 Eigen3)
if(NOT TARGET Eigen3::Eigen)
  add_library(Eigen3::Eigen INTERFACE IMPORTED GLOBAL)
  target_include_directories(Eigen3::Eigen SYSTEM INTERFACE "${eigen3_SOURCE_DIR}")
endif()

# What is downloaded of utf8proc is one C file: its own CMake build is left out as Eigen's is.
list(APPEND CMAKE_MODULE_PATH "${CMAKE_CURRENT_LIST_DIR}")
find_package(utf8proc MODULE QUIET)
if(NOT utf8proc_FOUND)
  FetchContent_Declare(utf8proc
    GIT_REPOSITORY https://github.com/JuliaStrings/utf8proc.git
    GIT_TAG v2.9.0 GIT_SHALLOW ON SOURCE_SUBDIR data)
  FetchContent_MakeAvailable(utf8proc)
  enable_language(C)
  add_library(utf8proc STATIC "${utf8proc_SOURCE_DIR}/utf8proc.c")
  target_include_directories(utf8proc SYSTEM PUBLIC "$<BUILD_INTERFACE:${utf8proc_SOURCE_DIR}>")
  target_compile_definitions(utf8proc PUBLIC UTF8PROC_STATIC)
  add_library(utf8proc::utf8proc ALIAS utf8proc)
endif()

if(BUILD_TESTING)
  FetchContent_Declare(Catch2
    GIT_REPOSITORY https://github.com/catchorg/Catch2.git
    GIT_TAG v3.7.1 GIT_SHALLOW ON FIND_PACKAGE_ARGS 3)
  FetchContent_MakeAvailable(Catch2)
  if(Catch2_SOURCE_DIR)
    list(APPEND CMAKE_MODULE_PATH "${Catch2_SOURCE_DIR}/extras")
  endif()
  include(Catch)
endif()
