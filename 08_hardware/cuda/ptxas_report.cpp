#include "08_hardware/cuda/ptxas_report.hpp"

#include <regex>
#include <sstream>
#include <stdexcept>

namespace ladder::gpu {

std::vector<KernelReport> read_ptxas(const std::string& text) {
  static const std::regex entry("Compiling entry function '([^']*)' for '([^']*)'");
  static const std::regex memory(
      "([0-9]+) bytes stack frame, ([0-9]+) bytes spill stores, ([0-9]+) bytes spill loads");
  static const std::regex used("Used ([0-9]+) registers");
  std::vector<KernelReport> reports;
  int wanted = 0;  // lines that the last kernel still lacks
  std::istringstream lines(text);
  std::smatch match;
  for (std::string line; std::getline(lines, line);) {
    if (std::regex_search(line, match, entry)) {
      if (wanted != 0) break;
      reports.push_back({.kernel = match[1], .architecture = match[2]});
      wanted = 2;
    } else if (wanted == 2 && std::regex_search(line, match, memory)) {
      reports.back().stack_bytes = std::stoi(match[1]);
      reports.back().spill_store_bytes = std::stoi(match[2]);
      reports.back().spill_load_bytes = std::stoi(match[3]);
      wanted = 1;
    } else if (wanted == 1 && std::regex_search(line, match, used)) {
      reports.back().registers = std::stoi(match[1]);
      wanted = 0;
    }
  }
  if (wanted != 0) throw std::runtime_error("ptxas says too little of " + reports.back().kernel);
  return reports;
}

}  // namespace ladder::gpu
