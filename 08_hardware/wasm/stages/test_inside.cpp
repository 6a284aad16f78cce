// What the tab Look inside shows: every number is what its formula says, every gradient what the
// loss does when the number moves; and the module in a browser has the same ones.

#include <cmath>

#include "06_gpt_adam/gpt_weights.hpp"
#include "08_hardware/wasm/inside/inside.hpp"
#include "08_hardware/wasm/stages/plain_model.hpp"
#include "08_hardware/wasm/stages/stages_checks.hpp"
#include "common/largest.hpp"

using namespace ladder;

namespace {

const std::string weights_file = data_path("common/data/microgpt.safetensors");

void take_shipped_weights(Inside& inside) {
  Gpt shipped = gpt_from_weights(load_weights(weights_file));
  const auto from = shipped.parameters(), to = inside.gpt().parameters();
  REQUIRE(from.size() == to.size());
  for (std::size_t i = 0; i < to.size(); ++i) to[i]->value = from[i]->value;
}

Tokens tokens_of(const std::string& name) { return Tokenizer::canonical().encode(name); }

// A score of a place that is not looked at is no number.
bool looked_at(const Look& look, Eigen::Index t, Eigen::Index s) {
  const bool head = look.name.starts_with("scores") || look.name.starts_with("weights");
  return !head || s <= t;
}

}  // namespace

TEST_CASE("wasm: every number that is looked at is what its formula says") {
  Inside inside;
  take_shipped_weights(inside);
  PlainModel plain(inside.gpt());
  for (const std::string name : {"", "emma", "maximillianrobe"}) {
    CAPTURE(name);
    inside.look(tokens_of(name));
    CHECK(std::abs(inside.loss() - plain.run(tokens_of(name))) < 1e-12);
    CHECK(inside.looks().size() == plain.made.size());
    for (const Look& look : inside.looks()) {
      CAPTURE(look.name);
      const Matrix& expected = plain.made.at(look.name);
      REQUIRE(look.value.rows() == expected.rows());
      REQUIRE(look.value.cols() == expected.cols());
      double largest = 0;
      for (Eigen::Index t = 0; t < expected.rows(); ++t) {
        for (Eigen::Index i = 0; i < expected.cols(); ++i) {
          if (!looked_at(look, t, i)) continue;
          largest = larger_or_nan(largest, std::abs(look.value(t, i) - expected(t, i)));
        }
      }
      CHECK(largest < 1e-11);
    }
  }
}

TEST_CASE("wasm: every gradient that is looked at is what the loss does when the number moves") {
  Inside inside;
  take_shipped_weights(inside);
  PlainModel plain(inside.gpt());
  const Tokens name = tokens_of("emma");
  inside.look(name);
  constexpr double by = 1e-5;
  for (const Look& look : inside.looks()) {
    CAPTURE(look.name);
    double largest = 0;
    for (Eigen::Index t = 0; t < look.value.rows(); ++t) {
      for (Eigen::Index i = 0; i < look.value.cols(); ++i) {
        if (!looked_at(look, t, i)) continue;
        if (look.name == "fc1" && std::abs(look.value(t, i)) < 2 * by) continue;  // at ReLU's bend
        // A probability may be tiny, and ln of it is steep there.
        const double step = look.name == "probabilities" ? by * look.value(t, i) : by;
        plain.nudge(look.name, t, i, step);
        const double up = plain.run(name);
        plain.nudge(look.name, t, i, -step);
        const double slope = (up - plain.run(name)) / (2 * step);
        const double gap = std::abs(slope - look.gradient(t, i));
        largest = larger_or_nan(largest, gap / std::max(1.0, std::abs(slope)));
      }
    }
    CHECK(largest < 1e-7);
    CHECK(look.gradient.cwiseAbs().maxCoeff() > 1e-6);  // nothing is shown as all zeros
  }
}

TEST_CASE("wasm: attention weights that are looked at sum to 1 and never look ahead") {
  Inside inside;
  take_shipped_weights(inside);
  inside.look(tokens_of("charlotte"));
  int heads = 0;
  for (const Look& look : inside.looks()) {
    if (!look.name.starts_with("weights")) continue;
    ++heads;
    for (Eigen::Index t = 0; t < look.value.rows(); ++t) {
      CHECK(std::abs(look.value.row(t).sum() - 1) < 1e-12);
      // (exp(-∞) by vectors is the smallest of numbers.)
      CHECK(look.value.row(t).tail(look.value.rows() - t - 1).cwiseAbs().sum() < 1e-300);
    }
  }
  CHECK(heads == 4);
}

TEST_CASE("wasm: the module looks into a name as the native program does") {
  const std::vector<std::string> names = {"emma", "", "maximillianrobe", "a", "emma"};
  std::vector<std::string> words = {weights_file};
  words.insert(words.end(), names.begin(), names.end());
  const auto json = check("look", words);
  Inside inside;
  take_shipped_weights(inside);
  for (std::size_t n = 0; n < names.size(); ++n) {
    CAPTURE(names[n]);
    inside.look(tokens_of(names[n]));
    CHECK(std::abs(json[n]["loss"].get<double>() - inside.loss()) < 1e-10);
    REQUIRE(json[n]["looks"].size() == inside.looks().size());
    double largest = 0;
    for (std::size_t i = 0; i < inside.looks().size(); ++i) {
      const Look& look = inside.looks()[i];
      const auto& shown = json[n]["looks"][i];
      REQUIRE(shown["name"] == look.name);
      REQUIRE(shown["columns"] == look.value.cols());
      for (Eigen::Index at = 0; at < look.value.size(); ++at) {
        const auto index = static_cast<std::size_t>(at);
        const double value = look.value.data()[at], gradient = look.gradient.data()[at];
        if (std::isinf(value)) {
          CHECK(shown["value"][index].is_null());
        } else {
          largest = larger_or_nan(largest, std::abs(shown["value"][index].get<double>() - value));
        }
        largest =
            larger_or_nan(largest, std::abs(shown["gradient"][index].get<double>() - gradient));
      }
    }
    const auto parameters = inside.gpt().parameters();
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      REQUIRE(json[n]["tensors"][i]["name"] == parameters[i]->name);
      for (Eigen::Index at = 0; at < parameters[i]->grad.size(); ++at) {
        const double shown = json[n]["tensors"][i]["gradient"][static_cast<std::size_t>(at)];
        largest = larger_or_nan(largest, std::abs(shown - parameters[i]->grad.data()[at]));
      }
    }
    CHECK(largest < 1e-9);
  }
}

TEST_CASE("wasm: the module's logits are the golden ones") {
  const auto golden =
      nlohmann::json::parse(read_file(data_path("common/data/microgpt_golden.json")));
  std::vector<std::string> words = {weights_file};
  for (const auto& entry : golden["names"]) {
    if (entry["name"].get<std::string>().size() < 16) words.push_back(entry["name"]);
  }
  REQUIRE(words.size() > 5);
  const auto json = check("look", words);
  double largest = 0;
  std::size_t n = 0;
  for (const auto& entry : golden["names"]) {
    if (entry["name"].get<std::string>().size() >= 16) continue;
    for (const auto& look : json[n++]["looks"]) {
      if (look["name"] != "logits") continue;
      for (std::size_t t = 0; t < entry["logits"].size(); ++t) {
        for (std::size_t i = 0; i < 27; ++i) {
          const double shown = look["value"][27 * t + i], expected = entry["logits"][t][i];
          largest = larger_or_nan(largest, std::abs(shown - expected));
        }
      }
    }
  }
  CHECK(largest < 1e-6);
}

TEST_CASE("wasm: the module refuses weights and names with one sentence, and goes on") {
  const TemporaryDirectory directory;
  Weights weights = load_weights(weights_file);
  const std::string whole = to_safetensors(weights);
  std::vector<std::string> files = {weights_file, directory.write("empty", ""),
                                    directory.write("cut", whole.substr(0, 5000)),
                                    directory.write("text", "emma\nolivia\n")};
  weights.tensors["layer0.attn_norm"] = {{16}, std::vector<float>(16, 1)};
  files.push_back(directory.write("gains", to_safetensors(weights)));
  weights.tensors.erase("layer0.attn_norm");
  weights.tensors["wpe"] = {{8, 16}, std::vector<float>(128, 1)};
  files.push_back(directory.write("shape", to_safetensors(weights)));
  weights.tensors.erase("wpe");
  files.push_back(directory.write("missing", to_safetensors(weights)));
  const auto json = check("refuse", files);
  REQUIRE(json["messages"].size() == files.size() - 1 + 4);
  for (const std::string message : json["messages"]) check_sentence(message);
  CHECK(json["before"] == json["after"]);
  CHECK(json["empty"].get<double>() > 0);
}

TEST_CASE("wasm: the module of the stages imports nothing and is smaller than 300 KB") {
  need_module();
  CHECK(read_file(LADDER_WASM_MODULE).size() < 300 << 10);
  CHECK(check("module")["imports"] == 0);
}
