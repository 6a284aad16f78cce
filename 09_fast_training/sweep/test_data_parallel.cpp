// Threads that split a batch: the same gradient, the same curve, whatever their number.

#include <algorithm>
#include <cmath>
#include <cstring>

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>

#include "09_fast_training/sweep/data_parallel.hpp"
#include "common/largest.hpp"
#include "common/program_checks.hpp"

using namespace ladder;

namespace {

std::vector<Tokens> some_names(int count, std::uint64_t seed) {
  Random random(seed);
  std::vector<Tokens> names(static_cast<std::size_t>(count));
  for (Tokens& name : names) {
    name.resize(random.below(18));  // some longer than a block, some empty
    for (auto& token : name) token = static_cast<Tokens::value_type>(random.below(26));
  }
  return names;
}

GptParameters parameters_of_width(int width) {
  return draw_parameters({width, 27, true}, Random(7));
}

template <class Number>
std::unique_ptr<Trainer> trainer_of(int width) {
  return make_fast_trainer<Number>(parameters_of_width(width), {});
}

struct Curve {
  std::vector<double> losses, parameters;
};

template <class Number>
Curve curve_of(int threads, int width, std::size_t batch, int steps) {
  const std::vector<Tokens> names = some_names(200, 3);
  Batches batches(names, batch, 5);
  const auto first = trainer_of<Number>(width);
  const auto alone = make_lone_rank();
  DataParallel parallel(
      *first, [&] { return trainer_of<Number>(width); }, threads, *alone);
  Curve curve;
  for (int i = 0; i < steps; ++i) curve.losses.push_back(parallel.step(batches.next(), 0.003));
  curve.parameters = first->parameters().values;
  return curve;
}

template <class Number>
Curve plain_curve(int width, std::size_t batch, int steps) {
  const std::vector<Tokens> names = some_names(200, 3);
  Batches batches(names, batch, 5);
  const auto trainer = trainer_of<Number>(width);
  Curve curve;
  for (int i = 0; i < steps; ++i) curve.losses.push_back(trainer->step(batches.next(), 0.003));
  curve.parameters = trainer->parameters().values;
  return curve;
}

}  // namespace

TEST_CASE("the parts of a batch are the batch, in order, and nearly equal") {
  const std::vector<Tokens> names = some_names(57, 1);
  std::vector<const Tokens*> batch;
  for (const Tokens& name : names) batch.push_back(&name);
  for (const std::size_t parts : {1, 2, 3, 4, 7, 64}) {
    std::vector<const Tokens*> together;
    for (std::size_t part = 0; part < parts; ++part) {
      const Batch mine = part_of_batch(batch, part, parts);
      together.insert(together.end(), mine.begin(), mine.end());
      const double fair = static_cast<double>(predictions_of(batch)) / static_cast<double>(parts);
      CHECK(std::abs(static_cast<double>(predictions_of(mine)) - fair) <= GptShape::block_size);
    }
    CAPTURE(parts);
    CHECK(together == batch);
  }
  CHECK(part_of_batch(Batch(batch).first(1), 0, 2).size() +
            part_of_batch(Batch(batch).first(1), 1, 2).size() ==
        1);
}

TEST_CASE("the predictions of a batch are those of its packing") {
  const std::vector<Tokens> names = some_names(57, 1);
  std::vector<const Tokens*> batch;
  for (const Tokens& name : names) batch.push_back(&name);
  PackedBatch packed;
  packed.pack(batch, 26);
  CHECK(static_cast<int>(predictions_of(batch)) == packed.predictions());
}

TEST_CASE("split between threads, the curve is the same: in double to 1e-12") {
  for (const int width : {16, 64}) {
    const Curve expected = plain_curve<double>(width, 13, 20);
    for (const int threads : {1, 2, 3, 5}) {
      CAPTURE(width, threads);
      const Curve mine = curve_of<double>(threads, width, 13, 20);
      CHECK(largest_difference(mine.losses, expected.losses) < 1e-12);
      CHECK(largest_difference(mine.parameters, expected.parameters) < 1e-10);
      CHECK(mine.losses.back() < mine.losses.front());
    }
  }
}

TEST_CASE("split between threads, the first step's gradient is the batch's, to 1e-12") {
  const std::vector<Tokens> names = some_names(40, 9);
  Batches batches(names, names.size(), 5);
  const Batch batch = batches.next();
  const auto whole = trainer_of<double>(32), first = trainer_of<double>(32);
  whole->step(batch, 0.01);
  const auto alone = make_lone_rank();
  DataParallel parallel(
      *first, [] { return trainer_of<double>(32); }, 3, *alone);
  parallel.step(batch, 0.01);
  CHECK(largest_difference(first->gradient().values, whole->gradient().values) < 1e-12);
}

TEST_CASE("split between threads, in float the curve is the same within rounding") {
  const Curve expected = plain_curve<float>(16, 16, 50);
  for (const int threads : {2, 4}) {
    const Curve mine = curve_of<float>(threads, 16, 16, 50);
    CHECK(largest_difference(mine.losses, expected.losses) < 1e-4);
  }
}

TEST_CASE("as many threads as before give the same numbers to the bit, run for run") {
  const Curve once = curve_of<float>(3, 16, 10, 200);
  for (int i = 0; i < 3; ++i) {
    const Curve again = curve_of<float>(3, 16, 10, 200);
    CHECK(again.losses == once.losses);
    CHECK(again.parameters == once.parameters);
  }
}

TEST_CASE("more threads than names: some have nothing to do") {
  const Curve expected = plain_curve<double>(16, 2, 10);
  const Curve mine = curve_of<double>(5, 16, 2, 10);
  CHECK(largest_difference(mine.losses, expected.losses) < 1e-12);
  CHECK(largest_difference(mine.parameters, expected.parameters) < 1e-10);
}

TEST_CASE("the program split between threads: the same NLL, and the options that need it") {
  const auto nll = [](const std::vector<std::string>& extra) {
    const TemporaryDirectory directory;
    std::vector<std::string> arguments = {"--steps", "60",     "--double",
                                          "--batch", "9",      "--samples",
                                          "0",       "--json", directory.file("results.json")};
    arguments.insert(arguments.end(), extra.begin(), extra.end());
    const ladder::Run run = run_built("09_fast_training", arguments);
    CAPTURE(run.err);
    CHECK(run.status == 0);
    return read_json(directory.file("results.json"))["nll"]["val"].get<double>();
  };
  const double expected = nll({});
  CHECK(std::abs(nll({"--data-parallel", "--threads", "2"}) - expected) < 1e-6);
  CHECK(std::abs(nll({"--data-parallel", "--threads", "3", "--merge"}) - expected) < 1e-6);
}
