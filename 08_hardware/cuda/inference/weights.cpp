// The model's matrices, laid out as the versions read them.
#include <cmath>

#include "08_hardware/cuda/inference/packed_weights.hpp"
#include "08_hardware/cuda/inference/v3_persistent_warp.hpp"
#include "08_hardware/cuda/inference/v6_tensor_cores.hpp"

namespace ladder::gpu {
namespace {

template <std::size_t outs, std::size_t ins>
void turn(const float (&rows)[outs][ins], float (&columns)[ins][outs]) {
  for (std::size_t i = 0; i < outs; ++i) {
    for (std::size_t j = 0; j < ins; ++j) columns[j][i] = rows[i][j];
  }
}

void pack_halves(const float (&rows)[n_embd][n_embd], LaneRow (&packed)[8]) {
  for (int j = 0; j < 8; ++j) {
    for (int lane = 0; lane < warp_lanes; ++lane) {
      packed[j][lane] = rows[lane % n_embd][lane / n_embd * 8 + j];
    }
  }
}

using Vector = double[n_embd];

void normalise(Vector& x) {
  double squares = 0;
  for (const double value : x) squares += value * value;
  const double scale = 1 / std::sqrt(squares / n_embd + double{norm_epsilon});
  for (double& value : x) value *= scale;
}

void multiply(const float (&rows)[n_embd][n_embd], const Vector& x, float (&y)[n_embd]) {
  for (int i = 0; i < n_embd; ++i) {
    double sum = 0;
    for (int j = 0; j < n_embd; ++j) sum += double{rows[i][j]} * x[j];
    y[i] = static_cast<float>(sum);
  }
}

PlaceTable::Row row_of(const MicroGpt& model, int token, int position) {
  Vector x;
  for (int i = 0; i < n_embd; ++i) {
    x[i] = double{model.wte[token][i]} + double{model.wpe[position][i]};
  }
  if (!model.final_norm) normalise(x);
  PlaceTable::Row row;
  for (int i = 0; i < n_embd; ++i) row.x[i] = static_cast<float>(x[i]);
  normalise(x);
  multiply(model.attn_wq, x, row.q);
  multiply(model.attn_wk, x, row.k);
  multiply(model.attn_wv, x, row.v);
  return row;
}

}  // namespace

ColumnWeights ColumnWeights::of(const MicroGpt& m) {
  ColumnWeights w;
  std::copy_n(m.wte[0], vocab_size * n_embd, w.wte[0]);
  std::copy_n(m.wpe[0], block_size * n_embd, w.wpe[0]);
  turn(m.attn_wq, w.wq);
  turn(m.attn_wk, w.wk);
  turn(m.attn_wv, w.wv);
  turn(m.attn_wo, w.wo);
  turn(m.mlp_fc1, w.fc1);
  turn(m.mlp_fc2, w.fc2);
  turn(m.lm_head, w.head);
  w.final_norm = m.final_norm ? 1 : 0;
  return w;
}

PackedWeights PackedWeights::of(const MicroGpt& m) {
  PackedWeights w;
  pack_halves(m.attn_wq, w.wq);
  pack_halves(m.attn_wk, w.wk);
  pack_halves(m.attn_wv, w.wv);
  pack_halves(m.attn_wo, w.wo);
  for (int j = 0; j < n_embd; ++j) {
    for (int lane = 0; lane < warp_lanes; ++lane) {
      for (int s = 0; s < 2; ++s) {
        w.fc1[s][j][lane] = m.mlp_fc1[lane + s * warp_lanes][j];
        w.fc2[s][j][lane] = m.mlp_fc2[j][lane + s * warp_lanes];
      }
      w.head[j][lane] = lane < vocab_size ? m.lm_head[lane][j] : 0;
    }
  }
  std::copy_n(m.wte[0], vocab_size * n_embd, w.wte[0]);
  std::copy_n(m.wpe[0], block_size * n_embd, w.wpe[0]);
  w.final_norm = m.final_norm ? 1 : 0;
  return w;
}

std::unique_ptr<PlaceTable> PlaceTable::of(const MicroGpt& model) {
  auto table = std::make_unique<PlaceTable>();
  for (int token = 0; token < vocab_size; ++token) {
    for (int position = 0; position < block_size; ++position) {
      table->rows[token][position] = row_of(model, token, position);
    }
  }
  return table;
}

FragmentWeights FragmentWeights::of(const MicroGpt& m) {
  FragmentWeights w{};
  const auto pack = [](auto& fragments, const auto& rows) {
    const std::size_t depths = std::size(fragments), tiles = std::size(fragments[0]);
    for (std::size_t k = 0; k < depths; ++k) {
      for (std::size_t n = 0; n < tiles; ++n) {
        for (std::size_t lane = 0; lane < warp_lanes; ++lane) {
          const std::size_t out = 8 * n + lane / 4, in = 8 * k + 2 * (lane % 4);
          if (out >= std::size(rows)) continue;
          fragments[k][n][0][lane] = rows[out][in];
          fragments[k][n][1][lane] = rows[out][in + 1];
        }
      }
    }
  };
  pack(w.wo, m.attn_wo);
  pack(w.fc1, m.mlp_fc1);
  pack(w.fc2, m.mlp_fc2);
  pack(w.head, m.lm_head);
  w.final_norm = m.final_norm ? 1 : 0;
  return w;
}

}  // namespace ladder::gpu
