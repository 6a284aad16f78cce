// The modules as a page uses them, in node: they are the native trainer, small, and hard to offend.

#include <set>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "07_fast_inference/model/model.hpp"
#include "09_fast_training/trainer.hpp"
#include "common/corpus.hpp"
#include "common/files.hpp"
#include "common/largest.hpp"
#include "common/run_program.hpp"
#include "common/shipped.hpp"

using namespace ladder;
using Catch::Matchers::ContainsSubstring;

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
nlohmann::json check(const std::string& command, std::vector<std::string> files = {},
                     const std::string& module = module_path) {
  need_module();
  if (node.empty()) SKIP("a WebAssembly module is run by node: apt install nodejs");
  files.insert(files.begin(), {LADDER_ROOT "/09_fast_training/wasm/checks.mjs", module, command});
  const std::vector<std::string> options = options_for(module);
  files.insert(files.begin(), options.begin(), options.end());
  const Run run = run_path(node, files);
  INFO(run.err);
  REQUIRE(run.status == 0);
  return nlohmann::json::parse(run.out);
}

const std::string& names_file() {
  static const std::string path = data_path("common/data/ssa2018.txt");
  return path;
}

Dataset builtin_split(std::uint64_t seed) {
  Corpus corpus = builtin_corpus();
  drop_longer_than(corpus, 15);
  return split_held_out(Tokenizer(corpus.rows).encode_all(corpus.rows), seed);
}

std::unique_ptr<Trainer> native_trainer(const GptParameters& parameters) {
  return make_fast_trainer<float>(parameters, {.adam = true, .options = microgpt_adam},
                                  vector_names().front());
}

std::unique_ptr<Trainer> first_trainer(std::uint64_t seed) {
  return native_trainer(draw_parameters({16, 27, false}, Random(seed)));
}

std::size_t count_of(const std::string& bytes, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = bytes.find(part); at != std::string::npos; at = bytes.find(part, at + 1)) {
    ++count;
  }
  return count;
}

// One sentence for a visitor: no second line, no code, no name of an exception's class.
void check_sentence(const std::string& message) {
  CAPTURE(message);
  CHECK(message.size() > 20);
  CHECK(message.find('\n') == std::string::npos);
  CHECK(message.size() < 200);
  CHECK(message.find("RuntimeError") == std::string::npos);
  CHECK(message.find("undefined") == std::string::npos);
}

}  // namespace

TEST_CASE("the wasm modules learn as the native trainer does, step by step") {
  const std::string module = GENERATE(module_path, relaxed_path);
  CAPTURE(module);
  const TemporaryDirectory directory;
  const auto json = check("curve", {names_file(), directory.file("weights")}, module);
  const Dataset dataset = builtin_split(42);
  CHECK(json["counts"]["train"] == dataset.train.size());
  CHECK(json["counts"]["heldOut"] == dataset.held_out.size());
  const auto trainer = first_trainer(42);
  Batches one_by_one(dataset.train, 1, 42);
  double largest = 0;
  for (int i = 0; i < 200; ++i) {
    std::vector<const Tokens*> batch;
    while (batch.size() < (i < 100 ? 16u : 20u)) batch.push_back(one_by_one.next().front());
    const double lr = (i < 100 ? 0.01 : 0.008) * (1 - i / 400.0);
    const double gap = std::abs(trainer->step(batch, lr) - json["losses"][i].get<double>());
    largest = larger_or_nan(largest, gap);
    if (i == 0) CHECK(gap < 1e-6);
  }
  INFO(fmt::format("largest difference of a loss {:.2g}", largest));
  CHECK(largest < 1e-4);  // roots and quotients are estimated on x86-64, and exact in wasm
  CHECK(std::abs(json["nll"].get<double>() - trainer->nll(dataset.held_out)) < 1e-3);
  CHECK(json["left"] == 200);  // of 400 steps
  CHECK(json["after"] == 0);

  // What it writes, stages 07 and 09 read.
  const Weights weights = load_weights(directory.file("weights"));
  CHECK_FALSE(read_model(weights).final_norm);
  const double nll = native_trainer(parameters_from_weights(weights))->nll(dataset.held_out);
  CHECK(std::abs(nll - json["nll"].get<double>()) < 1e-5);
  CHECK(directory.read("weights") == to_safetensors(weights));  // byte for byte
}

TEST_CASE("the wasm module learns names: held-out NLL below 2.3 within 2000 steps") {
  const auto json = check("learn", {names_file()});
  CHECK(json["before"].get<double>() > 3.2);
  CHECK(json["after"].get<double>() < 2.3);
  std::size_t letters = 0, vowels = 0, different = 0;
  std::set<std::string> seen;
  for (const std::string name : json["samples"]) {
    different += seen.insert(name).second;
    letters += name.size();
    for (const char letter : name) vowels += count_of("aeiouy", std::string(1, letter));
  }
  CHECK(different >= 10);
  CHECK(letters >= 60);
  CHECK(letters <= 180);
  CHECK(10 * vowels > 3 * letters);  // noise has 2.3 of ten
}

TEST_CASE("the wasm module reads the shipped weights, writes them again, and draws native names") {
  const TemporaryDirectory directory;
  const std::string shipped = data_path("common/data/microgpt.safetensors");
  const auto json = check("weights", {names_file(), shipped, directory.file("again")});
  const Weights weights = load_weights(shipped), again = load_weights(directory.file("again"));
  for (const auto& [name, tensor] : weights.tensors) {
    CHECK(again.get(name, tensor.shape).values == tensor.values);
  }
  const auto trainer = native_trainer(parameters_from_weights(weights));
  CHECK(std::abs(json["nll"].get<double>() - trainer->nll(builtin_split(42).held_out)) < 1e-5);
  CHECK(json["steps"] == 0);
  CHECK(json["mean"] == 0);
  const Tokenizer tokenizer = Tokenizer::canonical();
  const auto drawn = [&](double temperature, const std::string& start, std::size_t count) {
    Xorshift32 random(42);
    std::vector<std::string> names;
    while (names.size() < count) {
      names.push_back(tokenizer.decode(sample_name(trainer->next_logits(), 26, 16, temperature,
                                                   random, tokenizer.encode(start))));
    }
    return names;
  };
  CHECK(json["samples"] == drawn(0.7, "", 20));
  CHECK(json["begun"] == drawn(1, "ma", 5));
  CHECK(json["greedy"] == drawn(0, "", 1));
}

TEST_CASE("the wasm module says in one sentence what is wrong with a file, and goes on") {
  const TemporaryDirectory directory;
  const std::string good = read_file(data_path("common/data/microgpt.safetensors"));
  std::string nan = good, lies = good;
  nan.replace(nan.size() - 4, 4, "\xFF\xFF\xFF\x7F");
  lies.replace(lies.find("\"wpe\""), 5, "\"wPe\"");
  const std::vector<std::pair<std::string, std::string>> bad = {
      {"empty", "holds no names"},          {"binary", "a NUL byte"},
      {"picture", "not valid UTF-8"},       {"table", "a tab or other control character"},
      {"few", "different names"},           {"symbols", "different symbols and 255 is the most"},
      {"long", "more than 15 letters"},     {"empty.weights", "too short"},
      {"cut.weights", "truncated"},         {"header.weights", "absurdly long"},
      {"json.weights", "not JSON"},         {"nan.weights", "a NaN or an infinity"},
      {"names.weights", "no tensor 'wpe'"}, {"more.weights", "longer than its tensors"}};
  std::string symbols;
  for (int i = 0; i < 30'000; ++i) {
    const int c = 0x4E00 + i % 400;
    symbols += {static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 63)),
                static_cast<char>(0x80 | (c & 63)), '\n'};
  }
  directory.write("empty", "");
  directory.write("binary", std::string("\x7F"
                                        "ELF\0\0",
                                        6));
  directory.write("picture", "\xFF\xD8\xFF\xE0JFIF");
  directory.write("table", "emma\t12\nnoah\t3\n");
  directory.write("few", "emma\nEmma\nnoah\n");
  directory.write("symbols", symbols);
  directory.write("long", "abcdefghijklmnopqrstuvwxyz\n");
  directory.write("empty.weights", "");
  directory.write("cut.weights", good.substr(0, good.size() - 8));
  directory.write("header.weights", std::string(1000, 'x'));
  directory.write("json.weights", std::string("\5\0\0\0\0\0\0\0[1,2", 12) + "}");
  directory.write("nan.weights", nan);
  directory.write("names.weights", lies);
  directory.write("more.weights", good + "12345678");
  std::vector<std::string> files = {names_file()};
  for (const auto& [name, message] : bad) files.push_back(directory.file(name));
  const auto json = check("refuse", files);
  REQUIRE(json["messages"].size() == bad.size() + 1);
  for (std::size_t i = 0; i < bad.size(); ++i) {
    CAPTURE(bad[i].first);
    const auto message = json["messages"][i].get<std::string>();
    check_sentence(message);
    CHECK_THAT(message, ContainsSubstring(bad[i].second));
  }
  CHECK_THAT(json["messages"].back().get<std::string>(), ContainsSubstring("100 MiB"));
  CHECK(json["on"] == json["undisturbed"]);
}

TEST_CASE("the wasm module says in one sentence what is wrong with a number") {
  const auto json = check("numbers", {names_file()});
  for (const std::string message : json["messages"]) check_sentence(message);
  CHECK(json["messages"].size() == 16);
  CHECK(json["losses"].size() == 50);
}

TEST_CASE("the wasm module says at which step it diverged, and may begin anew") {
  const auto json = check("diverge", {names_file()});
  const int step = json["step"];
  CHECK(json["losses"] == step);
  CHECK_THAT(
      json["message"].get<std::string>(),
      ContainsSubstring(fmt::format("training diverged at step {}: the loss was 3.", step)) &&
          ContainsSubstring("smaller learning rate than 1000"));
  check_sentence(json["again"]);
  CHECK(json["afresh"].size() == 3);
  CHECK(json["afresh"][0].get<double>() < 3.6);
}

TEST_CASE("the wasm module takes no more memory for a hundred runs than for ten") {
  const auto json = check("memory", {names_file()});
  CHECK(json["late"] == json["early"]);
  CHECK(json["late"].get<long>() < 64 << 20);
}

TEST_CASE("the wasm module reads names of any alphabet as the programs do") {
  const TemporaryDirectory directory;
  const std::vector<std::string> lists = {
      "ЁЛКА\nАнна\nИван\nПётр\nМария\nОльга\nСергей\nНина\nИгорь\nЕлена\nЖанна\nЯна\n",
      "Zoe\xCC\x88\nZo\xC3\xAB\nÅse\nI\xCC\x87"
      "da\nİda\nΣΟΦΟΣ\nbo\ncy\ndi\ned\nfy\ngo\nhi\nij\njo\n",
      "\xEF\xBB\xBF\xE2\x80\x8B"
      "Ann\xC2\xA0\r\n\xE3\x80\x80"
      "bea\r\n\r\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\n"};
  std::vector<std::string> files;
  for (const std::string& list : lists) {
    files.push_back(directory.write(fmt::format("list{}", files.size()), list));
  }
  const auto json = check("letters", files);
  for (std::size_t i = 0; i < lists.size(); ++i) {
    CAPTURE(i);
    Corpus corpus = parse_corpus(lists[i], "list");
    drop_longer_than(corpus, 15);
    const Tokenizer tokenizer(corpus.rows);
    std::string letters;
    for (int token = 0; token < tokenizer.bos(); ++token) letters += tokenizer.decode({&token, 1});
    const auto& found = json["found"][i];
    CHECK(found["letters"] == letters);
    const Dataset dataset = split_held_out(tokenizer.encode_all(corpus.rows), 1);
    CHECK(found["counts"]["train"] == dataset.train.size());
    CHECK(found["counts"]["heldOut"] == dataset.held_out.size());
    CHECK(found["loss"].get<double>() < std::log(tokenizer.vocab_size()));
  }
}

TEST_CASE("the wasm modules show weights, gradient and Adam's moments under the file's names") {
  const auto json = check("look", {names_file()});
  const Dataset dataset = builtin_split(42);
  const auto trainer = first_trainer(42);
  Batches batches(dataset.train, 16, 42);
  trainer->step(batches.next(), 0.01);
  const GptParameters weights = trainer->parameters(), gradient = trainer->gradient();
  std::size_t index = 0;
  for (const NamedTensor& tensor : named_tensors(weights.shape)) {
    CAPTURE(tensor.name);
    const auto at = [&](const char* kind) { return json[kind][index]; };
    CHECK(at("weights")["name"] == tensor.name);
    CHECK(at("gradient")["shape"] == std::vector<std::size_t>{tensor.rows, tensor.columns});
    double largest = 0;
    for (std::size_t i = 0; i < tensor.size(); ++i) {
      const auto number = [&](const char* kind) { return at(kind)["values"][i].get<double>(); };
      const double g = gradient.part(tensor)[i];
      largest = larger_or_nan(largest, std::abs(number("gradient") - g));
      largest = larger_or_nan(largest, std::abs(number("mean") - 0.15 * g));
      largest = larger_or_nan(largest, std::abs(number("square") - 0.01 * g * g));
    }
    CHECK(largest < 1e-6);
    ++index;
  }
  CHECK(json["weights"].size() == index);
}

TEST_CASE("the wasm modules are smaller than 64 KB, import nothing, and are full of vectors") {
  const std::string module = GENERATE(module_path, relaxed_path);
  need_module();
  CAPTURE(module);
  const std::string bytes = read_file(module);
  CHECK(bytes.size() < 65536);
  // f32x4.mul and f32x4.add: hundreds of them, and neither in a module without vectors. And
  // f32x4.relaxed_madd, which only one of them may have: that one's products are in tiles of it.
  const bool fused = module == relaxed_path;
  CHECK(count_of(bytes, "\xFD\xE6\x01") > (fused ? 100 : 200));
  CHECK(count_of(bytes, "\xFD\xE4\x01") > (fused ? 100 : 200));
  const std::size_t relaxed = count_of(bytes, "\xFD\x85\x02");
  CHECK((fused ? relaxed > 200 : relaxed == 0));
  CHECK(check("module", {}, module)["imports"] == 0);
}
