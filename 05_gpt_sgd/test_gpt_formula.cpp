// The whole model once more, in plain loops over numbers: no tape, no packing, no matrix library.
// Whatever Gpt leaves out or puts in too much, it differs from this.

#include <cmath>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "05_gpt_sgd/gpt.hpp"
#include "common/largest.hpp"

using namespace ladder;
using Catch::Matchers::WithinAbs;

namespace {

using Numbers = std::vector<double>;

Numbers row(const Parameter& p, int i) {
  Numbers numbers;
  for (int j = 0; j < p.value.cols(); ++j) numbers.push_back(p.value(i, j));
  return numbers;
}

Numbers plus(const Numbers& a, const Numbers& b) {
  Numbers sum;
  for (std::size_t i = 0; i < a.size(); ++i) sum.push_back(a.at(i) + b.at(i));
  return sum;
}

double dot(const Numbers& a, const Numbers& b, std::size_t from, std::size_t count) {
  double sum = 0;
  for (std::size_t i = from; i < from + count; ++i) sum += a.at(i) * b.at(i);
  return sum;
}

Numbers times(const Parameter& w, const Numbers& x) {  // W x
  Numbers y;
  for (int i = 0; i < w.value.rows(); ++i) y.push_back(dot(row(w, i), x, 0, x.size()));
  return y;
}

// x / √(mean(x²) + 1e-5), times the gain where the model has gains.
Numbers norm(const Numbers& x, const Parameter* gain) {
  const double mean_square = dot(x, x, 0, x.size()) / static_cast<double>(x.size());
  Numbers y;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double factor = gain == nullptr ? 1 : gain->value(0, static_cast<int>(i));
    y.push_back(x[i] / std::sqrt(mean_square + 1e-5) * factor);
  }
  return y;
}

Numbers softmax(Numbers x) {  // small numbers only
  double total = 0;
  for (double& number : x) total += number = std::exp(number);
  for (double& number : x) number /= total;
  return x;
}

// One name, read letter by letter as microgpt.py does.
class PlainGpt {
 public:
  explicit PlainGpt(const Gpt& gpt) : m_(gpt) {}

  Numbers logits(int token, int position) {
    const bool gains = m_.config().gains;
    Numbers x = plus(row(m_.wte, token), row(m_.wpe, position));
    if (!gains) x = norm(x, nullptr);

    const Numbers h = norm(x, gains ? &m_.attn_norm : nullptr);
    keys_.push_back(times(m_.attn_wk, h));
    values_.push_back(times(m_.attn_wv, h));
    x = plus(x, times(m_.attn_wo, attend(times(m_.attn_wq, h))));

    Numbers hidden = times(m_.mlp_fc1, norm(x, gains ? &m_.mlp_norm : nullptr));
    for (double& number : hidden) number = number > 0 ? number : 0;
    x = plus(x, times(m_.mlp_fc2, hidden));

    return times(m_.lm_head, gains ? norm(x, &m_.final_norm) : x);
  }

 private:
  Numbers attend(const Numbers& query) const {
    const auto n_head = static_cast<std::size_t>(m_.config().n_head);
    const std::size_t head_dim = query.size() / n_head;
    Numbers result;
    for (std::size_t head = 0; head < n_head; ++head) {
      Numbers scores;
      for (const Numbers& key : keys_) {
        scores.push_back(dot(query, key, head * head_dim, head_dim) /
                         std::sqrt(static_cast<double>(head_dim)));
      }
      const Numbers weights = softmax(scores);
      for (std::size_t i = head * head_dim; i < (head + 1) * head_dim; ++i) {
        double sum = 0;
        for (std::size_t t = 0; t < values_.size(); ++t) sum += weights.at(t) * values_[t].at(i);
        result.push_back(sum);
      }
    }
    return result;
  }

  const Gpt& m_;
  std::vector<Numbers> keys_, values_;  // of the positions so far
};

// Every number of it random, gains too: a 1 or a 0 would hide what is ignored.
Gpt random_gpt(int n_head, bool gains) {
  Random random(23);
  Gpt gpt({.vocab_size = 7, .n_head = n_head, .gains = gains},
          [&] { return 0.4 * random.normal(); });
  for (Parameter* gain : {&gpt.attn_norm, &gpt.mlp_norm, &gpt.final_norm}) {
    for (double& number : gain->value.reshaped()) number = 1 + 0.5 * random.normal();
  }
  return gpt;
}

const std::vector<Tokens> names = {
    {5, 0, 0, 3, 5}, {}, {1}, {2, 4, 2, 4, 1, 1, 0, 3, 5, 2, 1, 0, 4, 4, 3}};

}  // namespace

TEST_CASE("the GPT is its formula in plain loops: logits and NLL, every variant") {
  for (const bool gains : {true, false}) {
    for (const int n_head : {1, 2, 4}) {
      CAPTURE(gains, n_head);
      Gpt gpt = random_gpt(n_head, gains);
      std::vector<const Tokens*> batch;
      for (const Tokens& name : names) batch.push_back(&name);
      MatrixTape tape;
      const MatrixMap logits = gpt.forward(tape, pack_names(batch, gpt.bos())).logits.data();

      double nats = 0, predictions = 0;
      Eigen::Index at = 0;  // row of the packed logits
      for (const Tokens& name : names) {
        PlainGpt plain(gpt);
        for (std::size_t t = 0; t <= name.size(); ++t, ++at) {
          CAPTURE(t);
          const Numbers expected =
              plain.logits(t == 0 ? gpt.bos() : name[t - 1], static_cast<int>(t));
          REQUIRE(at < logits.rows());
          CHECK(largest_difference(expected, std::span(&logits(at, 0), 7)) < 1e-12);
          const int target = t < name.size() ? name[t] : gpt.bos();
          nats -= std::log(softmax(expected).at(static_cast<std::size_t>(target)));
          ++predictions;
        }
      }
      CHECK(at == logits.rows());
      CHECK_THAT(gpt.nll(names), WithinAbs(nats / predictions, 1e-12));
      CHECK_THAT(gpt.loss(tape, batch).scalar(), WithinAbs(nats / predictions, 1e-12));
    }
  }
}

TEST_CASE("each gain, and the norm before lm_head, has a say in every logit") {
  Gpt gpt = random_gpt(1, true);
  const auto nll = [&] { return gpt.nll(names); };
  const double before = nll();
  for (Parameter* gain : {&gpt.attn_norm, &gpt.mlp_norm, &gpt.final_norm}) {
    CAPTURE(gain->name);
    const Matrix kept = gain->value;
    gain->value *= 1.5;
    CHECK(std::abs(nll() - before) > 1e-3);
    gain->value = kept;
  }
  // What the norm takes off is not seen any more: all of x may be longer or shorter.
  gpt.final_norm.value /= 2;
  gpt.lm_head.value *= 2;
  CHECK_THAT(nll(), WithinAbs(before, 1e-12));
}
