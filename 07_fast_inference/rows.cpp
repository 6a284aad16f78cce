#include "07_fast_inference/rows.hpp"

#include <algorithm>

namespace ladder {
namespace {

Row make_row(const MicroGpt& model, int token, int position) {
  double x[n_embd], mean = 0;
  for (int i = 0; i < n_embd; ++i) {
    x[i] = static_cast<double>(model.wte[token][i]) + static_cast<double>(model.wpe[position][i]);
    mean += x[i] * x[i] / n_embd;
  }
  const double once = 1 / std::sqrt(mean + 1e-5);
  const double twice = 1 / std::sqrt(mean + 1e-5 * (mean + 1e-5));
  const auto product = [&](const float(&weights)[n_embd], double scale) {
    double sum = 0;
    for (int i = 0; i < n_embd; ++i) sum += static_cast<double>(weights[i]) * x[i];
    return static_cast<float>(sum * scale);
  };
  Row row;
  for (int i = 0; i < n_embd; ++i) {
    row.query[i] = product(model.attn_wq[head_row(i)], twice * query_scale);
    row.key[i] = product(model.attn_wk[head_row(i)], twice);
    row.value[i] = product(model.attn_wv[head_row(i)], twice);
    row.residual[i] = static_cast<float>(x[i] * once);
  }
  for (int i = 0; i < n_hidden; ++i) row.up[i] = product(model.mlp_fc1[i], once);
  return row;
}

// The longest query or key of one head: |q · k| cannot exceed the product of the two.
float longest(const float (&x)[16]) {
  float most = 0;
  for (int head = 0; head < n_head; ++head) {
    float squares = 0;
    for (int i = 0; i < head_dim; ++i) squares += x[4 * i + head] * x[4 * i + head];
    most = std::max(most, std::sqrt(squares));
  }
  return most;
}

}  // namespace

Rows::Rows(const MicroGpt& model) {
  float query = 0, key = 0;
  for (int position = 0; position < block_size; ++position) {
    for (int token = 0; token < vocab_size; ++token) {
      Row& row = rows_[position][token];
      row = make_row(model, token, position);
      query = std::max(query, longest(row.query));
      key = std::max(key, longest(row.key));
    }
  }
  bounded_ = query * key < 100;  // 16 × 2^100 is far from overflow, 2^-100 from underflow
}

}  // namespace ladder
