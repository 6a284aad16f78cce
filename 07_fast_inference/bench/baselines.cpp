#include "07_fast_inference/bench/baselines.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/shipped.hpp"

namespace ladder {
namespace {

constexpr Baseline baselines[] = {
    {"python", "pure_python.py", "fp64", "Python alone, no library"},
    {"numpy", "with_numpy.py", "fp32", "an array library: a call for every line"},
    {"mlx", "with_mlx.py", "fp32", "the same on a GPU, where there is one"},
};

// For the shell, as one word.
std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') {
      result += "'\\''";
    } else {
      result += c;
    }
  }
  return result + "'";
}

std::string output_of(const std::string& command) {
  std::string output;
  std::FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return "";
  char buffer[4096];
  while (const std::size_t n = std::fread(buffer, 1, sizeof buffer, pipe)) output.append(buffer, n);
  pclose(pipe);
  return output;
}

BaselineResult run_with(const std::string& python, const Baseline& baseline,
                        const BaselineOptions& options) {
  const std::string output = output_of(fmt::format(
      "{} -B {} --weights {} --seed {} --temperature {} --names {} --seconds {} 2>&1", python,
      quoted(data_path(std::string("07_fast_inference/bench/baselines/") + baseline.script)),
      quoted(options.weights), options.seed, options.temperature, options.names, options.seconds));
  BaselineResult result;
  try {
    const auto json = nlohmann::json::parse(output);
    result.names = json.at("names").get<std::vector<std::string>>();
    if (!json.at("tokens_per_second").is_null()) {
      result.tokens_per_second = json["tokens_per_second"].get<double>();
      const auto rounds = json.at("rounds").get<std::vector<double>>();
      const auto [least, most] = std::minmax_element(rounds.begin(), rounds.end());
      result.spread = (*most - *least) / *result.tokens_per_second;
    }
  } catch (const nlohmann::json::exception&) {
    // What Python says last is what went wrong.
    const std::size_t end = output.find_last_not_of('\n');
    const std::size_t start = end == std::string::npos ? end : output.rfind('\n', end) + 1;
    result.problem = end == std::string::npos ? "no output" : output.substr(start, end + 1 - start);
  }
  return result;
}

}  // namespace

std::span<const Baseline> all_baselines() { return baselines; }

BaselineResult run_baseline(const Baseline& baseline, const BaselineOptions& options) {
  const BaselineResult result = run_with("python3", baseline, options);
  if (result.problem.empty()) return result;
  const BaselineResult again = run_with("/usr/bin/python3", baseline, options);
  return again.problem.empty() ? again : result;
}

std::vector<BenchRow> run_baselines(const BaselineOptions& options) {
  std::vector<BenchRow> rows;
  for (const Baseline& baseline : baselines) {
    const BaselineResult result = run_baseline(baseline, options);
    BenchRow row;
    row.engine = baseline.engine;
    row.precision = baseline.precision;
    row.idea = baseline.idea;
    row.problem = result.problem;
    row.tokens_per_second = result.tokens_per_second;
    if (row.tokens_per_second) {
      // Cycles from this thread's clock: Python runs on the same kind of core.
      row.cycles_per_token = measure_clock_hertz() / *row.tokens_per_second;
    }
    row.spread = result.spread;
    rows.push_back(row);
  }
  return rows;
}

}  // namespace ladder
