// Many names at once: a lane of a vector is a stream. One stream's token has to wait for the one
// before it, so a core that could multiply sixteen numbers a cycle mostly waits. Twenty-four
// streams (on AVX2) fill the waiting: each weight is read once, spread over a vector and used for
// all of them, and norms, ReLU and the sampler need no sum across lanes at all. Rows of `tables`
// are kept.
#include <algorithm>

#include "07_fast_inference/engines.hpp"
#include "07_fast_inference/rows.hpp"

namespace ladder {
namespace {

constexpr int vectors =
    3;  // a tile of 4 outputs × 3 vectors: 12 sums at once hide each other's wait
constexpr int n_streams = vectors * lanes;

using Streams = Lanes[vectors];  // one number of every stream
using State [[gnu::vector_size(lanes * 4)]] = std::uint32_t;

[[gnu::always_inline]] inline Lanes one_over_sqrt(Lanes x) {
  for (int i = 0; i < lanes; ++i) x[i] = std::sqrt(x[i]);  // one instruction, once compiled
  return 1 / x;
}

// g++ 12 would rather read a number from memory again for each use, and loads are what is scarce.
[[gnu::always_inline]] inline Lanes keep_in_register(Lanes x) {
#if defined(__AVX__) && !defined(__clang__)
  asm("" : "+x"(x));
#endif
  return x;
}

// y = start + W x, four outputs at a time. `finish` gets each output's number and its sums.
template <int outs, int ins, class Start, class Finish>
[[gnu::always_inline]] inline void multiply(const float (&w)[outs][ins], const Streams (&x)[ins],
                                            Start&& start, Finish&& finish) {
  for (int i = 0; i < outs; i += 4) {
    Lanes sum[4][vectors];
    for (int r = 0; r < 4; ++r) {
      for (int v = 0; v < vectors; ++v) sum[r][v] = start(i + r, v);
    }
    for (int j = 0; j < ins; ++j) {
      Lanes in[vectors];
      for (int v = 0; v < vectors; ++v) in[v] = keep_in_register(x[j][v]);
      for (int r = 0; r < 4; ++r) {
        const Lanes weight = splat(w[i + r][j]);
        for (int v = 0; v < vectors; ++v) sum[r][v] += weight * in[v];
      }
    }
    for (int r = 0; r < 4; ++r) {
      for (int v = 0; v < vectors; ++v) finish(i + r, v, sum[r][v]);
    }
  }
}

// Rows of numbers of `lanes` streams become vectors of streams: of lanes × lanes numbers, halves
// change places, then quarters, then neighbours.
[[gnu::always_inline]] inline void transpose(Lanes (&m)[lanes]) {
  const auto step = [&](auto w) __attribute__((always_inline)) {
    for (int i = 0; i < lanes; ++i) {
      if (i & w) continue;
      const Lanes a = m[i], b = m[i + w];
      [&]<int... l>(std::integer_sequence<int, l...>) __attribute__((always_inline)) {
        m[i] = __builtin_shufflevector(a, b, (l & w ? lanes + (l ^ w) : l)...);
        m[i + w] = __builtin_shufflevector(a, b, (l & w ? lanes + l : l ^ w)...);
      }
      (std::make_integer_sequence<int, lanes>());
    }
  };
  if constexpr (lanes > 8) step(std::integral_constant<int, 8 % lanes>());
  if constexpr (lanes > 4) step(std::integral_constant<int, 4>());
  step(std::integral_constant<int, 2>());
  step(std::integral_constant<int, 1>());
}

class ManyStreams : public Engine {
 public:
  explicit ManyStreams(const MicroGpt& m) : Engine(n_streams), model_(m), rows_(m) {
    for (int i = 0; i < n_embd; ++i) {
      for (int j = 0; j < n_embd; ++j) wo_[i][j] = m.attn_wo[i][head_row(j)];
    }
    for (auto& past : past_) std::fill(past, past + block_size, &rows_.at(0, 0));
    scale_head(1);
  }

  std::size_t precomputed_bytes() const override { return sizeof rows_; }

  void forward(std::span<const Place> places, std::span<float> logits) override {
    scale_head(1);
    std::copy(places.begin(), places.end(), places_.begin());
    Streams out[head_rows];
    pass(out);
    for (int s = 0; s < n_streams; ++s) {
      for (int i = 0; i < vocab_size; ++i) {
        logits[static_cast<std::size_t>(s * vocab_size + i)] = out[i][s / lanes][s % lanes];
      }
    }
  }

  void start(std::uint32_t seed, float temperature) override {
    Engine::start(seed, temperature);
    scale_head(log2_e / temperature_);
  }

  void generate(std::span<std::uint8_t> tokens) override {
    for (std::size_t step = 0; step + n_streams <= tokens.size(); step += n_streams) {
      Streams out[head_rows];
      pass(out);
      for (int v = 0; v < vectors; ++v) {
        const IntLanes drawn = bounded_ ? draw<true>(out, v) : draw<false>(out, v);
        for (int i = 0; i < lanes; ++i) {
          const auto s = static_cast<std::size_t>(v * lanes + i);
          const int token = drawn[i];
          tokens[step + s] = static_cast<std::uint8_t>(token);
          places_[s] = next_place(places_[s], token);
        }
      }
    }
  }

 private:
  static constexpr int head_rows = 28;  // 27 and an empty one, to make fours of them

  void scale_head(float factor) {
    bounded_ = logit_bound(model_) * factor < 100;
    for (int i = 0; i < vocab_size; ++i) {
      for (int j = 0; j < n_embd; ++j) head_[i][j] = model_.lm_head[i][j] * factor;
    }
  }

  // Draws a token for each stream of vector v: as `draw` of columns.hpp, without a step across
  // lanes.
  template <bool bounded>
  [[gnu::always_inline]] IntLanes draw(const Streams (&logits)[head_rows], int v) {
    State state;
    std::memcpy(&state, &random_[static_cast<std::size_t>(v * lanes)], sizeof state);
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    std::memcpy(&random_[static_cast<std::size_t>(v * lanes)], &state, sizeof state);
    const Lanes u = __builtin_convertvector((IntLanes)(state >> 8), Lanes) * 0x1p-24f;

    Lanes largest = logits[0][v];
    for (int i = 1; !bounded && i < vocab_size; ++i) largest = max(largest, logits[i][v]);
    Lanes sums[vocab_size], sum = {};
    for (int i = 0; i < vocab_size; ++i) {
      sum += bounded ? exp2(logits[i][v]) : exp2(max(logits[i][v] - largest, splat(-126)));
      sums[i] = sum;
    }
    const Lanes threshold = u * sum;
    IntLanes token = {};
    for (int i = 0; i < vocab_size - 1; ++i) token -= sums[i] <= threshold;  // true is -1
    return token;
  }

  // The heads' result of every stream, (streams, n_embd).
  [[gnu::always_inline]] void attend(float (&mixed)[n_streams][n_embd]) {
    // Streams are sorted by how far back they look, four positions at a time: those that look as
    // far run the same instructions, with no branch between them to guess wrong.
    int list[4][n_streams], count[4] = {};
    for (int s = 0; s < n_streams; ++s) {
      const auto [token, position] = places_[static_cast<std::size_t>(s)];
      past_[s][position] = &rows_.at(token, position);
      const int far = position / 4;
      list[far][count[far]++] = s;
    }
    if (!rows_.bounded()) {
      for (int s = 0; s < n_streams; ++s) {
        const int position = places_[static_cast<std::size_t>(s)].position;
        rows_.attend(*past_[s][position], past_[s], position).store(mixed[s]);
      }
      return;
    }
    unroll<4>([&](auto far) __attribute__((always_inline)) {
      for (int i = 0; i < count[far]; ++i) {
        const int s = list[far][i];
        const int position = places_[static_cast<std::size_t>(s)].position;
        Rows::attend_up_to<4 * far + 4>(past_[s], position).store(mixed[s]);
      }
    });
  }

  // Logits of every stream's next token.
  [[gnu::always_inline]] void pass(Streams (&logits)[head_rows]) {
    // Attention, stream by stream, for each is at a position of its own …
    alignas(64) float mixed[n_streams][n_embd];
    attend(mixed);
    // … and from here on, lane by lane.
    Streams attention[n_embd], x[n_embd];
    for (int v = 0; v < vectors; ++v) {
      for (int part = 0; part < Sixteen::parts; ++part) {
        Lanes square[lanes];
        for (int i = 0; i < lanes; ++i) square[i] = load(mixed[v * lanes + i] + part * lanes);
        transpose(square);
        for (int i = 0; i < lanes; ++i) attention[part * lanes + i][v] = square[i];
        for (int i = 0; i < lanes; ++i) {
          const int s = v * lanes + i;
          const int position = places_[static_cast<std::size_t>(s)].position;
          square[i] = load(past_[s][position]->residual + part * lanes);
        }
        transpose(square);
        for (int i = 0; i < lanes; ++i) x[part * lanes + i][v] = square[i];
      }
    }
    const auto zero = [](int, int) { return Lanes{}; };
    multiply(
        wo_, attention, [&](int i, int v) { return x[i][v]; },
        [&](int i, int v, Lanes sum) { x[i][v] = sum; });

    Streams scale = {};
    for (int v = 0; v < vectors; ++v) {
      Lanes squares = {};
      for (int i = 0; i < n_embd; ++i) squares += x[i][v] * x[i][v];
      scale[v] = one_over_sqrt(squares / n_embd + norm_epsilon);
    }
    Streams hidden[n_hidden];
    multiply(model_.mlp_fc1, x, zero,
             [&](int i, int v, Lanes sum) { hidden[i][v] = max(sum, Lanes{}); });
    multiply(model_.mlp_fc2, hidden, zero,
             [&](int i, int v, Lanes sum) { x[i][v] += sum * scale[v]; });
    multiply(head_, x, zero, [&](int i, int v, Lanes sum) { logits[i][v] = sum; });
  }

  MicroGpt model_;
  Rows rows_;
  const Row* past_[n_streams][block_size];
  float wo_[n_embd][n_embd];
  float head_[head_rows][n_embd] = {};
  bool bounded_ = false;  // no logit can overflow exp2
};

}  // namespace

std::unique_ptr<Engine> make_streams(const MicroGpt& model) {
  return std::make_unique<ManyStreams>(model);
}

}  // namespace ladder
