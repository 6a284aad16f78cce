// Every program that the diary measures computes what the textbook does.
#include <cmath>

#include <catch2/catch_test_macros.hpp>

#include "09_fast_training/study/diary.hpp"
#include "09_fast_training/study/studied_trainer.hpp"
#include "09_fast_training/test_names.hpp"

using namespace ladder;

namespace {

constexpr GptShape shape = {.n_embd = 16, .vocab_size = 27, .gains = false};

// One of them longer than the block.
std::vector<Tokens> some_names() {
  std::vector<Tokens> names = ragged_names;
  names.push_back(Tokens(20, 3));
  return names;
}

// What a trainer must give: the textbook's in double precision.
struct Expected {
  explicit Expected(const GptShape& shape)
      : first(random_parameters(shape, 5)),
        textbook(make_plain_trainer<double>(first, {})),
        gradient(gradient_by(*textbook, packed(some_names()))) {
    for (int step = 0; step < 20; ++step) {
      losses.push_back(textbook->step(pointers_to(some_names()), 0.003));
    }
  }

  GptParameters first;
  std::unique_ptr<Trainer> textbook;
  Gradient gradient;
  std::vector<double> losses;  // of twenty steps

  void check(Trainer& trainer, Packing packing) const {
    const Gradient mine = gradient_by(trainer, packed(some_names(), shape.bos(), packing));
    CHECK(std::abs(mine.loss - gradient.loss) < 1e-5);
    CHECK(largest_relative(mine.parts, gradient.parts) < 1e-4);
    trainer.packing = packing;
    std::vector<double> its_losses;
    for (int step = 0; step < 20; ++step) {
      its_losses.push_back(trainer.step(pointers_to(some_names()), 0.003));
    }
    CHECK(largest_difference(its_losses, losses) < 1e-3);
  }
};

const Kernels<float>& kernels(std::size_t index, const std::string& vectors) {
#if defined(__x86_64__)
  if (vectors == "avx2") return studied_avx2(index);
  if (vectors == "avx512") return studied_avx512(index);
#endif
  (void)vectors;
  return studied_plain_vectors(index);
}

}  // namespace

TEST_CASE("studied programs: no two are the same, and one is the engine") {
  for (std::size_t i = 0; i < std::size(studied); ++i) {
    for (std::size_t j = 0; j < i; ++j) CHECK_FALSE(studied[i] == studied[j]);
  }
  CHECK(studied[static_cast<std::size_t>(Studied::fast_adam)] == Variant{});
}

TEST_CASE("studied programs: gradients and steps are the textbook's, in every kind of vectors") {
  for (const bool gains : {true, false}) {
    const Expected expected({.n_embd = 16, .vocab_size = 27, .gains = gains});
    for (const std::string& vectors : vector_names()) {
      for (std::size_t i = 0; i < std::size(studied); ++i) {
        const auto program = static_cast<Studied>(i);
        CAPTURE(gains, vectors, i);
        for (const Packing packing : {Packing::names, Packing::padded, Packing::merged}) {
          expected.check(*make_studied_trainer(program, vectors, expected.first, {}), packing);
        }
        expected.check(*make_name_by_name_trainer(program, vectors, expected.first, {}),
                       Packing::names);
      }
    }
  }
}

TEST_CASE("studied programs: each Adam moves as its formula says") {
  constexpr std::size_t size = 64;
  const AdamStep step = {
      .beta1 = 0.85, .beta2 = 0.99, .epsilon = 1e-8, .lr = 0.01, .m_scale = 2, .v_scale = 30};
  for (const std::string& vectors : vector_names()) {
    for (std::size_t i = 0; i < std::size(studied); ++i) {
      CAPTURE(vectors, i);
      Random random(i);
      alignas(64) float parameters[size], gradient[size], m[size], v[size];
      double expected[size], moved_m[size], moved_v[size];
      for (std::size_t j = 0; j < size; ++j) {
        const auto draw = [&] { return static_cast<float>(random.normal()); };
        parameters[j] = draw(), gradient[j] = draw(), m[j] = draw(), v[j] = std::abs(draw());
        if (j == 0) gradient[j] = m[j] = v[j] = 0;  // a letter that no name has
        moved_m[j] = step.beta1 * m[j] + (1 - step.beta1) * gradient[j];
        moved_v[j] = step.beta2 * v[j] + (1 - step.beta2) * gradient[j] * gradient[j];
        expected[j] = parameters[j] - step.lr * moved_m[j] * step.m_scale /
                                          (std::sqrt(moved_v[j] * step.v_scale) + step.epsilon);
      }
      kernels(i, vectors).adam(parameters, gradient, m, v, size, step);
      for (std::size_t j = 0; j < size; ++j) {
        CHECK(std::abs(parameters[j] - expected[j]) < 1e-6);
        CHECK(std::abs(m[j] - moved_m[j]) < 1e-6);
        CHECK(std::abs(v[j] - moved_v[j]) < 1e-6);
      }
    }
  }
}

TEST_CASE("the diary: what each line measures computes what the textbook does") {
  const Expected expected(shape);
  const auto check = [&](const Setup& setup) {
    expected.check(*setup.trainer(expected.first, {}), setup.packing);
  };
  const auto steps = diary_steps();
  CHECK(steps.size() >= 8);
  REQUIRE(steps.front().setup.trainer);
  REQUIRE(steps.back().setup.trainer);
  for (const DiaryStep& step : steps) {
    CAPTURE(step.name);
    CHECK_FALSE(step.expected.empty());
    CHECK_FALSE(step.taught.empty());
    if (step.setup.trainer) check(step.setup);
  }
  CHECK(experiments().size() >= 3);
  for (const Experiment& experiment : experiments()) {
    CAPTURE(experiment.key);
    CHECK_FALSE(experiment.expected.empty());
    CHECK_FALSE(experiment.taught.empty());
    check(experiment.tried);
    check(experiment.instead);
  }
}
