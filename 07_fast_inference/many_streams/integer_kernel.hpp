#pragma once
/// \file
/// What the integer kernels of all machines have in common: all but the instructions that multiply
/// and pack integers. A file compiled for one kind of machine gives those in two types of its own,
/// `Words` of 16 bits and `Bytes` of 8, each with
///
///   inputs                   how many integers make a 32-bit word
///   chunked                  whether sums must be finished as often as IntegerModel says
///   first(x, w)              in each lane, the products of the inputs, added up
///   add(sum, x, w)           sum + first(x, w)
///   finish(sum)              as an integer of 32 bits
///   pack(x)                  `inputs` numbers in a word, rounded, saturated
///   offset                   whether pack() adds 128, for bytes that must be unsigned
///   hidden(sums, model)      `inputs` sums of fc1 as hidden numbers in a word: ReLU, fewer bits
///
/// Everything is forced inline, so that no other file is linked with what was compiled for a
/// machine it may not run on.

#include "07_fast_inference/many_streams/integer_model.hpp"

namespace ladder {
inline namespace LADDER_WIDTH {

/// Vectors that hold a number of every stream.
constexpr int integer_vectors = IntegerStreams::streams / lanes;
using StreamFloats = Lanes[integer_vectors];    ///< a number of every stream
using StreamWords = IntLanes[integer_vectors];  ///< a word of every stream

/// Adds up the time since its last call to a part of a step. Untimed, it is nothing at all.
struct Untimed {
  /// Where a part of a step ends.
  [[gnu::always_inline]] void end(IntegerPart) {}
};

/// The same with a clock, the processor's time-stamp counter.
struct Timed {
  std::uint64_t (&ticks)[integer_parts];  ///< of each part so far
  std::uint64_t last = now();             ///< when the part before ended

  /// Ticks since the processor began; always 0 elsewhere than on x86-64.
  [[gnu::always_inline]] static std::uint64_t now() {
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#else
    return 0;
#endif
  }
  /// Where a part of a step ends: the time since the last call is that part's.
  [[gnu::always_inline]] void end(IntegerPart part) {
    const std::uint64_t time = now();
    ticks[part] += time - last;
    last = time;
  }
};

/// multiply() for kernels that are not `chunked`, where loops are to be short (simd.hpp): eight
/// sums.
template <class Number, int words, int outs, int stored, int inputs, class F>
void multiply_in_short_loops(const PackedMatrix<outs, stored>& w, const StreamWords (&x)[inputs],
                             F&& f) {
  constexpr int n = 2, tile = 4;
  LADDER_SHORT_LOOP
  for (int i = 0; i < outs; i += tile) {
    LADDER_SHORT_LOOP
    for (int first = 0; first < integer_vectors; first += n) {
      IntLanes sum[tile][n] = {};
      LADDER_SHORT_LOOP
      for (int j = 0; j < words; ++j) {
        for (int r = 0; r < tile; ++r) {
          const IntLanes weight = IntLanes{} + w.word[i / 4][j][r];
          for (int v = 0; v < n; ++v) sum[r][v] = Number::add(sum[r][v], x[j][first + v], weight);
        }
      }
      unroll<tile>([&](auto r) __attribute__((always_inline)) {
        for (int v = 0; v < n; ++v) f(i, r, first + v, Number::finish(sum[r][v]));
      });
    }
  }
}

/// f(i, r, vector of streams, sum) for every output i + r of W x over the first `words` words, a
/// tile of a few outputs for a few vectors of streams at a time: their sums, the inputs, a weight
/// and a product must fit into the registers, sixteen of AVX2, thirty-two of AVX-512 and NEON. (All
/// is written out by unroll(), or g++ would keep the sums in memory.) \tparam chunk  so many words
/// are added up before their sum is finished
template <class Number, int words, int chunk = words, int outs, int stored, int inputs, class F>
void multiply(const PackedMatrix<outs, stored>& w, const StreamWords (&x)[inputs], F&& f) {
  if constexpr (short_loops) return multiply_in_short_loops<Number, words>(w, x, f);
  constexpr int n = lanes == 4 ? 4 : 2;
  constexpr int tile = chunk == words ? 4 : 2;
  static_assert(integer_vectors % n == 0 && outs % tile == 0);
  for (int first = 0; first < integer_vectors; first += n) {
    for (int i = 0; i < outs; i += tile) {
      IntLanes total[tile][n];
      unroll<words / chunk>([&](auto part) __attribute__((always_inline)) {
        IntLanes sum[tile][n];
        unroll<chunk>([&](auto step) __attribute__((always_inline)) {
          constexpr int j = part * chunk + step;
          IntLanes in[n];
          unroll<n>([&](auto v) __attribute__((always_inline)) {
            in[v] = x[j][first + v];
            keep_in_register(in[v]);
          });
          unroll<tile>([&](auto r) __attribute__((always_inline)) {
            const IntLanes weight = IntLanes{} + w.word[(i + r) / 4][j][(i + r) % 4];
            unroll<n>([&](auto v) __attribute__((always_inline)) {
              if constexpr (step == 0) sum[r][v] = Number::first(in[v], weight);
              if constexpr (step > 0) sum[r][v] = Number::add(sum[r][v], in[v], weight);
              keep_in_register(sum[r][v]);
            });
          });
        });
        unroll<tile>([&](auto r) __attribute__((always_inline)) {
          unroll<n>([&](auto v) __attribute__((always_inline)) {
            const IntLanes done = Number::finish(sum[r][v]);
            total[r][v] = part == 0 ? done : total[r][v] + done;
          });
        });
      });
      unroll<tile>([&](auto r) __attribute__((always_inline)) {
        unroll<n>([&](auto v) __attribute__((always_inline)) { f(i, r, first + v, total[r][v]); });
      });
    }
  }
}

/// The nearest floats.
[[gnu::always_inline]] inline Lanes to_float(IntLanes x) {
  return __builtin_convertvector(x, Lanes);
}

/// x times `scale`, in words.
template <class Number, int words, int n>
[[gnu::always_inline]] inline void quantise(const StreamFloats (&x)[n], const StreamFloats& scale,
                                            StreamWords (&result)[words]) {
  constexpr int inputs = Number::inputs;
  for (int v = 0; v < integer_vectors; ++v) {
    for (int i = 0; i < n; i += inputs) {
      Lanes numbers[inputs];
      for (int k = 0; k < inputs; ++k) numbers[k] = x[i + k][v] * scale[v];
      result[i / inputs][v] = Number::pack(numbers);
    }
  }
}

/// What RMSNorm multiplies x with, of every stream.
[[gnu::always_inline]] inline void norm_factors(const StreamFloats (&x)[n_embd],
                                                StreamFloats& factors) {
  for (int v = 0; v < integer_vectors; ++v) {
    Lanes squares = {};
    for (int i = 0; i < n_embd; ++i) squares += x[i][v] * x[i][v];
    factors[v] = one_over_sqrt(squares / n_embd + norm_epsilon);
  }
}

/// x += fc2 relu(fc1 norm(x))
template <class Number, class Timer>
void add_mlp(const IntegerModel& m, StreamFloats (&x)[n_embd], Timer& timer) {
  constexpr int inputs = Number::inputs, words = n_embd / inputs, hidden_words = n_hidden / inputs;
  constexpr int fc1_chunk = Number::chunked ? IntegerModel::fc1_chunk / inputs : words;
  constexpr int fc2_chunk = Number::chunked ? IntegerModel::fc2_chunk / inputs : hidden_words;
  StreamFloats scale;
  norm_factors(x, scale);
  for (Lanes& each : scale) each *= m.normed_scale;
  StreamWords in[words], hidden[hidden_words];
  quantise<Number>(x, scale, in);
  timer.end(integer_norm);
  if constexpr (Number::chunked) {
    // A tile has too few sums for a word of hidden numbers.
    StreamWords sums[n_hidden];
    multiply<Number, words, fc1_chunk>(
        m.fc1, in, [&](int i, int r, int v, IntLanes sum) __attribute__((always_inline)) {
          sums[i + r][v] = Number::offset ? sum + m.fc1.bias[i + r] : sum;
        });
    for (int k = 0; k < hidden_words; ++k) {
      for (int v = 0; v < integer_vectors; ++v) {
        IntLanes of_word[inputs];
        for (int i = 0; i < inputs; ++i) of_word[i] = sums[k * inputs + i][v];
        hidden[k][v] = Number::hidden(of_word, m);
      }
    }
  } else {
    // Made of the sums while these are in registers.
    IntLanes of_word[integer_vectors][inputs];
    multiply<Number, words, fc1_chunk>(
        m.fc1, in, [&](int i, auto r, int v, IntLanes sum) __attribute__((always_inline)) {
          constexpr int place = r % inputs;
          of_word[v][place] = Number::offset ? sum + m.fc1.bias[i + r] : sum;
          if constexpr (place == inputs - 1) {
            hidden[(i + r) / inputs][v] = Number::hidden(of_word[v], m);
          }
        });
  }
  multiply<Number, hidden_words, fc2_chunk>(
      m.fc2, hidden, [&](int i, int r, int v, IntLanes sum) __attribute__((always_inline)) {
        x[i + r][v] += to_float(sum) * m.fc2.unit;
      });
  timer.end(integer_mlp);
}

/// x as lm_head reads it, and logits of every stream's next token, times `factor`.
template <class Words, class Number, class Timer>
void pass(IntegerStreams& s, float factor, StreamFloats (&x)[n_embd],
          StreamFloats (&logits)[head_rows], Timer&& timer) {
  const IntegerModel& m = s.model;
  StreamFloats attention[n_embd], scale;
  s.attention.attend(s.rows, s.states.token, s.states.position, attention, x);
  StreamWords in[n_embd / 2];
  for (Lanes& each : scale) each = splat(m.attention_scale);
  quantise<Words>(attention, scale, in);
  multiply<Words, n_embd / 2>(
      m.wo, in, [&](int i, int r, int v, IntLanes sum) __attribute__((always_inline)) {
        x[i + r][v] += to_float(sum) * m.wo.unit;
      });
  timer.end(integer_attention);
  add_mlp<Number>(m, x, timer);
  if (m.final_norm) [[unlikely]] {
    norm_factors(x, scale);
    for (StreamFloats& each : x) {
      for (int v = 0; v < integer_vectors; ++v) each[v] *= scale[v];
    }
  }
  for (Lanes& each : scale) each = splat(m.last_scale);
  quantise<Words>(x, scale, in);
  multiply<Words, n_embd / 2>(
      m.head, in, [&](int i, int r, int v, IntLanes sum) __attribute__((always_inline)) {
        logits[i + r][v] = to_float(sum) * (m.head.unit * factor);
      });
  timer.end(integer_head);
}

/// An IntegerForward; attn_wo and the head multiply by `Words`, the MLP by `Number`.
template <class Words, class Number>
void integer_forward(IntegerStreams& s, float* out) {
  StreamFloats x[n_embd], logits[head_rows];
  pass<Words, Number>(s, 1, x, logits, Untimed());
  for (int i = 0; i < IntegerStreams::streams; ++i) {
    for (int t = 0; t < vocab_size; ++t) out[i * vocab_size + t] = logits[t][i / lanes][i % lanes];
  }
}

/// An IntegerGenerate, likewise.
template <class Words, class Number>
void integer_generate(IntegerStreams& s, std::uint8_t* tokens, std::size_t steps) {
  for (; steps > 0; --steps, tokens += IntegerStreams::streams) {
    StreamFloats x[n_embd], logits[head_rows];
    pass<Words, Number>(s, s.temperature_factor, x, logits, Untimed());
    draw_all(s.states, x, logits, s.safe_squares, tokens);
  }
}

/// An IntegerTimed, likewise.
template <class Words, class Number>
void integer_timed(IntegerStreams& s, std::size_t steps, std::uint64_t (&ticks)[integer_parts]) {
  std::uint8_t tokens[IntegerStreams::streams];
  for (Timed timer{ticks}; steps > 0; --steps) {
    StreamFloats x[n_embd], logits[head_rows];
    pass<Words, Number>(s, s.temperature_factor, x, logits, timer);
    draw_all(s.states, x, logits, s.safe_squares, tokens);
    timer.end(integer_draw);
  }
}

/// The kernel made of a machine's instructions for 16 bits and for the MLP's bits.
template <class Words, class Number>
IntegerKernel make_kernel(const char* instructions) {
  return {instructions, integer_forward<Words, Number>, integer_generate<Words, Number>,
          integer_timed<Words, Number>};
}

}  // namespace LADDER_WIDTH
}  // namespace ladder
