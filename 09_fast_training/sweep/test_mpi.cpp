// Several processes on one machine, as mpirun starts them.

#include <cmath>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <set>

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include "09_fast_training/sweep/data_parallel.hpp"
#include "common/largest.hpp"
#include "common/program_checks.hpp"

using namespace ladder;
using namespace ladder::program_checks;

namespace {

// What of the environment lets Open MPI start more processes than there are cores, as root too, and
// keeps it from warning about a container that forbids one process to read another's memory.
constexpr const char* environment =
    "OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 "
    "OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_btl_vader_single_copy_mechanism=none "
    "OMPI_MCA_btl=self,vader";

void need_mpi() {
  if (!has_mpi()) SKIP("built without MPI; install libopenmpi-dev and openmpi-bin");
  if (std::system("command -v mpirun >/dev/null") != 0) SKIP("no mpirun; install openmpi-bin");
}

// `command` is for a shell.
Run run_ranks(int count, const std::string& command) {
  const TemporaryDirectory directory;
  const std::string line =
      fmt::format("unset MICROGPT_NAMES; {} mpirun -np {} {} >'{}' 2>'{}' </dev/null", environment,
                  count, command, directory.file("out"), directory.file("err"));
  const int status = std::system(line.c_str());
  return {exit_status(status), directory.read("out"), directory.read("err")};
}

std::string program() { return "'" + path_of_built("09_fast_training") + "'"; }

std::string this_test() {
  return "'" + std::filesystem::read_symlink("/proc/self/exe").string() + "'";
}

std::vector<Tokens> some_names() {
  Random random(11);
  std::vector<Tokens> names(60);
  for (Tokens& name : names) {
    name.resize(1 + random.below(15));
    for (auto& token : name) token = static_cast<Tokens::value_type>(random.below(26));
  }
  return names;
}

std::unique_ptr<Trainer> trainer_of(int width) {
  return make_fast_trainer<double>(draw_parameters({width, 27, true}, Random(7)), {});
}

}  // namespace

// Each rank runs this; a rank that finds a fault ends the whole run with a status.
TEST_CASE("of one rank: gradient and curve are those of a lone trainer", "[.rank]") {
  const std::unique_ptr<Ranks> ranks = make_ranks();
  REQUIRE(ranks->size() == std::atoi(std::getenv("OMPI_COMM_WORLD_SIZE")));
  const std::vector<Tokens> names = some_names();
  for (const int width : {16, 64, 128}) {  // MPI adds up short and long arrays in different ways
    const auto lone = trainer_of(width), first = trainer_of(width);
    DataParallel parallel(
        *first, [&] { return trainer_of(width); }, 2, *ranks);
    Batches batches(names, 17, 5), same(names, 17, 5);
    for (int step = 0; step < 20; ++step) {
      const double expected = lone->step(batches.next(), 0.003);
      const double loss = parallel.step(same.next(), 0.003);
      CAPTURE(width, step, ranks->rank());
      REQUIRE(std::abs(loss - expected) < 1e-12);
      REQUIRE(largest_difference(first->gradient().values, lone->gradient().values) < 1e-12);
    }
    // All ranks have the same parameters, to the bit: what rank 0 has is what I have.
    std::string mine;
    for (const double x : first->parameters().values) mine += fmt::format("{:a} ", x);
    REQUIRE((ranks->broadcast(mine) == mine));
  }
  std::vector<float> numbers = {1.0f + static_cast<float>(ranks->rank()), 0.5f};
  ranks->sum_in_order(numbers);
  const auto n = static_cast<float>(ranks->size());
  CHECK(numbers == std::vector<float>{n * (n + 1) / 2, n / 2});
}

TEST_CASE("split between 2 and 4 processes, gradient and curve are a lone trainer's to 1e-12") {
  need_mpi();
  for (const int count : {2, 4}) {
    const Run run = run_ranks(
        count, this_test() + " 'of one rank: gradient and curve are those of a lone trainer'");
    CAPTURE(count, run.out, run.err);
    CHECK(run.status == 0);
    CHECK_THAT(run.out, ContainsSubstring("All tests passed"));
  }
}

TEST_CASE("split between two hosts of a network, gradient and curve are a lone trainer's") {
  need_mpi();
  if (std::system("ip netns add ladder_probe 2>/dev/null && ip netns del ladder_probe") != 0) {
    SKIP("cannot make network namespaces: that takes root, and iproute2");
  }
  const TemporaryDirectory directory;
  const std::string command = fmt::format(
      "'{}/09_fast_training/sweep/two_hosts.sh' {} 'of one rank: gradient and curve are those of a "
      "lone trainer' >'{}' 2>&1",
      LADDER_ROOT, this_test(), directory.file("out"));
  CHECK(std::system(command.c_str()) == 0);
  CHECK_THAT(directory.read("out"), ContainsSubstring("All tests passed"));
}

TEST_CASE("the program split between processes: one output, and the same results") {
  need_mpi();
  const TemporaryDirectory directory;
  const std::string arguments =
      " --steps 40 --batch 9 --double --samples 3 --json '" + directory.file("json") + "'";
  REQUIRE(std::system(
              fmt::format("unset MICROGPT_NAMES; {}{} >/dev/null", program(), arguments).c_str()) ==
          0);
  const auto expected = read_json(directory.file("json"));
  for (const int count : {2, 4}) {
    const Run run = run_ranks(count, program() + arguments + " --data-parallel");
    CAPTURE(count, run.out, run.err);
    REQUIRE(run.status == 0);
    CHECK(run.out.find("\nNLL ") == run.out.rfind("\nNLL "));  // rank 0 alone prints
    const auto json = read_json(directory.file("json"));
    CHECK(std::abs(json["nll"]["val"].get<double>() - expected["nll"]["val"].get<double>()) < 1e-6);
    CHECK(json["samples"] == expected["samples"]);
  }
}

TEST_CASE("as many processes as before give the same numbers to the bit, run for run") {
  need_mpi();
  const TemporaryDirectory directory;
  const auto results = [&] {
    const std::string file = directory.file("json");
    const Run run = run_ranks(3, program() + " --width 32 --steps 60 --batch 9 --quiet " +
                                     "--samples 3 --data-parallel --force --json '" + file + "'");
    CAPTURE(run.out, run.err);
    REQUIRE(run.status == 0);
    const auto json = read_json(file);
    return std::pair(json["nll"], json["samples"]);
  };
  CHECK(results() == results());
}

TEST_CASE("processes share the runs of a sweep, and come to what one comes to") {
  need_mpi();
  const TemporaryDirectory directory;
  const std::string file = directory.file("runs");
  const std::string arguments =
      fmt::format(" --pareto --width 16 --budget 0.02,0.04 --runs '{}' --json '{}'", file,
                  directory.file("json"));
  const Run run = run_ranks(4, program() + arguments);
  CAPTURE(run.out, run.err);
  REQUIRE(run.status == 0);
  auto rows = read_json(directory.file("json"))["rows"];
  CHECK(rows.size() == 8);
  CHECK(read_json(directory.file("json"))["workers"] == 4);

  // The same plan by one process.
  directory.write("runs", lines_of(directory.read("runs"))[0] + "\n");
  REQUIRE(
      run_built("09_fast_training", {"--pareto", "--width", "16", "--budget", "0.02,0.04", "--runs",
                                     file, "--resume", "--json", directory.file("json")})
          .status == 0);
  auto alone = read_json(directory.file("json"))["rows"];
  for (auto* some : {&rows, &alone}) {
    for (auto& row : *some) row.erase("seconds");
  }
  CHECK(rows == alone);
}

TEST_CASE("a rank that dies costs its run, and --resume makes it again") {
  need_mpi();
  const TemporaryDirectory directory;
  const std::string file = directory.file("runs");
  const std::string arguments =
      fmt::format(" --pareto --width 16 --budget 0.1,0.3 --runs '{}'", file);
  // Rank 1 is killed as soon as a run is done; mpirun then ends the others.
  const std::string rank = directory.write(
      "rank.sh",
      fmt::format("if [ \"$OMPI_COMM_WORLD_RANK\" = 1 ]; then\n"
                  "  {} {} & p=$!\n"
                  "  while [ \"$(cat '{}' 2>/dev/null | wc -l)\" -lt 2 ]; do sleep 0.01; done\n"
                  "  kill -KILL $p; wait $p; exit $?\n"
                  "fi\nexec {} {}\n",
                  program(), arguments, file, program(), arguments));
  const Run killed = run_ranks(3, "sh '" + rank + "'");
  CAPTURE(killed.out, killed.err);
  CHECK(killed.status != 0);
  const std::string before = directory.read("runs");
  CHECK(lines_of(before).size() >= 2);
  CHECK(lines_of(before).size() < 9);

  const Run resumed = run_ranks(2, program() + arguments + " --resume");
  CAPTURE(resumed.out, resumed.err);
  CHECK(resumed.status == 0);
  const std::string after = directory.read("runs");
  std::multiset<int> made;
  for (const std::string& line : lines_of(after.substr(after.find('\n') + 1))) {
    made.insert(nlohmann::json::parse(line)["run"].get<int>());
  }
  CHECK(made == std::multiset<int>{0, 1, 2, 3, 4, 5, 6, 7});
  CHECK(after.starts_with(before.substr(0, before.rfind('\n') + 1)));
}

TEST_CASE("under mpirun the program says what would be in vain") {
  need_mpi();
  const Run plain = run_ranks(2, program() + " --steps 3");
  CHECK(plain.status == 2);
  CHECK_THAT(plain.err, ContainsSubstring("add --pareto or --data-parallel"));
  const Run threads = run_ranks(2, program() + " --pareto --threads 2");
  CHECK(threads.status == 2);
  CHECK_THAT(threads.err, ContainsSubstring("-np says how many"));
  const Run piped = run_ranks(2, program() + " --pareto --data -");
  CHECK(piped.status == 2);
  CHECK_THAT(piped.err, ContainsSubstring("only one process has standard input"));
}
