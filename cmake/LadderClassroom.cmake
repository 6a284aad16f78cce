# The classroom's own tests (ctest -L classroom): do the assignments hold what they promise? The whole
# proof takes minutes and is recorded in classroom/PROVED.txt; with LADDER_SLOW_TESTS it is a test, too.
include_guard(GLOBAL)
option(LADDER_SLOW_TESTS "Prove every wrong answer and every hostile submission of the classroom, too" OFF)
if(NOT BUILD_TESTING OR LADDER_SANITIZE)
  return()
endif()
find_package(Python3 COMPONENTS Interpreter QUIET)

function(ladder_classroom_test name labels)
  if(Python3_FOUND)
    add_test(NAME "classroom/${name}"
      COMMAND "${Python3_EXECUTABLE}" "${LADDER_ROOT}/classroom/tools/prove.py" ${ARGN})
  else()
    add_test(NAME "classroom/${name}" COMMAND "${CMAKE_COMMAND}" -E echo "install python3")
    set_tests_properties("classroom/${name}" PROPERTIES SKIP_REGULAR_EXPRESSION "install python3")
  endif()
  set_tests_properties("classroom/${name}" PROPERTIES
    LABELS "${labels}" SKIP_RETURN_CODE 4 TIMEOUT 3600)
endfunction()

file(GLOB assignments RELATIVE "${LADDER_ROOT}/classroom" "${LADDER_ROOT}/classroom/0*/tasks.json")
foreach(assignment IN LISTS assignments)
  get_filename_component(number "${assignment}" DIRECTORY)
  ladder_classroom_test("assignment ${number}" classroom --quick ${number})
endforeach()
ladder_classroom_test("hostile submissions" classroom --hostile)
ladder_classroom_test("the record is of these assignments" classroom --stale)
if(LADDER_SLOW_TESTS)
  ladder_classroom_test("all of it" "classroom;slow")
endif()
