// What whoever builds the chip takes from here, read back.
#include <map>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <nlohmann/json.hpp>

#include "07_fast_inference/fixed_point/chip_files.hpp"
#include "07_fast_inference/judge/reference.hpp"
#include "07_fast_inference/test_golden.hpp"
#include "common/error.hpp"
#include "common/results.hpp"
#include "common/run_program.hpp"
#include "common/terminal.hpp"

using namespace ladder;
using Catch::Matchers::ContainsSubstring;

namespace {

FixedModel shipped_in_fixed_point() { return to_fixed_model(fit_to_fixed_point(shipped_model())); }

Run run(const std::vector<std::string>& arguments) {
  return run_built("07_fixed_point", arguments);
}

}  // namespace

TEST_CASE("memories in hexadecimal are read back as written") {
  const FixedModel model = shipped_in_fixed_point();
  const auto memories = memories_of(model);
  CHECK(memories.size() == 12);
  for (const Memory& memory : memories) {
    CAPTURE(memory.name);
    CHECK(parse_hex(to_hex(memory), memory, "memory") == memory);
  }
  CHECK(memories[0].words[16 * 3 + 5] == model.wte.weight[3][5]);
  CHECK(memories[7].words[64 * 15 + 63] == model.fc2.weight[15][63]);
  const Memory small{"small", 16, true, 1, 3, {-1, 256, -32768}};
  CHECK(to_hex(small) ==
        "// microGPT Ladder: small, 3 words of 16 bits, two's complement\n"
        "ffff\n0100\n8000\n");
}

TEST_CASE("a memory of another size, or with what is no number, is refused by its line") {
  const Memory like{"small", 16, true, 1, 2, {}};
  CHECK_THROWS_WITH(parse_hex("0001\n", like, "a.hex"), ContainsSubstring("1 words"));
  CHECK_THROWS_WITH(parse_hex("0001\n0002\n0003\n", like, "a.hex"), ContainsSubstring("3 words"));
  CHECK_THROWS_WITH(parse_hex("0001\nxyz\n", like, "a.hex"), ContainsSubstring("a.hex:2"));
  CHECK_THROWS_WITH(parse_hex("0001\n10000\n", like, "a.hex"), ContainsSubstring("a.hex:2"));
}

TEST_CASE("a trace has every step, and its logits follow from the memories") {
  const FixedModel model = shipped_in_fixed_point();
  FixedPointEngine engine(model), other(model);
  const std::vector<Tokens> names = {Tokenizer::canonical().encode("emma"), {}};
  const auto head = memories_of(model)[8];
  std::map<std::string, int> steps;
  std::vector<std::int64_t> x;
  int logits = 0;
  read_trace(trace_of(engine, names),
             [&](Place place, std::string_view step, std::span<const std::int64_t> numbers) {
               ++steps[std::string(step)];
               if (step == "x3") x.assign(numbers.begin(), numbers.end());
               if (step != "logit") return;
               ++logits;
               const FixedSums sums = other.sums(place);
               REQUIRE(std::equal(numbers.begin(), numbers.end(), sums.begin(), sums.end()));
               for (std::size_t i = 0; i < vocab_size; ++i) {  // step 9, by the memory's words
                 std::int64_t sum = 0;
                 for (std::size_t j = 0; j < n_embd; ++j) sum += head.words[16 * i + j] * x[j];
                 REQUIRE(sum == numbers[i]);
               }
             });
  CHECK(logits == 6);  // five of emma, one of the empty name
  for (const char* step : {"embedding", "x1", "h1", "q", "k", "v", "a", "x2", "h2", "u", "x3"}) {
    CAPTURE(step);
    CHECK(steps[step] == 6);
  }
  for (const char* step : {"s", "p", "w"}) CHECK(steps[step] == 24);  // four heads
  CHECK(steps.size() == 15);
}

TEST_CASE("a line that is no step of a trace is named") {
  const auto complaint = [](const char* text) {
    return message_of<Error>([&] { read_trace(text, [](auto...) {}); });
  };
  CHECK(complaint("token 26 position 0\nx1 1 -2\n").empty());
  CHECK_THAT(complaint("x1 1 2\n"), ContainsSubstring("line 1"));
  CHECK_THAT(complaint("token 26 position 0\nx1\n"), ContainsSubstring("line 2"));
  CHECK_THAT(complaint("token 26 position 0\nx1 1 b\n"), ContainsSubstring("line 2"));
  CHECK_THAT(complaint("token 26\n"), ContainsSubstring("line 1"));
}

TEST_CASE("07_fixed_point writes a chip's memories, its trace and fitted weights") {
  const TemporaryDirectory directory;
  const std::string weights = directory.file("fitted.safetensors"), hex = directory.file("hex"),
                    trace = directory.file("trace.txt");
  const std::vector<std::string> arguments = {"--fit", weights,   "--export-hex", hex,  "--trace",
                                              trace,   "--names", "emma",         "ava"};
  for (int again = 0; again < 2; ++again) {  // what it wrote itself it may replace
    const Run result = run(arguments);
    CHECK(result.err == "");
    REQUIRE(result.status == 0);
    CHECK_THAT(result.out, ContainsSubstring("in whatever order it is added up: proved"));
    CHECK_THAT(result.out, ContainsSubstring("12 memories"));
  }
  const FixedModel model = shipped_in_fixed_point();
  for (const Memory& memory : memories_of(model)) {
    CHECK(parse_hex(directory.read("hex/" + memory.name + ".hex"), memory, "") == memory);
  }
  const auto manifest = nlohmann::json::parse(directory.read("hex/manifest.json"));
  CHECK(manifest.at("sums_fit_32_bits") == true);
  CHECK(manifest.at("shifts").at("score") == model.shift.score);
  CHECK(manifest.at("memories").size() == 12);
  CHECK(manifest.at("memories")[6].at("depth") == 1024);

  FixedPointEngine engine(model);
  const std::vector<Tokens> names = {Tokenizer::canonical().encode("emma"),
                                     Tokenizer::canonical().encode("ava")};
  CHECK(directory.read("trace.txt") == trace_of(engine, names));

  // Weights of the same function: every engine's golden logits, but for rounding.
  const MicroGpt fitted = read_model(load_weights(weights));
  Reference reference(fitted);
  CHECK(largest_golden_error([&](Place p) { return reference.logits(p.token, p.position); },
                             shipped_golden_path()) < 1e-3);
}

TEST_CASE("07_fixed_point refuses what it cannot do, in one line, and writes nothing") {
  const TemporaryDirectory directory;
  const auto refused = [&](std::vector<std::string> arguments, const std::string& because) {
    const Run result = run(arguments);
    CAPTURE(result.err);
    CHECK(result.status != 0);
    CHECK_THAT(result.err, ContainsSubstring("error: ") && ContainsSubstring(because));
    CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
  };
  const std::string trace = directory.file("trace");
  refused({"--trace", trace, "--names", "zoë"}, "'ë'");
  refused({"--trace", trace, "--names", "abcdefghijklmnopq"}, "17 letters");
  refused({"--trace", directory.write("diary", "dear diary")}, "--force replaces it");
  refused({"--export-hex", directory.write("file", "x")}, "cannot make");
  directory.write("hex/wpe.hex", "mine");
  refused({"--export-hex", directory.file("hex")}, "--force replaces it");
  CHECK(directory.read("hex/wte.hex").empty());
  refused({"--weights", "/no/such/file"}, "/no/such/file");
  refused({"--names", "emma"}, "--names");
  CHECK(directory.entries() == 3);
}
