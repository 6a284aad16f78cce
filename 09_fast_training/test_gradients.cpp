// The gradient of every parameter: the textbook's against central differences and the tape's, the
// fast version's against both.

#include <algorithm>
#include <cmath>

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>

#include "09_fast_training/trainer.hpp"
#include "common/largest.hpp"

using namespace ladder;

namespace {

// Ragged: lengths 0, 1, 15, beginnings in common, a name twice.
const std::vector<Tokens> ragged = {{0},
                                    {4, 12, 12, 0},
                                    {4, 12, 8},
                                    {25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11},
                                    {4, 12, 12, 0},
                                    {},
                                    {0, 13, 13},
                                    {4, 12, 12},
                                    {17, 3, 3, 3, 3, 3, 3, 9},
                                    {0, 13}};

std::vector<const Tokens*> pointers(const std::vector<Tokens>& names) {
  std::vector<const Tokens*> result;
  for (const Tokens& name : names) result.push_back(&name);
  return result;
}

PackedBatch packed(const std::vector<Tokens>& names, int bos, Packing packing = Packing::names) {
  PackedBatch batch;
  batch.pack(pointers(names), bos, packing);
  return batch;
}

// Gains that are not 1, and weights large enough that no gradient is tiny.
GptParameters random_parameters(const GptShape& shape, std::uint64_t seed) {
  Random random(seed);
  GptParameters parameters(shape);
  for (const NamedTensor& tensor : named_tensors(shape)) {
    const double std = 1.2 / std::sqrt(static_cast<double>(tensor.columns));
    for (double& number : parameters.part(tensor)) {
      number = tensor.rows == 1 ? 1 + 0.3 * random.normal() : std * random.normal();
    }
  }
  return parameters;
}

// Of every tensor: largest |a - b| as a part of the tensor's largest |b|. NaN if there is one.
double largest_relative(const GptParameters& a, const GptParameters& b) {
  REQUIRE(a.shape == b.shape);
  double largest = 0;
  for (const NamedTensor& tensor : named_tensors(a.shape)) {
    double most = 0;
    for (const double number : b.part(tensor)) most = larger_or_nan(most, std::abs(number));
    INFO(tensor.name);
    CHECK(most > 0);  // an all-zero gradient would prove nothing
    largest = larger_or_nan(largest, largest_difference(a.part(tensor), b.part(tensor)) / most);
  }
  return largest;
}

struct Result {
  double loss;
  GptParameters gradient;
};

Result run(Trainer& trainer, const PackedBatch& batch) {
  const double loss = trainer.loss_and_gradient(batch);
  return {loss, trainer.gradient()};
}

// Stage 06's: the numbers put into its model, its gradient taken out.
Result tape(const GptParameters& parameters, const std::vector<Tokens>& names) {
  Gpt gpt({.vocab_size = parameters.shape.vocab_size, .n_head = 4, .gains = parameters.shape.gains},
          [] { return 0.0; });
  const auto tensors = named_tensors(parameters.shape);
  const auto all = gpt.parameters();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto numbers = parameters.part(tensors[i]);
    std::copy(numbers.begin(), numbers.end(), all[i]->value.reshaped<Eigen::RowMajor>().begin());
    all[i]->grad.setZero();
  }
  MatrixTape matrix_tape;
  const Var loss = gpt.loss(matrix_tape, pointers(names));
  matrix_tape.backward(loss);
  return {loss.scalar(), gradient_of(gpt)};
}

}  // namespace

TEST_CASE("the textbook's gradient is the tape's, every parameter, both variants") {
  for (const bool gains : {true, false}) {
    const GptParameters parameters = random_parameters({16, 27, gains}, 1);
    const Result expected = tape(parameters, ragged);
    const PackedBatch batch = packed(ragged, 26);
    const Result mine = run(*make_plain_trainer<double>(parameters, {}), batch);
    CHECK(std::abs(mine.loss - expected.loss) < 1e-12);
    CHECK(largest_relative(mine.gradient, expected.gradient) < 1e-11);
    const Result in_float = run(*make_plain_trainer<float>(parameters, {}), batch);
    CHECK(std::abs(in_float.loss - expected.loss) < 1e-5);
    CHECK(largest_relative(in_float.gradient, expected.gradient) < 1e-4);
  }
}

TEST_CASE("the textbook's gradient is the slope, at every width") {
  for (const int width : gpt_widths) {
    const GptParameters parameters = random_parameters({width, 27, width != 64}, 2);
    const auto trainer = make_plain_trainer<double>(parameters, {});
    const PackedBatch batch = packed({ragged[1], ragged[2], ragged[0]}, 26);
    const Result mine = run(*trainer, batch);
    Random random(3);
    for (const NamedTensor& tensor : named_tensors(parameters.shape)) {
      for (int i = 0; i < 8; ++i) {
        const std::size_t at = tensor.offset + random.below(tensor.size());
        const auto nats_at = [&](double step) {
          GptParameters moved = parameters;
          moved.values[at] += step;
          trainer->set_parameters(moved);
          return trainer->nats(batch) / batch.predictions();
        };
        const double slope = (nats_at(1e-5) - nats_at(-1e-5)) / 2e-5;
        INFO(fmt::format("width {}, {}, number {}", width, tensor.name, at));
        CHECK(std::abs(mine.gradient.values[at] - slope) < 1e-7);
      }
    }
  }
}

TEST_CASE("the fast gradient is the textbook's: every width, variant and kind of vectors") {
  for (const int width : gpt_widths) {
    for (const bool gains : {true, false}) {
      const GptParameters parameters = random_parameters({width, 27, gains}, 4);
      const PackedBatch batch = packed(ragged, 26);
      const Result expected = run(*make_plain_trainer<double>(parameters, {}), batch);
      for (const std::string& vectors : vector_names()) {
        CAPTURE(width, gains, vectors);
        const Result exact = run(*make_fast_trainer<double>(parameters, {}, vectors), batch);
        CHECK(std::abs(exact.loss - expected.loss) < 1e-12);
        CHECK(largest_relative(exact.gradient, expected.gradient) < 1e-11);
        const Result fast = run(*make_fast_trainer<float>(parameters, {}, vectors), batch);
        CHECK(std::abs(fast.loss - expected.loss) < 1e-5);
        CHECK(largest_relative(fast.gradient, expected.gradient) < 1e-4);
      }
    }
  }
}
