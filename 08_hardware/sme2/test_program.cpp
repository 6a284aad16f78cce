// The program as a reader runs it, at three lengths of streaming vectors and on a processor that
// has none.
#include <algorithm>
#include <map>
#include <sstream>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <nlohmann/json.hpp>

#include "07_fast_inference/judge/names.hpp"
#include "07_fast_inference/judge/reference.hpp"
#include "common/cross_program.hpp"
#include "common/results.hpp"
#include "common/shipped.hpp"
#include "common/terminal.hpp"

using namespace ladder;
using Catch::Matchers::ContainsSubstring;
using Words = std::vector<std::string>;

namespace {

constexpr int lengths[] = {128, 256, 512};

// An emulated processor whose streaming vectors are so long. Without "fa64" it refuses whatever the
// architecture does not promise to have in streaming mode.
Words processor(int bits) {
  return {"QEMU_CPU=max,sme" + std::to_string(bits) + "=on,sme_fa64=off"};
}

// What a run without a mistake prints, within 80 columns but for paths.
std::string output(const Words& arguments, int bits) {
  CAPTURE(arguments, bits);
  const Run run = run_cross("08_sme2", arguments, processor(bits));
  CHECK(run.err == "");
  REQUIRE(run.status == 0);
  std::istringstream lines(run.out);
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    CHECK((display_width(line) <= 80 || line.find('/') != std::string::npos));
  }
  return run.out;
}

// The words of the line that begins so, behind that beginning.
Words line_of(const std::string& text, const std::string& beginning) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    line.erase(0, line.find_first_not_of(' '));
    if (!line.starts_with(beginning + " ")) continue;
    std::istringstream words(line.substr(beginning.size()));
    Words result;
    for (std::string word; words >> word;) result.push_back(word);
    return result;
  }
  FAIL("no line begins with " << beginning << " in\n" << text);
  return {};
}

std::string names_of_reference(const std::string& weights, std::size_t samples) {
  ReferenceEngine plain(read_model(load_weights(weights)));
  Questions questions;
  questions.samples = samples;
  questions.block_size = block_size;
  std::string names;
  for (const Sample& sample : ask(plain, questions).samples) {
    names += shown_name(sample.name) + "\n";
  }
  return names;
}

}  // namespace

TEST_CASE(
    "sme2: SME2 multiplies matrices of every shape, the same bits at every length and as on NEON",
    "[hardware]") {
  std::map<std::string, std::string> fingerprints;
  for (const int bits : lengths) {
    const std::string text = output({"--quiet", "--matrices"}, bits);
    CHECK_THAT(text, ContainsSubstring("vectors of " + std::to_string(bits) + " bits"));
    const Words products = line_of(text, "outer products");
    REQUIRE(products.size() == 5);
    CHECK(products[0] == "512");  // 8 × 8 × 4 × 2 shapes
    CHECK(products[3] == "0");    // numbers that differ from NEON's
    CHECK(std::stod(products[2]) < 1e-6);
    for (const std::string what : {"outer products", "matrix x vector"}) {
      const Words line = line_of(text, what);
      CHECK(std::stod(line[2]) < 3e-6);
      fingerprints.emplace(what, line.back());
      CHECK(fingerprints[what] == line.back());
    }
  }
}

TEST_CASE("sme2: a name's gradients enter streaming mode 112 times, or 7, or once", "[hardware]") {
  for (const int bits : {128, 512}) {
    const std::string text = output({"--quiet", "--gradients"}, bits);
    for (const std::string width : {"16", "32", "64", "128"}) {
      const Words line = line_of(text, width);
      CHECK(Words(line.begin(), line.begin() + 3) == Words{"112", "7", "1"});
      CHECK(std::stod(line[3]) < 3e-7);
    }
  }
}

// At one length: ten thousand names take long under emulation. The next but one compares lengths.
TEST_CASE("sme2: golden logits judge the engines on SME2", "[hardware]") {
  const std::string text = output({"--samples", "1"}, 512);
  CHECK_THAT(text, ContainsSubstring("golden logits") && ContainsSubstring("emulated"));
  CHECK_THAT(text, ContainsSubstring("\nstreams_sme2 ") && ContainsSubstring("\none_sme2 "));
}

TEST_CASE("sme2: engines on SME2 judge weights with gains too", "[hardware]") {
  const TemporaryDirectory directory;
  const std::string weights = directory.file("gains");
  save_weights(weights, to_weights(random_model(1, 0.3f, true)));
  CHECK_THAT(output({"--weights", weights}, 512), ContainsSubstring("\none_sme2 "));
}

TEST_CASE("sme2: engines on SME2 make up the judge's names, and complete and price them",
          "[hardware]") {
  const std::string expected = names_of_reference(shipped_weights_path(), 20);
  for (const int bits : {128, 512}) {
    for (const std::string engine : {"streams_sme2", "one_sme2"}) {
      CHECK(output({"--samples", "20", "--quiet", "--engine", engine}, bits) == expected);
    }
  }
  const std::string started = output({"--start", "ma", "--samples", "2", "--quiet"}, 512);
  CHECK_THAT(started, ContainsSubstring("ma"));
  CHECK_THAT(output({"--score", "emma"}, 512), ContainsSubstring("emma"));
}

TEST_CASE("sme2: a processor without SME2 meets none of it", "[hardware]") {
  for (const std::string processor : {"cortex-a72", "max,sme=off"}) {
    const Words environment = {"QEMU_CPU=" + processor};
    for (const Words& arguments : {Words{}, Words{"--matrices"}, Words{"--samples", "1"}}) {
      const Run run = run_cross("08_sme2", arguments, environment);
      CHECK(run.status == 1);
      CHECK(run.out == "");
      CHECK_THAT(run.err, ContainsSubstring("error: this processor has no SME2"));
      CHECK(std::count(run.err.begin(), run.err.end(), '\n') == 1);
    }
    const Run help = run_cross("08_sme2", {"--help"}, environment);
    CHECK(help.status == 0);
    CHECK_THAT(help.out, ContainsSubstring("--gradients"));
  }
}

TEST_CASE("sme2: a measurement under emulation names no speed", "[hardware]") {
  const TemporaryDirectory directory;
  const std::string path = directory.file("speeds.json");
  output({"--bench", "--rounds", "1", "--threads", "1", "--quiet", "--json", path}, 512);
  const auto file = read_json(path);
  REQUIRE(file.at("rows").size() >= 2);
  for (const auto& row : file.at("rows")) {
    CHECK(row.at("emulated") == true);
    CHECK(row.at("tokens_per_second").is_null());
  }
}

TEST_CASE("sme2: counted instructions grow with the work and fall with the length", "[hardware]") {
  if (std::string_view(LADDER_CROSS_PROBLEM).empty() &&
      std::system("python3 --version >/dev/null")) {
    SKIP("count_instructions.py needs Python: apt-get install python3");
  }
  const std::string script = LADDER_ROOT "/08_hardware/sme2/count_instructions.py";
  output({"--help"}, 512);  // or skip
  const TemporaryDirectory directory;
  const std::string table = directory.file("table");
  const std::string command = "python3 " + script + " " LADDER_BIN "/08_sme2 128 512 >" + table;
  REQUIRE(std::system(command.c_str()) == 0);
  const std::string text = directory.read("table");
  CAPTURE(text);
  const std::size_t heading = text.find("gradient of a matrix, 16 positions\n");
  REQUIRE(heading != std::string::npos);
  const std::string name = text.substr(text.find('\n', heading));
  const auto numbers = [&](const std::string& beginning) {
    std::vector<double> result;
    for (std::string word : line_of(name, beginning)) {
      std::erase(word, ',');
      if (std::isdigit(static_cast<unsigned char>(word[0]))) result.push_back(std::stod(word));
    }
    return result;
  };
  // Width 128, 16 positions: 128² · 16 multiply-adds, four, sixteen or 256 to an instruction.
  const std::vector<double> large = numbers("128"), small = numbers("16");
  REQUIRE(large.size() == 3);
  REQUIRE(small.size() == 3);
  CHECK(large[0] > 128 * 128 * 16 / 4);
  CHECK(large[1] > 128 * 128 * 16 / 16);
  CHECK(large[2] > 128 * 128 * 16 / 256);
  CHECK((large[0] > large[2] && large[1] > large[2]));
  CHECK(large[0] > 10 * small[0]);
}
