// No library at all: the loops of a textbook, written so that the compiler finds the vectors in
// them. Where an inner loop does the same to every number of an array, and none waits for another,
// the compiler may do 4, 8 or 16 of them at once. A dot product is no such loop: it is one sum, and
// a sum of floats must be added up in the order written. So matrices lie by columns here, as
// W x = Σ_j column_j x_j, and all outputs grow together.
#include <algorithm>
#include <bit>
#include <cmath>

#include "07_fast_inference/one_stream/one_stream_engines.hpp"

namespace ladder {
namespace {

// Room for 27 logits, and up to a number that every vector divides.
constexpr int n_places = 32;

// y += W x. Four columns a turn: each addition to `sum` waits for the one before.
template <int rows, int columns>
void add_product(const float (&column)[columns][rows], const float (&x)[columns],
                 float (&y)[rows]) {
  static_assert(columns % 4 == 0);
  float sum[rows];  // not y itself, which might overlap W for all the compiler knows
  for (int i = 0; i < rows; ++i) sum[i] = y[i];
  for (int j = 0; j < columns; j += 4) {
    for (int i = 0; i < rows; ++i) {
      sum[i] += (column[j][i] * x[j] + column[j + 1][i] * x[j + 1]) +
                (column[j + 2][i] * x[j + 2] + column[j + 3][i] * x[j + 3]);
    }
  }
  for (int i = 0; i < rows; ++i) y[i] = sum[i];
}

// One number of n, a power of 2: x[0] and x[n/2], x[1] and x[n/2 + 1], … become one, then again.
template <int n, class Join>
float fold(const float (&x)[n], Join join) {
  if constexpr (n == 1) {
    return x[0];
  } else {
    float half[n / 2];
    for (int i = 0; i < n / 2; ++i) half[i] = join(x[i], x[i + n / 2]);
    return fold(half, join);
  }
}

// Each of a type of its own, so that the compiler knows in fold() which one it is.
constexpr auto add = [](float a, float b) { return a + b; };
constexpr auto larger = [](float a, float b) { return a > b ? a : b; };

void rmsnorm(const float (&x)[n_embd], float (&y)[n_embd]) {
  float squares[n_embd];
  for (int i = 0; i < n_embd; ++i) squares[i] = x[i] * x[i];
  const float scale = 1 / std::sqrt(fold(squares, add) / n_embd + norm_epsilon);
  for (int i = 0; i < n_embd; ++i) y[i] = x[i] * scale;
}

// eˣ for x <= 0. The library's is a call, and around a call a loop works number by number. This is
// 2^y = 2^n · 2^f, with n whole and f within ±1/2: n goes into the exponent of the float, and 2^f
// is a polynomial (simd.hpp has more about it).
[[gnu::always_inline]] inline float exponential(float x) {
  const float y = larger(x * 1.44269504f, -126);  // below 2^-126 is as good as never
  constexpr float round = 0x1.8p23f;              // a sum with it has no room for a fraction
  const float shifted = y + round, f = y - (shifted - round), f2 = f * f;
  const float power =
      (1.000000072f + 0.6931469671f * f) +
      f2 * ((0.2402211972f + 0.05550713273f * f) + f2 * (0.009675541331f + 0.001327647217f * f));
  return std::bit_cast<float>(std::bit_cast<int>(power) + (std::bit_cast<int>(shifted) << 23));
}

// Dimension d of head h stands at 4d + h of queries, keys and values rather than at 4h + d: so the
// four heads lie side by side, and a loop over them is one of vectors.
constexpr int place_of(int row) { return row % head_dim * n_head + row / head_dim; }

class Loops : public Engine {
 public:
  explicit Loops(const MicroGpt& model) : final_norm_(model.final_norm) {
    std::copy_n(*model.wte, sizeof wte_ / sizeof(float), *wte_);
    std::copy_n(*model.wpe, sizeof wpe_ / sizeof(float), *wpe_);
    for (int j = 0; j < n_embd; ++j) {
      for (int i = 0; i < n_embd; ++i) {
        wq_[j][place_of(i)] = model.attn_wq[i][j];
        wk_[j][place_of(i)] = model.attn_wk[i][j];
        wv_[j][place_of(i)] = model.attn_wv[i][j];
        wo_[place_of(j)][i] = model.attn_wo[i][j];
      }
      for (int i = 0; i < n_hidden; ++i) {
        fc1_[j][i] = model.mlp_fc1[i][j];
        fc2_[i][j] = model.mlp_fc2[j][i];
      }
      for (int i = 0; i < n_places; ++i) head_[j][i] = i < vocab_size ? model.lm_head[i][j] : 0;
    }
    for (int i = 0; i < n_places; ++i) empty_[i] = i < vocab_size ? 0 : -HUGE_VALF;
  }

  void forward(std::span<const Place> places, std::span<float> logits) override {
    float out[n_places];
    next_logits(places[0], out);
    std::copy_n(out, vocab_size, logits.begin());
  }

 protected:
  void write(std::span<std::uint8_t> tokens) override {
    float logits[n_places];
    for (std::uint8_t& token : tokens) {
      next_logits(places_[0], logits);
      token = static_cast<std::uint8_t>(draw(logits, next_uniform(random_[0])));
      places_[0] = next_place(places_[0], token);
    }
  }

 private:
  void next_logits(Place place, float (&logits)[n_places]) {
    const auto [token, position] = place;
    float x[n_embd], h[n_embd];
    for (int i = 0; i < n_embd; ++i) x[i] = wte_[token][i] + wpe_[position][i];
    if (!final_norm_) rmsnorm(x, x);

    rmsnorm(x, h);
    float query[n_embd] = {}, key[n_embd] = {}, value[n_embd] = {}, attention[n_embd];
    add_product(wq_, h, query);
    add_product(wk_, h, key);
    add_product(wv_, h, value);
    for (int i = 0; i < n_embd; ++i) keys_[position][i] = key[i];
    for (int i = 0; i < n_embd; ++i) values_[position][i] = value[i];
    attend(query, position + 1, attention);
    add_product(wo_, attention, x);

    rmsnorm(x, h);
    float hidden[n_hidden] = {};
    add_product(fc1_, h, hidden);
    for (float& number : hidden) number = larger(number, 0);
    add_product(fc2_, hidden, x);

    if (final_norm_) rmsnorm(x, x);
    for (int i = 0; i < n_places; ++i) logits[i] = empty_[i];
    add_product(head_, x, logits);
  }

  void attend(const float (&query)[n_embd], int length, float (&result)[n_embd]) const {
    float scores[block_size][n_head], largest[n_head];
    for (int h = 0; h < n_head; ++h) largest[h] = -HUGE_VALF;
    for (int t = 0; t < length; ++t) {
      float score[n_head] = {};
      for (int d = 0; d < n_embd; d += n_head) {
        for (int h = 0; h < n_head; ++h) score[h] += query[d + h] * keys_[t][d + h];
      }
      for (int h = 0; h < n_head; ++h) {
        scores[t][h] = score[h] / 2;  // √head_dim
        largest[h] = larger(largest[h], scores[t][h]);
      }
    }
    float total[n_head] = {}, sum[n_embd] = {};
    for (int t = 0; t < length; ++t) {
      float weight[n_head];
      for (int h = 0; h < n_head; ++h) {
        weight[h] = exponential(scores[t][h] - largest[h]);
        total[h] += weight[h];
      }
      for (int d = 0; d < n_embd; d += n_head) {
        for (int h = 0; h < n_head; ++h) sum[d + h] += weight[h] * values_[t][d + h];
      }
    }
    for (int d = 0; d < n_embd; d += n_head) {
      for (int h = 0; h < n_head; ++h) result[d + h] = sum[d + h] / total[h];
    }
  }

  // As sample_token(), but that no loop ends early: a token is how many running sums are too small.
  int draw(const float (&logits)[n_places], float u) const {
    const float largest = fold(logits, larger);
    float sum[n_places];
    for (int i = 0; i < n_places; ++i) sum[i] = exponential((logits[i] - largest) / temperature_);
    for (int i = 1; i < n_places; ++i) sum[i] += sum[i - 1];
    const float threshold = u * sum[n_places - 1];
    int token = 0;
    for (int i = 0; i < n_places; ++i) token += sum[i] <= threshold;
    return std::min(token, bos_token);
  }

  // Matrices by columns, [in][out].
  alignas(64) float wte_[vocab_size][n_embd], wpe_[block_size][n_embd];
  float wq_[n_embd][n_embd], wk_[n_embd][n_embd], wv_[n_embd][n_embd], wo_[n_embd][n_embd];
  float fc1_[n_embd][n_hidden], fc2_[n_hidden][n_embd], head_[n_embd][n_places];
  float empty_[n_places];                                        // what logits start from
  float keys_[block_size][n_embd], values_[block_size][n_embd];  // the KV cache
  bool final_norm_;
};

}  // namespace

std::unique_ptr<Engine> make_loops(const MicroGpt& model) { return std::make_unique<Loops>(model); }

}  // namespace ladder
