// The tabs Look inside and Climb in a real browser, driven through playwright-core.

#include <cstdlib>
#include <regex>

#include <catch2/matchers/catch_matchers_string.hpp>
#include <fmt/format.h>

#include "06_gpt_adam/gpt_weights.hpp"
#include "08_hardware/wasm/climb/climb.hpp"
#include "08_hardware/wasm/inside/inside.hpp"
#include "08_hardware/wasm/stages/stages_checks.hpp"

using namespace ladder;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

namespace {

// What browser_checks.mjs found.
nlohmann::json found() {
  need_module();
  const std::string page = LADDER_LIVE_PAGE, playwright = LADDER_PLAYWRIGHT;
  if (std::string(LADDER_CHROMIUM).empty()) SKIP("no browser: apt install chromium");
  if (!std::filesystem::exists(playwright + "/package.json")) {
    SKIP(
        "no playwright-core: npm ci in 08_hardware/wasm, copied to the build folder's "
        "live_page_npm");
  }
  for (const char* file : {"/index.html", "/modules/08_engine.wasm", "/modules/09_trainer.wasm"}) {
    if (!std::filesystem::exists(page + file))
      SKIP("the page is not whole: build the target live_page");
  }
  const Run run = run_path(LADDER_NODE, {LADDER_ROOT "/08_hardware/wasm/stages/browser_checks.mjs",
                                         page, playwright, LADDER_CHROMIUM, LADDER_SHOTS});
  INFO(run.err);
  REQUIRE(run.status == 0);
  return nlohmann::json::parse(run.out);
}

std::string text(const nlohmann::json& json, const char* key) {
  return json[key].get<std::string>();
}

// A number as the page shows it: JavaScript's toPrecision(4), with a minus sign.
std::string shown(double value) {
  const std::string digits = fmt::format("{:#.4g}", std::abs(value));
  return (value < 0 ? "−" : "") + digits;
}

const Look& look_at(const Inside& inside, const std::string& name) {
  for (const Look& look : inside.looks()) {
    if (look.name == name) return look;
  }
  throw std::runtime_error("no " + name);
}

Inside shipped() {
  Inside inside;
  Gpt gpt = gpt_from_weights(load_weights(data_path("common/data/microgpt.safetensors")));
  for (std::size_t i = 0; i < gpt.parameters().size(); ++i) {
    inside.gpt().parameters()[i]->value = gpt.parameters()[i]->value;
  }
  return inside;
}

void check_numbers(const nlohmann::json& json) {
  Inside inside = shipped();
  inside.look(Tokenizer::canonical().encode("emma"));
  const std::string expected = "Head 1, number 2: " + shown(look_at(inside, "q").value(1, 1));
  CHECK(json["byKeys"] == expected);
  CHECK(json["byPointer"] == expected);
  // 14 vectors of 16 numbers, 2 of 64, 2 times 4 heads over 5 places, 2 times 27 letters.
  CHECK(json["cells"] == 14 * 16 + 2 * 64 + 2 * 4 * 5 + 2 * 27);
}

void check_steps(const nlohmann::json& json) {
  CHECK(json["steps"] == std::vector<int>{20, 1, 2, 3, 2, 20});
  CHECK(json["typed"] == "zob");
}

void check_link(const nlohmann::json& json) {
  CHECK(json["linked"]["name"] == "olivia");
  CHECK(json["linked"]["pressed"] == "place 2, l");
  Inside inside = shipped();
  inside.look(Tokenizer::canonical().encode("olivia"));
  CHECK(json["gradient"] == "i: " + shown(look_at(inside, "logits").gradient(2, 8)));
}

void check_adam(const nlohmann::json& json) {
  const std::string said = text(json, "adam");
  std::smatch sum, weight;
  REQUIRE(
      std::regex_search(said, weight, std::regex("Step 10, .*trainer’s weight is (\\S+)\\.\n")));
  REQUIRE(std::regex_search(said, sum, std::regex("weight −= .* = (\\S+)")));
  CHECK(sum[1] == weight[1]);
}

void check_cards(const nlohmann::json& json) {
  const auto ladder = nlohmann::json::parse(read_file(LADDER_ROOT "/book/results/ladder.json"));
  const auto& cards = json["cards"];
  REQUIRE(cards.size() == 6);
  for (std::size_t i = 0; i < cards.size(); ++i) {
    const auto& nll = ladder["stages"][i]["nll"];
    CHECK_THAT(cards[i].get<std::string>(),
               ContainsSubstring(fmt::format("\n{:.4f}\n", nll["corpus"].get<double>())) &&
                   ContainsSubstring(fmt::format("\n{:.4f}\n", nll["held_out"].get<double>())));
  }
}

void check_runs(const nlohmann::json& json) {
  const auto names = parse_names(read_file(data_path("common/data/ssa2018.txt")));
  CHECK_THAT(text(json, "ran01"),
             ContainsSubstring(fmt::format("one: {:.4f}", add_one_nll(names, names, 27))));
  CHECK_THAT(text(json, "filling"), ContainsSubstring(" of 32,178 names counted"));
  CHECK_THAT(text(json, "ran02"), StartsWith("Step 5,000: NLL 2.454"));
  CHECK_THAT(text(json, "diverged"), ContainsSubstring("it diverged"));
  const std::string learned = text(json, "ran06");
  CHECK_THAT(learned, StartsWith("After 2,000 steps: NLL of all names 2."));
  CHECK(std::stod(learned.substr(learned.rfind(' '))) < 2.25);
  CHECK(json["names"].size() == 6);
  CHECK_THAT(text(json, "stopped"), StartsWith("After ") && !StartsWith("After 500,000"));
}

void check_room(const nlohmann::json& json) {
  CHECK(json["widths"]["inside"] == 360);
  CHECK(json["widths"]["climb"] == 360);
  CHECK(json["errors"] == nlohmann::json::array());
}

}  // namespace

TEST_CASE("wasm: the tabs Look inside and Climb show in a browser what the programs compute") {
  static const nlohmann::json json = found();  // for all sections: it takes a while
  SECTION("Look inside shows the program's numbers to the pointer and to the keyboard") {
    check_numbers(json);
  }
  SECTION("Look inside goes step by step, and takes small letters from what is typed") {
    check_steps(json);
  }
  SECTION("a link to Look inside opens the same gradients") { check_link(json); }
  SECTION("what Adam is said to do to a weight, the trainer did") { check_adam(json); }
  SECTION("Climb has a card for each stage, with the book's figures") { check_cards(json); }
  SECTION("the stages' programs run in Climb, each to its own result, and stop when told") {
    check_runs(json);
  }
  SECTION("the tabs fit a phone 360 pixels wide, and no error is in the console") {
    check_room(json);
  }
}
