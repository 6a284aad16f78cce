# The classroom's own tests (ctest -L classroom): do the assignments hold what they promise? The whole
# proof takes minutes and is recorded in classroom/PROVED.txt; with LADDER_SLOW_TESTS it is a test, too.
include_guard(GLOBAL)
option(LADDER_SLOW_TESTS "Prove every wrong answer and every hostile submission of the classroom, too" OFF)
if(NOT BUILD_TESTING OR LADDER_SANITIZE)
  return()
endif()
find_package(Python3 COMPONENTS Interpreter QUIET)

# The rest of the arguments: the program in classroom/tools/ and its arguments.
function(ladder_classroom_test name labels)
  if(Python3_FOUND)
    add_test(NAME "classroom/${name}"
      WORKING_DIRECTORY "${LADDER_ROOT}/classroom/tools" COMMAND "${Python3_EXECUTABLE}" ${ARGN})
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
  ladder_classroom_test("assignment ${number}" classroom prove.py --quick ${number})
endforeach()
ladder_classroom_test(tools classroom test_classroom.py)
ladder_classroom_test("hostile submissions" classroom prove.py --hostile)
ladder_classroom_test("the record is of these assignments" classroom prove.py --stale)
if(LADDER_SLOW_TESTS)
  ladder_classroom_test("all of it" "classroom;slow" prove.py)
endif()
