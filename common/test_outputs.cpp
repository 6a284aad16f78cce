#include <filesystem>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <nlohmann/json.hpp>

#include "common/corpus.hpp"
#include "common/error.hpp"
#include "common/outputs.hpp"
#include "common/results.hpp"
#include "common/run_program.hpp"
#include "common/safetensors.hpp"
#include "common/test_support.hpp"

using namespace ladder;
using Catch::Matchers::ContainsSubstring;
namespace fs = std::filesystem;

namespace {

std::string complaint(const std::string& path, const std::vector<std::string>& inputs = {},
                      bool force = false) {
  return message_of<Error>([&] { check_output(path, inputs, force); });
}

std::string weights_bytes() {
  return to_safetensors({{{"wte", {{2}, {1, 2}}}}, {{"block_size", "16"}}});
}

}  // namespace

TEST_CASE("a new file, an empty one, and what the ladder wrote may be written") {
  const TemporaryDirectory directory;
  CHECK(complaint(directory.file("new.json")).empty());
  CHECK_FALSE(fs::exists(directory.file("new.json")));  // nothing is left behind
  CHECK(complaint(directory.write("empty", "")).empty());
  const Corpus corpus = parse_corpus("emma\n", "names.txt");
  CHECK(complaint(directory.write("results.json", to_json(Results{}, corpus, {}).dump())).empty());
  CHECK(complaint(directory.write("golden.json", R"({"names":[{"logits":[[1.5]],"name":""}]})"))
            .empty());
  CHECK(complaint(directory.write("w.safetensors", weights_bytes())).empty());
  CHECK(complaint(directory.write("a.hex", "// microGPT Ladder: wte\n00ff\n")).empty());
  CHECK(complaint(directory.write("trace", "# microGPT Ladder: every step\n")).empty());
  CHECK(complaint("/dev/null").empty());
}

TEST_CASE("somebody else's file is replaced only with --force") {
  const TemporaryDirectory directory;
  const std::string foreign_weights = to_safetensors({{{"wte", {{2}, {1, 2}}}}, {}});
  for (const std::string& bytes :
       {std::string("dear diary"), std::string("{\"a\": 1}"), std::string("[]"),
        std::string(R"({"names": ["emma"]})"), std::string(R"({"names": [{"name": "emma"}]})"),
        std::string(R"({"machine": "washing"})"), std::string("// my notes\n# microGPT Ladder: \n"),
        foreign_weights, weights_bytes().substr(0, 40), std::string(200'000, '[')}) {
    const std::string path = directory.write("file", bytes);
    CHECK_THAT(complaint(path), ContainsSubstring("--force replaces it"));
    CHECK(complaint(path, {}, true).empty());
    CHECK(directory.read("file") == bytes);  // only looked at
  }
}

TEST_CASE("an input of the same run is never written, by whatever path, --force or not") {
  const TemporaryDirectory directory;
  const std::string data = directory.write("names.txt", "emma\n");
  fs::create_symlink(data, directory.file("link"));
  fs::create_hard_link(data, directory.file("hard"));
  fs::create_directory(directory.file("sub"));
  for (const std::string& path :
       {data, directory.file("link"), directory.file("hard"), directory.file("sub/../names.txt")}) {
    CAPTURE(path);
    CHECK_THAT(complaint(path, {"", data}, true), ContainsSubstring("another file of this run"));
  }
  // Two outputs that do not exist yet are the same file too.
  CHECK_THAT(complaint(directory.file("new"), {directory.file("sub/../new")}),
             ContainsSubstring("another file of this run"));
  CHECK(complaint(directory.file("new"), {data}).empty());
}

TEST_CASE("no program writes over the corpus it reads, the built-in one neither") {
  const EnvironmentVariable names("MICROGPT_NAMES", nullptr);
  CHECK(corpus_path("mine.txt") == "mine.txt");
  CHECK(corpus_path("-").empty());
  const EnvironmentVariable other("MICROGPT_NAMES", "theirs.txt");
  CHECK(corpus_path() == "theirs.txt");
  CHECK(corpus_path("mine.txt") == "mine.txt");
}

TEST_CASE("ladder_table does not write over the results it reads") {
  const TemporaryDirectory directory;
  const Corpus corpus = parse_corpus("emma\n", "names.txt");
  Results results;
  results.stage = "04_mlp";
  const std::string file = directory.write("a.json", to_json(results, corpus, {}).dump());
  const std::string before = directory.read("a.json");
  const Run run = run_built("ladder_table", {file, "--json", file, "--force"});
  CHECK(run.status == 1);
  CHECK_THAT(run.err, ContainsSubstring("another file of this run"));
  CHECK(directory.read("a.json") == before);
  CHECK(run_built("ladder_table", {file, "--json", directory.file("b.json")}).status == 0);
}
