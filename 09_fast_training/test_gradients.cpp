// The gradient of every parameter: the textbook's against the tape's and the slope, the fast
// version's against the textbook's.

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>

#include "09_fast_training/test_names.hpp"

using namespace ladder;

namespace {

// Stage 06's: the numbers put into its model, its gradient taken out.
Gradient gradient_by_tape(const GptParameters& parameters, const std::vector<Tokens>& names) {
  Gpt gpt({.vocab_size = parameters.shape.vocab_size, .n_head = 4, .gains = parameters.shape.gains},
          [] { return 0.0; });
  const auto tensors = named_tensors(parameters.shape);
  const auto all = gpt.parameters();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto numbers = parameters.part(tensors[i]);
    std::copy(numbers.begin(), numbers.end(), all[i]->value.reshaped<Eigen::RowMajor>().begin());
    all[i]->grad.setZero();
  }
  MatrixTape tape;
  const Var loss = gpt.loss(tape, pointers_to(names));
  tape.backward(loss);
  return {loss.scalar(), gradient_of(gpt)};
}

void check_close(const Gradient& mine, const Gradient& expected, double loss, double gradient) {
  CHECK(std::abs(mine.loss - expected.loss) < loss);
  CHECK(largest_relative(mine.parts, expected.parts) < gradient);
}

}  // namespace

TEST_CASE("the textbook's gradient is the tape's, every parameter, both variants") {
  for (const bool gains : {true, false}) {
    for (const std::vector<Tokens>& names :
         {ragged_names, {ragged_names[0]}, {ragged_names[3]}, {ragged_names[5]}}) {
      const GptParameters parameters = random_parameters({16, 27, gains}, 1);
      const Gradient expected = gradient_by_tape(parameters, names);
      CAPTURE(gains, names.size());
      const PackedBatch batch = packed(names);
      check_close(gradient_by(*make_plain_trainer<double>(parameters, {}), batch), expected, 1e-12,
                  1e-9);
      check_close(gradient_by(*make_plain_trainer<float>(parameters, {}), batch), expected, 1e-5,
                  1e-4);
    }
  }
}

TEST_CASE("the textbook's gradient is the slope, at every width") {
  for (const int width : gpt_widths) {
    const GptParameters parameters = random_parameters({width, 27, width != 64}, 2);
    const auto trainer = make_plain_trainer<double>(parameters, {});
    const PackedBatch batch = packed({ragged_names[1], ragged_names[2], ragged_names[0]});
    const Gradient mine = gradient_by(*trainer, batch);
    Random random(3);
    for (const NamedTensor& tensor : named_tensors(parameters.shape)) {
      for (int i = 0; i < 8; ++i) {
        const std::size_t at = tensor.offset + random.below(tensor.size());
        const auto loss_at = [&](double step) {
          GptParameters moved = parameters;
          moved.values[at] += step;
          trainer->set_parameters(moved);
          return trainer->nats(batch) / batch.predictions();
        };
        const double slope = (loss_at(1e-5) - loss_at(-1e-5)) / 2e-5;
        INFO(fmt::format("width {}, {}, number {}", width, tensor.name, at));
        CHECK(std::abs(mine.parts.values[at] - slope) < 1e-7);
      }
    }
  }
}

TEST_CASE("the fast gradient is the textbook's: every width, variant and kind of vectors") {
  for (const int width : gpt_widths) {
    for (const bool gains : {true, false}) {
      const GptParameters parameters = random_parameters({width, 27, gains}, 4);
      for (const std::vector<Tokens>& names :
           {ragged_names, {ragged_names[0]}, {ragged_names[3]}, {ragged_names[5]}}) {
        const PackedBatch batch = packed(names);
        const Gradient expected = gradient_by(*make_plain_trainer<double>(parameters, {}), batch);
        for (const std::string& vectors : vector_names()) {
          CAPTURE(width, gains, names.size(), vectors);
          check_close(gradient_by(*make_fast_trainer<double>(parameters, {}, vectors), batch),
                      expected, 1e-12, 1e-9);
          check_close(gradient_by(*make_fast_trainer<float>(parameters, {}, vectors), batch),
                      expected, 1e-5, 1e-4);
        }
      }
    }
  }
}

TEST_CASE("the fast gradient is the textbook's for other alphabets") {
  for (const int vocab_size : {2, 15, 16, 17, 32, 33, 48, 256}) {
    const GptParameters parameters = random_parameters({16, vocab_size, true}, 5);
    const int last = vocab_size - 2;
    const PackedBatch batch =
        packed({{0, last, last}, {last, 0, 0, 0, last}, {}, {last / 2}}, vocab_size - 1);
    const Gradient expected = gradient_by(*make_plain_trainer<double>(parameters, {}), batch);
    for (const std::string& vectors : vector_names()) {
      CAPTURE(vocab_size, vectors);
      check_close(gradient_by(*make_fast_trainer<double>(parameters, {}, vectors), batch), expected,
                  1e-12, 1e-9);
      check_close(gradient_by(*make_fast_trainer<float>(parameters, {}, vectors), batch), expected,
                  1e-5, 1e-4);
    }
  }
}

TEST_CASE("a name in a batch has the loss that it has alone: no name sees another") {
  const GptParameters parameters = random_parameters({32, 27, false}, 6);
  for (const bool fast : {false, true}) {
    const auto trainer = fast ? make_fast_trainer<double>(parameters, {})
                              : make_plain_trainer<double>(parameters, {});
    double alone = 0;
    for (const Tokens& name : ragged_names) alone += trainer->nats(packed({name}));
    CHECK(std::abs(trainer->nats(packed(ragged_names)) - alone) < 1e-10);
  }
}

TEST_CASE("padding costs rows and changes nothing, merging saves them and changes nothing") {
  for (const int width : gpt_widths) {
    const GptParameters parameters = random_parameters({width, 27, width < 64}, 7);
    for (const bool fast : {false, true}) {
      const auto trainer = fast ? make_fast_trainer<double>(parameters, {})
                                : make_plain_trainer<double>(parameters, {});
      const Gradient expected = gradient_by(*trainer, packed(ragged_names));
      for (const Packing packing : {Packing::padded, Packing::merged}) {
        CAPTURE(width, fast, static_cast<int>(packing));
        check_close(gradient_by(*trainer, packed(ragged_names, 26, packing)), expected, 1e-12,
                    1e-9);
      }
    }
  }
}

TEST_CASE("the parts of a batch add up to its gradient, for which machines split it") {
  const GptParameters parameters = random_parameters({16, 27, true}, 8);
  const std::vector<Tokens> front(ragged_names.begin(), ragged_names.begin() + 4);
  const std::vector<Tokens> back(ragged_names.begin() + 4, ragged_names.end());
  for (const bool fast : {false, true}) {
    const auto trainer = fast ? make_fast_trainer<double>(parameters, {})
                              : make_plain_trainer<double>(parameters, {});
    const PackedBatch all = packed(ragged_names);
    const Gradient expected = gradient_by(*trainer, all);
    double loss = trainer->loss_and_gradient(packed(front), all.predictions());
    loss += trainer->loss_and_gradient(packed(back), all.predictions(), true);
    check_close({loss, trainer->gradient()}, expected, 1e-12, 1e-9);
    trainer->loss_and_gradient(all);  // and nothing of it is left
    check_close({loss, trainer->gradient()}, expected, 1e-12, 1e-9);
  }
}
