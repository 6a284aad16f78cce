// Every program that the diary measures computes what the textbook does.
#include <cmath>

#include <catch2/catch_test_macros.hpp>

#include "09_fast_training/study/diary.hpp"
#include "09_fast_training/study/studied_trainer.hpp"
#include "common/largest.hpp"

using namespace ladder;

namespace {

constexpr GptShape shape = {.n_embd = 16, .vocab_size = 27, .gains = false};

// Ragged: lengths 0, 1, 15, beginnings in common, a name twice.
const std::vector<Tokens> names = {
    {0},     {4, 12, 12, 0}, {},      {25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11},
    {4, 12}, {4, 12, 12, 0}, {0, 13}, {1, 2, 3, 5, 6, 7, 8, 9, 10}};

PackedBatch packed(Packing packing) {
  std::vector<const Tokens*> pointers;
  for (const Tokens& name : names) pointers.push_back(&name);
  PackedBatch batch;
  batch.pack(pointers, shape.bos(), packing);
  return batch;
}

// Large enough that no gradient is tiny.
GptParameters random_parameters() {
  Random random(5);
  GptParameters parameters(shape);
  for (double& number : parameters.values) number = 0.3 * random.normal();
  return parameters;
}

// Largest |difference| of the gradients of a batch, as a part of the largest |gradient|, tensor by
// tensor; and that of the losses.
double largest_error(Trainer& trainer, Packing packing) {
  const auto textbook = make_plain_trainer<double>(random_parameters(), {});
  const double expected_loss = textbook->loss_and_gradient(packed(Packing::names));
  const GptParameters expected = textbook->gradient();
  double error = std::abs(trainer.loss_and_gradient(packed(packing)) - expected_loss);
  const GptParameters gradient = trainer.gradient();
  for (const NamedTensor& tensor : named_tensors(shape)) {
    double most = 0;
    for (const double number : expected.part(tensor)) most = larger_or_nan(most, std::abs(number));
    REQUIRE(most > 0);
    error = larger_or_nan(error,
                          largest_difference(gradient.part(tensor), expected.part(tensor)) / most);
  }
  return error;
}

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

TEST_CASE("studied programs: each gradient is the textbook's, in every kind of vectors") {
  for (const std::string& vectors : vector_names()) {
    for (std::size_t i = 0; i < std::size(studied); ++i) {
      const auto program = static_cast<Studied>(i);
      CAPTURE(vectors, i);
      const GptParameters parameters = random_parameters();
      const auto together = make_studied_trainer(program, vectors, parameters, {});
      CHECK(largest_error(*together, Packing::names) < 1e-4);
      CHECK(largest_error(*together, Packing::padded) < 1e-4);
      CHECK(largest_error(*together, Packing::merged) < 1e-4);
      const auto one_by_one = make_name_by_name_trainer(program, vectors, parameters, {});
      CHECK(largest_error(*one_by_one, Packing::names) < 1e-4);
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

TEST_CASE("the diary: what each line measures computes the textbook's gradient") {
  const GptParameters parameters = random_parameters();
  const auto check = [&](const Setup& setup) {
    CHECK(largest_error(*setup.trainer(parameters, {}), setup.packing) < 1e-4);
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
    CHECK_FALSE(experiment.taught.empty());
    check(experiment.tried);
    check(experiment.instead);
  }
}
