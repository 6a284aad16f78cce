# Tests of what is not C++: run.sh, test.sh and lint.sh, the mutants, and what CMake says to a mistake.
foreach(test IN ITEMS paths locks read_only mistakes line_ends lint)
  add_test(NAME "common/scripts: ${test}" COMMAND "${LADDER_ROOT}/scripts/test_scripts.sh" ${test})
  set_tests_properties("common/scripts: ${test}" PROPERTIES SKIP_RETURN_CODE 4 TIMEOUT 120
    LABELS "common;unit")
endforeach()

add_test(NAME "common/every mutant applies" COMMAND "${LADDER_ROOT}/scripts/mutants.sh" --check)
set_tests_properties("common/every mutant applies" PROPERTIES SKIP_RETURN_CODE 4 TIMEOUT 120
  LABELS "common;unit")

set(test "common/LADDER_MARCH that the compiler does not know")
add_test(NAME "${test}" COMMAND "${CMAKE_COMMAND}" -S "${LADDER_ROOT}/01_counting_bigram"
  -B "${CMAKE_BINARY_DIR}/unknown_march" -G "${CMAKE_GENERATOR}" -DBUILD_TESTING=OFF
  "-DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER}" -DLADDER_MARCH=no-such-processor)
set_tests_properties("${test}" PROPERTIES LABELS "common;unit"
  PASS_REGULAR_EXPRESSION "know[ \n]+-march=no-such-processor[.]")
