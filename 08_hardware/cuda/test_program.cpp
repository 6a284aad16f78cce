// The program as a reader meets it, with a GPU and without.
#include <set>
#include <sstream>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <nlohmann/json.hpp>

#include "08_hardware/cuda/device.hpp"
#include "common/results.hpp"
#include "common/run_program.hpp"
#include "common/terminal.hpp"

using namespace ladder;
using Catch::Matchers::ContainsSubstring;

namespace {

using Words = std::vector<std::string>;

// What a run without a mistake prints, within 80 columns but for paths.
std::string output(const Words& arguments) {
  CAPTURE(arguments);
  const Run result = run_built("08_cuda", arguments);
  CHECK(result.err == "");
  REQUIRE(result.status == 0);
  std::istringstream lines(result.out);
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    CHECK((display_width(line) <= 80 || line.find('/') != std::string::npos));
  }
  return result.out;
}

bool has_gpu() { return gpu::no_device_because().empty(); }

}  // namespace

TEST_CASE("cuda: --help says what is particular to this program") {
  const std::string text = output({"--help"});
  CHECK_THAT(text, ContainsSubstring("Stage 8, CUDA") && ContainsSubstring("--lanes") &&
                       ContainsSubstring("--device") && ContainsSubstring("--bench"));
}

TEST_CASE("cuda: the program says whether there is a GPU, and judges every engine") {
  const std::string text = output({"--samples", "2"});
  CHECK_THAT(text, ContainsSubstring("\nhost_v1 ") && ContainsSubstring("\nwarp_v3 ") &&
                       ContainsSubstring("\nwarp_v4 ") && ContainsSubstring("\nwarp_v5 ") &&
                       ContainsSubstring("\nwarp_v6 ") && ContainsSubstring("kayton capeil"));
  if (has_gpu()) {
    CHECK_THAT(text, ContainsSubstring("\nGPU ") && ContainsSubstring("\nv3_persistent "));
  } else {
    CHECK_THAT(text, ContainsSubstring("no GPU: " + gpu::no_device_because()));
    CHECK_THAT(text, !ContainsSubstring("\nv3_persistent "));
  }
}

TEST_CASE("cuda: what needs a GPU is one line without one, and what to do") {
  if (has_gpu()) SKIP("there is a GPU");
  const Run study = run_built("08_cuda", {"--device"});
  CHECK(study.status == 1);
  CHECK_THAT(study.err, ContainsSubstring("error: " + gpu::no_device_because()) &&
                            ContainsSubstring("--lanes needs none"));
  CHECK(study.err.find('\n') == study.err.size() - 1);
  const Run engine = run_built("08_cuda", {"--engine", "v3_persistent"});
  CHECK(engine.status == 2);
  CHECK_THAT(engine.err, ContainsSubstring("there is no engine 'v3_persistent'") &&
                             ContainsSubstring("warp_v3"));
}

TEST_CASE("cuda: mistakes on the command line are usage errors") {
  for (const Words& arguments : {Words{"--no-such"},
                                 {"--rounds", "3"},
                                 {"--json", "/tmp/none"},
                                 {"--samples", "x"},
                                 {"--bench", "--temperature", "0"}}) {
    CAPTURE(arguments);
    const Run result = run_built("08_cuda", arguments);
    CHECK(result.status == 2);
    CHECK_THAT(result.err, ContainsSubstring("error: "));
  }
  CHECK(run_built("08_cuda", {"--weights", "/no/such/file"}).status == 1);
}

TEST_CASE(
    "cuda: --bench writes the device's study and the lanes, and no speed of an emulated warp") {
  const TemporaryDirectory directory;
  const std::string path = directory.file("speeds.json");
  const std::string text = output({"--bench", "--rounds", "1", "--quiet", "--json", path});
  CHECK_THAT(text, ContainsSubstring("emulated warp: instructions of a token"));
  const auto file = read_json(path);
  CHECK(file.at("stage") == "08_cuda");
  for (const auto& row : file.at("rows")) {
    const std::string engine = row.at("engine");
    CHECK(row.at("emulated").get<bool>() == !engine.starts_with("v"));
    CHECK(row.at("tokens_per_second").is_null() == row.at("emulated").get<bool>());
  }
  std::set<std::string> counted;
  for (const auto& row : file.at("emulated_warp")) {
    counted.insert(row.at("engine"));
    double instructions = 0;
    for (const char* part : {"matrices", "attention", "norms", "draw"}) {
      instructions += row.at("parts").at(part).at("instructions").get<double>();
    }
    const auto& whole = row.at("parts").at("whole");
    CHECK(std::abs(instructions - whole.at("instructions").get<double>()) < 1e-6);
    CHECK(whole.at("lanes").get<double>() <= 32 * instructions);
    CHECK(whole.at("lanes").get<double>() > 16 * instructions);
  }
  CHECK(counted ==
        std::set<std::string>{"warp_v3", "warp_v4", "warp_v4_tables", "warp_v5", "warp_v6"});
  if (has_gpu()) {
    const auto& device = file.at("device");
    CHECK(device.at("launches").at("kernel_us") > 0);
    CHECK(device.at("occupancy").size() == 4);
    for (const auto& row : device.at("speeds")) CHECK(row.at("tokens_per_second") > 0);
  } else {
    CHECK(file.at("device").is_null());
    CHECK(file.at("no_device_because") == gpu::no_device_because());
    CHECK_THAT(text, ContainsSubstring("not measured on a GPU: " + gpu::no_device_because()));
    CHECK_THAT(text, !ContainsSubstring("tokens/s"));
  }
}

TEST_CASE("cuda: --lanes shows a line for each version, and how many lanes work") {
  const std::string text = output({"--lanes", "--quiet"});
  std::istringstream lines(text);
  int rows = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("warp_v")) continue;
    ++rows;
    CHECK(std::count(line.begin(), line.end(), '%') == 5);
  }
  CHECK(rows == 5);
}

TEST_CASE("cuda: a question is answered by the engine asked for") {
  const Words question = {"--quiet", "--samples", "40"};
  const auto names = [&](const std::string& engine) {
    Words arguments = question;
    arguments.insert(arguments.end(), {"--engine", engine});
    return output(arguments);
  };
  const std::string expected = names("host_v1");
  CHECK(std::count(expected.begin(), expected.end(), '\n') == 40);
  for (const char* engine : {"warp_v3", "warp_v4", "warp_v4_tables", "warp_v5"}) {
    CAPTURE(engine);
    CHECK(names(engine) == expected);
  }
  CHECK_THAT(output({"--score", "emma", "--engine", "warp_v4"}), ContainsSubstring("emma"));
}
