#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "03_autograd/check_gradient.hpp"
#include "03_autograd/scalar_microgpt.hpp"
#include "05_gpt_sgd/gpt.hpp"
#include "common/corpus.hpp"
#include "common/largest.hpp"

using namespace ladder;
using Catch::Matchers::WithinAbs;

namespace {

const std::vector<Tokens> few_names = {{0, 3, 1, 3}, {2}, {}, {1, 1, 0, 2, 3, 2}};

// Gains of 1, as a model starts with, would hide one that is ignored.
void randomise_gains(Gpt& gpt) {
  Random random(17);
  for (Parameter* gain : {&gpt.attn_norm, &gpt.mlp_norm, &gpt.final_norm}) {
    for (double& number : gain->value.reshaped()) number = 1 + 0.3 * random.normal();
  }
}

std::vector<const Tokens*> pointers(const std::vector<Tokens>& names) {
  std::vector<const Tokens*> all;
  for (const Tokens& name : names) all.push_back(&name);
  return all;
}

}  // namespace

TEST_CASE("the whole GPT: gradient by central differences, every variant") {
  for (const bool gains : {true, false}) {
    for (const int n_head : {1, 4}) {
      Gpt gpt({.vocab_size = 5, .n_head = n_head, .gains = gains}, Random(3));
      for (Parameter* p : gpt.parameters()) p->value *= 3;  // so that attention matters
      randomise_gains(gpt);
      const auto batch = pointers(few_names);
      CHECK(largest_gradient_error(gpt.parameters(),
                                   [&](MatrixTape& tape) { return gpt.loss(tape, batch); }) < 1e-6);
    }
  }
}

TEST_CASE("the matrix tape's microGPT equals the scalar tape's, loss and gradient") {
  const int width = GENERATE(16, 32);
  ScalarTape scalar_tape;
  Random scalar_random(9), matrix_random(9);
  ScalarMicroGpt scalar(
      scalar_tape, 27, [&] { return 0.2 * scalar_random.normal(); }, width);
  Gpt gpt({.vocab_size = 27, .n_head = 4, .gains = false, .n_embd = width},
          [&] { return 0.2 * matrix_random.normal(); });
  const std::vector<Tokens> names = {{12, 0, 17, 8, 0}};

  const Value scalar_loss = scalar.loss(names[0], 26);
  scalar_tape.backward(scalar_loss);
  MatrixTape tape;
  const auto batch = pointers(names);
  const Var loss = gpt.loss(tape, batch);
  tape.backward(loss);

  CHECK_THAT(loss.scalar(), WithinAbs(scalar_loss.data(), 1e-12));
  std::uint32_t i = 0;
  double largest = 0;
  for (Parameter* p : gpt.parameters()) {
    for (const double grad : p->grad.reshaped<Eigen::RowMajor>()) {
      largest = larger_or_nan(largest, std::abs(grad - Value(&scalar_tape, i++).grad()));
    }
  }
  CHECK(i == scalar.parameter_count());
  CHECK(largest < 1e-12);
}

TEST_CASE("a batch's loss is the mean over its predictions, name by name") {
  Gpt gpt({.vocab_size = 5, .n_head = 1, .gains = true}, Random(3));
  MatrixTape tape;
  double nats = 0;
  for (const Tokens& name : few_names) {
    const Tokens* const alone[] = {&name};
    nats += gpt.loss(tape, alone).scalar() * static_cast<double>(name.size() + 1);
  }
  const double mean = nats / static_cast<double>(count_predictions(few_names));
  CHECK_THAT(gpt.nll(few_names), WithinAbs(mean, 1e-12));
}

TEST_CASE("next_logits is the last row, and name_nll agrees with nll") {
  Gpt gpt({.vocab_size = 5, .n_head = 1, .gains = true}, Random(3));
  const NextLogits next = gpt.next_logits();
  for (const Tokens& name : few_names) {
    CHECK_THAT(name_nll(next, name, gpt.bos(), Gpt::block_size), WithinAbs(gpt.nll({name}), 1e-12));
  }
}

TEST_CASE("parameters: 4,240 with gains, 4,192 without") {
  CHECK(count_numbers(Gpt({27, 1, true}, Random(1)).parameters()) == 4240);
  CHECK(count_numbers(Gpt({27, 4, false}, Random(1)).parameters()) == 4192);
}

TEST_CASE("a name longer than the block is cut as microgpt.py cuts it") {
  const Tokens name(20, 1);
  const Tokens* const batch[] = {&name};
  const PackedNames packed = pack_names(batch, 4);
  CHECK(packed.tokens.size() == Gpt::block_size);
  CHECK(packed.targets.back() == 1);
}

TEST_CASE("the default recipe: NLL 2.11 on the corpus, 2.13 held out", "[nll]") {
  const Corpus corpus = load_corpus();
  const Tokenizer tokenizer(corpus.rows);
  const auto names = tokenizer.encode_all(corpus.rows);
  const auto train = [&](const std::vector<Tokens>& examples) {
    Gpt gpt({tokenizer.vocab_size(), 1, true}, Random(gpt_sgd_plan.seed));
    const auto loss = [&](MatrixTape& tape, Batch batch) { return gpt.loss(tape, batch); };
    train_batches(examples, gpt_sgd_plan, tape_step(gpt.parameters(), loss, sgd), "");
    return gpt;
  };
  SECTION("corpus") { CHECK(train(names).nll(names) <= 2.11); }
  SECTION("held out") {
    const Dataset dataset = split_held_out(names, gpt_sgd_plan.seed);
    CHECK(train(dataset.train).nll(dataset.held_out) <= 2.13);
  }
}
