#include "common/results.hpp"

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/json.hpp"
#include "common/machine.hpp"
#include "common/numbers.hpp"
#include "common/program.hpp"
#include "common/terminal.hpp"

namespace ladder {
namespace {

constexpr const char* nats = "nats a character";

const char* protocol_name(const Options& options) {
  return options.held_out ? "held out" : "corpus";
}

// One line: this stage's NLL against that of the stage below, if both measured the same thing.
std::string comparison(const Results& now, const Corpus& corpus, const Options& options,
                       const Earlier& below) {
  const auto no_comparison = [&](const char* what) {
    return fmt::format("{} was measured on another {}; no comparison", below.stage, what);
  };
  if (below.protocol != protocol_name(options)) return no_comparison("protocol");
  // The same names under another path are the same corpus.
  if (below.sha256 != corpus.sha256 || below.rows != corpus.rows.size()) {
    return no_comparison("corpus");
  }
  const bool held_out = now.val_nll && below.val_nll;
  const double mine = held_out ? *now.val_nll : now.train_nll;
  const double theirs = held_out ? *below.val_nll : below.train_nll;
  return fmt::format("the stage below, {}: NLL {}; this one is {} {}", below.stage,
                     loss_text(theirs), loss_text(std::abs(theirs - mine)),
                     mine <= theirs ? "better" : "worse");
}

void print_nll(const Results& results) {
  if (results.val_nll) {
    fmt::print("\nNLL {} {} on the names it learned from, {} on held-out names\n",
               loss_text(results.train_nll), nats, loss_text(*results.val_nll));
  } else {
    fmt::print("\nNLL {} {}, on the whole corpus\n", loss_text(results.train_nll), nats);
  }
  const double blind = std::log(results.vocab_size);
  if (results.steps > 0 && !(results.train_nll < blind - 1e-6)) {
    fmt::print(
        "that is no better than a model that knows nothing, ln {} = {:.4f}: let it learn longer\n"
        "(--steps), and if that does not help, in smaller steps (--lr)\n",
        results.vocab_size, blind);
  }
}

}  // namespace

nlohmann::json to_json(const Results& results, const Corpus& corpus, const Options& options) {
  nlohmann::json samples = nlohmann::json::array();
  for (const Sample& sample : results.answers.samples) {
    samples.push_back({{"name", sample.name}, {"nll", sample.nll}});
  }
  nlohmann::json scores = nlohmann::json::array();
  for (const Score& score : results.answers.scores) {
    scores.push_back({{"name", score.name}, {"nll", score.nll}, {"nats", score.nats}});
  }
  nlohmann::json val_nll;  // null unless measured
  if (results.val_nll) val_nll = *results.val_nll;
  return {
      {"stage", results.stage},
      {"adds", results.adds},
      {"corpus", {{"name", corpus.name}, {"rows", corpus.rows.size()}, {"sha256", corpus.sha256}}},
      {"protocol", protocol_name(options)},
      {"parameters", results.parameters},
      {"nll", {{"train", results.train_nll}, {"val", val_nll}}},
      {"seconds", results.seconds},
      {"steps", results.steps},
      {"interrupted", interrupted()},
      {"samples", samples},
      {"scores", scores},
      {"seed", options.seed},
      {"machine", machine_json()}};
}

void report(const Results& results, const Corpus& corpus, const Options& options) {
  if (interrupted()) {
    fmt::print("\ninterrupted after {} steps; this is what it had learned by then\n",
               with_commas(static_cast<std::size_t>(results.steps)));
  }
  print_nll(results);
  fmt::print("{} parameters, {:.2f} s\n", with_commas(results.parameters), results.seconds);
  if (!options.compare.empty()) {
    fmt::print("{}\n", comparison(results, corpus, options, read_earlier(options.compare)));
  }
  print_answers(results.answers);
  if (!options.json.empty()) write_json(options.json, to_json(results, corpus, options));
}

Earlier read_earlier(const std::string& path) {
  const nlohmann::json json = read_json(path);
  try {
    const auto& corpus = json.at("corpus");
    const auto& nll = json.at("nll");
    Earlier earlier{.stage = json.at("stage"),
                    .protocol = json.at("protocol"),
                    .sha256 = corpus.at("sha256"),
                    .rows = corpus.at("rows"),
                    .train_nll = nll.at("train"),
                    .val_nll = {}};
    if (!nll.at("val").is_null()) earlier.val_nll = nll.at("val").get<double>();
    return earlier;
  } catch (const nlohmann::json::exception&) {
    throw Error(fmt::format("{} does not hold a stage's results; --json writes them", path));
  }
}

nlohmann::json read_json(const std::string& path) { return parse_json(read_file(path), path); }

void write_json(const std::string& path, const nlohmann::json& value) {
  // A path that is not UTF-8 must not cost the reader the results.
  write_file(path, value.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

}  // namespace ladder
