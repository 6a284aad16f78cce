#pragma once
/// \file
/// v3 adds to v2: no launch at all but one. A single warp stays on the chip for the whole run, with
/// weights and past in shared memory; lanes pass numbers by shuffles, and the draw is made where
/// the logits are. What is left is work: but an output has a lane, and 16 outputs leave 16 lanes
/// idle.

#include <algorithm>

#include "07_fast_inference/model/model.hpp"
#include "08_hardware/cuda/inference/job.hpp"
#include "08_hardware/cuda/warp/collectives.hpp"

namespace ladder::gpu {

/// The matrices turned, [in][out]: lanes are outputs, and read 16 or 32 floats side by side, each
/// from a bank of its own.
struct ColumnWeights {
  float wte[vocab_size][n_embd];
  float wpe[block_size][n_embd];
  float wq[n_embd][n_embd];
  float wk[n_embd][n_embd];
  float wv[n_embd][n_embd];
  float wo[n_embd][n_embd];
  float fc1[n_embd][n_hidden];
  float fc2[n_hidden][n_embd];
  float head[n_embd][vocab_size];
  int final_norm;

  /// Turns the model's matrices.
  static ColumnWeights of(const MicroGpt& model);
};

/// Row length of keys and values: a lane is a position when it reads keys, so rows must begin in
/// different banks.
inline constexpr int past_row = n_embd + 1;

/// What one block holds.
struct PersistentShared {
  ColumnWeights weights;
  float keys[block_size][past_row];
  float values[block_size][past_row];
};

/// The model, for one warp.
template <class Warp>
class PersistentModel {
 public:
  using Float = typename Warp::Float;

  /// \param shared  the weights are in it
  LADDER_DEVICE explicit PersistentModel(PersistentShared& shared) : s_(shared) {}

  /// Keys and values, from where they were kept. (block_size, n_embd) each
  LADDER_DEVICE void load_past(Warp& warp, const float* past) {
    copy_past(warp, [&](float* row, const auto& lane, int at) {
      warp.store(row, lane, warp.load(past + at, lane));
    });
    warp.sync();
  }

  /// And back.
  LADDER_DEVICE void store_past(Warp& warp, float* past) {
    copy_past(warp, [&](float* row, const auto& lane, int at) {
      warp.store(past + at, lane, warp.load(row, lane));
    });
  }

  /// Feeds a token. \returns lane i: the logit of token i
  LADDER_DEVICE Float step(Warp& warp, int token, int position) {
    const auto lane = warp.lane();
    const auto is_out = lane < n_embd;
    const ColumnWeights& w = s_.weights;

    // x = wte[token] + wpe[position]; lane i has x[i], those above 0.
    Float x = 0.0f;
    warp.part(Part::norms);
    warp.when(is_out,
              [&] { x = warp.load(w.wte[token], lane) + warp.load(w.wpe[position], lane); });
    if (w.final_norm == 0) x = normed(warp, x);

    // x += wo · attention(norm(x))
    const Float h = normed(warp, x);
    warp.part(Part::matrices);
    Float q = 0.0f, k = 0.0f, v = 0.0f;
    for (int j = 0; j < n_embd; ++j) {
      const Float in = warp.shuffle(h, j);
      warp.when(is_out, [&] {
        q = fused(warp.load(w.wq[j], lane), in, q);
        k = fused(warp.load(w.wk[j], lane), in, k);
        v = fused(warp.load(w.wv[j], lane), in, v);
      });
    }
    warp.part(Part::attention);
    warp.sync();  // no lane still reads the last name's past
    warp.when(is_out, [&] {
      warp.store(s_.keys[position], lane, k);
      warp.store(s_.values[position], lane, v);
    });
    warp.sync();
    const Float attended = attend(warp, q, position);
    warp.part(Part::matrices);
    for (int j = 0; j < n_embd; ++j) {
      const Float in = warp.shuffle(attended, j);
      warp.when(is_out, [&] { x = fused(warp.load(w.wo[j], lane), in, x); });
    }

    // x += fc2 · relu(fc1 · norm(x)); a lane has hidden numbers lane and lane + 32.
    const Float n = normed(warp, x);
    warp.part(Part::matrices);
    Float low = 0.0f, high = 0.0f;
    for (int j = 0; j < n_embd; ++j) {
      const Float in = warp.shuffle(n, j);
      low = fused(warp.load(w.fc1[j], lane), in, low);
      high = fused(warp.load(w.fc1[j] + warp_lanes, lane), in, high);
    }
    low = larger(low, Float(0.0f));
    high = larger(high, Float(0.0f));
    for (int j = 0; j < warp_lanes; ++j) {
      const Float first = warp.shuffle(low, j), second = warp.shuffle(high, j);
      warp.when(is_out, [&] {
        x = fused(warp.load(w.fc2[j], lane), first, x);
        x = fused(warp.load(w.fc2[j + warp_lanes], lane), second, x);
      });
    }

    // logits = lm_head · x
    if (w.final_norm != 0) x = normed(warp, x);
    warp.part(Part::matrices);
    Float logit = 0.0f;
    for (int j = 0; j < n_embd; ++j) {
      const Float in = warp.shuffle(x, j);
      warp.when(lane < vocab_size, [&] { logit = fused(warp.load(w.head[j], lane), in, logit); });
    }
    return logit;
  }

 private:
  // x / √(mean(x²) + ε); lanes above n_embd have 0, and so add nothing.
  static LADDER_DEVICE Float normed(Warp& warp, const Float& x) {
    warp.part(Part::norms);
    const Float squares = sum_over(warp, x * x, warp_lanes);
    return x * rsqrt_of(fused(squares, Float(1.0f / n_embd), Float(norm_epsilon)));
  }

  // Head after head: a lane is a position for scores and weights, an output for the sums.
  LADDER_DEVICE Float attend(Warp& warp, const Float& q, int position) {
    const auto lane = warp.lane();
    const auto is_past = lane <= position;
    Float attended = 0.0f;
    for (int head = 0; head < n_head; ++head) {
      Float score = 0.0f;
      for (int d = head * head_dim; d < (head + 1) * head_dim; ++d) {
        const Float query = warp.shuffle(q, d);
        warp.when(is_past, [&] {
          score = fused(query, warp.load(&s_.keys[0][0] + d, lane * past_row), score);
        });
      }
      // exp(score / √head_dim), as a power of 2
      score = pick(is_past, score * Float(log2_of_e / 2), Float(-3.0e38f));
      const Float top = largest_over(warp, score, warp_lanes);
      Float weight = 0.0f;
      warp.when(is_past, [&] { weight = exp2_of(score - top); });
      weight = weight * reciprocal(sum_over(warp, weight, warp_lanes));
      const auto is_of_head = (lane >> 2) == head;
      for (int t = 0; t <= position; ++t) {
        const Float of_t = warp.shuffle(weight, t);
        warp.when(is_of_head,
                  [&] { attended = fused(of_t, warp.load(s_.values[t], lane), attended); });
      }
    }
    return attended;
  }

  template <class Copy>
  LADDER_DEVICE void copy_past(Warp& warp, Copy&& copy) {
    const auto lane = warp.lane();
    warp.when(lane < n_embd, [&] {
      for (int t = 0; t < block_size; ++t) {
        copy(s_.keys[t], lane, t * n_embd);
        copy(s_.values[t], lane, (block_size + t) * n_embd);
      }
    });
  }

  PersistentShared& s_;
};

static_assert(head_dim == 4, "scores are divided by its root, 2, and a head is lane >> 2");

}  // namespace ladder::gpu
