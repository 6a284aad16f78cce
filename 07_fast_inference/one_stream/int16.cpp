// Integers where they pay. One instruction multiplies and adds sixteen pairs of 16-bit numbers
// where it multiplies eight floats (on AVX2). So the MLP, most of what `tables` has left to do, is
// done in integers: one scale a matrix, small enough that no sum can leave 32 bits. Attention,
// norms and the head stay as they were.
#include <algorithm>
#include <cmath>

#include "07_fast_inference/one_stream/one_stream.hpp"
#include "07_fast_inference/one_stream/one_stream_engines.hpp"
#include "07_fast_inference/one_stream/rows.hpp"

namespace ladder {
inline namespace LADDER_WIDTH {
namespace {

// Sixteen low bits of each, side by side in one lane.
[[gnu::always_inline]] inline IntLanes pair(IntLanes low, IntLanes high) {
  return (low & 0xFFFF) | (high << 16);
}

/// A matrix of 16-bit integers, its inputs in `vectors` vectors of pairs, along XOR diagonals as in
/// columns.hpp: with each turn of the input, every lane of a sum meets another pair.
template <int outs, int vectors, int turns>
struct PairMatrix {
  static constexpr int sums = outs / lanes;
  alignas(64) std::int32_t weight[vectors][turns][sums][lanes];

  /// \param integer  (outs, ins) the weights
  /// \param low, high  which inputs are the halves of lane m of vector v
  template <class Integers, class Low, class High>
  void pack(const Integers& integer, Low&& low, High&& high) {
    for (int v = 0; v < vectors; ++v) {
      for (int d = 0; d < turns; ++d) {
        for (int out = 0; out < outs; ++out) {
          const int m = out % lanes ^ d;
          const auto upper = static_cast<std::uint32_t>(integer[out][high(v, m)]) << 16;
          const auto lower = static_cast<std::uint32_t>(integer[out][low(v, m)]) & 0xFFFF;
          weight[v][d][out / lanes][out % lanes] = static_cast<std::int32_t>(upper | lower);
        }
      }
    }
  }

  /// += W x. \tparam chains  parts of each sum: an instruction that multiplies and adds has to wait
  /// four or five cycles for the one before it, and in that time eight could have been started.
  template <int chains>
  [[gnu::always_inline]] void multiply_add(const IntLanes (&x)[vectors],
                                           IntLanes (&sum)[sums]) const {
    IntLanes part[chains][sums];
    unroll<vectors * turns>([&](auto step) __attribute__((always_inline)) {
      constexpr int v = step / turns, d = step % turns;
      const IntLanes turned = bits(xor_lanes<d>(from_bits(x[v])));
      unroll<sums>([&](auto i) __attribute__((always_inline)) {
        IntLanes& own = part[step % chains][i];
        if constexpr (step < chains) own = step == 0 ? sum[i] : IntLanes{};
        own = add_pair_products(own, load(weight[v][d][i]), turned);
        keep_in_register(own);
      });
    });
    unroll<sums>([&](auto i) __attribute__((always_inline)) {
      sum[i] = part[0][i];
      unroll<chains - 1>([&](auto c) __attribute__((always_inline)) { sum[i] += part[c + 1][i]; });
    });
  }
};

template <int rows, int columns>
using Reals = double[rows][columns];

// W as integers, as large as they may be: the sum of |integer| · most[j] of no row may reach
// 2^31 less `start` (times the scale). \returns the scale
template <int outs, int ins>
double quantise(const Reals<outs, ins>& w, const double (&most)[ins], const double (&start)[outs],
                int (&integer)[outs][ins]) {
  double scale = 1e30;
  for (int i = 0; i < outs; ++i) {
    double sum = start[i], rounding = 0, largest = 1e-30;
    for (int j = 0; j < ins; ++j) {
      sum += std::abs(w[i][j]) * most[j];
      rounding += most[j] / 2;
      largest = std::max(largest, std::abs(w[i][j]));
    }
    scale = std::min({scale, 32767 / largest, (0x1p31 - 0x1p17 - rounding) / std::max(sum, 1e-30)});
  }
  for (int i = 0; i < outs; ++i) {
    for (int j = 0; j < ins; ++j) integer[i][j] = static_cast<int>(std::lround(w[i][j] * scale));
  }
  return scale;
}

class Int16 : public OneStream<Int16>, public TimesParts {
 public:
  explicit Int16(const MicroGpt& m) : OneStream(m), rows_(m) {
    wo_ = make_diagonals([&](int i, int j) { return m.attn_wo[i][head_row(j)]; });
    convert(m);
    std::fill(past_, past_ + block_size, &rows_.at(bos_token, 0));
  }

  std::size_t precomputed_bytes() const override { return sizeof rows_ + sizeof start_; }

  void time_parts(std::size_t steps, PartTicks& ticks) override { time_steps(steps, ticks); }

  /// \returns x after the MLP
  [[gnu::always_inline]] Sixteen pass(int token, int position) {
    return pass(token, position, NoClock());
  }
  template <class Clock>
  [[gnu::always_inline]] Sixteen pass(int token, int position, Clock&& clock) {
    const Row& row = rows_.at(token, position);
    past_[position] = &row;
    const Mixed mixed = rows_.attend(past_, position);
    const Sixteen x2 = multiply_mean(wo_, mixed, Sixteen::load(row.residual));
    clock.end(Part::attention, mixed, x2);

    IntLanes up[up_vectors], down[Sixteen::parts] = {};
    for (int i = 0; i < up_vectors; ++i) up[i] = load(start_[position][token] + i * lanes);
    IntLanes in[in_vectors], hidden[hidden_vectors];
    to_pairs(mixed, in);
    up_.multiply_add<lanes == 16 ? 2 : 1>(in, up);
    // Begun here, the norm is ready when it is wanted; written later, it would also start later.
    const float scale = 1 / std::sqrt(dot(x2, x2)[0] / n_embd + norm_epsilon);
    for (int v = 0; v < hidden_vectors; ++v) {
      const IntLanes low = up[2 * v] > 0 ? up[2 * v] : 0,
                     high = up[2 * v + 1] > 0 ? up[2 * v + 1] : 0;
      hidden[v] = pair(low >> 16, high >> 16);  // the upper halves of the sums
    }
    down_.multiply_add<lanes == 16 ? 4 : 2>(hidden, down);
    Sixteen x3 = x2;
    for (int p = 0; p < Sixteen::parts; ++p) {
      x3.part[p] += __builtin_convertvector(down[p], Lanes) * (scale * down_unit_);
    }
    clock.end(Part::mlp, x3);
    return x3;
  }

 private:
  static constexpr int up_vectors = n_hidden / lanes, hidden_vectors = up_vectors / 2;
  // Eight pairs come in: of sixteen lanes they fill one half, and the other repeats them.
  static constexpr int in_lanes = std::min(lanes, 8), in_vectors = 8 / in_lanes;

  // Rounded to 16 bits: a number plus 1.5 · 2^23 has no fraction left, and its lowest bits count.
  // Inputs i and i + 8 are a pair.
  [[gnu::always_inline]] void to_pairs(const Mixed& mixed, IntLanes (&in)[in_vectors]) const {
    const Lanes share = mean_scale_ / mixed.total;
    IntLanes integer[Sixteen::parts];
    for (int p = 0; p < Sixteen::parts; ++p) {
      integer[p] = bits(mixed.sum.part[p] * share + 0x1.8p23f);
    }
    if constexpr (lanes == 16) {
      in[0] = pair(integer[0], bits(xor_lanes<8 % lanes>(from_bits(integer[0]))));
    } else {
      for (int v = 0; v < in_vectors; ++v) in[v] = pair(integer[v], integer[v + in_vectors]);
    }
  }

  void convert(const MicroGpt& m);

  Rows rows_;
  const Row* past_[block_size];  // keys and values so far
  Diagonals wo_;
  PairMatrix<n_hidden, in_vectors, in_lanes> up_;  // fc1 · wo
  PairMatrix<n_embd, hidden_vectors, lanes> down_;
  alignas(64) std::int32_t start_[block_size][vocab_size][n_hidden];  // fc1 x1, in units of sums
  float mean_scale_, down_unit_;
};

void Int16::convert(const MicroGpt& m) {
  // The heads' result is a mean of values, so it is nowhere larger than the largest of them.
  double largest = 1e-30, starts[n_hidden] = {};
  for (int i = 0; i < block_size * vocab_size; ++i) {
    const Row& row = rows_.at(i % vocab_size, i / vocab_size);
    for (const float value : row.value) largest = std::max(largest, std::abs(double{value}));
    for (int k = 0; k < n_hidden; ++k) starts[k] = std::max(starts[k], std::abs(double{row.up[k]}));
  }
  mean_scale_ = static_cast<float>(32766 / largest);
  const double mean_scale = static_cast<double>(mean_scale_);

  Reals<n_hidden, n_embd> up = {};
  double most_in[n_embd], zero[n_embd] = {};
  for (int k = 0; k < n_hidden; ++k) {
    for (int j = 0; j < n_embd; ++j) {
      for (int i = 0; i < n_embd; ++i) {
        up[k][j] += double{m.mlp_fc1[k][i]} * double{m.attn_wo[i][head_row(j)]};
      }
    }
    starts[k] *= mean_scale;
  }
  std::fill(most_in, most_in + n_embd, 32767.0);
  int up_integer[n_hidden][n_embd], down_integer[n_embd][n_hidden];
  const double up_scale = quantise(up, most_in, starts, up_integer);
  up_.pack(
      up_integer, [](int v, int m) { return v * lanes + m; },
      [](int v, int m) { return (v * lanes + m) ^ 8; });
  for (int i = 0; i < block_size * vocab_size; ++i) {
    const int token = i % vocab_size, position = i / vocab_size;
    for (int k = 0; k < n_hidden; ++k) {
      const double start = double{rows_.at(token, position).up[k]} * up_scale * mean_scale;
      start_[position][token][k] = static_cast<std::int32_t>(std::lround(start)) + (1 << 15);
    }
  }

  // What a sum can be at most, its upper half can be too.
  Reals<n_embd, n_hidden> down;
  double most_hidden[n_hidden];
  for (int k = 0; k < n_hidden; ++k) {
    most_hidden[k] = starts[k] * up_scale / 0x1p16 + 1;
    for (const int weight : up_integer[k]) most_hidden[k] += std::abs(weight) * 32767.0 / 0x1p16;
    for (int i = 0; i < n_embd; ++i) down[i][k] = double{m.mlp_fc2[i][k]};
  }
  const double down_scale = quantise(down, most_hidden, zero, down_integer);
  down_.pack(
      down_integer, [](int v, int m) { return 2 * v * lanes + m; },
      [](int v, int m) { return (2 * v + 1) * lanes + m; });
  down_unit_ = static_cast<float>(0x1p16 / (down_scale * up_scale * mean_scale));
}

}  // namespace

/// make_int16() of this width.
std::unique_ptr<Engine> int16_of_width(const MicroGpt& model) {
  return std::make_unique<Int16>(model);
}

}  // namespace LADDER_WIDTH
}  // namespace ladder
