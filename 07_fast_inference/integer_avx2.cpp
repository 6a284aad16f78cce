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
  static constexpr int chunk = 32;  // so many words may be added before finish()
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
  static constexpr int chunk = 4;
  [[gnu::always_inline]] static __m256i multiply(__m256i x, __m256i w) {
    return _mm256_maddubs_epi16(x, w);
  }
  [[gnu::always_inline]] static __m256i add(__m256i a, __m256i b) { return _mm256_add_epi16(a, b); }
  [[gnu::always_inline]] static __m256i finish(__m256i sum) {
    return _mm256_madd_epi16(sum, _mm256_set1_epi16(1));
  }
};

// g++ 12 would rather copy sums about between the turns of a loop.
[[gnu::always_inline]] inline void keep_in_register([[maybe_unused]] __m256i& x) {
#if !defined(__clang__)
  asm("" : "+x"(x));
#endif
}

// f(output, vector of streams, sum) for every output of W x over the words from `first` on, four
// outputs and two vectors at a time: eight sums, two inputs, a weight and a product leave the
// sixteen registers some room.
template <class Number, int words, int outs, int stored, int inputs, class F>
[[gnu::always_inline]] inline void multiply(const PackedMatrix<outs, stored>& w, int first,
                                            const __m256i (&x)[inputs][vectors], F&& f) {
  for (int i = 0; i < outs; i += 4) {
    for (int v = 0; v < vectors; v += 2) {
      __m256i sum[4][2] = {};
#pragma GCC unroll 8
      for (int j = first; j < first + words; ++j) {
        for (int r = 0; r < 4; ++r) {
          const __m256i weight = _mm256_set1_epi32(w.word[i / 4][j][r]);
          for (int k = 0; k < 2; ++k) {
            sum[r][k] = Number::add(sum[r][k], Number::multiply(x[j][v + k], weight));
            keep_in_register(sum[r][k]);
          }
        }
      }
      for (int r = 0; r < 4; ++r) {
        for (int k = 0; k < 2; ++k) f(i + r, v + k, Number::finish(sum[r][k]));
      }
    }
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

// Rows of eight numbers of eight streams become vectors of streams.
[[gnu::always_inline]] inline void transpose(Lanes (&m)[8]) {
  const auto step = [&](auto w) __attribute__((always_inline)) {
    for (int i = 0; i < 8; ++i) {
      if (i & w) continue;
      const Lanes a = m[i], b = m[i + w];
      [&]<int... l>(std::integer_sequence<int, l...>) __attribute__((always_inline)) {
        m[i] = __builtin_shufflevector(a, b, (l & w ? lanes + (l ^ w) : l)...);
        m[i + w] = __builtin_shufflevector(a, b, (l & w ? lanes + l : l ^ w)...);
      }
      (std::make_integer_sequence<int, lanes>());
    }
  };
  step(std::integral_constant<int, 4>());
  step(std::integral_constant<int, 2>());
  step(std::integral_constant<int, 1>());
}

// Attention of every stream, sorted by how far it looks back, as in streams.cpp.
[[gnu::always_inline]] inline void attend(IntegerStreams& s, float (&mixed)[n_streams][n_embd]) {
  int list[4][n_streams], count[4] = {};
  for (int i = 0; i < n_streams; ++i) {
    const int position = s.position[i];
    s.past[i][position] = &s.rows.at(s.token[i], position);
    const int far = position / 4;
    list[far][count[far]++] = i;
  }
  if (!s.rows.bounded()) {
    for (int i = 0; i < n_streams; ++i) {
      const int position = s.position[i];
      s.rows.attend(*s.past[i][position], s.past[i], position).store(mixed[i]);
    }
    return;
  }
  unroll<4>([&](auto far) __attribute__((always_inline)) {
    for (int k = 0; k < count[far]; ++k) {
      const int i = list[far][k];
      Rows::attend_up_to<4 * far + 4>(s.past[i], s.position[i]).store(mixed[i]);
    }
  });
}

// Logits of every stream's next token, times `factor`.
template <class Number>
[[gnu::always_inline]] inline void pass(IntegerStreams& s, float factor,
                                        Lanes (&logits)[28][vectors]) {
  constexpr int words = n_embd / Number::inputs, hidden_words = n_hidden / Number::inputs;
  const IntegerModel& m = s.model;
  alignas(64) float mixed[n_streams][n_embd];
  attend(s, mixed);
  Lanes attention[n_embd][vectors], x[n_embd][vectors];
  for (int v = 0; v < vectors; ++v) {
    for (int part = 0; part < n_embd; part += 8) {
      Lanes square[8];
      for (int i = 0; i < 8; ++i) square[i] = load(mixed[8 * v + i] + part);
      transpose(square);
      for (int i = 0; i < 8; ++i) attention[part + i][v] = square[i];
      for (int i = 0; i < 8; ++i) {
        square[i] = load(s.past[8 * v + i][s.position[8 * v + i]]->residual + part);
      }
      transpose(square);
      for (int i = 0; i < 8; ++i) x[part + i][v] = square[i];
    }
  }
  Lanes scale[vectors];
  __m256i in[words][vectors];
  for (Lanes& each : scale) each = splat(m.attention_scale);
  quantise<Number>(attention, scale, in);
  const auto biased = [](const auto& w, int i, __m256i sum) __attribute__((always_inline)) {
    return Number::bits == 16 ? sum : _mm256_add_epi32(sum, _mm256_set1_epi32(w.bias[i]));
  };
  multiply<Number, words>(
      m.wo, 0, in, [&](int i, int v, __m256i sum) __attribute__((always_inline)) {
        x[i][v] += to_float(biased(m.wo, i, sum)) * m.wo.unit;
      });

  for (int v = 0; v < vectors; ++v) {
    Lanes squares = {};
    for (int i = 0; i < n_embd; ++i) squares += x[i][v] * x[i][v];
    scale[v] = m.normed_scale / (Lanes)_mm256_sqrt_ps((__m256)(squares / n_embd + norm_epsilon));
  }
  quantise<Number>(x, scale, in);
  __m256i sums[n_hidden][vectors], hidden[hidden_words][vectors];
  multiply<Number, words>(
      m.fc1, 0, in, [&](int i, int v, __m256i sum) __attribute__((always_inline)) {
        sums[i][v] = biased(m.fc1, i, sum);
      });
  const __m256i zero = _mm256_setzero_si256();
  const __m256i hidden_factor = _mm256_set1_epi16(m.hidden_factor);
  for (int k = 0; k < hidden_words; ++k) {
    for (int v = 0; v < vectors; ++v) {
      if constexpr (Number::bits == 16) {
        const __m256i low = _mm256_srli_epi32(sums[2 * k][v], 16);
        hidden[k][v] = _mm256_max_epi16(_mm256_blend_epi16(low, sums[2 * k + 1][v], 0xAA), zero);
      } else {
        const __m256i ab = _mm256_packs_epi32(sums[4 * k][v], sums[4 * k + 1][v]);
        const __m256i cd = _mm256_packs_epi32(sums[4 * k + 2][v], sums[4 * k + 3][v]);
        hidden[k][v] = pack_bytes(_mm256_mulhrs_epi16(ab, hidden_factor),
                                  _mm256_mulhrs_epi16(cd, hidden_factor));
      }
    }
  }
  constexpr int chunk = hidden_words < Number::chunk ? hidden_words : Number::chunk;
  for (int first = 0; first < hidden_words; first += chunk) {
    multiply<Number, chunk>(
        m.fc2, first, hidden, [&](int i, int v, __m256i sum) __attribute__((always_inline)) {
          x[i][v] += to_float(sum) * m.fc2.unit;
        });
  }
  // Logits are what the reader sees: the head has 16 bits in both engines.
  for (Lanes& each : scale) each = splat(m.last_scale);
  __m256i last[n_embd / 2][vectors];
  quantise<Words>(x, scale, last);
  multiply<Words, n_embd / 2>(
      m.head, 0, last, [&](int i, int v, __m256i sum) __attribute__((always_inline)) {
        logits[i][v] = to_float(sum) * (m.head.unit * factor);
      });
}

template <class Number>
void forward(IntegerStreams& s, float* out) {
  Lanes logits[28][vectors];
  pass<Number>(s, 1, logits);
  for (int i = 0; i < n_streams; ++i) {
    for (int t = 0; t < vocab_size; ++t) out[i * vocab_size + t] = logits[t][i / 8][i % 8];
  }
}

// A token for each stream of vector v, as in streams.cpp.
[[gnu::always_inline]] inline IntLanes draw(IntegerStreams& s, const Lanes (&logits)[28][vectors],
                                            int v) {
  using State [[gnu::vector_size(32)]] = std::uint32_t;
  State state;
  __builtin_memcpy(&state, s.random + 8 * v, sizeof state);
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  __builtin_memcpy(s.random + 8 * v, &state, sizeof state);
  const Lanes u = __builtin_convertvector((IntLanes)(state >> 8), Lanes) * 0x1p-24f;
  Lanes largest = logits[0][v];
  for (int i = 1; i < vocab_size; ++i) largest = max(largest, logits[i][v]);
  Lanes running[vocab_size], sum = {};
  for (int i = 0; i < vocab_size; ++i) {
    sum += exp2(max(logits[i][v] - largest, splat(-126)));
    running[i] = sum;
  }
  const Lanes threshold = u * sum;
  IntLanes token = {};
  for (int i = 0; i < vocab_size - 1; ++i) token -= running[i] <= threshold;  // true is -1
  return token;
}

template <class Number>
void generate(IntegerStreams& s, std::uint8_t* tokens, std::size_t steps) {
  for (; steps > 0; --steps) {
    Lanes logits[28][vectors];
    pass<Number>(s, s.temperature_factor, logits);
    for (int v = 0; v < vectors; ++v) {
      const IntLanes drawn = draw(s, logits, v);
      for (int i = 0; i < 8; ++i) {
        const int token = drawn[i], next = s.position[8 * v + i] + 1;
        const bool ends = token == bos_token || next == block_size;
        *tokens++ = static_cast<std::uint8_t>(token);
        s.token[8 * v + i] = ends ? bos_token : token;
        s.position[8 * v + i] = ends ? 0 : next;
      }
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
