#include <algorithm>
#include <cmath>
#include <limits>

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
          {"machine", {{"processor", "a machine"}}}};
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

TEST_CASE("the two runs of a stage become one row") {
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
  CHECK(ladder.at("machine").at("processor") == "a machine");
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

TEST_CASE("values that to_json() never writes are refused, whatever their place") {
  const json run = a_run("04_mlp", "corpus");
  const char* places[] = {"/stage",         "/adds",    "/protocol",       "/parameters",
                          "/corpus",        "/machine", "/corpus/name",    "/corpus/rows",
                          "/corpus/sha256", "/nll",     "/nll/train",      "/seconds",
                          "/interrupted",   "/samples", "/samples/0/name", "/samples/0"};
  for (const char* place : places) {
    for (const json& value : {json(), json::array({1}), json::object(), json(-1), json(1e300)}) {
      const bool number =
          std::string_view(place) == "/nll/train" || std::string_view(place) == "/seconds";
      if (number && value.is_number()) continue;
      if (std::string_view(place) == "/samples" && (value.is_null() || value == json::object())) {
        continue;  // no samples
      }
      json damaged = run;
      damaged[json::json_pointer(place)] = value;
      CAPTURE(place, value.dump());
      CHECK_THROWS_MATCHES(join_results({damaged}), Error,
                           MessageMatches(ContainsSubstring("not the results of a run")));
    }
  }
  json other = run;
  other["protocol"] = "another";
  CHECK_THROWS_AS(join_results({other}), Error);
}

TEST_CASE("no line of the table is wider than asked for, and columns stand under each other") {
  json wordy = a_run("05_gpt_with_a_very_long_name", "held out");
  wordy["adds"] = "self-attention, positions, residual connections and RMSNorm, all at once, " +
                  std::string(90, 'y');
  wordy["samples"][0]["name"] = std::string(60, 'x');
  wordy["samples"][1]["name"] = "žofïèœü";  // two bytes a letter
  wordy["corpus"]["name"] = "/path/" + std::string(150, 'z');
  json kana = a_run("さくら", "held out");
  kana["samples"][0]["name"] = "さくらさくらさくらさくらさくら";
  kana["samples"][1]["name"] = "zoe\u0308";
  const json ladder =
      join_results({a_run("04_mlp", "corpus"), a_run("04_mlp", "held out"), wordy, kana});
  for (const std::size_t width : {80, 81, 100, 200}) {
    const std::string table = format_ladder(ladder, width);
    INFO(table);
    std::size_t widest = 0, rows = 0;
    for (const std::string& line : lines_of(table)) {
      widest = std::max(widest, display_width(line));
      if (line.find("2.2500") == std::string::npos) continue;
      ++rows;
      CHECK(display_width(line.substr(0, line.find("2.2500"))) == 42);
    }
    CHECK(widest <= width);
    CHECK(widest >= std::min<std::size_t>(width, 100));  // room is used, also by names
    CHECK(rows == 3);
    CHECK_THAT(table, ContainsSubstring("4,009") && ContainsSubstring("2.1250") &&
                          ContainsSubstring("ana, bo, cleo") && ContainsSubstring("1.50"));
    CHECK_THAT(table, ContainsSubstring("RMSNorm") && ContainsSubstring("žofïèœü"));
  }
  CHECK_THAT(format_ladder(ladder), ContainsSubstring(std::string(20, 'x') + "…"));
  CHECK(format_ladder(ladder) == format_ladder(ladder, 80));
}

TEST_CASE("absurd numbers and names break no table") {
  json ruined = a_run("05_gpt_sgd", "corpus");
  ruined["parameters"] = std::numeric_limits<std::size_t>::max();
  ruined["seconds"] = 1e300;
  ruined["machine"]["processor"] = "a\nb";
  ruined["adds"] = "one\nidea\tmore";
  ruined["samples"][0]["name"] = "";
  ruined["samples"][1]["name"] = "a\nb\x1b[2J";
  ruined["samples"][2]["name"] = " ";
  for (const auto& [nll, shown] : {std::pair(1.1363506936009404e57, " 1e+57 "),
                                   {1e300, "1e+300 "},
                                   {-1e300, "1e+300 "},
                                   {12.34567, "12.346 "},
                                   {9999.94, "9999.9 "},
                                   {10000.0, " 10000 "},
                                   {123456.7, "123457 "},
                                   {1234567.8, " 1e+06 "},
                                   {std::nan(""), "nan "},
                                   {-HUGE_VAL, "-inf "}}) {
    ruined["nll"]["train"] = nll;
    const std::string table = format_ladder(join_results({ruined}));
    INFO(table);
    CHECK_THAT(table, ContainsSubstring(shown));
    CHECK_THAT(table, ContainsSubstring("1.8e+19") && ContainsSubstring("1e+300") &&
                          ContainsSubstring("·, a�b�[2J, ␣"));
    for (const std::string& line : lines_of(table)) CHECK(display_width(line) <= 80);
    CHECK(lines_of(table).size() == 11);
    CHECK(lines_of(format_ladder_markdown(join_results({ruined}))).size() == 3);
  }
}

TEST_CASE("the table as Markdown") {
  const std::string table = format_ladder_markdown(join_results({a_run("04_mlp", "corpus")}));
  CHECK_THAT(table, ContainsSubstring(
                        "| 04_mlp | one idea more | 4,009 | 2.1250 | – | 1.50 | ana, bo, cleo |"));
}

TEST_CASE("what Markdown would take for its own is escaped") {
  json run = a_run("04_mlp|x", "corpus");
  run["adds"] = "a|b";
  const std::pair<const char*, const char*> names[] = {
      {"a|b", R"(a\|b)"},   {"x<y>", R"(x\<y\>)"}, {"*m*", R"(\*m\*)"},  {"p`q", R"(p\`q)"},
      {"r\\s", R"(r\\s)"},  {"_u_", R"(\_u\_)"},   {"~w", R"(\~w)"},     {"[l](m)", R"(\[l\](m))"},
      {"&lt;", R"(\&lt;)"}, {"$x$", R"(\$x\$)"},   {"r\\|", R"(r\\\|)"}, {"", "·"}};
  for (const auto& [name, escaped] : names) {
    run["samples"] = {{{"name", name}}, {{"name", "ana"}}};
    const std::string row = lines_of(format_ladder_markdown(join_results({run}))).back();
    CHECK(row ==
          "| 04_mlp\\|x | a\\|b | 4,009 | 2.1250 | – | 1.50 | " + std::string(escaped) + ", ana |");
  }
}

TEST_CASE("words are wrapped between spaces") {
  using Lines = std::vector<std::string>;
  CHECK(wrap_words("", 5) == Lines{""});
  CHECK(wrap_words("one two three", 7) == Lines{"one two", "three"});
  CHECK(wrap_words("  one   two ", 20) == Lines{"one two"});
  CHECK(wrap_words("abcdefgh ij", 5) == Lines{"abcd…", "ij"});
  CHECK(wrap_words("さく らあ", 5) == Lines{"さく", "らあ"});
  CHECK(wrap_words("さくら", 5) == Lines{"さく…"});
}
