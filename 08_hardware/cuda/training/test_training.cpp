// The kernels of training on emulated blocks: every gradient is stage 06's, whoever does the work
// and in what order.

#include <algorithm>
#include <cmath>

#include <catch2/catch_test_macros.hpp>

#include "06_gpt_adam/trainer.hpp"
#include "08_hardware/cuda/device.hpp"
#include "08_hardware/cuda/training/judge_gradient.hpp"
#include "08_hardware/cuda/training/step.hpp"
#include "08_hardware/cuda/training/trainer.hpp"
#include "common/error.hpp"
#include "common/random.hpp"

using namespace ladder;
using gpu::Emulation;
using gpu::ModelNumbers;
using gpu::Variant;

namespace {

// Lengths 1 and 15, 0, and one that does not fit; one name twice.
const std::vector<Tokens> ragged_names = {
    {0},
    {4, 12, 12, 0},
    {25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11},
    {4, 12, 12, 0},
    {},
    {17, 3, 3, 3, 3, 3, 3, 9},
    {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18}};

std::vector<const Tokens*> pointers_to(const std::vector<Tokens>& names) {
  std::vector<const Tokens*> result;
  for (const Tokens& name : names) result.push_back(&name);
  return result;
}

// Names of random letters, 0 to 15 of them.
std::vector<Tokens> random_names(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<Tokens> names(count);
  for (Tokens& name : names) {
    name.resize(random.below(16));
    for (int& letter : name) letter = static_cast<int>(random.below(26));
  }
  return names;
}

// Weights large enough that no gradient is tiny.
Gpt random_gpt(int width, std::uint64_t seed) {
  Random random(seed);
  const double std = 1.2 / std::sqrt(width);
  return {gpu::trained_config(width), [&] { return std * random.normal(); }};
}

using Gradient = gpu::TapeGradient;

Gradient by_kernels(Gpt& gpt, const std::vector<Tokens>& names, Variant variant,
                    const Emulation& how = {}) {
  const gpu::ModelLayout layout{gpt.config().n_embd};
  const auto trainer = gpu::make_emulated_trainer(layout, gpu::numbers_of(gpt), variant, how);
  const double loss = trainer->step(pointers_to(names), 0.01);
  return {loss, trainer->gradient()};
}

bool same(const Gradient& a, const Gradient& b) {
  return a.loss == b.loss && a.numbers == b.numbers;  // a NaN is not
}

// A machine that does nothing but count.
struct Counter {
  int launches = 0, waits = 0;
  template <class Op>
  void run(const Op& op) {
    if (op.items() > 0) ++launches;
  }
  template <class Op>
  void run_beside(const Op& op) {
    run(op);
  }
  void wait() { ++waits; }
};

}  // namespace

TEST_CASE("training: every gradient of both kinds of step is the tape's, widths 16, 64 and 128") {
  for (const int width : {16, 64, 128}) {
    Gpt gpt = random_gpt(width, 1);
    const auto gradient_is_the_tapes = [&](const std::vector<Tokens>& names) {
      CAPTURE(width, names.size());
      const Gradient expected = gpu::gradient_by_tape(gpt, pointers_to(names));
      for (const Variant variant : {Variant::launch_per_op, Variant::persistent}) {
        const Gradient mine = by_kernels(gpt, names, variant);
        CAPTURE(gpu::name_of(variant));
        CHECK(std::abs(mine.loss - expected.loss) < 1e-5);
        CHECK(gpu::largest_relative(gpt, mine.numbers, expected.numbers) < 1e-4);
      }
    };
    gradient_is_the_tapes(ragged_names);
    if (width == 128) continue;
    gradient_is_the_tapes({ragged_names[0]});
    gradient_is_the_tapes({ragged_names[2]});
    gradient_is_the_tapes({ragged_names[4]});
  }
}

TEST_CASE("training: a gradient whose sum has many chunks is the tape's") {
  Gpt gpt = random_gpt(16, 2);
  for (const std::size_t names : {40, 700}) {  // 64 chunks of 64 positions, and fewer of more
    const auto batch = random_names(names, 3);
    const Gradient expected = gpu::gradient_by_tape(gpt, pointers_to(batch)),
                   mine = by_kernels(gpt, batch, Variant::persistent);
    CAPTURE(names);
    CHECK(std::abs(mine.loss - expected.loss) < 1e-5);
    CHECK(gpu::largest_relative(gpt, mine.numbers, expected.numbers) < 1e-4);
  }
}

TEST_CASE("training: no bit depends on how a step is launched, on blocks, or on who comes first") {
  for (const int width : {16, 64}) {
    Gpt gpt = random_gpt(width, 4);
    const auto names = random_names(9, 5);
    const Gradient first = by_kernels(gpt, names, Variant::launch_per_op);
    CHECK(same(first, by_kernels(gpt, names, Variant::launch_per_op, {.backwards = true})));
    for (const int blocks : {1, 2, 5, 64}) {
      for (const bool backwards : {false, true}) {
        CAPTURE(width, blocks, backwards);
        const Emulation how{.blocks = blocks, .backwards = backwards};
        CHECK(same(first, by_kernels(gpt, names, Variant::persistent, how)));
      }
    }
  }
}

TEST_CASE("training: a step that leaves out any one of its barriers goes wrong") {
  Gpt gpt = random_gpt(64, 6);  // at 16 a block by chance needs no other one's rows for the logits
  const auto names = random_names(9, 7);
  const Gradient right = by_kernels(gpt, names, Variant::persistent);
  for (int barrier = 0; barrier < gpu::waits_a_step; ++barrier) {
    CAPTURE(barrier);
    CHECK(!same(right, by_kernels(gpt, names, Variant::persistent, {.leave_out = barrier})));
  }
  CHECK(same(right, by_kernels(gpt, names, Variant::persistent, {.leave_out = gpu::waits_a_step})));
}

TEST_CASE("training: ten steps with Adam lose what stage 06's lose, widths 16 and 64") {
  for (const int width : {16, 64}) {
    Random draws(8), same_draws(8);
    MatrixTrainer tape(
        vocab_size, [&] { return 0.08 * draws.normal(); }, {.beta1 = 0.85, .beta2 = 0.99}, width);
    Gpt gpt(gpu::trained_config(width), same_draws);
    const auto names = random_names(32, 9);
    const auto launches =
        gpu::make_emulated_trainer({width}, gpu::numbers_of(gpt), Variant::launch_per_op);
    const auto persistent =
        gpu::make_emulated_trainer({width}, gpu::numbers_of(gpt), Variant::persistent);
    Batches batches(names, 12, 10);  // of 12 names: they have other lengths each time
    double first = 0, last = 0;
    for (int step = 0; step < 10; ++step) {
      const double lr = 0.01 * (1 - step / 10.0);
      const auto& batch = batches.next();
      const double expected = tape.train_step(batch, lr);
      last = persistent->step(batch, lr);
      if (step == 0) first = last;
      CAPTURE(width, step);
      CHECK(std::abs(last - expected) < 1e-3);
      CHECK(launches->step(batch, lr) == last);
    }
    CHECK(launches->parameters() == persistent->parameters());
    CHECK(last < first);
  }
}

TEST_CASE("training: a step has as many launches and barriers as is said") {
  Counter counter;
  gpu::StepNumbers numbers{};
  numbers.layout = {64};
  numbers.rows = 100;
  numbers.names = 10;
  gpu::train_step(counter, numbers, {});
  CHECK(counter.launches == gpu::launches_a_step);
  CHECK(counter.waits == gpu::waits_a_step);
}

TEST_CASE("training: there is room for the parts of every batch that is no longer") {
  int most = 0;
  for (int rows = 1; rows <= 70'000; ++rows) {
    most = std::max(most, gpu::chunks_of(rows));
    if (most > gpu::most_chunks_up_to(rows) || gpu::chunks_of(rows) > gpu::most_chunks ||
        gpu::chunk_rows(rows) % gpu::strip_size != 0) {
      FAIL_CHECK(rows);
    }
  }
  CHECK(most == gpu::most_chunks);
}

TEST_CASE("training: rows are packed as stage 05 packs them") {
  const auto pointers = pointers_to(ragged_names);
  const PackedNames expected = pack_names(pointers, bos_token);
  const gpu::PackedRows mine = gpu::pack_rows(pointers);
  std::vector<int> numbers;
  for (const auto* part :
       {&expected.tokens, &expected.positions, &expected.targets, &expected.starts}) {
    numbers.insert(numbers.end(), part->begin(), part->end());
  }
  CHECK(mine.numbers == numbers);
  CHECK(mine.rows == std::ssize(expected.tokens));
  CHECK(mine.names == std::ssize(ragged_names));
}

TEST_CASE("training: a width that no kernel has, or too few numbers, are refused in one line") {
  const ModelNumbers numbers(static_cast<std::size_t>(gpu::ModelLayout{16}.size()));
  for (const int width : {0, 8, 24, 144}) {
    CHECK_THROWS_AS(gpu::make_emulated_trainer({width}, numbers, Variant::persistent), Error);
  }
  CHECK_THROWS_AS(gpu::make_emulated_trainer({32}, numbers, Variant::persistent), Error);
}

TEST_CASE("training: on a GPU every gradient is the tape's, and both kinds of step agree",
          "[hardware]") {
  if (const std::string why_not = gpu::no_device_because(); !why_not.empty()) SKIP(why_not);
  for (const int width : {16, 64, 128}) {
    Gpt gpt = random_gpt(width, 1);
    for (const auto& names : {ragged_names, random_names(700, 2)}) {
      for (const Variant variant : {Variant::launch_per_op, Variant::persistent}) {
        CAPTURE(width, names.size(), gpu::name_of(variant));
        const auto trainer = gpu::make_device_trainer({width}, gpu::numbers_of(gpt), variant);
        CHECK(gpu::largest_gradient_error(*trainer, gpt, pointers_to(names)) < 1e-4);
      }
    }
  }
}
