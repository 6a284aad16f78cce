#include "09_fast_training/wasm/session.hpp"

#include <algorithm>
#include <cmath>

#include "09_fast_training/model/merged_nll.hpp"
#include "common/random.hpp"

namespace ladder {
namespace {

constexpr std::size_t least_names = 10;  // of which one is held out, as split_held_out() has it

// In alphabetical order, each name once. (Of pointers, as everywhere in this module: a sort by
// itself is 4 KB.)
std::vector<Tokens> in_order(std::vector<Tokens> names) {
  std::vector<const Tokens*> sorted;
  for (const Tokens& name : names) sorted.push_back(&name);
  std::sort(sorted.begin(), sorted.end(), Alphabetical());
  std::vector<Tokens> result;
  for (const Tokens* name : sorted) {
    if (result.empty() || *name != result.back()) result.push_back(*name);
  }
  return result;
}

}  // namespace

bool Session::fail(std::string_view what) {
  error_.clear() << what;
  return false;
}

bool Session::set_names(std::string_view bytes) {
  WordList words;
  if (!parse_words(bytes, words, error_.clear())) return false;
  words.names = in_order(std::move(words.names));
  if (words.names.size() < least_names) {
    error_.clear() << words.names.size()
                   << " different names are too few to hold some out; 10 is the least";
    return false;
  }
  batches_.reset();
  model_.reset();
  words_ = std::move(words);
  dataset_ = {std::move(words_.names), {}};
  return true;
}

// As split_held_out(): sorted, each name once, shuffled, and cut after nine tenths.
void Session::split(std::uint64_t seed) {
  std::vector<Tokens>& all = dataset_.train;
  for (Tokens& name : dataset_.held_out) all.push_back(std::move(name));
  all = in_order(std::move(all));
  Random random(seed);
  random.shuffle(all);
  const std::size_t cut = all.size() * 9 / 10;
  dataset_.held_out.clear();
  for (std::size_t i = cut; i < all.size(); ++i) dataset_.held_out.push_back(std::move(all[i]));
  all.erase(all.begin() + static_cast<std::ptrdiff_t>(cut), all.end());
}

void Session::fresh_model() {
  const GptShape shape = {
      .n_embd = 16, .vocab_size = static_cast<int>(words_.letters.size()) + 1, .gains = false};
  model_.reset();  // first, so that its memory is used again
  model_ = std::make_unique<FastModel<float>>(
      shape, OptimizerOptions{.adam = true, .options = adam_}, kernels_);
  watch_ = {};
  steps_ = 0;
  loss_ = 0;
  diverged_ = false;
}

bool Session::check(const Pace& pace) {
  // Asked the other way round, a NaN would pass.
  if (!(pace.lr > 0 && pace.lr < 1e30)) return fail("the learning rate must be a number above 0");
  if (pace.batch_size < 1 || pace.batch_size > 1024) {
    return fail("a batch has 1 to 1024 names");
  }
  if (pace.steps < 1) return fail("a run has at least one step");
  return true;
}

bool Session::restart(std::uint64_t seed, const Pace& pace, const AdamOptions& adam) {
  if (words_.letters.empty()) return fail("there are no names to learn from yet");
  const auto is_beta = [](double beta) { return beta >= 0 && beta < 1; };
  if (!is_beta(adam.beta1) || !is_beta(adam.beta2)) {
    return fail("Adam's betas are numbers from 0 to below 1");
  }
  if (!check(pace)) return false;
  pace_ = pace;
  adam_ = adam;
  batches_.reset();
  split(seed);
  batches_ = std::make_unique<Batches>(dataset_.train, 1, seed);
  fresh_model();
  Random random(seed);
  draw_numbers(
      model_->shape(), [&random] { return first_std * random.normal(); },
      [&](std::size_t at, double number) {
        model_->parameters().data()[at] = static_cast<float>(number);
      });
  return true;
}

bool Session::set_pace(const Pace& pace) {
  if (!check(pace)) return false;
  pace_ = pace;
  return true;
}

StepResult Session::step() {
  if (diverged_ || !running() || steps_ >= pace_.steps) return StepResult::finished;
  const double left = 1 - static_cast<double>(steps_) / static_cast<double>(pace_.steps);
  names_.clear();
  while (names_.size() < pace_.batch_size) names_.push_back(batches_->next().front());
  batch_.pack(names_, model_->shape().bos(), pace_.merge ? Packing::merged : Packing::names);
  loss_ = model_->differentiate(batch_, batch_.predictions(), false);
  model_->update(pace_.lr * left);
  ++steps_;
  diverged_ = watch_.diverged(loss_);
  return diverged_ ? StepResult::diverged : StepResult::made;
}

double Session::held_out_nll() const {
  constexpr std::size_t part = 512;  // names at a time: a few megabytes of matrices
  return merged_nll(dataset_.held_out, model_->shape().bos(), part,
                    [this](const PackedBatch& batch) { return model_->nats(batch); });
}

bool Session::sample(double temperature, Xorshift32& random, Tokens& name) {
  if (!(temperature >= 0 && temperature < 1e30)) {
    return fail("the temperature must be a number, 0 or above");
  }
  const GptShape& shape = model_->shape();
  if (name.size() >= GptShape::block_size) return fail("a beginning has at most 15 letters");
  for (const int letter : name) {
    if (letter < 0 || letter >= shape.bos()) return fail("a beginning is letters of the alphabet");
  }
  const Tokens* const names[] = {&name};
  PackedBatch batch;
  double weights[256];
  const std::span<double> of_letters(weights, static_cast<std::size_t>(shape.vocab_size));
  while (name.size() < GptShape::block_size) {
    batch.pack(names, shape.bos());
    const float* const logits = model_->last_logits(batch);
    const float* const end = logits + shape.vocab_size;
    for (const float* logit = logits; logit < end; ++logit) {
      if (!std::isfinite(*logit)) return fail("the model's logits are not numbers: it diverged");
    }
    const float* const largest = std::max_element(logits, end);
    const double u = static_cast<double>(random.uniform());
    auto token = static_cast<int>(largest - logits);
    if (temperature > 0) {
      for (std::size_t i = 0; i < of_letters.size(); ++i) {
        of_letters[i] = std::exp((static_cast<double>(logits[i]) - *largest) / temperature);
      }
      token = sample_index(of_letters, u);
    }
    if (token == shape.bos()) break;
    name.push_back(token);
  }
  return true;
}

bool Session::set_weights(const float* weights, std::size_t count) {
  if (!running()) return fail("there is no model yet to take weights");
  if (count != TensorOffsets(model_->shape()).size) {
    return fail("these are not as many weights as this model has");
  }
  if (!std::all_of(weights, weights + count, [](float x) { return std::isfinite(x); })) {
    return fail("the weights hold a NaN or an infinity");
  }
  fresh_model();
  std::copy(weights, weights + count, model_->parameters().data());
  return true;
}

}  // namespace ladder
