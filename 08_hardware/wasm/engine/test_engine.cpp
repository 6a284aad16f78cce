// The module as a page uses it, in node: it says what the native engines say, is small, and is hard
// to offend.

#include <algorithm>
#include <cmath>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "07_fast_inference/engines.hpp"
#include "07_fast_inference/judge/names.hpp"
#include "07_fast_inference/judge/reference.hpp"
#include "07_fast_inference/many_streams/integer_model.hpp"
#include "common/corpus.hpp"
#include "common/files.hpp"
#include "common/largest.hpp"
#include "common/random.hpp"
#include "common/results.hpp"
#include "common/run_program.hpp"
#include "common/shipped.hpp"

using namespace ladder;
using nlohmann::json;

namespace {

const std::string module_path = LADDER_WASM_MODULE, node = LADDER_NODE;
const std::string relaxed_path = LADDER_RELAXED_MODULE;

void need_module() {
  if (module_path.empty()) SKIP("no module was built: apt install " LADDER_WASM_PACKAGES);
}

// What node has to be told to run relaxed SIMD: nothing from version 22 on.
std::vector<std::string> options_for(const std::string& module) {
  if (module != relaxed_path) return {};
  const std::string option = "--experimental-wasm-relaxed-simd";
  std::vector<std::string> options;
  if (run_path(node, {option, "-e", ""}).status == 0) options = {option};
  std::vector<std::string> probe = options;
  probe.insert(probe.end(),
               {"-e", "process.exit(WebAssembly.validate(require('fs').readFileSync('" + module +
                          "')) ? 0 : 1)"});
  if (run_path(node, probe).status != 0) SKIP("this node has no relaxed SIMD: install version 20");
  return options;
}

// What checks.mjs prints.
json check(const std::string& command, std::vector<std::string> files = {},
           const std::string& module = module_path) {
  need_module();
  if (node.empty()) SKIP("a WebAssembly module is run by node: apt install nodejs");
  files.insert(files.begin(), {LADDER_ROOT "/08_hardware/wasm/engine/checks.mjs", module, command});
  const std::vector<std::string> options = options_for(module);
  files.insert(files.begin(), options.begin(), options.end());
  const Run run = run_path(node, files);
  INFO(run.err);
  REQUIRE(run.status == 0);
  return json::parse(run.out);
}

MicroGpt model_of(const std::string& path) { return read_model(load_weights(path)); }

// Weights as stage 06 trains them by default, made up: with gains around 1.
std::string gained_file(const TemporaryDirectory& directory) {
  Weights weights = to_weights(random_model(5, 0.3f, true));
  Random random(6);
  for (const char* name : {"layer0.attn_norm", "layer0.mlp_norm", "final_norm"}) {
    for (float& gain : weights.tensors.at(name).values) {
      gain = static_cast<float>(1 + 0.5 * random.normal());
    }
  }
  return directory.write("gains", to_safetensors(weights));
}

// One sentence for a visitor: no second line, no code, no name of an exception's class.
void check_sentence(const std::string& message) {
  CAPTURE(message);
  CHECK(message.size() > 20);
  CHECK(message.size() < 250);
  CHECK(message.find('\n') == std::string::npos);
  CHECK(message.find("RuntimeError") == std::string::npos);
  CHECK(message.find("undefined") == std::string::npos);
}

// Names that the tests read, one of them as long as a name can be.
const std::vector<std::string> some_names = {"emma", "zoe", "q", "maximilianwxyzab", "aa"};

// The largest difference from the reference of what an engine of the module says of those names.
double error_of(const json& found, const MicroGpt& model) {
  Reference reference(model);
  double largest = 0;
  for (std::size_t n = 0; n < some_names.size(); ++n) {
    const Tokens name = Tokenizer::canonical().encode(some_names[n]);
    REQUIRE(found[n].size() == std::min<std::size_t>(name.size() + 1, block_size));
    for (std::size_t t = 0; t < found[n].size(); ++t) {
      const auto expected = reference.logits(t == 0 ? bos_token : name[t - 1], static_cast<int>(t));
      for (std::size_t i = 0; i < vocab_size; ++i) {
        const double logit = found[n][t]["logits"][i];
        largest = larger_or_nan(largest, std::abs(logit - expected[i]));
      }
    }
  }
  return largest;
}

}  // namespace

TEST_CASE("the engine's modules say the golden logits, by every engine they have") {
  const std::string module = GENERATE(module_path, relaxed_path);
  CAPTURE(module);
  const TemporaryDirectory directory;
  const json golden = read_json(shipped_golden_path());
  json names;
  for (const json& entry : golden["names"]) names.push_back(entry["name"]);
  const json found =
      check("logits", {shipped_weights_path(), directory.write("names", names.dump())}, module);
  REQUIRE(found.size() == 4);
  for (const auto& [kind, rows] : found.items()) {
    CAPTURE(kind);
    REQUIRE(rows.size() == names.size());
    double largest = 0;
    for (std::size_t n = 0; n < rows.size(); ++n) {
      const json& expected = golden["names"][n]["logits"];
      REQUIRE(rows[n].size() == expected.size());
      for (std::size_t t = 0; t < expected.size(); ++t) {
        for (std::size_t i = 0; i < vocab_size; ++i) {
          const double logit = rows[n][t]["logits"][i], golden_logit = expected[t][i];
          largest = larger_or_nan(largest, std::abs(logit - golden_logit));
        }
      }
    }
    CHECK(largest < (kind == "int8" ? IntegerEngine::int8_bound : fp32_error));
  }
}

TEST_CASE("the engine's module runs models with gains and a final norm") {
  const TemporaryDirectory directory;
  const std::string weights = gained_file(directory);
  const json found = check("logits", {weights, directory.write("names", json(some_names).dump())});
  for (const char* kind : {"one", "streams", "loops"}) {
    CAPTURE(kind);
    CHECK(error_of(found[kind], model_of(weights)) < fp32_error);
  }
}

TEST_CASE("the module's int8 engine says the native one's logits") {
  const TemporaryDirectory directory;
  const json found =
      check("logits", {shipped_weights_path(), directory.write("names", json(some_names).dump())});
  IntegerEngine native(model_of(shipped_weights_path()), 8, portable_kernel(8));
  std::size_t far = 0, all = 0;
  for (std::size_t n = 0; n < some_names.size(); ++n) {
    const Tokens name = Tokenizer::canonical().encode(some_names[n]);
    for (std::size_t t = 0; t < found["int8"][n].size(); ++t) {
      const Logits logits = native.logits(t == 0 ? bos_token : name[t - 1], static_cast<int>(t));
      for (std::size_t i = 0; i < vocab_size; ++i) {
        const double gap = std::abs(found["int8"][n][t]["logits"][i].get<double>() - logits[i]);
        // (A number close to the border between two integers may fall to either side.)
        far += !(gap < 1e-3);
        CHECK(gap < 0.2);
        ++all;
      }
    }
  }
  CHECK(10 * far < all);
}

TEST_CASE("the module's probabilities are softmax at the temperature, its attention the formula") {
  const TemporaryDirectory directory;
  const json found =
      check("logits", {shipped_weights_path(), directory.write("names", json(some_names).dump())});
  const MicroGpt model = model_of(shipped_weights_path());
  const auto rows = std::make_unique<Rows>(model);  // other code than the reference's
  double largest = 0;
  for (std::size_t n = 0; n < some_names.size(); ++n) {
    const Tokens name = Tokenizer::canonical().encode(some_names[n]);
    const auto row = [&](std::size_t t) -> const Row& {
      return rows->at(t == 0 ? bos_token : name[t - 1], static_cast<int>(t));
    };
    for (std::size_t t = 0; t < found["one"][n].size(); ++t) {
      const json& at = found["one"][n][t];
      double total = 0;
      for (const json& logit : at["logits"]) total += std::exp(logit.get<double>() / 0.7);
      for (std::size_t i = 0; i < vocab_size; ++i) {
        const double expected = std::exp(at["logits"][i].get<double>() / 0.7) / total;
        largest = larger_or_nan(largest, std::abs(at["probabilities"][i].get<double>() - expected));
      }
      REQUIRE(at["attention"].size() == n_head * (t + 1));
      for (std::size_t head = 0; head < n_head; ++head) {
        std::vector<double> weights;
        double sum = 0;
        for (std::size_t past = 0; past <= t; ++past) {
          double score = 0;
          for (std::size_t lane = head; lane < n_embd; lane += n_head) {
            score += double{row(t).query[lane]} * double{row(past).key[lane]};
          }
          weights.push_back(std::exp2(score));
          sum += weights.back();
        }
        for (std::size_t past = 0; past <= t; ++past) {
          const double weight = at["attention"][head * (t + 1) + past];
          largest = larger_or_nan(largest, std::abs(weight - weights[past] / sum));
        }
      }
    }
  }
  CHECK(largest < 1e-5);
}

TEST_CASE("the engine's modules write the native names from the same seed") {
  const std::string module = GENERATE(module_path, relaxed_path);
  CAPTURE(module);
  const TemporaryDirectory directory;
  json requests;
  for (const char* kind : {"one", "streams", "loops"}) {
    for (const std::uint64_t seed :
         {std::uint64_t{42}, std::uint64_t{1}, std::uint64_t{9000000000}}) {
      for (const double temperature : {1.0, 0.5, 0.0, 2.0}) {
        for (const char* beginning : {"", "ma"}) {
          requests.push_back({{"kind", kind},
                              {"seed", seed},
                              {"temperature", temperature},
                              {"beginning", beginning},
                              {"count", 30}});
        }
      }
    }
  }
  const json found = check(
      "write", {shipped_weights_path(), directory.write("requests", requests.dump())}, module);
  const MicroGpt model = model_of(shipped_weights_path());
  ReferenceEngine native(model);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    CAPTURE(requests[i].dump());
    Questions questions{
        .samples = 30,
        .temperature = requests[i]["temperature"],
        .seed = requests[i]["seed"],
        .start = Tokenizer::canonical().encode(requests[i]["beginning"].get<std::string>()),
        .scored = {},
        .block_size = block_size};
    json names;
    for (const Sample& sample : ask(native, questions).samples) names.push_back(sample.name);
    CHECK(found["names"][i] == names);
  }
}

TEST_CASE("the engine's module finds a name as surprising as the native program does") {
  const TemporaryDirectory directory;
  const json found =
      check("score", {shipped_weights_path(), directory.write("names", json(some_names).dump())});
  const auto engine = find_engine("tables").make(model_of(shipped_weights_path()));
  Questions questions{.samples = 0, .start = {}, .scored = {}, .block_size = block_size};
  for (const std::string& name : some_names) {
    questions.scored.push_back(Tokenizer::canonical().encode(name));
  }
  const Answers answers = ask(*engine, questions);
  for (std::size_t n = 0; n < some_names.size(); ++n) {
    CAPTURE(some_names[n]);
    const json& score = found["scores"][n];
    CHECK(std::abs(score["nll"].get<double>() - answers.scores[n].nll) < 1e-5);
    REQUIRE(score["letters"].size() == answers.scores[n].nats.size());
    for (std::size_t i = 0; i < score["letters"].size(); ++i) {
      const json& letter = score["letters"][i];
      CHECK(std::abs(letter["nll"].get<double>() - answers.scores[n].nats[i]) < 1e-4);
      CHECK(std::abs(letter["probability"].get<double>() - std::exp(-answers.scores[n].nats[i])) <
            1e-5);
      CHECK(letter["letter"] ==
            (i < some_names[n].size() ? some_names[n].substr(i, 1) : std::string(".")));
    }
  }
}

TEST_CASE("the engine's module refuses bad weights in one sentence, and keeps those it had") {
  const TemporaryDirectory directory;
  const std::string good = read_file(shipped_weights_path());
  const Weights weights = load_weights(shipped_weights_path());
  const auto changed = [&](auto&& change) {
    Weights copy = weights;
    change(copy.tensors);
    return to_safetensors(copy);
  };
  std::string nan = good, infinite = good, header = good, large = good;
  nan.replace(nan.size() - 4, 4, std::string("\0\0\xC0\x7F", 4));
  infinite.replace(nan.size() - 4, 4, std::string("\0\0\x80\x7F", 4));
  header.replace(0, 8, std::string("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F", 8));
  Weights gained = to_weights(random_model(5, 0.3f, true)), too_large = gained;
  for (const char* name : {"lm_head", "final_norm"}) {
    for (float& value : too_large.tensors.at(name).values) value = 3e38f;
  }
  gained.tensors.erase("final_norm");
  const std::vector<std::string> bad = {"",
                                        "PK\x03\x04",
                                        good.substr(0, 100),
                                        good.substr(0, good.size() - 1),
                                        good + "x",
                                        header,
                                        nan,
                                        infinite,
                                        to_safetensors(gained),
                                        to_safetensors(too_large),
                                        changed([](auto& tensors) { tensors.erase("wpe"); }),
                                        changed([](auto& tensors) {
                                          tensors["more"] = {{1}, {0.0f}};
                                        }),
                                        changed([](auto& tensors) {
                                          tensors["wte"] = {{30, 16}, std::vector<float>(480)};
                                        }),
                                        changed([](auto& tensors) {
                                          tensors["wpe"].shape = {8, 32};
                                        }),
                                        std::string(5000, '\0')};
  std::vector<std::string> files = {shipped_weights_path()};
  for (const std::string& bytes : bad) {
    files.push_back(directory.write(fmt::format("bad{}", files.size()), bytes));
  }
  const json found = check("refuse", files);
  REQUIRE(found["messages"].size() == bad.size() + 1);
  for (const json& message : found["messages"]) check_sentence(message);
  CHECK(found["same"] == true);
}

TEST_CASE("the engine's module says in one sentence what is wrong with what was typed") {
  const json found = check("typed", {shipped_weights_path()});
  REQUIRE(found["messages"].size() == 11);
  for (const json& message : found["messages"]) check_sentence(message);
  CHECK(found["tidied"] == found["plain"]);
  const auto cold = found["cold"].get<std::vector<double>>();
  CHECK(std::count(cold.begin(), cold.end(), 1.0) == 1);
  CHECK(std::count(cold.begin(), cold.end(), 0.0) == 26);
}

TEST_CASE("the engine's module takes no more memory for forty models than for three") {
  const json found = check("memory", {shipped_weights_path()});
  CHECK(found["late"] == found["early"]);
  CHECK(found["late"].get<long>() < 8 << 20);
}

TEST_CASE("the engine's module counts the tokens that it was measured by") {
  const json found = check("bench", {shipped_weights_path()});
  std::vector<std::string> kinds;
  for (const json& row : found["rows"]) {
    kinds.push_back(row["kind"]);
    CHECK(row["tokens"].get<long>() >= 5000);
    CHECK(row["tokens"].get<long>() < 5000 + 256 * 32);
    CHECK(row["tokens_per_second"].get<double>() > 0);
  }
  CHECK(kinds == std::vector<std::string>{"one", "streams", "int8", "loops"});
}

TEST_CASE("the engine's modules are smaller than 64 KB, import nothing, and are full of vectors") {
  need_module();
  const std::string module = GENERATE(module_path, relaxed_path);
  CAPTURE(module);
  const std::string bytes = read_file(module);
  CHECK(bytes.size() < 65536);
  const auto count_of = [&](const std::string& part) {
    std::size_t count = 0, at = 0;
    while ((at = bytes.find(part, at)) != std::string::npos) ++count, ++at;
    return count;
  };
  // f32x4.mul, f32x4.add and i32x4.dot_i16x8_s; none of them is in a module without vectors.
  // And f32x4.relaxed_madd, which only one of them may have.
  const std::size_t products = count_of("\xFD\xE6\x01"), relaxed = count_of("\xFD\x85\x02");
  CHECK(products + relaxed > 200);
  CHECK((module == relaxed_path ? relaxed > 100 : relaxed == 0));
  CHECK(count_of("\xFD\xE4\x01") > (module == relaxed_path ? 50 : 200));
  CHECK(count_of("\xFD\xBA\x01") >= 8);
  const json found = check("module", {shipped_weights_path()}, module);
  CHECK(found["imports"] == 0);
  CHECK(found["relaxed"] == (module == relaxed_path));
}
