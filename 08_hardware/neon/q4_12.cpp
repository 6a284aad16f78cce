// Q4.12, bit for bit 07's definition (fixed_point/q4_12.hpp, whose steps are numbered here too).
// Sums are exact and are saturated once, when they are narrowed, so any order of adding gives the
// same bits.
#include "07_fast_inference/fixed_point/q4_12.hpp"

#include <algorithm>
#include <vector>

#include "08_hardware/neon/neon_engines.hpp"
#include "08_hardware/neon/q4_12_numbers.hpp"

#if defined(__linux__)
#include <sys/auxv.h>
#endif

namespace ladder::neon {
namespace {

/// \tparam Product  BySmlal or BySdot
template <template <int, int> class Product>
class Q412 : public FixedPointBase {
 public:
  explicit Q412(const FixedModel& m);

  std::size_t precomputed_bytes() const override { return starts_.size() * sizeof(Start); }

  FixedSums sums(Place place) override {
    int32x4_t logits[7];
    pass(place, logits);
    std::int32_t in_order[28];
    for (int i = 0; i < 7; ++i) vst1q_s32(in_order + 4 * i, logits[i]);
    FixedSums result;
    std::copy_n(in_order, vocab_size, result.begin());
    return result;
  }

  int draw(const FixedSums& sums, std::uint32_t random) const override {
    std::int32_t in_order[28];
    std::copy(sums.begin(), sums.end(), in_order);
    in_order[27] = INT32_MIN;
    int32x4_t logits[7];
    for (int i = 0; i < 7; ++i) logits[i] = vld1q_s32(in_order + 4 * i);
    return draw(logits, random);
  }

 protected:
  void write(std::span<std::uint8_t> tokens) override {
    for (std::uint8_t& out : tokens) {
      int32x4_t logits[7];
      pass(places_[0], logits);
      next_uniform(random_[0]);  // moves the state on
      const int token = draw(logits, random_[0]);
      out = static_cast<std::uint8_t>(token);
      places_[0] = next_place(places_[0], token);
    }
  }

 private:
  // What token and position alone decide: steps 1 to 4. Heads as head_row() says.
  struct Start {
    Words x, query, key, value;
  };

  Start start_of(Place place, const Product<3 * n_embd, n_embd>& qkv) const;
  Words attend(const Words& query, int position) const;
  void pass(Place place, int32x4_t (&logits)[7]);
  int draw(const int32x4_t (&logits)[7], std::uint32_t random) const;
  Words norm(const Words& x, int exponent, int to_exponent) const {
    return neon::norm(x, model_.norm_epsilon_of(exponent), model_.format.fraction, to_exponent);
  }

  Product<n_embd, n_embd> wo_;
  Product<n_hidden, n_embd> fc1_;
  Product<n_embd, n_hidden> fc2_;
  Product<vocab_size, n_embd> lm_head_;
  std::vector<Start> starts_;  // (block_size, vocab_size)
  Words keys_[block_size] = {}, values_[block_size] = {};
};

std::size_t same(std::size_t i) { return i; }
std::size_t by_head(std::size_t i) {
  return static_cast<std::size_t>(head_row(static_cast<int>(i)));
}

// attn_wo reads the heads in their lanes' order.
FixedMatrix<n_embd, n_embd> by_heads(const FixedMatrix<n_embd, n_embd>& wo) {
  FixedMatrix<n_embd, n_embd> result = wo;
  for (std::size_t i = 0; i < n_embd; ++i) {
    for (std::size_t j = 0; j < n_embd; ++j) result.weight[i][j] = wo.weight[i][by_head(j)];
  }
  return result;
}

FixedMatrix<3 * n_embd, n_embd> stacked(const FixedModel& m) {
  FixedMatrix<3 * n_embd, n_embd> result{};
  for (std::size_t i = 0; i < n_embd; ++i) {
    std::copy_n(m.wq.weight[by_head(i)], n_embd, result.weight[i]);
    std::copy_n(m.wk.weight[by_head(i)], n_embd, result.weight[n_embd + i]);
    std::copy_n(m.wv.weight[by_head(i)], n_embd, result.weight[2 * n_embd + i]);
  }
  return result;
}

template <template <int, int> class Product>
Q412<Product>::Q412(const FixedModel& m)
    : FixedPointBase(m),
      wo_(by_heads(m.wo), same),
      fc1_(m.fc1, same),
      fc2_(m.fc2, same),
      lm_head_(m.lm_head, same) {
  const Product<3 * n_embd, n_embd> qkv(stacked(m), same);
  for (int position = 0; position < block_size; ++position) {
    for (int token = 0; token < vocab_size; ++token) {
      starts_.push_back(start_of({token, position}, qkv));
    }
  }
}

template <template <int, int> class Product>
typename Q412<Product>::Start Q412<Product>::start_of(
    Place place, const Product<3 * n_embd, n_embd>& qkv) const {
  const FixedModel& m = model_;
  const auto load = [](const std::int16_t* from) {
    return Words{vld1q_s16(from), vld1q_s16(from + 8)};
  };
  Start start;
  start.x = add_saturated(load(m.wte.weight[place.token]), load(m.wpe.weight[place.position]));
  if (!m.final_norm) start.x = norm(start.x, m.exponent.embedding, m.exponent.residual);
  const Words h[1] = {norm(start.x, m.exponent.residual, m.exponent.normed)};
  int32x4_t sum[12];
  qkv.multiply(h, sum);
  start.query = narrow(sum, m.shift.query);
  start.key = narrow(sum + 4, m.shift.key);
  for (int16x8_t& part : start.key.part) part = vmaxq_s16(part, vdupq_n_s16(-32767));
  start.value = narrow(sum + 8, m.shift.value);
  return start;
}

// Step 5, the four heads in four lanes.
template <template <int, int> class Product>
[[gnu::always_inline]] inline Words Q412<Product>::attend(const Words& q, int position) const {
  int32x4_t scores[block_size + 1], largest = vdupq_n_s32(INT32_MIN);
  for (int t = 0; t <= position; ++t) {
    const Words& k = keys_[t];
    // Two products fit 32 bits, since no key is -2^15; four are saturated, once.
    const int32x4_t a = vmlal_high_s16(vmull_s16(vget_low_s16(q.part[0]), vget_low_s16(k.part[0])),
                                       q.part[0], k.part[0]);
    const int32x4_t b = vmlal_high_s16(vmull_s16(vget_low_s16(q.part[1]), vget_low_s16(k.part[1])),
                                       q.part[1], k.part[1]);
    scores[t] = vqaddq_s32(a, b);
    largest = vmaxq_s32(largest, scores[t]);
  }
  scores[position + 1] = scores[position];  // two positions at a time
  uint16x8_t powers[block_size / 2];
  uint32x4_t total = vdupq_n_u32(0);
  for (int t = 0; t <= position; t += 2) {
    const auto below = [&](int32x4_t score) __attribute__((always_inline)) {
      return vreinterpretq_u32_s32(vsubq_s32(largest, score));
    };
    uint16x8_t& power = powers[t / 2];
    power =
        exp_negative(narrow_unsigned(below(scores[t]), below(scores[t + 1]), model_.shift.score));
    if (t == position) power = vcombine_u16(vget_low_u16(power), vdup_n_u16(0));
    total = vaddw_high_u16(vaddw_u16(total, vget_low_u16(power)), power);
  }
  std::uint32_t totals[n_head], mantissas[n_head];
  std::int32_t shifts[n_head];
  vst1q_u32(totals, total);
  for (std::size_t head = 0; head < n_head; ++head) {
    const Scale scale = reciprocal(totals[head]);
    mantissas[head] = scale.mantissa;
    shifts[head] = 15 - scale.shift;
  }
  const uint16x4_t mantissa = vmovn_u32(vld1q_u32(mantissas));
  const int32x4_t shift = vld1q_s32(shifts);
  int32x4_t sum[4] = {vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0)};
  for (int t = 0; t <= position; ++t) {
    const uint16x8_t both = powers[t / 2];
    const uint16x4_t power = t % 2 == 0 ? vget_low_u16(both) : vget_high_u16(both);
    const uint32x4_t wide = vrshlq_u32(vmull_u16(power, mantissa), shift);
    const int16x4_t weight = vreinterpret_s16_u16(vmin_u16(vqmovn_u32(wide), vdup_n_u16(32767)));
    const int16x8_t w = vcombine_s16(weight, weight);
    for (int i = 0; i < 2; ++i) {
      const int16x8_t v = values_[t].part[i];
      sum[2 * i] = vmlal_s16(sum[2 * i], weight, vget_low_s16(v));
      sum[2 * i + 1] = vmlal_high_s16(sum[2 * i + 1], w, v);
    }
  }
  return narrow(sum, 15);
}

template <template <int, int> class Product>
[[gnu::always_inline]] inline void Q412<Product>::pass(Place place, int32x4_t (&logits)[7]) {
  const FixedModel& m = model_;
  // Steps 1 to 5
  const Start& start = starts_[static_cast<std::size_t>(place.position * vocab_size + place.token)];
  keys_[place.position] = start.key;
  values_[place.position] = start.value;
  const Words heads[1] = {attend(start.query, place.position)};

  // Step 6
  int32x4_t sum[4];
  wo_.multiply(heads, sum);
  Words x = add_saturated(start.x, narrow(sum, m.shift.mixed));

  // Steps 7 and 8
  const Words h[1] = {norm(x, m.exponent.residual, m.exponent.normed)};
  int32x4_t up[16];
  fc1_.multiply(h, up);
  Words hidden[4];
  for (int i = 0; i < 4; ++i) {
    hidden[i] = narrow(up + 4 * i, m.shift.hidden);
    for (int16x8_t& part : hidden[i].part) part = vmaxq_s16(part, vdupq_n_s16(0));
  }
  fc2_.multiply(hidden, sum);
  x = add_saturated(narrow(x, m.shift.residual), narrow(sum, m.shift.down));
  if (m.final_norm) x = norm(x, m.exponent.last, m.exponent.normed);

  // Step 9
  const Words last[1] = {x};
  int32x4_t out[Product<vocab_size, n_embd>::sums];
  lm_head_.multiply(last, out);
  std::copy_n(out, 7, logits);
  logits[6] = vsetq_lane_s32(INT32_MIN, logits[6], 3);  // behind the 27th
}

// Steps 10 to 13
template <template <int, int> class Product>
[[gnu::always_inline]] inline int Q412<Product>::draw(const int32x4_t (&logits)[7],
                                                      std::uint32_t random) const {
  int32x4_t largest = logits[0];
  for (int i = 1; i < 7; ++i) largest = vmaxq_s32(largest, logits[i]);
  const int32x4_t most = vdupq_n_s32(vmaxvq_s32(largest));
  const auto below = [&](int i) __attribute__((always_inline)) {
    return vreinterpretq_u32_s32(vsubq_s32(most, logits[std::min(i, 6)]));
  };
  const uint32x4_t inverse_temperature = vdupq_n_u32(inverse_temperature_);
  uint32x4_t running[8], before = vdupq_n_u32(0);
  for (int i = 0; i < 8; i += 2) {
    const uint16x8_t d = narrow_unsigned(below(i), below(i + 1), model_.shift.logit);
    const uint32x4_t a = vmulq_u32(vmovl_u16(vget_low_u16(d)), inverse_temperature);
    const uint32x4_t b = vmulq_u32(vmovl_high_u16(d), inverse_temperature);
    uint16x8_t power = exp_negative(narrow_unsigned(a, b, 9));
    if (i == 6) power = vandq_u16(power, uint16x8_t{0xFFFF, 0xFFFF, 0xFFFF, 0, 0, 0, 0, 0});
    running[i] = running_sums(vmovl_u16(vget_low_u16(power)));
    running[i + 1] = running_sums(vmovl_high_u16(power));
  }
  for (int i = 0; i < 7; ++i) {
    running[i] = vaddq_u32(running[i], before);
    before = vdupq_laneq_u32(running[i], 3);
  }
  const std::uint32_t total = vgetq_lane_u32(before, 0);
  const uint32x4_t threshold =
      vdupq_n_u32(static_cast<std::uint32_t>(std::uint64_t{random >> 8} * total >> 24));
  uint32x4_t passed = vdupq_n_u32(0);
  for (int i = 0; i < 7; ++i) passed = vsubq_u32(passed, vcleq_u32(running[i], threshold));
  return std::min(static_cast<int>(vaddvq_u32(passed)), bos_token);
}

std::unique_ptr<Engine> make(const MicroGpt& model, bool by_sdot) {
  const FixedModel fixed = to_fixed_model(fit_to_fixed_point(model));
  if (auto engine = make_q4_12(fixed, by_sdot)) return engine;
  return std::make_unique<FixedPointEngine>(fixed);
}

}  // namespace

std::unique_ptr<Engine> make_q4_12(const FixedModel& m, bool by_sdot) {
  const auto all_within = [](int least, int most, std::initializer_list<int> numbers) {
    return std::all_of(numbers.begin(), numbers.end(),
                       [&](int n) { return least <= n && n <= most; });
  };
  const FixedShifts& s = m.shift;
  const bool usual =
      all_within(2, 31, {s.query, s.key, s.value, s.score, s.mixed, s.hidden, s.down, s.logit}) &&
      all_within(0, 12, {s.residual, m.exponent.residual, m.exponent.normed});
  if (!usual || !m.fits_32_bits) return nullptr;
  if (by_sdot) return std::make_unique<Q412<BySdot>>(m);
  return std::make_unique<Q412<BySmlal>>(m);
}

std::unique_ptr<Engine> make_q4_12(const MicroGpt& model) { return make(model, false); }

std::unique_ptr<Engine> make_q4_12_sdot(const MicroGpt& model) { return make(model, true); }

bool has_dot_product() {
#if defined(__ARM_FEATURE_DOTPROD)
  return true;
#elif defined(__linux__) && defined(HWCAP_ASIMDDP)
  return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
#else
  return false;
#endif
}

}  // namespace ladder::neon
