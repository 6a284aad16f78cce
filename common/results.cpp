#include "common/results.hpp"

#include <fmt/format.h>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/machine.hpp"
#include "common/program.hpp"
#include "common/terminal.hpp"

namespace ladder {
namespace {

constexpr const char* nats = "nats a character";

// One line: this rung's NLL against that of the rung below, if both measured the same thing.
void print_comparison(const nlohmann::json& mine, const nlohmann::json& below) {
  for (const char* key : {"protocol", "corpus"}) {
    if (below.at(key) != mine.at(key)) {
      fmt::print("{} was measured on another {}; no comparison\n",
                 below.at("stage").get<std::string>(), key);
      return;
    }
  }
  const char* which = mine.at("nll").at("val").is_null() ? "train" : "val";
  const double now = mine.at("nll").at(which), before = below.at("nll").at(which);
  fmt::print("the rung below, {}: NLL {:.4f}; this one is {:.4f} {}\n",
             below.at("stage").get<std::string>(), before, std::abs(before - now),
             now <= before ? "better" : "worse");
}

}  // namespace

nlohmann::json to_json(const Results& results, const Corpus& corpus, const Options& options) {
  nlohmann::json samples = nlohmann::json::array();
  for (const Sample& sample : results.samples) {
    samples.push_back({{"name", sample.name}, {"nll", sample.nll}});
  }
  nlohmann::json val_nll;  // null unless measured
  if (results.val_nll) val_nll = *results.val_nll;
  return {
      {"stage", results.stage},
      {"adds", results.adds},
      {"corpus", {{"name", corpus.name}, {"rows", corpus.rows.size()}, {"sha256", corpus.sha256}}},
      {"protocol", options.held_out ? "held out" : "corpus"},
      {"parameters", results.parameters},
      {"nll", {{"train", results.train_nll}, {"val", val_nll}}},
      {"seconds", results.seconds},
      {"steps", results.steps},
      {"interrupted", interrupted()},
      {"samples", samples},
      {"seed", options.seed},
      {"machine", machine_description()},
      {"compiler", compiler_description()},
      {"date", date_today()}};
}

void report(const Results& results, const Corpus& corpus, const Options& options) {
  const nlohmann::json json = to_json(results, corpus, options);
  if (interrupted()) {
    fmt::print("\ninterrupted after {} steps; this is what it had learned by then\n",
               with_commas(static_cast<std::size_t>(results.steps)));
  }
  if (results.val_nll) {
    fmt::print("\nNLL {:.4f} {} on the names it learned from, {:.4f} on held-out names\n",
               results.train_nll, nats, *results.val_nll);
  } else {
    fmt::print("\nNLL {:.4f} {}, on the whole corpus\n", results.train_nll, nats);
  }
  fmt::print("{} parameters, {:.2f} s\n", with_commas(results.parameters), results.seconds);
  if (!options.compare.empty()) print_comparison(json, read_json(options.compare));
  print_samples(results.samples);
  if (!options.json.empty()) write_json(options.json, json);
}

void print_samples(const std::vector<Sample>& samples) {
  if (samples.empty()) return;
  fmt::print("\nnames it made up, and the NLL it gives them\n");
  for (const Sample& sample : samples) fmt::print("  {:.2f}  {}\n", sample.nll, sample.name);
}

nlohmann::json read_json(const std::string& path) {
  auto value = nlohmann::json::parse(read_file(path), nullptr, false);
  if (value.is_discarded()) throw Error(fmt::format("{} is not JSON", path));
  return value;
}

void write_json(const std::string& path, const nlohmann::json& value) {
  write_file(path, value.dump(2) + "\n");
}

}  // namespace ladder
