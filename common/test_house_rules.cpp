// The rules of the house that a compiler does not know, checked from the sources.

#include <algorithm>
#include <filesystem>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <string_view>

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "common/files.hpp"
#include "common/test_support.hpp"

using namespace ladder;
namespace fs = std::filesystem;

namespace {

using Violations = std::vector<std::string>;

bool is_source(const fs::path& path) {
  static const std::set<std::string> extensions = {".hpp", ".cpp", ".h",  ".c",
                                                   ".cc",  ".cu",  ".cuh"};
  return extensions.contains(path.extension().string());
}

// "04_mlp" is stage 4, common/ is below the first one, anything else is no room of the house.
std::optional<int> stage_of(const std::string& directory) {
  if (directory == "common") return 0;
  static const std::regex stage("([0-9]{2})_[a-z0-9_]+");
  std::smatch match;
  if (!std::regex_match(directory, match, stage)) return std::nullopt;
  return std::stoi(match[1]);
}

// The rooms of stage 07, each of which may include those before it; what lies in the stage's own
// folder may include them all. Backends of other rooms link the lean ones, so these stand alone.
const std::vector<std::string> rooms_of_07 = {"model",       "judge", "one_stream", "many_streams",
                                              "fixed_point", "bench", "study"};
const std::set<std::string> lean_rooms = {"model", "judge", "bench"};

// "07_fast_inference/judge/names.cpp" is in the room "judge", 07_fast_inference/main.cpp in "".
std::string room_of(const fs::path& path) {
  auto part = path.begin();
  if (part->string() != "07_fast_inference" || std::distance(part, path.end()) < 3) return "";
  return (++part)->string();
}

// "08_hardware/cuda/kernel.cu" is of the backend "cuda"; each of them stands alone.
std::string backend_of(const fs::path& path) {
  auto part = path.begin();
  if (part->string() != "08_hardware" || std::distance(part, path.end()) < 3) return "";
  return (++part)->string();
}

std::ptrdiff_t floor_of(const std::string& room) {
  return std::find(rooms_of_07.begin(), rooms_of_07.end(), room) - rooms_of_07.begin();
}

// Why an include of this path from a file of stage 07 breaks the rule of its rooms; tests may look
// everywhere.
std::string fault_between_rooms(const fs::path& here, const fs::path& there) {
  const std::string from = room_of(here), to = room_of(there);
  if (from.empty() || here.filename().string().starts_with("test_")) return "";
  if (!std::count(rooms_of_07.begin(), rooms_of_07.end(), from)) {
    return fmt::format("{}/ is no room of stage 07", from);
  }
  const bool same_stage = *here.begin() == *there.begin();
  if (same_stage && floor_of(to) > floor_of(from)) {
    return fmt::format("'{}' is in a room above {}/", there.string(), from);
  }
  const bool lean = same_stage ? lean_rooms.contains(to) : there.begin()->string() == "common";
  if (lean_rooms.contains(from) && !lean) {
    return fmt::format("'{}' is nothing for {}/, which other rooms link alone", there.string(),
                       from);
  }
  return "";
}

// Why `#include <target>` does.
std::string fault_of_library(const fs::path& here, const std::string& target) {
  static const std::regex heavy("(Eigen|unsupported|catch2)/.*");
  if (here.filename().string().starts_with("test_") || !std::regex_match(target, heavy)) return "";
  const std::string room = room_of(here);
  return lean_rooms.contains(room) ? fmt::format("<{}> is nothing for {}/", target, room) : "";
}

// Line ends stay, so that lines keep their numbers.
std::string without_comments(std::string_view text) {
  std::string code;
  bool quoted = false;
  while (!text.empty()) {
    std::size_t comment = 0;
    if (!quoted && text.starts_with("//")) comment = text.find('\n');
    if (!quoted && text.starts_with("/*")) comment = text.find("*/", 2);
    if (comment > 0) {
      const std::string_view cut = text.substr(0, comment);
      code.append(static_cast<std::size_t>(std::count(cut.begin(), cut.end(), '\n')), '\n');
      text.remove_prefix(cut.size());
      if (text.starts_with("*/")) text.remove_prefix(2);
      continue;
    }
    if (text.starts_with("\\\""))
      code += '\\', text.remove_prefix(1);  // does not end a string
    else if (text.front() == '"')
      quoted = !quoted;
    else if (text.front() == '\n')
      quoted = false;
    code += text.front();
    text.remove_prefix(1);
  }
  return code;
}

// Why `#include "target"` in a file of this directory breaks the rule; empty if it does not.
std::string fault_of_include(const fs::path& root, const fs::path& file,
                             const std::string& target) {
  const fs::path here = fs::relative(file, root);
  // An include names the way from the root, or that from the file itself.
  const bool beside = target.find('/') == std::string::npos || target.starts_with(".");
  const fs::path there =
      (beside ? here.parent_path() / target : fs::path(target)).lexically_normal();
  if (std::string fault = fault_between_rooms(here, there); !fault.empty()) return fault;
  if (backend_of(here) != backend_of(there) && !backend_of(here).empty() &&
      !backend_of(there).empty()) {
    return fmt::format("'{}' is a backend beside this one", target);
  }
  const std::string from = here.begin()->string(), to = there.begin()->string();
  if (from == to) return "";
  const auto from_stage = stage_of(from), to_stage = stage_of(to);
  if (!to_stage) return fmt::format("'{}' is in no room of the house", target);
  if (*to_stage > *from_stage) return fmt::format("'{}' is higher up the ladder", target);
  if (*to_stage == *from_stage) return fmt::format("'{}' is in a stage beside this one", target);
  return "";
}

// Whatever gives other numbers on another machine or with another library.
std::string fault_of_random(const std::string& line) {
  static const std::regex unrepeatable(
      R"(\bstd::(ranges::)?(shuffle|sample)\b|\bstd::\w+_distribution\b|\brandom_device\b|)"
      R"(\bdefault_random_engine\b|\b(s?rand|rand_r|[dlm]rand48|random_shuffle)\s*\()");
  std::smatch match;
  return std::regex_search(line, match, unrepeatable)
             ? fmt::format("'{}' differs between libraries; common/random.hpp does not",
                           match.str())
             : "";
}

// CMake takes a name for a list, and tests after one of these signs get lost without a word; Catch2
// takes a name that begins with a dash for an option.
std::string fault_of_test_name(const std::string& line) {
  static const std::regex name(R"rx(TEST_CASE\("(-|[^"]*[\[\];\\]))rx");
  return std::regex_search(line, name)
             ? "a test's name begins with a dash or has one of []; and backslash"
             : "";
}

void check_file(const fs::path& root, const fs::path& file, Violations& violations) {
  static const std::regex include(R"rx(^\s*#\s*include\s*"([^"]+)")rx"),
      library(R"rx(^\s*#\s*include\s*<([^>]+)>)rx");
  std::istringstream code(without_comments(read_file(file.string())));
  std::string line;
  for (int number = 1; std::getline(code, line); ++number) {
    std::smatch match;
    Violations faults = {fault_of_random(line), fault_of_test_name(line)};
    if (std::regex_search(line, match, include)) {
      faults.push_back(fault_of_include(root, file, match[1]));
    }
    if (std::regex_search(line, match, library)) {
      faults.push_back(fault_of_library(fs::relative(file, root), match[1]));
    }
    for (const std::string& fault : faults) {
      if (fault.empty()) continue;
      violations.push_back(
          fmt::format("{}:{}: {}", fs::relative(file, root).string(), number, fault));
    }
  }
}

// Every broken rule in the rooms under `root`, as "file:line: what".
Violations violations_in(const fs::path& root, int* files = nullptr) {
  Violations violations;
  for (const auto& room : fs::directory_iterator(root)) {
    if (!room.is_directory() || !stage_of(room.path().filename().string())) continue;
    for (const auto& entry : fs::recursive_directory_iterator(room)) {
      if (!entry.is_regular_file() || !is_source(entry.path())) continue;
      check_file(root, entry.path(), violations);
      if (files) ++*files;
    }
  }
  std::sort(violations.begin(), violations.end());
  return violations;
}

// The violations in a tree with one file.
Violations planted(const std::string& path, const std::string& text) {
  const TemporaryDirectory tree;
  tree.write(path, text);
  return violations_in(tree.file(""));
}

std::string including(const std::string& target) { return "#include \"" + target + "\"\n"; }

}  // namespace

TEST_CASE("arrows only point down the ladder, and nothing random differs between libraries") {
  int files = 0;
  const Violations violations = violations_in(LADDER_ROOT, &files);
  INFO(fmt::format("{}", fmt::join(violations, "\n")));
  CHECK(violations.empty());
  CHECK(files > 50);  // it has looked
}

TEST_CASE("a planted arrow up the ladder is found, an arrow down is not") {
  CHECK(planted("04_mlp/mlp.cpp", including("05_gpt_sgd/gpt.hpp")) ==
        Violations{"04_mlp/mlp.cpp:1: '05_gpt_sgd/gpt.hpp' is higher up the ladder"});
  CHECK(planted("common/files.hpp", "\n\n" + including("01_counting_bigram/count_model.hpp")) ==
        Violations{
            "common/files.hpp:3: '01_counting_bigram/count_model.hpp' is higher up the ladder"});
  CHECK(planted("08_hardware/fpga/top.cpp", including("08_hardware/cuda/kernel.cuh")) ==
        Violations{"08_hardware/fpga/top.cpp:1: '08_hardware/cuda/kernel.cuh' is a backend beside "
                   "this one"});
  CHECK(planted("08_hardware/fpga/top.cpp", including("../cuda/kernel.cuh")).size() == 1);
  CHECK(planted("08_hardware/fpga/top.cpp", including("08_hardware/fpga/chip.hpp")).empty());

  for (const char* down : {"04_mlp/mlp.hpp", "mlp.hpp", "./mlp.hpp", "03_autograd/tape.hpp",
                           "common/corpus.hpp", "../common/corpus.hpp", "../04_mlp/mlp.hpp"}) {
    CAPTURE(down);
    CHECK(planted("04_mlp/mlp.cpp", including(down)).empty());
  }
}

TEST_CASE("no way of writing it hides an arrow") {
  for (const char* up : {"../05_gpt_sgd/gpt.hpp", "./../05_gpt_sgd/gpt.hpp",
                         "05_gpt_sgd/../06_x/y.hpp", "common/../05_gpt_sgd/gpt.hpp"}) {
    CAPTURE(up);
    CHECK(planted("04_mlp/main.cpp", including(up)).size() == 1);
  }
  CHECK(planted("04_mlp/main.cpp", "  #  include\t\"05_gpt_sgd/gpt.hpp\"\n").size() == 1);
  CHECK(planted("04_mlp/deep/below/main.cpp", including("../../../05_gpt_sgd/gpt.hpp")).size() ==
        1);
  CHECK(planted("08_hardware/cuda/kernel.cu", including("09_fast_training/gemm.hpp")).size() == 1);
  CHECK(planted("04_mlp/main.cpp", including("book/listing.hpp")).size() == 1);
}

TEST_CASE("a planted arrow up between the rooms of stage 07 is found, an arrow down is not") {
  const auto faults = [](const std::string& file, const std::string& target) {
    return planted("07_fast_inference/" + file, including(target)).size();
  };
  CHECK(planted("07_fast_inference/model/engine.hpp",
                including("07_fast_inference/judge/judge.hpp")) ==
        Violations{"07_fast_inference/model/engine.hpp:1: "
                   "'07_fast_inference/judge/judge.hpp' is in a room above model/"});
  CHECK(faults("one_stream/loops.cpp", "../many_streams/streams.hpp") == 1);
  CHECK(faults("many_streams/streams.cpp", "07_fast_inference/fixed_point/q4_12.hpp") == 1);
  CHECK(faults("fixed_point/q4_12.cpp", "07_fast_inference/bench/bench.hpp") == 1);
  CHECK(faults("study/study.cpp", "07_fast_inference/engines.hpp") == 1);
  CHECK(faults("attic/engine.hpp", "07_fast_inference/model/engine.hpp") == 1);
  // Rooms that others link alone.
  CHECK(faults("bench/bench.cpp", "07_fast_inference/one_stream/loops.hpp") == 1);
  CHECK(faults("judge/names.cpp", "06_gpt_adam/replay.hpp") == 1);
  const auto library_faults = [](const std::string& file) {
    return planted("07_fast_inference/" + file, "#include <Eigen/Dense>\n").size();
  };
  CHECK(library_faults("judge/names.cpp") == 1);
  CHECK(planted("07_fast_inference/model/x.cpp", "#include <catch2/catch_test_macros.hpp>\n")
            .size() == 1);

  CHECK(library_faults("one_stream/eigen_fixed.cpp") == 0);
  CHECK(library_faults("judge/test_names.cpp") == 0);
  CHECK(faults("one_stream/tape.cpp", "06_gpt_adam/adam.hpp") == 0);
  CHECK(faults("one_stream/loops.cpp", "07_fast_inference/model/engine.hpp") == 0);
  CHECK(faults("one_stream/loops.cpp", "rows.hpp") == 0);
  CHECK(faults("bench/bench.cpp", "07_fast_inference/judge/names.hpp") == 0);
  CHECK(faults("bench/bench.cpp", "common/timing.hpp") == 0);
  CHECK(faults("model/test_model.cpp", "07_fast_inference/engines.hpp") == 0);
  CHECK(faults("main.cpp", "07_fast_inference/study/breakdown.hpp") == 0);
}

TEST_CASE("planted randomness that differs between libraries is found") {
  const std::string standard = "std::";  // or this file would be found
  for (const std::string& code :
       {standard + "shuffle(a.begin(), a.end(), g);", standard + "ranges::shuffle(a, g);",
        standard + "normal_distribution<double> d;", standard + "uniform_int_distribution d(0, 1);",
        standard + "random" + "_device seed;", std::string("int x = ra") + "nd();",
        std::string("sra") + "nd (1);", standard + "default_" + "random_engine g;"}) {
    CAPTURE(code);
    CHECK(planted("common/x.cpp", "int a;\n" + code + "\n").size() == 1);
    CHECK(planted("common/x.cpp", "// never " + code + "\n/* nor\n" + code + " */\n").empty());
    CHECK(planted("common/x.cpp", "auto s = \"\\\"/*\"; " + code + " // */\n").size() == 1);
    CHECK(planted("book/x.cpp", code).empty());  // no room of the house
  }
  CHECK(
      planted("common/x.cpp", "random.shuffle(names); operand(1); my_rand (2); brand(3);").empty());
}

TEST_CASE("a planted test name that CMake would trip over is found") {
  const std::string test_case =
      "TEST_"
      "CASE(\"";
  for (const char* name : {"in [0, 1)", "a; b", "a ] b", "a \\\\ b", "--seed"}) {
    CAPTURE(name);
    CHECK(planted("common/test_x.cpp", test_case + name + "\") {\n").size() == 1);
  }
  CHECK(planted("common/test_x.cpp", test_case + "a name\", \"[nll]\") {\n").empty());
}
