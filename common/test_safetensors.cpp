#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "common/error.hpp"
#include "common/random.hpp"
#include "common/safetensors.hpp"
#include "common/test_support.hpp"

using namespace ladder;
using namespace std::string_literals;
using Catch::Matchers::ContainsSubstring;

namespace {

Weights example() {
  Weights weights;
  weights.tensors["wte"] = {{2, 3}, {1, -2, 3.5f, 0, -0.0f, 1e-40f}};  // a denormal too
  weights.tensors["bias"] = {{2}, {std::numeric_limits<float>::max(), -1}};
  weights.metadata = {{"variant", "reference"}, {"größe", "16 \"x\" 1"}};
  return weights;
}

void check_same(const Weights& a, const Weights& b) {
  CHECK(a.metadata == b.metadata);
  REQUIRE(a.tensors.size() == b.tensors.size());
  for (const auto& [name, tensor] : a.tensors) {
    CAPTURE(name);
    const Tensor& other = b.tensors.at(name);
    CHECK(tensor.shape == other.shape);
    REQUIRE(tensor.values.size() == other.values.size());
    for (std::size_t i = 0; i < tensor.values.size(); ++i) {
      // By the bits: -0 is not 0.
      CHECK(std::bit_cast<std::uint32_t>(tensor.values[i]) ==
            std::bit_cast<std::uint32_t>(other.values[i]));
    }
  }
}

}  // namespace

TEST_CASE("weights come back as they were written") {
  check_same(parse_safetensors(to_safetensors(example()), "x"), example());
  check_same(parse_safetensors(to_safetensors({}), "x"), {});
  const TemporaryDirectory directory;
  save_weights(directory.file("w.safetensors"), example());
  check_same(load_weights(directory.file("w.safetensors")), example());
}

TEST_CASE("random shapes come back as they were written, byte for byte the second time") {
  Random random(1);
  for (int round = 0; round < 300; ++round) {
    Weights weights;
    for (auto tensors = random.below(6); tensors > 0; --tensors) {
      Tensor tensor;
      std::size_t count = 1;
      for (auto rank = random.below(4); rank > 0; --rank) {
        tensor.shape.push_back(random.below(6));  // 0 too: a tensor without numbers
        count *= tensor.shape.back();
      }
      for (; count > 0; --count) tensor.values.push_back(static_cast<float>(random.normal()));
      weights.tensors["t" + std::to_string(random.below(100))] = tensor;
    }
    const std::string bytes = to_safetensors(weights);
    const Weights read = parse_safetensors(bytes, "x");
    check_same(read, weights);
    CHECK(to_safetensors(read) == bytes);
  }
}

TEST_CASE("the bytes are those of the format, and the same each time") {
  Weights weights;
  weights.tensors["a"] = {{1, 2}, {1, -2}};
  const std::string header =
      R"({"__metadata__":{},"a":{"data_offsets":[0,8],"dtype":"F32","shape":[1,2]}})";
  REQUIRE(header.size() == 74);
  const std::string expected = "\x50\0\0\0\0\0\0\0"s + header + "      " +  // 80 = 0x50
                               "\0\0\x80\x3F\0\0\0\xC0"s;
  CHECK(to_safetensors(weights) == expected);
  CHECK(to_safetensors(weights) == to_safetensors(weights));
}

// The reference implementation writes the keys of an entry in this order.
TEST_CASE("a file with the keys in the order of the reference implementation is read") {
  const std::string bytes =
      "\x90\0\0\0\0\0\0\0"s
      R"({"__metadata__":{"k":"v"},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
      R"("wte":{"dtype":"F32","shape":[1,2],"data_offsets":[4,12]}})"
      "       "
      "\0\0\x40\x40\0\0\x80\x3F\0\0\0\x40"s;
  const Weights weights = parse_safetensors(bytes, "x");
  CHECK(weights.metadata == std::map<std::string, std::string>{{"k", "v"}});
  CHECK(weights.get("b", {1}).values == std::vector{3.0f});
  CHECK(weights.get("wte", {1, 2}).values == std::vector{1.0f, 2.0f});
}

TEST_CASE("get() wants the name and the shape that the model has") {
  const Weights weights = example();
  CHECK(weights.get("wte", {2, 3}).values[2] == 3.5f);
  const auto complaint = [&](const char* name, const std::vector<std::size_t>& shape) {
    return message_of<Error>([&] { weights.get(name, shape); });
  };
  CHECK_THAT(complaint("wpe", {2, 3}),
             ContainsSubstring("no tensor 'wpe'; what they have is bias, wte"));
  CHECK_THAT(complaint("wte", {3, 2}), ContainsSubstring("(2, 3)") && ContainsSubstring("(3, 2)"));
  CHECK_THAT(complaint("wte", {6}), ContainsSubstring("(6)"));
  CHECK_THAT(complaint("wte", {2, 3, 1}), ContainsSubstring("(2, 3, 1)"));
  CHECK_FALSE(complaint("bias", {}).empty());
}

TEST_CASE("weights that could not be read back are not written") {
  for (const float bad : {std::nanf(""), -HUGE_VALF}) {
    Weights weights = example();
    weights.tensors["wte"].values[3] = bad;
    CHECK_THAT(message_of<Error>([&] { to_safetensors(weights); }), ContainsSubstring("'wte'"));
  }
  Weights weights = example();
  weights.tensors["wte"].shape = {3, 3};
  CHECK_THROWS_AS(to_safetensors(weights), Error);
}

TEST_CASE("metadata that is not UTF-8 does not cost the weights") {
  Weights weights = example();
  weights.metadata["corpus"] = "\xFF.txt";
  const Weights read = parse_safetensors(to_safetensors(weights), "x");
  CHECK(read.metadata.at("corpus") == "\uFFFD.txt");
  CHECK(read.tensors.size() == 2);
}

TEST_CASE("weights without the tensor say what they have, the first few if it is much") {
  Weights weights;
  const auto complaint = [&] { return message_of<Error>([&] { weights.get("wte", {1}); }); };
  CHECK_THAT(complaint(), ContainsSubstring("no tensors at all"));
  weights.tensors["model.lm_head"] = weights.tensors["model.wte"] = {{1}, {0}};
  CHECK_THAT(complaint(), ContainsSubstring("model.lm_head, model.wte"));
  for (int i = 0; i < 1000; ++i) weights.tensors["layer\n" + std::to_string(i)] = {{1}, {0}};
  CHECK_THAT(complaint(), ContainsSubstring("1002 tensors, ") && ContainsSubstring("layer�0, ") &&
                              ContainsSubstring("…") && !ContainsSubstring("\n"));
  CHECK(complaint().size() < 300);
}
