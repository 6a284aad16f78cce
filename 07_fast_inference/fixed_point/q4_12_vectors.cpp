// The definition in q4_12.hpp, eight numbers at a time and to the last bit the same. A lane has 32
// bits: room for a sum, or for a pair of 16-bit numbers, and one instruction multiplies two pairs
// and adds the two products up.
#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

#include "07_fast_inference/fixed_point/q4_12.hpp"
#include "07_fast_inference/fixed_point/vectors.hpp"
#include "07_fast_inference/model/part_clock.hpp"

namespace ladder {
namespace {

constexpr int pairs_of_x = n_embd / 2, pairs_of_u = n_hidden / 2;

// A matrix for pairs of inputs: [pair][out], so that a vector of outputs lies together. Inputs
// `first(p)` and `second(p)` are pair p; lane i of the result is output `row(i)`.
template <int pairs, int outs>
struct PairMatrix {
  alignas(64) std::int32_t weight[pairs][outs];

  template <std::size_t rows, std::size_t columns, class Row, class First, class Second>
  void pack(const FixedMatrix<rows, columns>& w, Row&& row, First&& first, Second&& second,
            int from = 0) {
    for (int p = 0; p < pairs; ++p) {
      for (std::size_t i = 0; i < rows; ++i) {
        weight[p][static_cast<std::size_t>(from) + i] =
            pair_of(w.weight[row(i)][first(p)], w.weight[row(i)][second(p)]);
      }
    }
  }

  // W x, for `count` vectors of outputs from `from` on; x: the pairs, in memory. An addition waits
  // for the one before it, so `ways` sums of each output are on their way at a time.
  template <int count, int ways>
  [[gnu::always_inline]] void multiply(const std::int32_t (&x)[pairs], Eight (&sum)[count],
                                       int from = 0) const {
    Eight part[ways][count] = {};
    unroll<pairs>([&](auto p) __attribute__((always_inline)) {
      const Eight both = splat8(x[p]);
      unroll<count>([&](auto i) __attribute__((always_inline)) {
        Eight& part_sum = part[p % ways][i];
        part_sum = add_pair_products8(part_sum, load8(&weight[p][(from + i) * 8]), both);
      });
    });
    for (int i = 0; i < count; ++i) {
      sum[i] = part[0][i];
      for (int way = 1; way < ways; ++way) sum[i] += part[way][i];
    }
  }
};

// Rows of attn_wq, attn_wk, attn_wv in the order in which their outputs stand in two vectors: a
// head in each lane and its neighbour four further, its dimensions 0 and 1 in the lower vector, 2
// and 3 in the upper one. So a lane of pairs is one head's, and lanes i and i + 4 are all of it.
constexpr std::size_t head_order(std::size_t lane) {
  const std::size_t upper = lane / 8, half = lane % 8 / 4, head = lane % 4;
  return head * head_dim + 2 * upper + half;
}

// Of the fourth vector of logits: -1 in the lanes behind the 27th.
constexpr Eight behind_the_last = {0, 0, 0, -1, -1, -1, -1, -1};

class FixedVectors : public FixedPointBase, public TimesParts {
 public:
  explicit FixedVectors(const FixedModel& m);

  std::size_t precomputed_bytes() const override { return starts_.size() * sizeof(Start); }

  FixedSums sums(Place place) override {
    alignas(32) std::int32_t logits[32];
    pass(place, logits, NoClock());
    FixedSums result;
    std::copy(logits, logits + vocab_size, result.begin());
    return result;
  }

  int draw(const FixedSums& sums, std::uint32_t random) const override {
    alignas(32) std::int32_t logits[32];
    std::fill(std::copy(sums.begin(), sums.end(), logits), logits + 32, INT32_MIN);
    return draw(logits, random);
  }

 protected:
  void write(std::span<std::uint8_t> tokens) override {
    for (std::uint8_t& out : tokens) out = next_token(NoClock());
  }

  void time_parts(std::size_t steps, PartTicks& ticks) override {
    for (PartClock<true> clock(ticks); steps > 0; --steps) next_token(clock);
  }

 private:
  // x[0..7] and x[8..15]
  struct Numbers {
    Eight low, high;
  };

  // What token and position alone decide: steps 1 to 4.
  struct Start {
    Numbers x;
    Eight query, key;  // pairs, see head_order()
    Numbers value;
  };

  Start start_of(Place place) const;
  Numbers norm(Numbers x, std::uint32_t epsilon, int to_exponent) const;
  Numbers attend(Eight query, int position) const;
  template <class Clock>
  void pass(Place place, std::int32_t (&logits)[32], Clock&& clock);
  int draw(const std::int32_t (&logits)[32], std::uint32_t random) const;

  template <class Clock>
  [[gnu::always_inline]] std::uint8_t next_token(Clock&& clock) {
    alignas(32) std::int32_t logits[32];
    pass(places_[0], logits, clock);
    next_uniform(random_[0]);  // moves the state on
    const int token = draw(logits, random_[0]);
    places_[0] = next_place(places_[0], token);
    clock.end(Part::draw);
    return static_cast<std::uint8_t>(token);
  }

  PairMatrix<pairs_of_x, 3 * n_embd> qkv_;
  PairMatrix<pairs_of_x, n_embd> wo_;
  PairMatrix<pairs_of_x, n_hidden> fc1_;
  PairMatrix<pairs_of_u, n_embd> fc2_;
  PairMatrix<pairs_of_x, 32> lm_head_{};
  std::uint32_t epsilon_embedding_, epsilon_residual_, epsilon_last_;
  std::vector<Start> starts_;            // (block_size, vocab_size)
  Eight keys_[block_size] = {};          // pairs, see head_order()
  Numbers values_[block_size / 2] = {};  // lane i: of positions 2t and 2t + 1, a pair
};

FixedVectors::FixedVectors(const FixedModel& m)
    : FixedPointBase(m),
      epsilon_embedding_(m.norm_epsilon_of(m.exponent.embedding)),
      epsilon_residual_(m.norm_epsilon_of(m.exponent.residual)),
      epsilon_last_(m.norm_epsilon_of(m.exponent.last)) {
  const auto same = [](std::size_t i) { return i; };
  const auto first = [](int p) { return static_cast<std::size_t>(p); };
  const auto second = [](int p) { return static_cast<std::size_t>(p + 8); };
  qkv_.pack(m.wq, head_order, first, second);
  qkv_.pack(m.wk, head_order, first, second, n_embd);
  qkv_.pack(m.wv, head_order, first, second, 2 * n_embd);
  wo_.pack(
      m.wo, same, [](int p) { return head_order(static_cast<std::size_t>(p)); },
      [](int p) { return head_order(static_cast<std::size_t>(p + 8)); });
  fc1_.pack(m.fc1, same, first, second);
  // Hidden numbers come in eight vectors; two beside each other make a vector of pairs.
  fc2_.pack(
      m.fc2, same, [](int p) { return static_cast<std::size_t>(p / 8 * 16 + p % 8); },
      [](int p) { return static_cast<std::size_t>(p / 8 * 16 + p % 8 + 8); });
  lm_head_.pack(m.lm_head, same, first, second);
  for (int position = 0; position < block_size; ++position) {
    for (int token = 0; token < vocab_size; ++token) starts_.push_back(start_of({token, position}));
  }
}

// Step 2: x · reciprocal_sqrt(Σ x² / 16 + ε).
[[gnu::always_inline]] inline FixedVectors::Numbers FixedVectors::norm(Numbers x,
                                                                       std::uint32_t epsilon,
                                                                       int to_exponent) const {
  // A pair of squares is at most 2^31, as an unsigned number. The sum of eight has 34 bits: upper
  // and lower halves of 16 are added up apart.
  const Eight both = pair8(x.low, x.high);
  const UnsignedEight squares = (UnsignedEight)add_pair_products8(Eight{}, both, both);
  const std::uint64_t upper = sum_of(squares >> 16), lower = sum_of(squares & 0xFFFF);
  const auto mean = static_cast<std::uint32_t>(((upper << 16) + lower + 8) >> 4);
  const Scale scale = reciprocal_sqrt(mean + epsilon, model_.format.fraction);
  const int shift = scale.shift + to_exponent;
  // The mantissa's highest bit is set: as a 16-bit number with a sign it is 2^16 less than it is.
  const Eight mantissa = splat8(pair_of(scale.mantissa, 0));
  const auto times_mantissa = [&](Eight n) __attribute__((always_inline)) {
    return add_pair_products8((Eight)((UnsignedEight)n << 16), n, mantissa);
  };
  return {narrow8(times_mantissa(x.low), shift), narrow8(times_mantissa(x.high), shift)};
}

// Step 5. Two positions at a time: the four heads of one in lanes 0 to 3, of the other in 4 to 7.
[[gnu::always_inline]] inline FixedVectors::Numbers FixedVectors::attend(Eight q,
                                                                         int position) const {
  const int steps = position / 2 + 1;
  Eight scores[block_size / 2], largest = splat8(INT32_MIN);
  for (int t = 0; t < steps; ++t) {
    const Eight a = add_pair_products8(Eight{}, q, keys_[2 * t]);
    const Eight b = add_pair_products8(Eight{}, q, keys_[2 * t + 1]);
    scores[t] = add_saturated8(lower_halves(a, b), upper_halves(a, b));
    if (2 * t == position) scores[t] = lower_half_or(scores[t], INT32_MIN);
    largest = max8(largest, scores[t]);
  }
  largest = max8(largest, swap_halves(largest));

  Eight powers[block_size / 2], total = {};
  for (int t = 0; t < steps; ++t) {
    const UnsignedEight below = (UnsignedEight)largest - (UnsignedEight)scores[t];
    powers[t] = exp_negative8(narrow_unsigned8(below, model_.shift.score));
    if (2 * t == position) powers[t] = lower_half_or(powers[t], 0);
    total += powers[t];
  }
  total += swap_halves(total);

  Eight mantissa, shift;
  for (int head = 0; head < n_head; ++head) {
    const Scale scale = reciprocal(static_cast<std::uint32_t>(total[head]));
    mantissa[head] = mantissa[head + 4] = scale.mantissa;
    shift[head] = shift[head + 4] = scale.shift - 15;
  }
  Eight low = {}, high = {};
  for (int t = 0; t < steps; ++t) {
    const UnsignedEight product = (UnsignedEight)powers[t] * (UnsignedEight)mantissa;
    const Eight weight = min8((Eight)shift_rounded8(product, (UnsignedEight)shift), splat8(32767));
    const Eight both = repeat_lower_half(pair8(weight, swap_halves(weight)));
    low = add_pair_products8(low, both, values_[t].low);
    high = add_pair_products8(high, both, values_[t].high);
  }
  return {narrow8(low, 15), narrow8(high, 15)};
}

FixedVectors::Start FixedVectors::start_of(Place place) const {
  const FixedModel& m = model_;
  const std::int16_t *token = m.wte.weight[place.token], *position = m.wpe.weight[place.position];
  Start start;
  start.x = {saturate8(widen8(token) + widen8(position)),
             saturate8(widen8(token + 8) + widen8(position + 8))};
  if (!m.final_norm) start.x = norm(start.x, epsilon_embedding_, m.exponent.residual);
  const Numbers h = norm(start.x, epsilon_residual_, m.exponent.normed);
  alignas(32) std::int32_t in[pairs_of_x];
  store8(in, pair8(h.low, h.high));
  Eight qkv[6] = {};
  qkv_.multiply<6, 2>(in, qkv);
  start.query = pair8(narrow8(qkv[0], m.shift.query), narrow8(qkv[1], m.shift.query));
  start.key = pair8(max8(narrow8(qkv[2], m.shift.key), splat8(-32767)),
                    max8(narrow8(qkv[3], m.shift.key), splat8(-32767)));
  start.value = {narrow8(qkv[4], m.shift.value), narrow8(qkv[5], m.shift.value)};
  return start;
}

template <class Clock>
[[gnu::always_inline]] inline void FixedVectors::pass(Place place, std::int32_t (&logits)[32],
                                                      Clock&& clock) {
  const FixedModel& m = model_;
  const int position = place.position;
  const auto store_pairs = [](Numbers x, std::int32_t* to) { store8(to, pair8(x.low, x.high)); };
  alignas(32) std::int32_t in[pairs_of_x];

  // Steps 1 to 5
  const Start& start = starts_[static_cast<std::size_t>(position * vocab_size + place.token)];
  Numbers x = start.x;
  keys_[position] = start.key;
  Numbers& value = values_[position / 2];
  if (position % 2 == 0) {
    value = {start.value.low & 0xFFFF, start.value.high & 0xFFFF};
  } else {
    value = {pair8(value.low, start.value.low), pair8(value.high, start.value.high)};
  }
  clock.end(Part::embedding);
  store_pairs(attend(start.query, position), in);

  // Step 6
  Eight mixed[2] = {};
  wo_.multiply<2, 4>(in, mixed);
  x.low = saturate8(x.low + narrow8(mixed[0], m.shift.mixed));
  x.high = saturate8(x.high + narrow8(mixed[1], m.shift.mixed));
  clock.end(Part::attention);

  // Steps 7 and 8
  store_pairs(norm(x, epsilon_residual_, m.exponent.normed), in);
  clock.end(Part::norms);
  alignas(32) std::int32_t hidden[pairs_of_u];
  unroll<4>([&](auto quarter) __attribute__((always_inline)) {
    Eight up[2] = {};
    fc1_.multiply<2, 4>(in, up, 2 * quarter);
    store8(hidden + 8 * quarter, pair8(max8(narrow8(up[0], m.shift.hidden), Eight{}),
                                       max8(narrow8(up[1], m.shift.hidden), Eight{})));
  });
  Eight down[2] = {};
  fc2_.multiply<2, 4>(hidden, down);
  if (m.shift.residual > 0) {
    x = {narrow8(x.low, m.shift.residual), narrow8(x.high, m.shift.residual)};
  }
  x.low = saturate8(x.low + narrow8(down[0], m.shift.down));
  x.high = saturate8(x.high + narrow8(down[1], m.shift.down));
  clock.end(Part::mlp);
  if (m.final_norm) x = norm(x, epsilon_last_, m.exponent.normed);

  // Step 9
  store_pairs(x, in);
  Eight out[4] = {};
  lm_head_.multiply<4, 2>(in, out);
  out[3] = behind_the_last ? splat8(INT32_MIN) : out[3];
  for (int i = 0; i < 4; ++i) store8(logits + 8 * i, out[i]);
  clock.end(Part::head);
}

// Steps 10 to 13
[[gnu::always_inline]] inline int FixedVectors::draw(const std::int32_t (&logits)[32],
                                                     std::uint32_t random) const {
  Eight logit[4], largest = load8(logits);
  for (int i = 0; i < 4; ++i) largest = max8(largest, logit[i] = load8(logits + 8 * i));
  largest = largest_everywhere(largest);
  const UnsignedEight inverse_temperature = UnsignedEight{} + inverse_temperature_;
  Eight running[4];
  for (int i = 0; i < 4; ++i) {
    const UnsignedEight below = (UnsignedEight)largest - (UnsignedEight)logit[i];
    const UnsignedEight z = narrow_unsigned8(below, model_.shift.logit) * inverse_temperature;
    Eight power = exp_negative8(narrow_unsigned8(z, 9));
    if (i == 3) power &= ~behind_the_last;
    running[i] = running_sums(power);
  }
  for (int i = 1; i < 4; ++i) running[i] += splat8(running[i - 1][7]);
  const auto total = static_cast<std::uint32_t>(running[3][7]);
  const auto threshold = static_cast<std::int32_t>(std::uint64_t{random >> 8} * total >> 24);
  Eight passed = {};
  for (int i = 0; i < 4; ++i) passed += running[i] <= splat8(threshold);
  return std::min(static_cast<int>(0 - sum_of((UnsignedEight)passed)), bos_token);
}

}  // namespace

std::unique_ptr<FixedPointBase> make_fixed_vectors(const FixedModel& m) {
  const auto all_within = [](int least, int most, std::initializer_list<int> numbers) {
    return std::all_of(numbers.begin(), numbers.end(),
                       [&](int n) { return least <= n && n <= most; });
  };
  const FixedShifts& s = m.shift;
  const bool usual =
      all_within(2, 31, {s.query, s.key, s.value, s.score, s.mixed, s.hidden, s.down, s.logit}) &&
      all_within(0, 12, {s.residual, m.exponent.residual, m.exponent.normed});
  if (!usual || !m.fits_32_bits) return nullptr;
  return std::make_unique<FixedVectors>(m);
}

}  // namespace ladder
