// The file that a sweep can be gone on with.

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include "09_fast_training/sweep/dealer.hpp"
#include "09_fast_training/sweep/runs_file.hpp"
#include "common/error.hpp"
#include "common/program_checks.hpp"

using namespace ladder;
using namespace ladder::program_checks;

namespace {

const nlohmann::json asked = {{"corpus", "abc"}, {"seed", 42}, {"budget", {1, 5}}};
const std::vector<Configuration> plan = {
    {16, 16, 0.01, 1000, 1}, {16, 64, 0.003, 500, 5}, {32, 16, 0.1, 700, 1}};

SweepRun run_of(std::size_t index) {
  return {.index = index,
          .parameters = 4240,
          .seconds = 0.5,
          .train_nll = 2.1 + 0.1 / 3,
          .val_nll = 2.2 + 0.1 / 3,
          .diverged = {}};
}

// A file with runs 1 and 0.
std::string begun(const TemporaryDirectory& directory) {
  const std::string path = directory.file("runs");
  RunsFile file = RunsFile::begin(path, false);
  file.write_plan(asked, plan);
  file.append(run_of(1));
  file.append(run_of(0));
  return path;
}

std::string fault_of(const std::string& path, const nlohmann::json& now = asked) {
  return message_of<Error>([&] { RunsFile::resume(path, now); });
}

}  // namespace

TEST_CASE("a file of runs is gone on with where it ended") {
  const TemporaryDirectory directory;
  const std::string path = begun(directory);
  {
    RunsFile file = RunsFile::resume(path, asked);
    CHECK(file.plan() == plan);
    REQUIRE(file.runs().size() == 2);
    CHECK(file.runs()[0].index == 1);
    CHECK(file.runs()[0].val_nll == run_of(1).val_nll);  // to the bit
    file.append(run_of(2));
  }
  CHECK(RunsFile::resume(path, asked).runs().size() == 3);
  CHECK(lines_of(directory.read("runs")).size() == 4);
}

TEST_CASE("a line that was cut short is done again, but no other damage is overlooked") {
  const TemporaryDirectory directory;
  const std::string path = begun(directory);
  const std::string good = directory.read("runs");
  for (const std::size_t cut : {1, 20, 60}) {
    directory.write("runs", good.substr(0, good.size() - cut));
    RunsFile file = RunsFile::resume(path, asked);
    CHECK(file.runs().size() == 1);
    file.append(run_of(0));
    CHECK(directory.read("runs") == good);
  }
  const std::vector<std::string> lines = lines_of(good);
  directory.write("runs", lines[0] + "\n{\"run\": 1}\n" + lines[2] + "\n");
  CHECK_THAT(fault_of(path), ContainsSubstring("damaged in line 2") &&
                                 ContainsSubstring("--resume makes its run again"));
  directory.write("runs", lines[0] + "\n" + lines[1] + "\n" + lines[1] + "\n");
  CHECK_THAT(fault_of(path), ContainsSubstring("damaged in line 3"));
  directory.write("runs", lines[0] + "\n" + lines[1].substr(0, 30) + lines[2] + "\n");
  CHECK_THAT(fault_of(path), ContainsSubstring("damaged in line 2"));
  for (const std::string& other :
       {std::string(), std::string("dear diary\n"), std::string("{}\n"), lines[1] + "\n", lines[0],
        std::string("[1]\n"), std::string("{\"stage\": 3, \"sweep\": 1, \"plan\": [1]}\n")}) {
    CAPTURE(other);
    directory.write("runs", other);
    CHECK_THAT(fault_of(path), ContainsSubstring("is not a file of a sweep's runs"));
    CHECK(directory.read("runs") == other);  // and is left as it was
  }
}

TEST_CASE("another sweep's file is refused, and the reason named") {
  const TemporaryDirectory directory;
  const std::string path = begun(directory);
  nlohmann::json other = asked;
  other["seed"] = 43;
  CHECK_THAT(fault_of(path, other), ContainsSubstring("another sweep: its seed was 42 and is 43"));
  other = asked;
  other["budget"] = {1};
  CHECK_THAT(fault_of(path, other), ContainsSubstring("its budget was [1,5] and is [1] now"));
  CHECK_THAT(fault_of(directory.file("none")), ContainsSubstring("no such file"));
  CHECK(directory.entries() == 1);
}

TEST_CASE("a file that is there is not begun anew unless forced, nor written by two") {
  const TemporaryDirectory directory;
  const std::string path = begun(directory);
  const std::string good = directory.read("runs");
  CHECK_THAT(message_of<Error>([&] { RunsFile::begin(path, false); }),
             ContainsSubstring("is there already; --resume goes on with it"));
  CHECK(directory.read("runs") == good);
  {
    const RunsFile open = RunsFile::resume(path, asked);
    CHECK_THAT(fault_of(path), ContainsSubstring("another sweep is writing to"));
    CHECK_THAT(message_of<Error>([&] { RunsFile::begin(path, true); }),
               ContainsSubstring("another sweep is writing to"));
    CHECK(directory.read("runs") == good);
  }
  RunsFile::begin(path, true).write_plan(asked, plan);
  CHECK(lines_of(directory.read("runs")).size() == 1);
}

TEST_CASE("a full disk is said at once") {
  RunsFile file = RunsFile::begin("/dev/full", false);
  CHECK(message_of<Error>([&] { file.write_plan(asked, plan); }) ==
        "cannot write /dev/full: No space left on device");
}

TEST_CASE("the dealer deals what is not done yet, in the plan's order, each once") {
  const TemporaryDirectory directory;
  begun(directory);
  RunsFile file = RunsFile::begin(directory.file("new"), false);
  file.write_plan(asked, plan);
  file.append(run_of(1));
  Dealer dealer(file);
  CHECK(dealer.budget_left() == 2);
  CHECK(dealer.least_nll() == run_of(1).val_nll);
  CHECK(dealer.next() == 0);
  CHECK(dealer.next() == 2);
  CHECK(!dealer.next());
  dealer.finished(run_of(2));
  CHECK(dealer.budget_done() == 1);
  CHECK(file.runs().size() == 2);
}

TEST_CASE("the dealer deals nothing once something has failed") {
  const TemporaryDirectory directory;
  RunsFile file = RunsFile::begin(directory.file("new"), false);
  file.write_plan(asked, plan);
  Dealer dealer(file);
  try {
    throw Error("the disk is gone");
  } catch (...) {
    dealer.fail();
  }
  CHECK(dealer.stopped());
  CHECK(!dealer.next());
  CHECK(message_of<Error>([&] { dealer.rethrow(); }) == "the disk is gone");
}
