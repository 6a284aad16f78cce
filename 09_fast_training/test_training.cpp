// Many steps: the optimizers, the curve of stage 06, microgpt.py's, and what goes wrong.

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "09_fast_training/test_names.hpp"
#include "common/corpus.hpp"
#include "common/error.hpp"
#include "common/test_support.hpp"

using namespace ladder;

namespace {

std::vector<Tokens> some_names() {
  const Corpus corpus = load_corpus();
  return Tokenizer(corpus.rows).encode_all(corpus.rows);
}

// Largest difference between two trainers' losses over so many steps on the same batches.
template <class A, class B>
double largest_gap(long steps, std::size_t batch, double lr, A&& a, B&& b) {
  const std::vector<Tokens> names = some_names();
  Batches batches(names, batch, 3);
  double largest = 0;
  for (long i = 0; i < steps; ++i) {
    const double rate = lr * (1 - static_cast<double>(i) / static_cast<double>(steps));
    const auto& next = batches.next();
    largest = larger_or_nan(largest, std::abs(a(next, rate) - b(next, rate)));
  }
  return largest;
}

// Stage 06's step on its own model, for Adam or SGD.
Step tape_of(Gpt& gpt, const OptimizerOptions& optimizer) {
  const auto adam = std::make_shared<Adam>(optimizer.options);
  return tape_step(
      gpt.parameters(), [&gpt](MatrixTape& tape, Batch batch) { return gpt.loss(tape, batch); },
      [adam, optimizer](std::span<Parameter* const> parameters, double lr) {
        optimizer.adam ? adam->update(parameters, lr) : sgd(parameters, lr);
      });
}

}  // namespace

TEST_CASE("an update is the textbook's, whatever the size of the gradients") {
  const GptParameters first = random_parameters({16, 27, true}, 1);
  for (const bool adam : {true, false}) {
    const OptimizerOptions optimizer = {.adam = adam, .options = {.beta1 = 0.8, .beta2 = 0.9}};
    for (const double scale : {0.0, 1e-12, 1e-8, 1e-4, 1.0, 1e4}) {
      const auto after_three_steps = [&](Trainer& trainer) {
        for (std::uint64_t step = 0; step < 3; ++step) {
          Random random(step);
          std::visit(
              [&](auto gradient) {
                for (std::size_t i = 0; i < first.values.size(); ++i) {
                  gradient[i] = static_cast<float>(scale * random.normal());
                }
              },
              trainer.flat_gradient());
          trainer.update(adam || scale == 0 ? 0.01 : 0.01 / scale);
        }
        return trainer.parameters().values;
      };
      const auto exact = after_three_steps(*make_plain_trainer<double>(first, optimizer));
      const double moved = largest_difference(exact, first.values);
      if (scale == 0) CHECK(moved == 0);
      if (scale >= 1e-8) CHECK(moved > 0.003);
      for (const std::string& vectors : vector_names()) {
        CAPTURE(adam, scale, vectors);
        const auto fast = make_fast_trainer<float>(first, optimizer, vectors);
        CHECK(largest_difference(after_three_steps(*fast), exact) < 1e-6);
        const auto in_double = make_fast_trainer<double>(first, optimizer, vectors);
        CHECK(largest_difference(after_three_steps(*in_double), exact) < 1e-14);
      }
    }
  }
}

// In double, step for step: the largest gap measured was 4e-15. In float, with Adam at 0.01, single
// steps of the thousand were found 3e-3 to 1.6e-2 away from double, so not each step is held within
// 1e-3: the first 50 are within 1e-4, and the curve, a mean of 25 steps a point, within 1e-2.
TEST_CASE("the loss curve is stage 06's for a thousand steps, both variants, both optimizers") {
  const std::vector<Tokens> names = some_names();
  for (const bool gains : {true, false}) {
    for (const bool adam : {true, false}) {
      const OptimizerOptions optimizer = {.adam = adam,
                                          .options = gains ? gpt_adam : microgpt_adam};
      Gpt gpt({.vocab_size = 27, .n_head = 4, .gains = gains}, Random(7));
      const auto in_double = make_fast_trainer<double>(parameters_of(gpt), optimizer);
      const auto in_float = make_fast_trainer<float>(parameters_of(gpt), optimizer);
      const Step tape = tape_of(gpt, optimizer);
      Batches batches(names, 8, 3);
      double largest = 0, largest_at_first = 0, largest_of_curve = 0, sum = 0;
      for (int i = 0; i < 1000; ++i) {
        const double lr = (adam ? 0.01 : 0.3) * (1 - i / 1000.0);
        const auto& batch = batches.next();
        const double loss = tape(batch, lr);
        largest = larger_or_nan(largest, std::abs(in_double->step(batch, lr) - loss));
        const double difference = in_float->step(batch, lr) - loss;
        if (i < 50) largest_at_first = larger_or_nan(largest_at_first, std::abs(difference));
        sum += difference;
        if (i % 25 == 24) {
          largest_of_curve = larger_or_nan(largest_of_curve, std::abs(sum / 25));
          sum = 0;
        }
      }
      CAPTURE(gains, adam);
      CHECK(largest < 1e-9);
      CHECK(largest_at_first < 1e-4);
      CHECK(largest_of_curve < 1e-2);
    }
  }
}

TEST_CASE("the loss curve is the textbook's in every width and kind of vectors") {
  for (const int width : gpt_widths) {
    const GptParameters first = draw_parameters({width, 27, width < 64}, Random(8));
    for (const std::string& vectors : vector_names()) {
      CAPTURE(width, vectors);
      const auto exact = make_plain_trainer<double>(first, {});
      const auto fast = make_fast_trainer<float>(first, {}, vectors);
      CHECK(largest_gap(
                width < 64 ? 40 : 8, 4, 0.005,
                [&](Batch names, double lr) { return exact->step(names, lr); },
                [&](Batch names, double lr) { return fast->step(names, lr); }) < 1e-3);
    }
  }
}

TEST_CASE("merging the names of a batch does not change what is learned") {
  const GptParameters first = draw_parameters({16, 27, false}, Random(9));
  const auto as_they_are = make_fast_trainer<double>(first, {}),
             merged = make_fast_trainer<double>(first, {});
  merged->packing = Packing::merged;
  CHECK(largest_gap(
            100, 32, 0.01, [&](Batch names, double lr) { return as_they_are->step(names, lr); },
            [&](Batch names, double lr) { return merged->step(names, lr); }) < 1e-9);
}

TEST_CASE("NLL is stage 06's, and next_logits gives what sampling needs") {
  std::vector<Tokens> names = some_names();
  names.resize(9000);  // more than is computed at a time
  Gpt gpt({.vocab_size = 27, .n_head = 4, .gains = true}, Random(10));
  for (Parameter* parameter : gpt.parameters()) parameter->value *= 3;
  const double expected = gpt.nll(names);
  for (const std::string& vectors : vector_names()) {
    const auto fast = make_fast_trainer<float>(parameters_of(gpt), {}, vectors);
    CHECK(std::abs(fast->nll(names) - expected) < 1e-5);
    for (const Tokens& so_far : {Tokens{}, Tokens{3}, Tokens{3, 0, 13}}) {
      CHECK(largest_difference(fast->next_logits()(so_far), gpt.next_logits()(so_far)) < 1e-4);
    }
  }
}

TEST_CASE("the learning rate warms up step by step") {
  std::vector<double> rates;
  const Step step = with_warm_up(
      [&](Batch, double lr) {
        rates.push_back(lr);
        return 0.0;
      },
      4);
  for (int i = 0; i < 6; ++i) step({}, 8);
  CHECK(rates == std::vector<double>{2, 4, 6, 8, 8, 8});
}

TEST_CASE("steps that are too long are reported as divergence, from any seed, by any engine") {
  const std::vector<Tokens> names = some_names();
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    for (const double lr : {1e4, 1e30, 1e100}) {
      for (const bool fast : {true, false}) {
        const GptParameters first = draw_parameters({16, 27, seed != 2}, Random(seed));
        const auto trainer =
            fast ? make_fast_trainer<float>(first, {}) : make_plain_trainer<float>(first, {});
        CAPTURE(seed, lr, fast);
        CHECK(message_of<Error>([&] {
                train_batches(
                    names, {.steps = 300, .batch_size = 8, .lr = lr, .seed = seed},
                    [&](Batch batch, double rate) { return trainer->step(batch, rate); }, "");
              }).starts_with("training diverged at step "));
      }
    }
  }
}

TEST_CASE("any seed: no loss is NaN") {
  const std::vector<Tokens> names = some_names();
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto trainer =
        make_fast_trainer<float>(draw_parameters({16, 27, seed % 2 == 0}, Random(seed)), {});
    const TrainingRun run = train_batches(
        names, {.steps = 300, .batch_size = 8, .lr = 0.02, .seed = seed},
        [&](Batch batch, double rate) { return trainer->step(batch, rate); }, "");
    CHECK(run.losses.back() < run.losses.front());
  }
}

TEST_CASE("microgpt.py, step for step and name for name, without a graph", "[nll]") {
  const Corpus corpus = load_corpus();
  if (!corpus.is_canonical()) SKIP("needs the canonical names.txt; set MICROGPT_NAMES to it");
  const Replay published = published_run();
  const auto go_on = [](long, double) { return true; };
  const Replay in_double = replay(corpus.rows, replay_trainer<double>, go_on);
  CHECK(largest_difference(in_double, published) < 1e-9);
  CHECK(in_double.names == published.names);

  // In float a hidden number may come out on the other side of zero, where ReLU's gradient jumps,
  // if it is within rounding of it; some 2 runs of 100 meet one, and differ by 1e-2 in the end. So
  // here are five runs, from weights that differ in their last bits.
  std::vector<double> differences;
  for (int run = 0; run < 5; ++run) {
    const auto trainer_of = [run](int vocab_size, const Gpt::Draw& draw) {
      return replay_trainer<float>(vocab_size, [&draw, run] { return draw() * (1 + 3e-8 * run); });
    };
    differences.push_back(largest_difference(replay(corpus.rows, trainer_of, go_on), published));
    CHECK(differences.back() < 0.1);
  }
  std::sort(differences.begin(), differences.end());
  CHECK(differences[2] < 1e-5);
}

TEST_CASE("vectors that the machine does not have are refused") {
  const GptParameters first = draw_parameters({16, 27, true}, Random(1));
  CHECK(message_of<Error>([&] {
          make_fast_trainer<float>(first, {}, "sve4096");
        }).starts_with("this machine has no vectors 'sve4096'; it has "));
}
