#include "07_fast_inference/one_stream/rows.hpp"

#include <cmath>

#include "common/largest.hpp"

namespace ladder {
inline namespace LADDER_WIDTH {
namespace {

Row make_row(const MicroGpt& model, int token, int position) {
  double x[n_embd], mean = 0;
  for (int i = 0; i < n_embd; ++i) {
    x[i] = static_cast<double>(model.wte[token][i]) + static_cast<double>(model.wpe[position][i]);
    mean += x[i] * x[i] / n_embd;
  }
  // As in columns.cpp: the factor of x, and that of what the query, the key and the value read.
  const double norm = 1 / std::sqrt(mean + 1e-5);
  const double once = model.final_norm ? 1 : norm;
  const double twice = model.final_norm ? norm : 1 / std::sqrt(mean + 1e-5 * (mean + 1e-5));
  const auto product = [&](const float(&weights)[n_embd], double scale) {
    double sum = 0;
    for (int i = 0; i < n_embd; ++i) sum += static_cast<double>(weights[i]) * x[i];
    return static_cast<float>(sum * scale);
  };
  Row row = {};
  for (int i = 0; i < n_embd; ++i) {
    row.query[i] = product(model.attn_wq[head_row(i)], twice * query_scale);
    row.key[i] = product(model.attn_wk[head_row(i)], twice);
    row.value[i] = product(model.attn_wv[head_row(i)], twice);
    row.residual[i] = static_cast<float>(x[i] * once);
  }
  for (int i = 0; i < n_hidden; ++i) row.up[i] = product(model.mlp_fc1[i], once);
  return row;
}

// Adds one position to the sums that attention starts from.
void look_at(Row& row, const Row& past) {
  double weights[n_head] = {};
  for (int i = 0; i < n_embd; ++i) {
    weights[i % n_head] += static_cast<double>(row.query[i]) * static_cast<double>(past.key[i]);
  }
  for (double& weight : weights) weight = std::exp2(weight);
  for (int i = 0; i < n_embd; ++i) {
    row.sum[i] += static_cast<float>(weights[i % n_head] * static_cast<double>(past.value[i]));
    row.total[i] += static_cast<float>(weights[i % n_head]);
  }
}

// The largest |q · k| of any head.
double largest_score(const Row& row, const Row& past) {
  float head[n_head] = {};
  for (int i = 0; i < n_embd; ++i) head[i % n_head] += row.query[i] * past.key[i];
  double largest = 0;
  for (const float score : head) largest = larger_or_nan(largest, std::abs(score));
  return largest;
}

}  // namespace

Rows::Rows(const MicroGpt& model) {
  for (int position = 0; position < block_size; ++position) {
    for (int token = 0; token < vocab_size; ++token) {
      rows_[position][token] = make_row(model, token, position);
    }
  }
  // All scores there can be: every row, with every row that may stand before it.
  double largest = 0;
  const auto row_of = [&](int i) -> const Row& { return at(i % vocab_size, i / vocab_size); };
  for (int row = 0; row < block_size * vocab_size; ++row) {
    const int end = (row / vocab_size + 1) * vocab_size;
    for (int past = 0; past < end; ++past) {
      largest = larger_or_nan(largest, largest_score(row_of(row), row_of(past)));
    }
  }
  bounded_ = largest < 100;  // 16 × 2^100 is far from overflow, 2^-100 from underflow
  for (int position = 0; bounded_ && position < block_size; ++position) {
    for (Row& row : rows_[position]) {
      look_at(row, row);
      if (position > 0) look_at(row, at(bos_token, 0));
    }
  }
}

}  // namespace LADDER_WIDTH
}  // namespace ladder
