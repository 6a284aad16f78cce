// Many names at once: a lane of a vector is a stream. One stream's token has to wait for the one
// before it, so a core that could multiply sixteen numbers a cycle mostly waits. Twenty-four
// streams (on AVX2) fill the waiting: each weight is read once, spread over a vector and used for
// all of them, and norms, ReLU and the sampler need no sum across lanes at all. Rows of `tables`
// are kept.
#include <algorithm>

#include "07_fast_inference/many_streams/batched_attention.hpp"
#include "07_fast_inference/many_streams/batched_sampling.hpp"
#include "07_fast_inference/many_streams/many_streams_engines.hpp"
#include "07_fast_inference/model/part_clock.hpp"
#include "07_fast_inference/one_stream/head.hpp"
#include "07_fast_inference/one_stream/rows.hpp"

namespace ladder {
inline namespace LADDER_WIDTH {
namespace {

constexpr int vectors =
    3;  // a tile of 4 outputs × 3 vectors: 12 sums at once hide each other's wait
constexpr int n_streams = vectors * lanes;

using Streams = Lanes[vectors];  // one number of every stream

// y = start + W x, a tile of outputs at a time. `finish` gets each output's number and its sums.
template <int outs, int ins, class Start, class Finish>
[[gnu::always_inline]] inline void multiply(const float (&w)[outs][ins], const Streams (&x)[ins],
                                            Start&& start, Finish&& finish) {
  // Registers: sixteen for 12 sums, or thirty-two for 24.
  constexpr int tile = lanes == 16 && outs % 8 == 0 ? 8 : 4;
  for (int i = 0; i < outs; i += tile) {
    Lanes sum[tile][vectors];
    for (int r = 0; r < tile; ++r) {
      for (int v = 0; v < vectors; ++v) sum[r][v] = start(i + r, v);
    }
    LADDER_SHORT_LOOP
    for (int j = 0; j < ins; ++j) {
      Lanes in[vectors];
      for (int v = 0; v < vectors; ++v) {
        in[v] = x[j][v];
        keep_in_register(in[v]);
      }
      for (int r = 0; r < tile; ++r) {
        const Lanes weight = splat(w[i + r][j]);
        for (int v = 0; v < vectors; ++v) sum[r][v] = multiply_add(weight, in[v], sum[r][v]);
      }
    }
    for (int r = 0; r < tile; ++r) {
      for (int v = 0; v < vectors; ++v) finish(i + r, v, sum[r][v]);
    }
  }
}

// What RMSNorm multiplies x with, of every stream.
[[gnu::always_inline]] inline void norm_factors(const Streams (&x)[n_embd], Streams& factors) {
  for (int v = 0; v < vectors; ++v) {
    Lanes squares = {};
    for (int i = 0; i < n_embd; ++i) squares = multiply_add(x[i][v], x[i][v], squares);
    factors[v] = one_over_sqrt(squares / n_embd + norm_epsilon);
  }
}

// (Not inline: microGPT's variant never asks for it.)
[[gnu::noinline]] void norm(Streams (&x)[n_embd]) {
  Streams factors;
  norm_factors(x, factors);
  LADDER_SHORT_LOOP
  for (Streams& each : x) {
    for (int v = 0; v < vectors; ++v) each[v] *= factors[v];
  }
}

class ManyStreams : public Engine, public TimesParts {
 public:
  explicit ManyStreams(const MicroGpt& m) : Engine(n_streams), model_(m), rows_(m) {
    for (int i = 0; i < n_embd; ++i) {
      for (int j = 0; j < n_embd; ++j) wo_[i][j] = m.attn_wo[i][head_row(j)];
    }
    attention_.start(rows_);
    scale_head(1);
  }

  std::size_t precomputed_bytes() const override { return sizeof rows_; }

  void forward(std::span<const Place> places, std::span<float> logits) override {
    scale_head(1);
    for (int s = 0; s < n_streams; ++s) streams_.place(s, places[static_cast<std::size_t>(s)]);
    Streams x[n_embd], out[head_rows];
    pass(x, out, NoClock());
    for (int s = 0; s < n_streams; ++s) {
      for (int i = 0; i < vocab_size; ++i) {
        logits[static_cast<std::size_t>(s * vocab_size + i)] = out[i][s / lanes][s % lanes];
      }
    }
  }

 protected:
  void prepare() override {
    for (int s = 0; s < n_streams; ++s) streams_.place(s, {});
    std::copy(random_.begin(), random_.end(), streams_.random);
    scale_head(log2_e / temperature_);
  }

  void write(std::span<std::uint8_t> tokens) override {
    for (std::size_t step = 0; step + n_streams <= tokens.size(); step += n_streams) {
      Streams x[n_embd], out[head_rows];
      pass(x, out, NoClock());
      draw_all(streams_, x, out, safe_squares_, tokens.data() + step);
    }
  }

  void time_parts(std::size_t steps, PartTicks& ticks) override {
    if constexpr (!has_ticks) return;
    std::uint8_t tokens[n_streams];
    for (PartClock<false> clock(ticks); steps > 0; --steps) {
      Streams x[n_embd], out[head_rows];
      pass(x, out, clock);
      draw_all(streams_, x, out, safe_squares_, tokens);
      clock.end(Part::draw);
    }
  }

 private:
  void scale_head(float factor) {
    safe_squares_ = safe_squares(model_, factor);
    for (int i = 0; i < vocab_size; ++i) {
      for (int j = 0; j < n_embd; ++j) head_[i][j] = model_.lm_head[i][j] * factor;
    }
  }

  // x as lm_head reads it, and the logits of every stream's next token.
  template <class Clock>
  LADDER_SHARED void pass(Streams (&x)[n_embd], Streams (&logits)[head_rows], Clock&& clock) {
    Streams attention[n_embd];
    attention_.attend(rows_, streams_.token, streams_.position, attention, x);
    const auto zero = [](int, int) { return Lanes{}; };
    multiply(
        wo_, attention, [&](int i, int v) { return x[i][v]; },
        [&](int i, int v, Lanes sum) { x[i][v] = sum; });
    clock.end(Part::attention);

    Streams scale;
    norm_factors(x, scale);
    clock.end(Part::norms);
    Streams hidden[n_hidden];
    multiply(model_.mlp_fc1, x, zero,
             [&](int i, int v, Lanes sum) { hidden[i][v] = max(sum, Lanes{}); });
    multiply(model_.mlp_fc2, hidden, zero,
             [&](int i, int v, Lanes sum) { x[i][v] += sum * scale[v]; });
    clock.end(Part::mlp);
    if (model_.final_norm) [[unlikely]]
      norm(x);
    multiply(head_, x, zero, [&](int i, int v, Lanes sum) { logits[i][v] = sum; });
    clock.end(Part::head);
  }

  MicroGpt model_;
  Rows rows_;
  BatchedAttention<n_streams> attention_;
  StreamStates<n_streams> streams_;
  float wo_[n_embd][n_embd];
  float head_[head_rows][n_embd] = {};
  float safe_squares_;  // as model.hpp says
};

}  // namespace

/// make_streams() of this width.
std::unique_ptr<Engine> streams_of_width(const MicroGpt& model) {
  return std::make_unique<ManyStreams>(model);
}

}  // namespace LADDER_WIDTH
}  // namespace ladder
