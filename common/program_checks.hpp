#pragma once
/// \file
/// What every training program promises on its command line, asked of the program itself. Each
/// stage calls these from its test_program.cpp.

#include <algorithm>
#include <cmath>
#include <regex>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/random.hpp"
#include "common/results.hpp"
#include "common/run_program.hpp"
#include "common/terminal.hpp"

namespace ladder::program_checks {

using Catch::Matchers::ContainsSubstring;
/// What stands behind the program's name, a word each.
using Arguments = std::vector<std::string>;

/// The words of `a`, then those of `b`.
inline Arguments operator+(Arguments a, const Arguments& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// The lines of `text` without their ends; what follows the last end, if anything, is one too.
inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// No line is wider than a terminal of 80 columns.
inline void check_width(const std::string& text) {
  for (const std::string& line : lines_of(text)) {
    CAPTURE(line);
    CHECK(display_width(line) <= 80);
  }
}

/// Names of twelve random letters: nothing can be learned from some of them about the others.
inline std::string random_names(int count) {
  Random random(1);
  std::string text;
  for (int i = 0; i < count; ++i) {
    for (int j = 0; j < 12; ++j) text += static_cast<char>('a' + random.below(26));
    text += "\n";
  }
  return text;
}

/// Lines "  2.50  emma" of the output: the names that were made up.
inline std::vector<std::string> made_up_names(const std::string& out) {
  std::vector<std::string> names;
  bool begun = false;
  for (const std::string& line : lines_of(out)) {
    if (begun && line.empty()) break;
    if (begun) names.push_back(line.substr(line.rfind("  ") + 2));
    begun = begun || line.starts_with("names it made up");
  }
  return names;
}

/// A program and options with which it is done in a moment.
struct Program {
  std::string name;  ///< in the build's bin/
  Arguments quick;   ///< such options

  /// Runs it with `quick` and then `arguments`, `input` on its standard input.
  Run run(const Arguments& arguments, const std::string& input = "") const {
    return run_built(name, quick + arguments, input);
  }
};

/// What it prints and what it writes are the same, in 80 columns; --quiet leaves only results.
inline void check_output_and_json(const Program& program) {
  const TemporaryDirectory directory;
  const std::string file = directory.file("results.json");
  const Run loud = program.run({"--json", file, "--samples", "7", "--score", "emma"});
  REQUIRE(loud.status == 0);
  CHECK(loud.err.empty());  // a progress bar is for terminals
  check_width(loud.out);
  const auto json = read_json(file);
  CHECK(json["stage"] == program.name);
  const auto& nll = json["nll"];
  CHECK_THAT(loud.out, ContainsSubstring(fmt::format("NLL {:.4f} ", nll["train"].get<double>())));
  CHECK_THAT(loud.out,
             ContainsSubstring(fmt::format("{} parameters", with_commas(json["parameters"]))));
  std::vector<std::string> names;
  for (const auto& sample : json["samples"])
    names.push_back(shown_name(sample["name"].get<std::string>()));
  CHECK(names.size() == 7);
  CHECK(made_up_names(loud.out) == names);
  CHECK(json["scores"][0]["name"] == "emma");
  CHECK(json["scores"][0]["nats"].size() == 5);

  const Run quiet = program.run({"--quiet", "--samples", "7", "--score", "emma"});
  CHECK(quiet.status == 0);
  CHECK(quiet.err.empty());
  CHECK(quiet.out.size() < loud.out.size());
  CHECK(lines_of(quiet.out).size() == 19);  // NLL, parameters, seven names, five letters
  CHECK(made_up_names(quiet.out) == names);
}

/// On a terminal it draws its progress, and nothing there is wider than 80 columns: each state of a
/// line counts, and what colours it does not.
inline void check_terminal(const Program& program) {
  const Run run = run_on_terminal(program.name, program.quick);
  CHECK(run.status == 0);
  CHECK_THAT(run.out, ContainsSubstring("% "));  // the bar
  static const std::regex control("\x1b\\[[0-9;]*[A-Za-z]");
  std::string plain = std::regex_replace(run.out, control, "");
  std::replace(plain.begin(), plain.end(), '\r', '\n');
  check_width(plain);
}

/// Every bit of --seed counts, and the same seed gives the same names.
inline void check_seeds(const Program& program) {
  const auto names = [&](const char* seed) {
    const Run run = program.run({"--quiet", "--seed", seed});
    CHECK(run.status == 0);
    CHECK(made_up_names(run.out).size() == 10);
    return made_up_names(run.out);
  };
  CHECK(names("0") == names("0"));
  CHECK(names("0") != names("4294967296"));
  CHECK(names("42") != names("43"));
}

/// The first weights follow from --seed: a model that has learned nothing, drawn from without
/// chance, has nothing else to differ by.
inline void check_first_weights(const Program& program) {
  const auto names = [&](const char* seed) {
    const Run run =
        run_built(program.name, {"--quiet", "--corpus", "--steps", "1", "--lr", "1e-9",
                                 "--temperature", "0", "--samples", "1", "--seed", seed});
    CHECK(run.status == 0);
    return made_up_names(run.out);
  };
  CHECK(names("42") == names("42"));
  CHECK(names("42") != names("43"));
}

/// --start, --score and --temperature 0, and what is wrong with them before any training.
inline void check_questions(const Program& program) {
  const Run begun = program.run({"--quiet", "--start", "Ma", "--samples", "5"});
  CHECK(begun.status == 0);
  CHECK(made_up_names(begun.out).size() == 5);
  for (const std::string& name : made_up_names(begun.out)) CHECK(name.starts_with("ma"));

  const Run greedy = program.run({"--quiet", "--temperature", "0", "--samples", "3"});
  const auto names = made_up_names(greedy.out);
  REQUIRE(names.size() == 3);
  CHECK(names[0] == names[1]);
  CHECK(names[1] == names[2]);

  const Run scored = program.run({"--quiet", "--samples", "0", "--score", "-"}, "emma\nOlivia\n");
  CHECK(scored.status == 0);
  CHECK_THAT(scored.out, ContainsSubstring("  emma  ") && ContainsSubstring("  olivia  ") &&
                             ContainsSubstring("all of them together"));
  check_width(scored.out);

  const Run unknown = run_built(program.name, {"--start", "mø"});
  CHECK(unknown.status == 1);
  CHECK_THAT(unknown.err, ContainsSubstring("error: --start: 'ø'"));
  CHECK(lines_of(unknown.err).size() == 1);
}

/// A corpus from standard input is the corpus from the file; the held-out names are not learned.
inline void check_protocols(const Program& program, const Arguments& memorize, double least_gap) {
  const TemporaryDirectory directory;
  const std::string data = directory.write("names.txt", random_names(40));
  const auto nll = [&](const Arguments& arguments, const std::string& input) {
    const std::string file = directory.file("results.json");
    const Run run =
        run_built(program.name, memorize + arguments + Arguments{"--quiet", "--json", file}, input);
    INFO(run.err);
    REQUIRE(run.status == 0);
    return read_json(file);
  };
  const auto held_out = nll({"--held-out", "--data", data}, "");
  CHECK(held_out["protocol"] == "held out");
  // Twelve random letters a name: who has not learned a name cannot know it.
  CHECK(held_out["nll"]["val"].get<double>() - held_out["nll"]["train"].get<double>() > least_gap);

  const auto corpus = nll({"--corpus", "--data", data}, "");
  CHECK(corpus["protocol"] == "corpus");
  CHECK(corpus["nll"]["val"].is_null());
  const auto piped = nll({"--corpus", "--data", "-"}, random_names(40));
  CHECK(piped["corpus"]["sha256"] == corpus["corpus"]["sha256"]);
  CHECK(piped["nll"] == corpus["nll"]);
}

/// An input is never overwritten, nor a file of somebody else's; usage errors are those.
inline void check_files_and_usage(const Program& program) {
  const TemporaryDirectory directory;
  const std::string data = directory.write("names.txt", random_names(12));
  const std::string diary = directory.write("diary.txt", "dear diary");
  const auto refused = [&](const Arguments& arguments, int status) {
    const Run run = program.run(arguments);
    CAPTURE(arguments, run.err);
    CHECK(run.status == status);
    CHECK(run.err.starts_with("error: "));
    CHECK(lines_of(run.err).size() == 1);
  };
  refused({"--data", data, "--json", data, "--force"}, 1);
  refused({"--json", diary}, 1);
  CHECK(directory.read("names.txt") == random_names(12));
  CHECK(directory.read("diary.txt") == "dear diary");
  CHECK(program.run({"--json", diary, "--force", "--quiet"}).status == 0);
  CHECK(directory.read("diary.txt").starts_with("{"));

  refused({"--data", directory.file("none.txt")}, 1);
  refused({"--data", directory.write("binary", std::string("a\0b", 3))}, 1);
  refused({"--nonsense"}, 2);
  refused({"--samples", "many"}, 2);
  refused({"--samples", "0", "--start", "a"}, 2);
  const Run help = run_built(program.name, {"--help"});
  CHECK(help.status == 0);
  check_width(help.out);
}

/// A learning rate far too high ends in one line, exit 1, and nothing written; `outputs` are
/// options whose values are files.
inline void check_divergence(const Program& program, const Arguments& too_far,
                             const Arguments& outputs = {"--json"}) {
  const TemporaryDirectory directory;
  Arguments arguments = too_far + Arguments{"--quiet"};
  for (const std::string& option : outputs) {
    arguments = arguments + Arguments{option, directory.file(option)};
  }
  const Run run = run_built(program.name, arguments);
  CAPTURE(arguments, run.out);
  CHECK(run.status == 1);
  CHECK(run.out.empty());
  CHECK(run.err.starts_with("error: training diverged at step "));
  CHECK_THAT(run.err, ContainsSubstring("try a smaller --lr"));
  CHECK(lines_of(run.err).size() == 1);
  CHECK(directory.entries() == 0);
}

/// A model that has learned nothing yet says so, and is no error.
inline void check_knows_nothing(const Program& program, const Arguments& too_short) {
  const Run run = run_built(program.name, too_short + Arguments{"--quiet"});
  CHECK(run.status == 0);
  CHECK_THAT(run.out, ContainsSubstring("no better than a model that knows nothing"));
}

}  // namespace ladder::program_checks
