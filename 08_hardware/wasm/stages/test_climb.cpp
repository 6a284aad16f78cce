// What the tab Climb runs: the stages' own programs, a slice at a time, here and in the module.

#include <cmath>

#include "04_mlp/mlp.hpp"
#include "05_gpt_sgd/gpt.hpp"
#include "06_gpt_adam/recipe.hpp"
#include "08_hardware/wasm/climb/climb.hpp"
#include "08_hardware/wasm/stages/stages_checks.hpp"
#include "common/corpus.hpp"
#include "common/largest.hpp"

using namespace ladder;

namespace {

const std::string names_path = data_path("common/data/ssa2018.txt");

const std::vector<Tokens>& all_names() {
  static const std::vector<Tokens> names = parse_names(read_file(names_path));
  return names;
}

std::vector<std::string> draw(const NextLogits& next_logits, int block_size, int count) {
  Xorshift32 random(42);
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) {
    names.push_back(Tokenizer::canonical().decode(
        sample_name(next_logits, climb_vocab_size - 1, block_size, 1, random)));
  }
  return names;
}

// Losses of the first steps as the stage's own program makes them, one in each fortieth of a plan
// of forty.
std::vector<double> program_losses(int stage) {
  TrainingPlan plan = stage == 4 ? mlp_plan : gpt_adam_plan;
  plan.steps = 40;
  if (stage == 4) {
    Mlp mlp(climb_vocab_size, Random(42));
    const auto examples = make_examples(all_names(), climb_vocab_size - 1);
    const Step step = tape_step(
        mlp.parameters(), [&](MatrixTape& tape, Batch batch) { return mlp_loss(mlp, tape, batch); },
        sgd);
    return train_batches(examples, plan, step, "").losses;
  }
  Gpt gpt({.vocab_size = climb_vocab_size, .n_head = 4, .gains = true}, Random(42));
  Adam adam(gpt_adam);
  const Step step = tape_step(
      gpt.parameters(), [&](MatrixTape& tape, Batch batch) { return gpt.loss(tape, batch); },
      [&](std::span<Parameter* const> parameters, double lr) { adam.update(parameters, lr); });
  return train_batches(all_names(), plan, step, "").losses;
}

double largest_gap(const std::vector<double>& left, const std::vector<double>& right) {
  REQUIRE(left.size() == right.size());
  double largest = 0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    largest = larger_or_nan(largest, std::abs(left[i] - right[i]));
  }
  return largest;
}

}  // namespace

TEST_CASE("wasm: the page reads the names that the programs read, and leaves out other lines") {
  CHECK(all_names() == Tokenizer::canonical().encode_all(builtin_corpus().rows));
  const auto names = parse_names("ab\n\nZoe\nabcdefghijklmno\nabcdefghijklmnop\nx y\nz");
  REQUIRE(names.size() == 3);
  CHECK(names[0] == Tokens{0, 1});
  CHECK(names[1].size() == 15);
  CHECK(names[2] == Tokens{25});
}

TEST_CASE("wasm: the page counts in parts what stage 01 counts at once") {
  Counting counting(all_names());
  counting.more(1);
  CHECK(counting.counted() == 1);
  CHECK(counting.counts().sum() == static_cast<double>(all_names().front().size() + 1));
  while (counting.counted() < all_names().size()) counting.more(5000);
  CHECK(counting.counts() == count_pairs(all_names(), climb_vocab_size));
  CHECK(counting.nll() == add_one_nll(all_names(), all_names(), climb_vocab_size));
}

TEST_CASE("wasm: the page goes downhill as stage 02 does, and keeps tables on the way") {
  const Matrix counts = count_pairs(all_names(), climb_vocab_size);
  const Descent descent = descend(counts, {}, 400);
  const Training training = train(counts, {}, 400, objective_by_hand(counts));
  REQUIRE(descent.losses.size() == 401);
  CHECK(std::abs(descent.losses.front() - std::log(27)) < 1e-12);
  CHECK(descent.losses.back() == training.loss);
  CHECK(descent.logits.back() == training.logits);
  CHECK(descent.steps.front() == 0);
  CHECK(descent.steps.back() == 400);
  CHECK(descent.steps[10] == 10);
  REQUIRE(descent.logits.size() == descent.steps.size());
  for (std::size_t i = 0; i < descent.steps.size(); i += 7) {
    const double loss = cross_entropy(descent.logits[i], counts);
    CHECK(std::abs(loss - descent.losses[static_cast<std::size_t>(descent.steps[i])]) < 1e-12);
  }
  CHECK_FALSE(descent.diverged);
  CHECK(descent.optimum < descent.losses.back());
  CHECK(descend(counts, {.lr = 30}, 400).diverged);
}

TEST_CASE("wasm: the page's stages learn as their own programs do, step by step") {
  for (const int stage : {4, 6}) {
    CAPTURE(stage);
    const auto learner =
        stage == 4 ? mlp_learner(all_names(), 42, 40) : gpt_learner(all_names(), 42, 40);
    CHECK(learner->parameter_count() == (stage == 4 ? 4009u : 4240u));
    std::vector<double> losses;
    for (int i = 0; i < 40; ++i) losses.push_back(learner->step());
    CHECK(largest_gap(losses, program_losses(stage)) < 1e-12);
    CHECK(learner->steps() == 40);
    CHECK(learner->step() == 0);  // the plan is at its end
    CHECK(learner->steps() == 40);
  }
}

TEST_CASE("wasm: the module counts, and goes downhill, as stages 01 and 02 do") {
  const auto json = check("tables", {names_path, "3", "400"});
  const Matrix counts = count_pairs(all_names(), climb_vocab_size);
  CHECK(json["first"] == 1);
  CHECK(json["of"] == all_names().size());
  CHECK(json["table"] == std::vector<double>(counts.data(), counts.data() + counts.size()));
  const double nll = add_one_nll(all_names(), all_names(), climb_vocab_size);
  CHECK(std::abs(json["nll"].get<double>() - nll) < 1e-10);
  const Matrix logs = probabilities_from_counts(counts, 1).array().log();
  CHECK(json["made"] == draw(table_logits(logs), 30, 10));

  const Descent descent = descend(counts, {}, 400);
  CHECK(largest_gap(json["losses"], descent.losses) < 1e-10);
  CHECK(json["steps"] == descent.steps);
  CHECK(std::abs(json["optimum"].get<double>() - descent.optimum) < 1e-10);
  CHECK(json["diverged"] == false);
  const Matrix last = softmax_rows(descent.logits.back());
  CHECK(largest_gap(json["last"], {last.data(), last.data() + last.size()}) < 1e-10);
  CHECK(json["learned"] == draw(table_logits(descent.logits.back()), 30, 10));
  CHECK(json["begun"] == draw(table_logits(descent.logits.front()), 30, 3));
  CHECK(check("tables", {names_path, "30", "400"})["diverged"] == true);
}

TEST_CASE("wasm: the module's stages 04 and 06 learn as the native ones do") {
  for (const int stage : {4, 6}) {
    CAPTURE(stage);
    const auto json = check("learn", {names_path, std::to_string(stage), "40"});
    const auto learner =
        stage == 4 ? mlp_learner(all_names(), 42, 40) : gpt_learner(all_names(), 42, 40);
    std::vector<double> losses;
    for (int i = 0; i < 40; ++i) losses.push_back(learner->step());
    CHECK(json["parameters"] == learner->parameter_count());
    CHECK(largest_gap(json["losses"], losses) < 1e-7);  // sums in another order
    CHECK(std::abs(json["nll"].get<double>() - learner->nll()) < 1e-6);
    CHECK(json["made"].size() == 10);
  }
}

TEST_CASE("wasm: the module's stage 06 learns names: NLL below 2.3 within 800 steps") {
  const auto json = check("learn", {names_path, "6", "800"});
  CHECK(json["losses"].size() == 800);
  CHECK(json["losses"].front().get<double>() > 3.2);
  CHECK(json["nll"].get<double>() < 2.3);
}

TEST_CASE("wasm: the module says what it has not got yet, and takes no more memory for many runs") {
  const auto json = check("bounds", {names_path});
  CHECK(json["messages"].size() == 9);
  for (const std::string message : json["messages"]) check_sentence(message);
  CHECK(json["late"] == json["early"]);
}
