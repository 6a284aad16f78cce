// --pareto as a reader runs it: short runs of small models.

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include "common/program_checks.hpp"

using namespace ladder;
using namespace ladder::program_checks;

namespace {

const Arguments quick = {"--pareto", "--width", "16", "--budget", "0.02,0.04", "--threads", "2"};

Run sweep(const Arguments& arguments) { return run_built("09_fast_training", quick + arguments); }

void check_refused(const Arguments& arguments, int status, const std::string& reason) {
  const Run run = run_built("09_fast_training", arguments);
  CAPTURE(arguments, run.err);
  CHECK(run.status == status);
  CHECK(run.out.empty());
  CHECK(lines_of(run.err).size() == 1);
  CHECK_THAT(run.err, ContainsSubstring(reason));
}

nlohmann::json without_seconds(nlohmann::json rows) {
  for (auto& row : rows) row.erase("seconds");
  return rows;
}

// Starts the program in the background, ends it by `signal` once its file has so many lines, and
// returns its status.
int ended_by(int signal, const Arguments& arguments, const std::string& file, std::size_t lines) {
  const std::string path = path_of_built("09_fast_training");
  const pid_t child = ::fork();
  if (child == 0) {
    const int nowhere = ::open("/dev/null", O_WRONLY);
    for (int stream = 1; stream < 3; ++stream) ::dup2(nowhere, stream);
    become(path, arguments);
  }
  const auto lines_now = [&] {
    std::ifstream stream(file);
    std::size_t count = 0;
    for (std::string line; std::getline(stream, line);) ++count;
    return count;
  };
  int status = 0;
  while (lines_now() < lines && ::waitpid(child, &status, WNOHANG) == 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  ::kill(child, signal);
  ::waitpid(child, &status, 0);
  return exit_status(status);
}

}  // namespace

TEST_CASE("a sweep makes every run of its grid, and prints what it writes") {
  const TemporaryDirectory directory;
  const std::string file = directory.file("runs"), json_file = directory.file("json");
  const Run run = sweep({"--runs", file, "--json", json_file});
  CAPTURE(run.err);
  REQUIRE(run.status == 0);
  CHECK(run.err.empty());
  check_width(run.out.substr(run.out.find("Pareto")));  // above it are paths, as long as they are
  const auto json = read_json(json_file);
  CHECK(json["rows"].size() == 8);  // two batches, two rates, two budgets
  CHECK(json["protocol"] == "held out");
  CHECK(json["clock"] == "thread_cpu");
  CHECK(json["interrupted"] == false);
  CHECK(json["machine"].contains("processor"));
  for (const auto& row : json["rows"]) {
    CHECK(row["parameters"] == 4240);
    CHECK(row["nll"]["val"].get<double>() < 3.3);
    CHECK(row["seconds"].get<double>() > 0.005);
  }
  REQUIRE(!json["front"].empty());
  for (const auto& row : json["front"]) {
    CHECK_THAT(run.out, ContainsSubstring(fmt::format("{:.4f}", row["nll"]["val"].get<double>())));
  }
  CHECK_THAT(run.out, ContainsSubstring("time to NLL 2.0: not reached"));
  CHECK(lines_of(directory.read("runs")).size() == 9);

  // Once it is done, --resume has nothing left to do and says the same.
  const Run again = sweep({"--runs", file, "--resume", "--quiet"});
  CHECK(again.status == 0);
  CHECK(again.out == run.out.substr(run.out.find("the Pareto")));
}

TEST_CASE("a sweep that was killed goes on, and comes to what it would have come to") {
  for (const int signal : {SIGKILL, SIGINT}) {
    const TemporaryDirectory directory;
    const std::string file = directory.file("runs"), json_file = directory.file("json");
    const Arguments arguments = quick + Arguments{"--runs", file, "--json", json_file};
    const int status = ended_by(signal, arguments, file, 4);  // the plan and three runs
    CHECK(status == (signal == SIGKILL ? -SIGKILL : 130));
    CHECK((signal == SIGKILL || read_json(json_file)["interrupted"] == true));
    const std::string before = directory.read("runs");
    CHECK(lines_of(before).size() >= 4);
    CHECK(lines_of(before).size() < 9);
    CHECK(before.back() == '\n');

    const Run run = sweep({"--runs", file, "--resume", "--json", json_file});
    CAPTURE(run.err);
    CHECK(run.status == 0);
    CHECK(directory.read("runs").starts_with(before));
    const auto resumed = read_json(json_file);
    CHECK(resumed["rows"].size() == 8);

    // The same plan in one go: the file without its runs.
    directory.write("runs", lines_of(before)[0] + "\n");
    REQUIRE(sweep({"--runs", file, "--resume", "--json", json_file}).status == 0);
    CHECK(without_seconds(read_json(json_file)["rows"]) == without_seconds(resumed["rows"]));
  }
}

TEST_CASE("a budget that is named twice is tried once") {
  const TemporaryDirectory directory;
  const std::string file = directory.file("runs");
  REQUIRE(run_built("09_fast_training", {"--pareto", "--width", "16", "--batch", "16", "--lr",
                                         "0.01", "--budget", "0.02,0.02,0.020", "--runs", file})
              .status == 0);
  CHECK(lines_of(directory.read("runs")).size() == 2);  // the plan and its one run
}

TEST_CASE("interrupted, a sweep says how to go on") {
  const TemporaryDirectory directory;
  const std::string file = directory.file("runs");
  const std::string out = directory.file("out");
  // 8 runs of half a second: it is ended during the first ones.
  const std::string command = fmt::format(
      "'{}' --pareto --width 16 --budget 0.5,0.6 --threads 2 --runs '{}' >'{}' 2>&1 & "
      "while [ \"$(grep -c . '{}' 2>/dev/null)\" != 1 ]; do sleep 0.02; done; "
      "kill -TERM $!; wait $!",
      path_of_built("09_fast_training"), file, out, file);
  const int status = std::system(command.c_str());
  CHECK(WEXITSTATUS(status) == 130);
  const std::string text = directory.read("out");
  CHECK_THAT(text, ContainsSubstring("of 8 runs were made; the same command with --resume"));
}

TEST_CASE("a sweep on a terminal: progress, 80 columns") {
  const TemporaryDirectory directory;
  check_terminal({"09_fast_training", quick + Arguments{"--runs", directory.file("runs")}});
}

TEST_CASE("a learning rate that is too high is a result of the sweep, not its end") {
  const TemporaryDirectory directory;
  const std::string json_file = directory.file("json");
  const Run run = sweep({"--lr", "1e30", "--runs", directory.file("runs"), "--json", json_file});
  CAPTURE(run.err);
  CHECK(run.status == 0);
  CHECK_THAT(run.out, ContainsSubstring("(4 diverged)"));
  CHECK(read_json(json_file)["front"].empty());
  CHECK_THAT(read_json(json_file)["rows"][0]["diverged"].get<std::string>(),
             ContainsSubstring("diverged at step"));
}

TEST_CASE("a sweep: what cannot be is one line") {
  const TemporaryDirectory directory;
  const std::string file = directory.file("runs");
  REQUIRE(sweep({"--runs", file, "--batch", "16", "--lr", "0.01"}).status == 0);
  const std::string good = directory.read("runs");
  const auto with = [&](const Arguments& more) {
    return quick + Arguments{"--quiet", "--batch", "16", "--lr", "0.01"} + more;
  };
  check_refused(with({"--runs", file}), 1, "is there already; --resume goes on with it");
  check_refused(with({"--runs", file, "--resume", "--seed", "7"}), 1, "of another sweep: its seed");
  check_refused(with({"--runs", file, "--resume", "--microgpt"}), 1, "of another sweep: its model");
  check_refused(with({"--runs", file, "--resume", "--budget", "1"}), 1, "its budget was");
  check_refused(with({"--runs", directory.file("none"), "--resume"}), 1, "no such file");
  check_refused(with({"--runs", directory.file("no/folder/runs")}), 1, "No such file or directory");
  check_refused(with({"--runs", "/dev/full"}), 1, "cannot write /dev/full: No space left");
  check_refused(with({"--runs", file, "--json", file, "--resume"}), 1, "another file of this run");
  CHECK(directory.read("runs") == good);
  const std::string diary = directory.write("diary", "dear diary\n");
  check_refused(with({"--runs", diary}), 1, "is there already");
  check_refused(with({"--runs", diary, "--resume"}), 1, "is not a file of a sweep's runs");
  CHECK(directory.read("diary") == "dear diary\n");
  const std::string text = "ada\nbob\ncarl\ndora\neve\nfay\ngus\nhal\nida\njo\nkay\nlea\n";
  const std::string names = directory.write("names", text);
  for (const Arguments& more : {Arguments{"--force"}, Arguments{"--resume"}, Arguments{}}) {
    check_refused(with({"--data", names, "--runs", names}) + more, 1, "another file of this run");
  }
  CHECK(directory.read("names") == text);
}

TEST_CASE("options of a sweep that make no sense are usage errors") {
  check_refused({"--pareto", "--threads", "0"}, 2, "--threads");
  check_refused({"--data-parallel", "--threads", "0"}, 2, "from 1 to 1024");
  check_refused({"--threads", "2"}, 2, "without --pareto or --data-parallel");
  check_refused({"--budget", "2"}, 2, "--budget has no effect without --pareto");
  check_refused({"--bench", "--data-parallel", "--batch", "16"}, 2, "--batch has no effect with");
  check_refused({"--bench", "--data-parallel", "--vectors", "sse2"}, 2, "--vectors has no effect");
  check_refused({"--resume"}, 2, "--resume has no effect without --pareto");
  check_refused({"--pareto", "--budget", "1,zero"}, 2, "'zero' is no time");
  check_refused({"--pareto", "--budget", "0"}, 2, "'0' is no time");
  check_refused({"--pareto", "--steps", "5"}, 2, "--steps has no effect with --pareto");
  check_refused({"--pareto", "--resume", "--force"}, 2, "leave one out");
}
