// The program as a reader meets it, with tiles and without.
#include <set>
#include <sstream>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <nlohmann/json.hpp>

#include "07_fast_inference/test_golden.hpp"
#include "08_hardware/amx/engines.hpp"
#include "08_hardware/amx/machine.hpp"
#include "08_hardware/amx/tile_streams.hpp"
#include "common/results.hpp"
#include "common/run_program.hpp"
#include "common/terminal.hpp"

using namespace ladder;
using Catch::Matchers::ContainsSubstring;

namespace {

// What a run without a mistake prints, within 80 columns but for paths.
std::string output(const std::vector<std::string>& arguments) {
  CAPTURE(arguments);
  const Run result = run_built("08_amx", arguments);
  CHECK(result.err == "");
  REQUIRE(result.status == 0);
  std::istringstream lines(result.out);
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    CHECK((display_width(line) <= 80 || line.find('/') != std::string::npos));
  }
  return result.out;
}

bool has_tiles() { return no_tiles_because().empty(); }

}  // namespace

TEST_CASE("amx: the program judges its engines, and says whether there are tiles") {
  const std::string text = output({"--samples", "2"});
  CHECK_THAT(text, ContainsSubstring("\nmodel_int8 ") && ContainsSubstring("\nmodel_bf16 "));
  CHECK_THAT(text, ContainsSubstring("\nstreams_int8 "));
  if (has_tiles()) {
    CHECK_THAT(text,
               ContainsSubstring("tiles of this processor") && ContainsSubstring("\namx_int8 "));
  } else {
    CHECK_THAT(text, ContainsSubstring(no_tiles_because()) && ContainsSubstring("skipped are"));
    CHECK_THAT(text, !ContainsSubstring("\namx_int8 "));
  }
}

TEST_CASE("amx: tiles that are asked for and not there are one line, and what to do") {
  if (has_tiles()) SKIP("this processor has tiles");
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--engine", "amx_int8", "--quiet"}, {"--tiles"}}) {
    const Run result = run_built("08_amx", arguments);
    CHECK(result.status == 1);
    CHECK_THAT(result.err, ContainsSubstring("error: " + no_tiles_because()));
    CHECK_THAT(result.err, ContainsSubstring("model_int8"));
  }
}

TEST_CASE(
    "amx: a bench has stage 07's rows beside those of the tiles, and a model's are no tiles'") {
  const TemporaryDirectory directory;
  const std::string path = directory.file("speeds.json");
  output({"--bench", "--rounds", "1", "--threads", "1", "--quiet", "--json", path});
  const auto file = read_json(path);
  CHECK(file.at("stage") == "08_amx");
  std::set<std::string> engines;
  for (const auto& row : file.at("rows")) {
    const std::string name = row.at("engine");
    engines.insert(name);
    CHECK(row.at("emulated").get<bool>() == name.starts_with("model_"));
  }
  CHECK(engines.contains("streams_int8"));
  CHECK(engines.contains("amx_int8") == has_tiles());
}

TEST_CASE("amx: --breakdown has a line for every engine that is no model of one") {
  const std::string text = output({"--breakdown", "--rounds", "1", "--quiet"});
  CHECK_THAT(text, ContainsSubstring("attend") && ContainsSubstring("\nstreams_int8 "));
  CHECK_THAT(text, !ContainsSubstring("model_int8"));
}

TEST_CASE("amx: engines are listed once, and run where they are listed") {
  for (const EngineKind& kind : tile_engines()) {
    CAPTURE(kind.name);
    CHECK(kind.make(shipped_model())->streams() > 1);
    CHECK(kind.emulated == kind.name.starts_with("model_"));
  }
  for (const EngineKind& kind : engines_on_tiles()) {
    CAPTURE(kind.name);
    if (no_tiles_because().empty()) {
      CHECK(kind.make(shipped_model())->streams() == int{TileStreams::streams});
    } else {
      CHECK_THROWS(kind.make(shipped_model()));
    }
  }
}

TEST_CASE("amx: a processor that is older than all this meets no instruction of it") {
#if !defined(__x86_64__) || defined(__AVX__)
  SKIP("compiled for this very processor; -DLADDER_MARCH=x86-64-v2 makes a program for any");
#else
  if (std::system("qemu-x86_64 --version > /dev/null 2>&1") != 0) {
    SKIP("there is no qemu-x86_64: apt-get install qemu-user");
  }
  const TemporaryDirectory directory;
  const std::string path = directory.file("out");
  const std::string command = "qemu-x86_64 -cpu Nehalem '" + path_of_built("08_amx") +
                              "' --engine model_int8 --samples 1 > '" + path + "' 2>&1";
  CHECK(std::system(command.c_str()) == 0);
  CHECK_THAT(directory.read("out"), ContainsSubstring("this processor has no tiles (AMX)"));
#endif
}
