// The integer kernels in AVX2's instructions. This file alone is compiled for them, whatever the
// rest is compiled for, and is called only on a machine that has them. So it must not leave behind
// any inline function that other files could be linked with: it uses none that is not forced
// inline.
#include "07_fast_inference/integer_model.hpp"

#if defined(__AVX2__)

#include <immintrin.h>

namespace ladder {
namespace {

static_assert(lanes == 8);
constexpr int n_streams = IntegerStreams::streams;
constexpr int vectors = n_streams / 8;

// vpmaddwd: in each 32-bit lane, two products of 16-bit numbers, added.
struct Words {
  static constexpr int bits = 16;
  static constexpr int inputs = 2;  // in a word
  [[gnu::always_inline]] static __m256i multiply(__m256i x, __m256i w) {
    return _mm256_madd_epi16(x, w);
  }
  [[gnu::always_inline]] static __m256i add(__m256i a, __m256i b) { return _mm256_add_epi32(a, b); }
  [[gnu::always_inline]] static __m256i finish(__m256i sum) { return sum; }
};

// vpmaddubsw: in each 16-bit half of a lane, two products of bytes, added: unsigned x, signed w.
struct Bytes {
  static constexpr int bits = 8;
  static constexpr int inputs = 4;
  [[gnu::always_inline]] static __m256i multiply(__m256i x, __m256i w) {
    return _mm256_maddubs_epi16(x, w);
  }
  [[gnu::always_inline]] static __m256i add(__m256i a, __m256i b) { return _mm256_add_epi16(a, b); }
  [[gnu::always_inline]] static __m256i finish(__m256i sum) {
    return _mm256_madd_epi16(sum, _mm256_set1_epi16(1));
  }
};

// f(output, vector of streams, sum) for every output of W x over the first `words` words, a few
// outputs and two vectors at a time: sums, two inputs, a weight and a product fill the sixteen
// registers. Every `chunk` words the sums are finished, and added up in 32 bits.
// (All is written out by unroll(), or g++ would keep the sums in memory.)
template <class Number, int words, int chunk = words, int outs, int stored, int inputs, class F>
[[gnu::always_inline]] inline void multiply(const PackedMatrix<outs, stored>& w,
                                            const __m256i (&x)[inputs][vectors], F&& f) {
  static_assert(vectors == 2);
  constexpr int tile = chunk == words ? 4 : 2;
  for (int i = 0; i < outs; i += tile) {
    __m256i total[tile][2];
    unroll<words / chunk>([&](auto part) __attribute__((always_inline)) {
      __m256i sum[tile][2];
      unroll<chunk>([&](auto step) __attribute__((always_inline)) {
        constexpr int j = part * chunk + step;
        __m256i in[2] = {x[j][0], x[j][1]};
        for (__m256i& each : in) keep_in_register(each);
        unroll<tile>([&](auto r) __attribute__((always_inline)) {
          const __m256i weight = _mm256_set1_epi32(w.word[i / 4][j][i % 4 + r]);
          unroll<2>([&](auto v) __attribute__((always_inline)) {
            const __m256i product = Number::multiply(in[v], weight);
            sum[r][v] = step == 0 ? product : Number::add(sum[r][v], product);
            keep_in_register(sum[r][v]);
          });
        });
      });
      unroll<tile>([&](auto r) __attribute__((always_inline)) {
        unroll<2>([&](auto v) __attribute__((always_inline)) {
          const __m256i done = Number::finish(sum[r][v]);
          total[r][v] = part == 0 ? done : _mm256_add_epi32(total[r][v], done);
        });
      });
    });
    unroll<tile>([&](auto r) __attribute__((always_inline)) {
      unroll<2>([&](auto v) __attribute__((always_inline)) { f(i + r, v, total[r][v]); });
    });
  }
}

[[gnu::always_inline]] inline Lanes to_float(__m256i x) { return (Lanes)_mm256_cvtepi32_ps(x); }
[[gnu::always_inline]] inline __m256i to_int(Lanes x) { return _mm256_cvtps_epi32((__m256)x); }

// Sixteen integers of each stream, saturated to words: in each 32-bit lane, two (or four) that
// follow each other. x holds those of eight streams a vector.
[[gnu::always_inline]] inline __m256i pack_two(__m256i a, __m256i b) {
  const __m256i order = _mm256_setr_epi8(0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15, 0, 1,
                                         8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15);
  return _mm256_shuffle_epi8(_mm256_packs_epi32(a, b), order);
}
// Of pairs (a, b) and (c, d) as packs_epi32 leaves them.
[[gnu::always_inline]] inline __m256i pack_bytes(__m256i ab, __m256i cd) {
  const __m256i order = _mm256_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15, 0, 4,
                                         8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  return _mm256_shuffle_epi8(_mm256_packus_epi16(ab, cd), order);
}

template <class Number, int n>
[[gnu::always_inline]] inline void quantise(const Lanes (&x)[n][vectors],
                                            const Lanes (&scale)[vectors],
                                            __m256i (&words)[n / Number::inputs][vectors]) {
  for (int v = 0; v < vectors; ++v) {
    for (int i = 0; i < n; i += Number::inputs) {
      if constexpr (Number::bits == 16) {
        words[i / 2][v] = pack_two(to_int(x[i][v] * scale[v]), to_int(x[i + 1][v] * scale[v]));
      } else {
        __m256i four[4];
        for (int k = 0; k < 4; ++k) four[k] = to_int(x[i + k][v] * scale[v] + 128);
        words[i / 4][v] =
            pack_bytes(_mm256_packs_epi32(four[0], four[1]), _mm256_packs_epi32(four[2], four[3]));
      }
    }
  }
}

// A number of each stream, of sixteen.
using Sixteens = Lanes[n_embd][vectors];

// The heads' result and x after the first norm, from rows of streams to vectors of them.
[[gnu::always_inline]] inline void attend(IntegerStreams& s, Sixteens& attention, Sixteens& x) {
  alignas(64) float mixed[n_streams][n_embd];
  s.attention.attend(s.rows, s.states.token, s.states.position, mixed);
  for (int v = 0; v < vectors; ++v) {
    for (int part = 0; part < n_embd; part += 8) {
      Lanes square[8];
      for (int i = 0; i < 8; ++i) square[i] = load(mixed[8 * v + i] + part);
      transpose(square);
      for (int i = 0; i < 8; ++i) attention[part + i][v] = square[i];
      for (int i = 0; i < 8; ++i) square[i] = load(s.attention.row(8 * v + i).residual + part);
      transpose(square);
      for (int i = 0; i < 8; ++i) x[part + i][v] = square[i];
    }
  }
}

// Hidden numbers from fc1's sums: ReLU, and as many bits as fc2 takes.
template <class Number>
[[gnu::always_inline]] inline __m256i hidden_word(const IntegerModel& m,
                                                  const __m256i (&sums)[n_hidden][vectors], int k,
                                                  int v) {
  const __m256i zero = _mm256_setzero_si256();
  if constexpr (Number::bits == 16) {
    const __m256i low = _mm256_srli_epi32(sums[2 * k][v], 16);
    return _mm256_max_epi16(_mm256_blend_epi16(low, sums[2 * k + 1][v], 0xAA), zero);
  } else {
    const __m256i factor = _mm256_set1_epi16(m.hidden_factor);
    const __m256i ab = _mm256_packs_epi32(sums[4 * k][v], sums[4 * k + 1][v]);
    const __m256i cd = _mm256_packs_epi32(sums[4 * k + 2][v], sums[4 * k + 3][v]);
    const __m256i bytes =
        pack_bytes(_mm256_mulhrs_epi16(ab, factor), _mm256_mulhrs_epi16(cd, factor));
    return _mm256_min_epu8(bytes, _mm256_set1_epi8(127));
  }
}

// x += fc2 relu(fc1 norm(x))
template <class Number>
[[gnu::always_inline]] inline void add_mlp(const IntegerModel& m, Sixteens& x) {
  constexpr int words = n_embd / Number::inputs, hidden_words = n_hidden / Number::inputs;
  constexpr bool bytes = Number::bits == 8;
  Lanes scale[vectors];
  for (int v = 0; v < vectors; ++v) {
    Lanes squares = {};
    for (int i = 0; i < n_embd; ++i) squares += x[i][v] * x[i][v];
    scale[v] = m.normed_scale / (Lanes)_mm256_sqrt_ps((__m256)(squares / n_embd + norm_epsilon));
  }
  __m256i in[words][vectors], sums[n_hidden][vectors], hidden[hidden_words][vectors];
  quantise<Number>(x, scale, in);
  multiply<Number, words, bytes ? IntegerModel::fc1_chunk / 4 : words>(
      m.fc1, in, [&](int i, int v, __m256i sum) __attribute__((always_inline)) {
        sums[i][v] = bytes ? _mm256_add_epi32(sum, _mm256_set1_epi32(m.fc1.bias[i])) : sum;
      });
  for (int k = 0; k < hidden_words; ++k) {
    for (int v = 0; v < vectors; ++v) hidden[k][v] = hidden_word<Number>(m, sums, k, v);
  }
  multiply<Number, hidden_words, bytes ? IntegerModel::fc2_chunk / 4 : hidden_words>(
      m.fc2, hidden, [&](int i, int v, __m256i sum) __attribute__((always_inline)) {
        x[i][v] += to_float(sum) * m.fc2.unit;
      });
}

// x as lm_head reads it, and logits of every stream's next token, times `factor`.
template <class Number>
[[gnu::always_inline]] inline void pass(IntegerStreams& s, float factor, Sixteens& x,
                                        Lanes (&logits)[head_rows][vectors]) {
  const IntegerModel& m = s.model;
  Lanes attention[n_embd][vectors], scale[vectors];
  attend(s, attention, x);
  __m256i in[n_embd / 2][vectors];
  for (Lanes& each : scale) each = splat(m.attention_scale);
  quantise<Words>(attention, scale, in);
  multiply<Words, n_embd / 2>(
      m.wo, in, [&](int i, int v, __m256i sum) __attribute__((always_inline)) {
        x[i][v] += to_float(sum) * m.wo.unit;
      });
  add_mlp<Number>(m, x);
  for (Lanes& each : scale) each = splat(m.last_scale);
  quantise<Words>(x, scale, in);
  multiply<Words, n_embd / 2>(
      m.head, in, [&](int i, int v, __m256i sum) __attribute__((always_inline)) {
        logits[i][v] = to_float(sum) * (m.head.unit * factor);
      });
}

template <class Number>
void forward(IntegerStreams& s, float* out) {
  Lanes x[n_embd][vectors], logits[head_rows][vectors];
  pass<Number>(s, 1, x, logits);
  for (int i = 0; i < n_streams; ++i) {
    for (int t = 0; t < vocab_size; ++t) out[i * vocab_size + t] = logits[t][i / 8][i % 8];
  }
}

template <class Number>
void generate(IntegerStreams& s, std::uint8_t* tokens, std::size_t steps) {
  using Eight [[gnu::vector_size(8)]] = std::uint8_t;
  for (; steps > 0; --steps) {
    Lanes x[n_embd][vectors], logits[head_rows][vectors];
    pass<Number>(s, s.temperature_factor, x, logits);
    for (int v = 0; v < vectors; ++v, tokens += 8) {
      Lanes squares = {};
      for (int i = 0; i < n_embd; ++i) squares += x[i][v] * x[i][v];
      const bool safe = count_less_equal(squares, splat(s.safe_squares)) == lanes;
      const Lanes u = s.states.next_uniforms(v);
      const IntLanes drawn = safe ? draw<true>(logits, v, u) : draw<false>(logits, v, u);
      const Eight bytes = __builtin_convertvector(drawn, Eight);
      __builtin_memcpy(tokens, &bytes, sizeof bytes);
      s.states.advance(v, drawn);
    }
  }
}

}  // namespace

IntegerKernel avx2_kernel(int bits) {
  if (bits == 16) return {"vpmaddwd", forward<Words>, generate<Words>};
  return {"vpmaddubsw", forward<Bytes>, generate<Bytes>};
}

}  // namespace ladder

#endif
