# Where there is no Verilator: no simulated chip. What does not need it is tested all the same; every other test has its
# name in ctest, is skipped, and says what to install.
set(problem "no Verilator 5.006 or newer here: apt-get install verilator")
message(STATUS "08_fpga is not built: ${problem}")
add_custom_target(08_fpga COMMAND "${CMAKE_COMMAND}" -E echo "${problem}")

if(BUILD_TESTING)
  add_executable(test_08_fpga test_roms.cpp test_timetable.cpp)
  target_link_libraries(test_08_fpga PRIVATE 08_fpga_model Catch2::Catch2WithMain)
  add_dependencies(test_08_fpga 08_fpga_roms 08_fpga_rom_files)
  ladder_tests(test_08_fpga stage08 hardware)

  set(names "verilator finds nothing to warn of in the circuit"
    "verilator finds nothing to warn of in the board")
  foreach(file IN ITEMS test_chip.cpp test_parts.cpp test_program.cpp board/test_board.cpp ecp5/test_ecp5.cpp)
    file(READ ${file} text)
    string(REGEX MATCHALL "TEST_CASE\\([ \n]*\"[^\"]*" cases "${text}")
    list(TRANSFORM cases REPLACE "^[^\"]*\"" "")
    list(APPEND names ${cases})
  endforeach()
  foreach(name IN LISTS names)
    add_test(NAME "stage08/${name}" COMMAND sh -c "echo 'skipped: ${problem}'; exit 4")
    set_tests_properties("stage08/${name}" PROPERTIES LABELS "stage08;hardware" SKIP_RETURN_CODE 4)
  endforeach()
endif()
