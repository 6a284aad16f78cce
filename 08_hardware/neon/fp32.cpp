// Single precision. What NEON has and 07's other vectors lack is a multiplication by one lane of a
// register: vfmaq_laneq_f32(sum, w, x, i) is sum + w · x[i]. So a matrix lies in memory by columns,
// [in][out]: column j times x[j] is added to all sums, and x need be neither shuffled nor copied.
#include <algorithm>

#include "08_hardware/neon/neon.hpp"
#include "08_hardware/neon/neon_engines.hpp"

namespace ladder::neon {
namespace {

// A matrix by columns; `outs` and `ins` are multiples of 4.
template <int outs, int ins>
struct Columns {
  alignas(16) float weight[ins][outs];

  /// \param value  (i, j) to W[i][j]
  template <class Value>
  explicit Columns(Value&& value) {
    for (int j = 0; j < ins; ++j) {
      for (int i = 0; i < outs; ++i) weight[j][i] = value(i, j);
    }
  }

  // sum += W x. A multiply-add waits for the one before it into the same register (four cycles on
  // most cores), so `ways` sums of each output are on their way at a time.
  template <int ways>
  [[gnu::always_inline]] void multiply(const float32x4_t (&x)[ins / 4],
                                       float32x4_t (&sum)[outs / 4]) const {
    float32x4_t part[ways][outs / 4];
    for (int o = 0; o < outs / 4; ++o) part[0][o] = sum[o];
    for (int way = 1; way < ways; ++way) {
      for (float32x4_t& p : part[way]) p = vdupq_n_f32(0);
    }
    unroll<ins>([&](auto j) __attribute__((always_inline)) {
      constexpr int in = j;
      unroll<outs / 4>([&](auto o) __attribute__((always_inline)) {
        float32x4_t& own = part[in % ways][o];
        own = vfmaq_laneq_f32(own, vld1q_f32(&weight[in][4 * o]), x[in / 4], in % 4);
      });
    });
    for (int o = 0; o < outs / 4; ++o) {
      sum[o] = part[0][o];
      for (int way = 1; way < ways; ++way) sum[o] = vaddq_f32(sum[o], part[way][o]);
    }
  }
};

constexpr int padded_vocab = 28;  // 27 symbols, and a place that is never drawn

class Fp32 : public Engine {
 public:
  explicit Fp32(const MicroGpt& m)
      : final_norm_(m.final_norm),
        // Scores are wanted as powers of 2, divided by √head_dim = 2.
        qkv_([&](int i, int j) {
          const int row = head_row(i % n_embd);
          if (i < n_embd) return m.attn_wq[row][j] * (log2_e / 2);
          return i < 2 * n_embd ? m.attn_wk[row][j] : m.attn_wv[row][j];
        }),
        wo_([&](int i, int j) { return m.attn_wo[i][head_row(j)]; }),
        fc1_([&](int i, int j) { return m.mlp_fc1[i][j]; }),
        fc2_([&](int i, int j) { return m.mlp_fc2[i][j]; }),
        head_([&](int i, int j) { return i < vocab_size ? m.lm_head[i][j] : 0.0f; }) {
    std::copy_n(&m.wte[0][0], vocab_size * n_embd, &wte_[0][0]);
    std::copy_n(&m.wpe[0][0], block_size * n_embd, &wpe_[0][0]);
  }

  void forward(std::span<const Place> places, std::span<float> logits) override {
    float32x4_t out[padded_vocab / 4];
    pass(places[0], out);
    float in_order[padded_vocab];
    for (int i = 0; i < padded_vocab / 4; ++i) vst1q_f32(in_order + 4 * i, out[i]);
    std::copy_n(in_order, vocab_size, logits.begin());
  }

 protected:
  void write(std::span<std::uint8_t> tokens) override {
    for (std::uint8_t& out : tokens) {
      float32x4_t logits[padded_vocab / 4];
      pass(places_[0], logits);
      const int token = draw(logits, next_uniform(random_[0]));
      out = static_cast<std::uint8_t>(token);
      places_[0] = next_place(places_[0], token);
    }
  }

 private:
  void pass(Place place, float32x4_t (&logits)[padded_vocab / 4]);
  Sixteen attend(const float32x4_t (&q)[4], int position) const;
  int draw(float32x4_t (&logits)[padded_vocab / 4], float u) const;

  bool final_norm_;
  alignas(16) float wte_[vocab_size][n_embd], wpe_[block_size][n_embd];
  Columns<3 * n_embd, n_embd> qkv_;
  Columns<n_embd, n_embd> wo_;
  Columns<n_hidden, n_embd> fc1_;
  Columns<n_embd, n_hidden> fc2_;
  Columns<padded_vocab, n_embd> head_;
  Sixteen keys_[block_size], values_[block_size];  // heads as head_row() says
};

// Softmax-weighted values of this position and all before it, the four heads in the four lanes.
[[gnu::always_inline]] inline Sixteen Fp32::attend(const float32x4_t (&q)[4], int position) const {
  float32x4_t scores[block_size], largest = vdupq_n_f32(-1e30f);
  for (int t = 0; t <= position; ++t) {
    float32x4_t score = vmulq_f32(q[0], keys_[t].part[0]);
    for (int i = 1; i < head_dim; ++i) score = vfmaq_f32(score, q[i], keys_[t].part[i]);
    scores[t] = score;
    largest = vmaxq_f32(largest, score);
  }
  float32x4_t total = vdupq_n_f32(0);
  Sixteen mixed = {total, total, total, total};
  for (int t = 0; t <= position; ++t) {
    const float32x4_t weight = exp2(vmaxq_f32(vsubq_f32(scores[t], largest), vdupq_n_f32(-126)));
    total = vaddq_f32(total, weight);
    for (int i = 0; i < head_dim; ++i) {
      mixed.part[i] = vfmaq_f32(mixed.part[i], weight, values_[t].part[i]);
    }
  }
  for (float32x4_t& part : mixed.part) part = vdivq_f32(part, total);
  return mixed;
}

[[gnu::always_inline]] inline void Fp32::pass(Place place,
                                              float32x4_t (&logits)[padded_vocab / 4]) {
  // Embedding
  Sixteen x = Sixteen::load(wte_[place.token]) + Sixteen::load(wpe_[place.position]);
  if (!final_norm_) x = rmsnorm(x);

  // Attention
  const float32x4_t zero = vdupq_n_f32(0);
  float32x4_t qkv[12];
  std::fill(qkv, qkv + 12, zero);
  qkv_.multiply<1>(rmsnorm(x).part, qkv);
  std::copy(qkv + 4, qkv + 8, keys_[place.position].part);
  std::copy(qkv + 8, qkv + 12, values_[place.position].part);
  const Sixteen heads = attend({qkv[0], qkv[1], qkv[2], qkv[3]}, place.position);
  wo_.multiply<4>(heads.part, x.part);

  // MLP
  float32x4_t hidden[n_hidden / 4];
  std::fill(hidden, hidden + n_hidden / 4, zero);
  fc1_.multiply<1>(rmsnorm(x).part, hidden);
  for (float32x4_t& h : hidden) h = vmaxq_f32(h, zero);
  fc2_.multiply<4>(hidden, x.part);

  // Logits
  if (final_norm_) x = rmsnorm(x);
  std::fill(logits, logits + padded_vocab / 4, zero);
  head_.multiply<2>(x.part, logits);
}

// The first token whose running sum of e^(logit / temperature) exceeds u times their total.
[[gnu::always_inline]] inline int Fp32::draw(float32x4_t (&logits)[padded_vocab / 4],
                                             float u) const {
  constexpr int parts = padded_vocab / 4;
  // vsetq_lane: one lane from outside, the others as they are. vmaxvq: the largest of four lanes.
  logits[parts - 1] = vsetq_lane_f32(-1e30f, logits[parts - 1], 3);
  float32x4_t largest = logits[0];
  for (int i = 1; i < parts; ++i) largest = vmaxq_f32(largest, logits[i]);
  const float32x4_t most = vdupq_n_f32(vmaxvq_f32(largest));
  const float factor = log2_e / temperature_;
  float32x4_t running[parts], before = vdupq_n_f32(0);
  for (int i = 0; i < parts; ++i) {
    const float32x4_t power = vmulq_n_f32(vsubq_f32(logits[i], most), factor);
    running[i] = running_sums(exp2(vmaxq_f32(power, vdupq_n_f32(-126))));
  }
  for (int i = 0; i < parts; ++i) {
    running[i] = vaddq_f32(running[i], before);
    before = vdupq_laneq_f32(running[i], 3);
  }
  const float32x4_t threshold = vmulq_n_f32(before, u);
  // A comparison makes -1 (all bits) of what is true: subtracting it counts.
  uint32x4_t passed = vdupq_n_u32(0);
  for (int i = 0; i < parts; ++i) passed = vsubq_u32(passed, vcleq_f32(running[i], threshold));
  return std::min(static_cast<int>(vaddvq_u32(passed)), bos_token);
}

}  // namespace

std::unique_ptr<Engine> make_fp32(const MicroGpt& model) { return std::make_unique<Fp32>(model); }

}  // namespace ladder::neon
