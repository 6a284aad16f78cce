#pragma once
/// \file
/// For tests of a program that a cross compiler builds and an emulator runs
/// (cmake/LadderCross.cmake).

#include <string_view>

#include <catch2/catch_test_macros.hpp>

#include "common/run_program.hpp"

namespace ladder {

/// Runs the program, or skips the test and says what to install.
/// \param environment  NAME=VALUE, for this run alone
inline Run run_cross(const std::string& program, const std::vector<std::string>& arguments,
                     const std::vector<std::string>& environment = {}) {
  constexpr std::string_view problem = LADDER_CROSS_PROBLEM;
  if (!problem.empty()) SKIP(problem);
  for (const std::string& variable : environment) {
    const auto equals = variable.find('=');
    ::setenv(variable.substr(0, equals).c_str(), variable.substr(equals + 1).c_str(), 1);
  }
  const Run run = run_built(program, arguments);
  for (const std::string& variable : environment) {
    ::unsetenv(variable.substr(0, variable.find('=')).c_str());
  }
  return run;
}

}  // namespace ladder
