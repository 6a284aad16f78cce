#include <cmath>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <nlohmann/json.hpp>

#include "common/error.hpp"
#include "common/machine.hpp"
#include "common/results.hpp"
#include "common/test_support.hpp"

using namespace ladder;
using Catch::Matchers::ContainsSubstring;

namespace {

const Corpus& small_corpus() {
  static const Corpus corpus = parse_corpus("emma\nava\n", "names.txt");
  return corpus;
}

Results example() {
  return {.stage = "04_mlp",
          .adds = "embeddings",
          .parameters = 4009,
          .train_nll = 2.25,
          .val_nll = {},
          .seconds = 1.5,
          .steps = 1000,
          .answers = {.samples = {{"żo", 2.5}, {"ana", 1.75}, {"", 3.0}}, .scores = {}}};
}

// The output of report(), which goes to stdout.
std::string printed(const Results& results, const Corpus& corpus, const Options& options) {
  const TemporaryDirectory directory;
  std::fflush(stdout);
  const int before = ::dup(STDOUT_FILENO);
  if (std::freopen(directory.file("out").c_str(), "w", stdout) == nullptr) std::abort();
  const auto message = message_of<std::exception>([&] { report(results, corpus, options); });
  std::fflush(stdout);
  ::dup2(before, STDOUT_FILENO);
  ::close(before);
  return directory.read("out") + message;
}

}  // namespace

TEST_CASE("the JSON of a run has what a table needs") {
  Options options;
  options.seed = 7;
  const auto json = to_json(example(), small_corpus(), options);
  CHECK(json["stage"] == "04_mlp");
  CHECK(json["adds"] == "embeddings");
  CHECK(json["corpus"]["name"] == "names.txt");
  CHECK(json["corpus"]["rows"] == 2);
  CHECK(json["corpus"]["sha256"] == small_corpus().sha256);
  CHECK(json["protocol"] == "corpus");
  CHECK(json["parameters"] == 4009);
  CHECK(json["nll"]["train"] == 2.25);
  CHECK(json["nll"]["val"].is_null());  // not measured
  CHECK(json["seconds"] == 1.5);
  CHECK(json["steps"] == 1000);
  CHECK(json["seed"] == 7);
  CHECK(json["interrupted"] == false);
  CHECK(json["samples"][0]["name"] == "żo");
  CHECK(json["samples"][1]["nll"] == 1.75);
  CHECK(json["machine"] == machine_json());
  Results held_out = example();
  held_out.val_nll = 2.5;
  options.held_out = true;
  CHECK(to_json(held_out, small_corpus(), options)["protocol"] == "held out");
  CHECK(to_json(held_out, small_corpus(), options)["nll"]["val"] == 2.5);
}

TEST_CASE("read_json() and read_earlier() read what --json writes") {
  const TemporaryDirectory directory;
  Options options;
  options.json = directory.file("results.json");
  printed(example(), small_corpus(), options);
  CHECK(read_json(options.json) == to_json(example(), small_corpus(), options));
  const Earlier earlier = read_earlier(options.json);
  CHECK(earlier.stage == "04_mlp");
  CHECK(earlier.protocol == "corpus");
  CHECK(earlier.sha256 == small_corpus().sha256);
  CHECK(earlier.rows == 2);
  CHECK(earlier.train_nll == 2.25);
  CHECK_FALSE(earlier.val_nll);
}

TEST_CASE("a corpus whose path is not UTF-8, or a loss that is not a number, is still written") {
  const TemporaryDirectory directory;
  Options options;
  options.json = directory.file("results.json");
  Corpus corpus = small_corpus();
  corpus.name = "caf\xE9.txt";
  Results results = example();
  results.train_nll = std::nan("");
  printed(results, corpus, options);
  CHECK(read_json(options.json)["corpus"]["name"] == "caf\uFFFD.txt");
  CHECK(read_json(options.json)["nll"]["train"].is_null());
}

TEST_CASE("report() prints NLL, parameters and names") {
  Results results = example();
  const std::string text = printed(results, small_corpus(), {});
  CHECK_THAT(text, ContainsSubstring("NLL 2.2500 nats a character, on the whole corpus"));
  CHECK_THAT(text, ContainsSubstring("4,009 parameters, 1.50 s"));
  CHECK_THAT(text, ContainsSubstring("  2.50  żo\n  1.75  ana\n  3.00  ·\n"));
  CHECK_THAT(text, !ContainsSubstring("interrupted"));
  results.val_nll = 2.375;
  CHECK_THAT(printed(results, small_corpus(), {}),
             ContainsSubstring("2.2500") && ContainsSubstring("2.3750 on held-out names"));
  results.answers.samples.clear();
  CHECK_THAT(printed(results, small_corpus(), {}), !ContainsSubstring("made up"));
}

TEST_CASE("no NLL breaks a line, and one that is no better than knowing nothing gets a word") {
  Results results = example();
  CHECK_THAT(printed(results, small_corpus(), {}), !ContainsSubstring("knows nothing"));
  results.train_nll = std::log(27.0);
  CHECK_THAT(printed(results, small_corpus(), {}),
             ContainsSubstring("no better than a model that knows nothing, ln 27 = 3.2958"));
  results.train_nll = 1e57;
  CHECK_THAT(printed(results, small_corpus(), {}), ContainsSubstring("NLL 1.0e+57 nats"));
  results.steps = 0;  // it only counts, and cannot learn longer
  CHECK_THAT(printed(results, small_corpus(), {}), !ContainsSubstring("knows nothing"));
}

TEST_CASE("report() compares with the stage below, if both measured the same thing") {
  const TemporaryDirectory directory;
  Results below = example();
  below.stage = "03_autograd";
  below.train_nll = 2.5;
  Options options;
  options.json = directory.file("below.json");
  Corpus elsewhere = small_corpus();
  elsewhere.name = "/another/path/names.txt";
  printed(below, elsewhere, options);

  options.compare = options.json;
  options.json.clear();
  CHECK_THAT(printed(example(), small_corpus(), options),
             ContainsSubstring("03_autograd: NLL 2.5000; this one is 0.2500 better"));
  Results worse = example();
  worse.train_nll = 2.75;
  CHECK_THAT(printed(worse, small_corpus(), options), ContainsSubstring("is 0.2500 worse"));

  CHECK_THAT(printed(example(), parse_corpus("emma\nmia\n", "names.txt"), options),
             ContainsSubstring("measured on another corpus; no comparison"));
  Corpus shorter = small_corpus();
  shorter.rows.pop_back();  // the same file, of which this model reads less
  CHECK_THAT(printed(example(), shorter, options), ContainsSubstring("another corpus"));
  options.held_out = true;
  CHECK_THAT(printed(example(), small_corpus(), options), ContainsSubstring("another protocol"));
}

TEST_CASE("held out, the comparison is of the held-out names") {
  const TemporaryDirectory directory;
  Options options;
  options.held_out = true;
  options.json = directory.file("below.json");
  Results results = example();
  results.val_nll = 2.75;
  printed(results, small_corpus(), options);
  options.compare = options.json;
  results.train_nll = 9;
  results.val_nll = 2.5;
  CHECK_THAT(printed(results, small_corpus(), options),
             ContainsSubstring("NLL 2.7500; this one is 0.2500 better"));
}

TEST_CASE("a --compare file that is none is one clear line") {
  const TemporaryDirectory directory;
  for (
      const char* bytes : {
          "",
          "{",
          "not JSON",
          "\xFF",
          "[]",
          "{}",
          "3",
          "null",
          R"({"stage":"04_mlp"})",
          R"({"stage":4,"protocol":"corpus","corpus":{"sha256":"0","rows":1},"nll":{"train":1,"val":null}})",
          R"({"stage":"x","protocol":"corpus","corpus":"c","nll":{"train":1,"val":null}})",
          R"({"stage":"x","protocol":"corpus","corpus":{"sha256":"0","rows":1},"nll":{"train":null,"val":null}})",
          R"({"stage":"x","protocol":"corpus","corpus":{"sha256":"0","rows":1},"nll":{"train":1,"val":"2"}})",
      }) {
    CAPTURE(bytes);
    const std::string path = directory.write("below.json", bytes);
    const auto message = message_of<Error>([&] { read_earlier(path); });
    CHECK_THAT(message, ContainsSubstring("below.json"));
    CHECK_THAT(message, !ContainsSubstring("json.exception") && !ContainsSubstring("\n"));
  }
  CHECK_THROWS_AS(read_earlier(directory.file("none.json")), Error);
  // As deep as a program can be made to nest.
  CHECK_THROWS_AS(read_earlier(directory.write("deep.json", std::string(1'000'000, '['))), Error);
  CHECK_THROWS_AS(read_earlier(directory.write(
                      "deep.json", std::string(1'000'000, '[') + std::string(1'000'000, ']'))),
                  Error);
}
