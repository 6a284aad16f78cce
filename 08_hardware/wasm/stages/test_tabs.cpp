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

// What browser_checks.mjs found, once for all tests.
const nlohmann::json& found() {
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
  static const nlohmann::json json = [&] {
    const Run run =
        run_path(LADDER_NODE, {LADDER_ROOT "/08_hardware/wasm/stages/browser_checks.mjs", page,
                               playwright, LADDER_CHROMIUM, LADDER_SHOTS});
    INFO(run.err);
    REQUIRE(run.status == 0);
    return nlohmann::json::parse(run.out);
  }();
  return json;
}

std::string text(const char* key) { return found()[key].get<std::string>(); }

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

}  // namespace

TEST_CASE("Look inside shows the program's numbers to the pointer and to the keyboard") {
  const auto& json = found();
  Inside inside = shipped();
  inside.look(Tokenizer::canonical().encode("emma"));
  const std::string expected = "Head 1, number 2: " + shown(look_at(inside, "q").value(1, 1));
  CHECK(json["byKeys"] == expected);
  CHECK(json["byPointer"] == expected);
  // 15 vectors of 16 numbers, 2 of 64, 2 times 4 heads over 5 places, 2 times 27 letters.
  CHECK(json["cells"] == 14 * 16 + 2 * 64 + 2 * 4 * 5 + 2 * 27);
}

TEST_CASE("Look inside goes step by step, and takes small letters from what is typed") {
  CHECK(found()["steps"] == std::vector<int>{20, 1, 2, 3, 2, 20});
  CHECK(found()["typed"] == "zob");
}

TEST_CASE("a link to Look inside opens the same gradients") {
  const auto& json = found();
  CHECK(json["linked"]["name"] == "olivia");
  CHECK(json["linked"]["pressed"] == "place 2, l");
  Inside inside = shipped();
  inside.look(Tokenizer::canonical().encode("olivia"));
  CHECK(json["gradient"] == "i: " + shown(look_at(inside, "logits").gradient(2, 8)));
}

TEST_CASE("what Adam is said to do to a weight, the trainer did") {
  const std::string said = text("adam");
  std::smatch sum, weight;
  REQUIRE(
      std::regex_search(said, weight, std::regex("Step 10, .*trainer’s weight is (\\S+)\\.\n")));
  REQUIRE(std::regex_search(said, sum, std::regex("weight −= .* = (\\S+)")));
  CHECK(sum[1] == weight[1]);
}

TEST_CASE("Climb has a card for each stage, with the book's figures") {
  const auto ladder = nlohmann::json::parse(read_file(LADDER_ROOT "/book/results/ladder.json"));
  const auto& cards = found()["cards"];
  REQUIRE(cards.size() == 6);
  for (std::size_t i = 0; i < cards.size(); ++i) {
    const auto& nll = ladder["stages"][i]["nll"];
    CHECK_THAT(cards[i].get<std::string>(),
               ContainsSubstring(fmt::format("\n{:.4f}\n", nll["corpus"].get<double>())) &&
                   ContainsSubstring(fmt::format("\n{:.4f}\n", nll["held_out"].get<double>())));
  }
}

TEST_CASE("the stages' programs run in Climb, each to its own result, and stop when told") {
  const auto names = parse_names(read_file(data_path("common/data/ssa2018.txt")));
  CHECK_THAT(text("ran01"),
             ContainsSubstring(fmt::format("one: {:.4f}", add_one_nll(names, names, 27))));
  CHECK_THAT(text("filling"), ContainsSubstring(" of 32,178 names counted"));
  CHECK_THAT(text("ran02"), StartsWith("Step 5,000: NLL 2.454"));
  CHECK_THAT(text("diverged"), ContainsSubstring("it diverged"));
  const std::string learned = text("ran06");
  CHECK_THAT(learned, StartsWith("After 2,000 steps: NLL of all names 2."));
  CHECK(std::stod(learned.substr(learned.rfind(' '))) < 2.25);
  CHECK(found()["names"].size() == 6);
  CHECK_THAT(text("stopped"), StartsWith("After ") && !StartsWith("After 500,000"));
}

TEST_CASE("the tabs fit a phone 360 pixels wide, and no error is in the console") {
  CHECK(found()["widths"]["inside"] == 360);
  CHECK(found()["widths"]["climb"] == 360);
  CHECK(found()["errors"] == nlohmann::json::array());
}
