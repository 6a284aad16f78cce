#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <nlohmann/json.hpp>

#include "common/error.hpp"
#include "common/ladder_table.hpp"
#include "common/terminal.hpp"

using namespace ladder;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using nlohmann::json;

namespace {

json a_run(const std::string& stage, const std::string& protocol) {
  const bool held_out = protocol == "held out";
  json samples = json::array();
  for (const char* name : {"ana", "bo", "cleo", "dora"}) {
    samples.push_back({{"name", name}, {"nll", 2.0}});
  }
  return {{"stage", stage},
          {"adds", "one idea more"},
          {"corpus", {{"name", "names.txt"}, {"rows", 32033}, {"sha256", "0a30"}}},
          {"protocol", protocol},
          {"parameters", 4009},
          {"nll", {{"train", 2.125}, {"val", held_out ? json(2.25) : json()}}},
          {"seconds", held_out ? 3.5 : 1.5},
          {"steps", 10},
          {"interrupted", false},
          {"samples", samples},
          {"seed", 42},
          {"machine", "a machine"},
          {"compiler", "a compiler"},
          {"date", "2026-01-01"}};
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

}  // namespace

TEST_CASE("the two runs of a rung become one row") {
  const json ladder = join_results({a_run("04_mlp", "held out"), a_run("04_mlp", "corpus"),
                                    a_run("01_counting_bigram", "corpus")});
  REQUIRE(ladder.at("stages").size() == 2);
  const json& counting = ladder.at("stages").at(0);
  CHECK(counting.at("stage") == "01_counting_bigram");
  CHECK(counting.at("nll").at("corpus") == 2.125);
  CHECK(counting.at("nll").at("held_out").is_null());  // not measured
  const json& mlp = ladder.at("stages").at(1);
  CHECK(mlp.at("nll") == json{{"corpus", 2.125}, {"held_out", 2.25}, {"held_out_train", 2.125}});
  CHECK(mlp.at("seconds") == json{{"corpus", 1.5}, {"held_out", 3.5}});
  CHECK(mlp.at("samples") == json{"ana", "bo", "cleo"});
  CHECK(ladder.at("corpus").at("rows") == 32033);
  CHECK(ladder.at("machine") == "a machine");
}

TEST_CASE("results that cannot stand side by side are refused") {
  const auto refuses = [](const std::vector<json>& runs, const char* why) {
    CHECK_THROWS_MATCHES(join_results(runs), Error, MessageMatches(ContainsSubstring(why)));
  };
  const json run = a_run("04_mlp", "corpus");
  refuses({}, "no results");
  refuses({json::object()}, "not the results of a run");
  refuses({json::array({1, 2})}, "not the results of a run");
  refuses({run, run}, "two results of 04_mlp");

  json interrupted = run;
  interrupted["interrupted"] = true;
  refuses({interrupted}, "04_mlp was interrupted");

  json elsewhere = a_run("05_gpt_sgd", "corpus");
  elsewhere["corpus"]["sha256"] = "ffff";
  refuses({run, elsewhere}, "04_mlp and 05_gpt_sgd were measured on different corpora");

  json unmeasured = a_run("04_mlp", "held out");
  unmeasured["nll"]["val"] = nullptr;
  refuses({unmeasured}, "not the results of a run");
}

TEST_CASE("no line of the table is wider than 100 columns, and columns stand under each other") {
  json wordy = a_run("05_gpt_with_a_very_long_name", "held out");
  wordy["adds"] = "self-attention, positions, residual connections and RMSNorm, all at once";
  wordy["samples"][0]["name"] = std::string(30, 'x');
  wordy["samples"][1]["name"] = "žofïèœü";  // two bytes a letter
  const std::string table =
      format_ladder(join_results({a_run("04_mlp", "corpus"), a_run("04_mlp", "held out"), wordy}));
  INFO(table);
  std::size_t column = 0;
  for (const std::string& line : lines_of(table)) {
    CHECK(display_width(line) <= 100);
    for (const char* figure : {"2.2500"}) {
      const std::size_t at = line.find(figure);
      if (at == std::string::npos) continue;
      const std::size_t here = display_width(std::string_view(line).substr(0, at));
      if (column != 0) CHECK(here == column);
      column = here;
    }
  }
  CHECK(column != 0);
  CHECK_THAT(table, ContainsSubstring("4,009") && ContainsSubstring("2.1250") &&
                        ContainsSubstring("ana, bo, cleo") && ContainsSubstring("1.50"));
  CHECK_THAT(table, ContainsSubstring("RMSNorm") && ContainsSubstring("žofïèœü"));
  CHECK_THAT(table, ContainsSubstring(std::string(20, 'x') + "…"));
}

TEST_CASE("the table as Markdown") {
  const std::string table = format_ladder_markdown(join_results({a_run("04_mlp", "corpus")}));
  CHECK_THAT(table, ContainsSubstring(
                        "| 04_mlp | one idea more | 4,009 | 2.1250 | – | 1.50 | ana, bo, cleo |"));
}

TEST_CASE("words are wrapped between spaces") {
  using Lines = std::vector<std::string>;
  CHECK(wrap_words("", 5) == Lines{""});
  CHECK(wrap_words("one two three", 7) == Lines{"one two", "three"});
  CHECK(wrap_words("  one   two ", 20) == Lines{"one two"});
  CHECK(wrap_words("abcdefgh ij", 5) == Lines{"abcd…", "ij"});
}
