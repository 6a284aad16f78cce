# cmake --install build/release --prefix FOLDER: a folder that runs wherever it is moved to.
#
#   bin/                      the programs
#   share/microgpt_ladder/    what they read, named as in the repository (common/shipped.hpp)
#   include/microgpt_ladder/  headers, included as in the repository: "common/corpus.hpp"
#   lib/                      the libraries of these headers, and what find_package() reads
#
# The folders have fixed names: a program finds share/ from where it lies itself.
include_guard(GLOBAL)
include(CMakePackageConfigHelpers)

get_target_property(programs ladder MANUALLY_ADDED_DEPENDENCIES)
install(TARGETS ${programs} RUNTIME DESTINATION bin)

set(data share/microgpt_ladder)
install(FILES LICENSE DESTINATION ${data})
foreach(folder IN ITEMS common/data 06_gpt_adam/reference 07_fast_inference/bench/baselines)
  install(DIRECTORY ${folder}/ DESTINATION ${data}/${folder} PATTERN __pycache__ EXCLUDE)
endforeach()

# Not the headers that only tests include: they need Catch2.
foreach(folder IN ITEMS common 07_fast_inference/model 07_fast_inference/judge
    07_fast_inference/bench)
  file(GLOB headers CONFIGURE_DEPENDS ${folder}/*.hpp)
  list(FILTER headers EXCLUDE REGEX "/(test_[a-z_]*|program_checks|run_program)[.]hpp$")
  install(FILES ${headers} DESTINATION include/microgpt_ladder/${folder})
endforeach()

set(libraries ladder_common ladder_model ladder_judge ladder_bench)
foreach(library IN LISTS libraries)
  string(REPLACE ladder_ "" name ${library})
  set_target_properties(${library} PROPERTIES EXPORT_NAME ${name})
endforeach()
install(TARGETS ${libraries} EXPORT microgpt_ladder ARCHIVE DESTINATION lib
  INCLUDES DESTINATION include/microgpt_ladder)

# Of what they need themselves, what was found here is looked for where they are found; what was
# downloaded comes along.
set(LADDER_FOUND "")
foreach(dependency IN ITEMS fmt nlohmann_json CLI11 utf8proc)
  FetchContent_GetProperties(${dependency} SOURCE_DIR downloaded)
  if(NOT downloaded)
    string(APPEND LADDER_FOUND " ${dependency}")
    continue()
  endif()
  install(TARGETS ${dependency} EXPORT microgpt_ladder ARCHIVE DESTINATION lib)
  if(EXISTS "${downloaded}/include")
    install(DIRECTORY "${downloaded}/include/" DESTINATION include)
  endif()
endforeach()

set(package lib/cmake/microgpt_ladder)
install(EXPORT microgpt_ladder DESTINATION ${package} NAMESPACE microgpt_ladder::
  FILE microgpt_ladder-targets.cmake)
set(built "${CMAKE_CURRENT_BINARY_DIR}/package")
configure_package_config_file(cmake/microgpt_ladder-config.cmake.in
  "${built}/microgpt_ladder-config.cmake" INSTALL_DESTINATION ${package})
write_basic_package_version_file("${built}/microgpt_ladder-config-version.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${built}/microgpt_ladder-config.cmake"
  "${built}/microgpt_ladder-config-version.cmake" cmake/Findutf8proc.cmake DESTINATION ${package})

# A sanitized library asks whoever links it for the same flags; once is enough.
if(BUILD_TESTING AND NOT LADDER_SANITIZE)
  set(test "installed/the ladder runs where it was moved to, and is found by find_package")
  add_test(NAME "${test}" COMMAND "${LADDER_ROOT}/scripts/test_install.sh" "${CMAKE_COMMAND}"
    "${CMAKE_BINARY_DIR}" "${CMAKE_CXX_COMPILER}" "${CMAKE_GENERATOR}" "${CMAKE_PREFIX_PATH}")
  set_tests_properties("${test}" PROPERTIES LABELS unit TIMEOUT 120)
endif()
