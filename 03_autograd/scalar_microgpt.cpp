#include "03_autograd/scalar_microgpt.hpp"

#include <algorithm>
#include <cmath>

namespace ladder {
namespace {

Value dot(const Value* a, const Value* b, std::size_t n) {
  Value sum = a[0] * b[0];
  for (std::size_t i = 1; i < n; ++i) sum = sum + a[i] * b[i];
  return sum;
}

Value sum_of(const Values& values) {
  Value sum = values[0];
  for (std::size_t i = 1; i < values.size(); ++i) sum = sum + values[i];
  return sum;
}

Values linear(const Values& x, const ValueMatrix& w) {
  Values y;
  y.reserve(w.size());
  for (const Values& row : w) y.push_back(dot(row.data(), x.data(), x.size()));
  return y;
}

Values add(const Values& a, const Values& b) {
  Values sum;
  for (std::size_t i = 0; i < a.size(); ++i) sum.push_back(a[i] + b[i]);
  return sum;
}

Values rmsnorm(const Values& x) {
  const Value mean_square =
      dot(x.data(), x.data(), x.size()) * (1.0 / static_cast<double>(x.size()));
  const Value scale = pow(mean_square + 1e-5, -0.5);
  Values y;
  for (const Value& xi : x) y.push_back(xi * scale);
  return y;
}

}  // namespace

Values softmax(const Values& logits) {
  double largest = logits[0].data();
  for (const Value& logit : logits) largest = std::max(largest, logit.data());
  Values weights;
  for (const Value& logit : logits) weights.push_back(exp(logit + -largest));
  const Value total = sum_of(weights);
  for (Value& weight : weights) weight = weight / total;
  return weights;
}

void ScalarMicroGpt::begin_name() {
  keys_.clear();
  values_.clear();
}

Values ScalarMicroGpt::attention(const Values& x) {
  const Values q = linear(x, attn_wq_);
  keys_.push_back(linear(x, attn_wk_));
  values_.push_back(linear(x, attn_wv_));

  const std::size_t head_dim = x.size() / n_head;
  Values heads;
  for (std::size_t start = 0; start < x.size(); start += head_dim) {
    Values scores;  // one for each position so far
    for (const Values& k : keys_) {
      scores.push_back(dot(&q[start], &k[start], head_dim) * (1 / std::sqrt(head_dim)));
    }
    const Values weights = softmax(scores);
    for (std::size_t i = start; i < start + head_dim; ++i) {
      Value mixed = weights[0] * values_[0][i];
      for (std::size_t t = 1; t < weights.size(); ++t) mixed = mixed + weights[t] * values_[t][i];
      heads.push_back(mixed);
    }
  }
  return linear(heads, attn_wo_);
}

Values ScalarMicroGpt::logits(int token, int position) {
  Values x = rmsnorm(add(wte_[token], wpe_[position]));
  x = add(attention(rmsnorm(x)), x);

  Values hidden = linear(rmsnorm(x), mlp_fc1_);
  for (Value& h : hidden) h = relu(h);
  x = add(linear(hidden, mlp_fc2_), x);

  return linear(x, lm_head_);
}

Value ScalarMicroGpt::loss(const std::vector<int>& name, int bos) {
  begin_name();
  const int predictions = std::min<int>(block_size, static_cast<int>(name.size()) + 1);
  Values losses;
  for (int position = 0; position < predictions; ++position) {
    const int token = position == 0 ? bos : name[position - 1];
    const int target = position < static_cast<int>(name.size()) ? name[position] : bos;
    losses.push_back(-log(softmax(logits(token, position))[target]));
  }
  return sum_of(losses) * (1.0 / predictions);
}

}  // namespace ladder
