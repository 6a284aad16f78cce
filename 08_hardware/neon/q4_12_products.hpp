#pragma once
/// \file
/// A matrix of 16-bit integers times a vector of them, exact, in two ways: products of 16 bits, and
/// (where there is an instruction for it) products of bytes.

#include "07_fast_inference/fixed_point/fixed_model.hpp"
#include "08_hardware/neon/neon.hpp"

namespace ladder::neon {

/// Sixteen 16-bit integers: x of one position.
struct Words {
  int16x8_t part[2];  ///< x[0] … x[7], x[8] … x[15]
};

/// By columns, [in][out], as in fp32: vmlal_laneq_s16(sum, w, x, i) (`smlal`) is sum + w · x[i],
/// four products of 16 bits added to four sums of 32; vmlal_high_laneq_s16 (`smlal2`) takes the
/// upper half of w. So one load of eight weights serves two instructions.
template <int outs, int ins>
class BySmlal {
 public:
  static constexpr int sums = (outs + 7) / 8 * 2;  ///< vectors; sums behind the last output are 0

  /// \param row  of output i
  template <std::size_t rows, class Row>
  BySmlal(const FixedMatrix<rows, ins>& w, Row&& row) {
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = 0; j < ins; ++j) weight_[j][i] = w.weight[row(i)][j];
    }
  }

  /// W x.
  [[gnu::always_inline]] void multiply(const Words (&x)[ins / 16], int32x4_t (&sum)[sums]) const {
    constexpr int ways = sums < 8 ? 2 : 1;  // a sum waits for the one before it, as in fp32
    int32x4_t part[ways][sums];
    for (auto& way : part) {
      for (int32x4_t& p : way) p = vdupq_n_s32(0);
    }
    unroll<ins>([&](auto j) __attribute__((always_inline)) {
      constexpr int in = j;
      unroll<sums / 2>([&](auto o) __attribute__((always_inline)) {
        constexpr int pair = o;
        const int16x8_t w = vld1q_s16(&weight_[in][8 * pair]), lane = x[in / 16].part[in / 8 % 2];
        int32x4_t* own = &part[in % ways][2 * pair];
        own[0] = vmlal_laneq_s16(own[0], vget_low_s16(w), lane, in % 8);
        own[1] = vmlal_high_laneq_s16(own[1], w, lane, in % 8);
      });
    });
    for (int o = 0; o < sums; ++o) {
      sum[o] = part[0][o];
      for (int way = 1; way < ways; ++way) sum[o] = vaddq_s32(sum[o], part[way][o]);
    }
  }

 private:
  alignas(16) std::int16_t weight_[ins][4 * sums] = {};
};

/// Armv8.2's dot product, `sdot`: to each of four sums, four products of signed bytes. A number of
/// 16 bits is 256 high + low + 128, both bytes signed, so
///   Σ w x = 65536 Σ wh xh + 256 Σ (wh xl + wl xh) + Σ wl xl + 128 (Σ w + Σ x) - 128² · ins.
/// On the way 32 bits may overflow, and do no harm: the end result fits them, and they add up as a
/// clock does.
template <int outs, int ins>
class BySdot {
 public:
  static constexpr int sums = (outs + 3) / 4;  ///< vectors; what is behind the last output is not 0

  /// \param row  of output i
  template <std::size_t rows, class Row>
  BySdot(const FixedMatrix<rows, ins>& w, Row&& row) {
    for (std::size_t i = 0; i < 4 * sums; ++i) {
      std::uint32_t total = 0;
      for (std::size_t j = 0; j < ins; ++j) {
        const int number = i < rows ? w.weight[row(i)][j] : 0;
        high_[j / 4][4 * i + j % 4] = static_cast<std::int8_t>(number >> 8);
        low_[j / 4][4 * i + j % 4] = static_cast<std::int8_t>((number & 255) - 128);
        total += static_cast<std::uint32_t>(number);
      }
      start_[i] = static_cast<std::int32_t>(128 * total - 128u * 128u * ins);
    }
  }

  /// W x.
  [[gnu::always_inline]] void multiply(const Words (&x)[ins / 16], int32x4_t (&sum)[sums]) const {
    // vuzp2q (`uzp2`): every second lane of two registers, here the upper bytes; uzp1 the lower.
    int8x16_t high[ins / 16], low[ins / 16];
    int32x4_t total = vdupq_n_s32(0);
    for (int i = 0; i < ins / 16; ++i) {
      const int8x16_t a = vreinterpretq_s8_s16(x[i].part[0]),
                      b = vreinterpretq_s8_s16(x[i].part[1]);
      high[i] = vuzp2q_s8(a, b);
      low[i] = veorq_s8(vuzp1q_s8(a, b), vdupq_n_s8(-128));  // less 128
      // vpadalq (`sadalp`): neighbours added up, and that to the sum.
      total = vpadalq_s16(vpadalq_s16(total, x[i].part[0]), x[i].part[1]);
    }
    const int32x4_t all = vdupq_n_s32(
        static_cast<std::int32_t>(128u * static_cast<std::uint32_t>(vaddvq_s32(total))));
    unroll<sums>([&](auto o) __attribute__((always_inline)) {
      constexpr int out = o;
      int32x4_t upper = vdupq_n_s32(0), middle = upper, other = upper;
      int32x4_t lower = vaddq_s32(vld1q_s32(&start_[4 * out]), all);
      unroll<ins / 4>([&](auto four) __attribute__((always_inline)) {
        constexpr int in = four;
        const int8x16_t wh = vld1q_s8(&high_[in][16 * out]), wl = vld1q_s8(&low_[in][16 * out]);
        add<in % 4>(upper, wh, high[in / 4]);
        add<in % 4>(middle, wh, low[in / 4]);
        add<in % 4>(other, wl, high[in / 4]);
        add<in % 4>(lower, wl, low[in / 4]);
      });
      middle = vaddq_s32(middle, other);
      sum[out] = vaddq_s32(lower, vaddq_s32(vshlq_n_s32(upper, 16), vshlq_n_s32(middle, 8)));
    });
  }

 private:
  // `w` holds four inputs of each of four outputs, lane `four` of x these inputs.
  template <int four>
  [[gnu::always_inline]] static void add(int32x4_t& sum, int8x16_t w, int8x16_t x) {
    // By its name: this file is compiled for machines without it, too.
    asm(".arch armv8.2-a+dotprod\n\tsdot %0.4s, %1.16b, %2.4b[%3]"
        : "+w"(sum)
        : "w"(w), "w"(x), "i"(four));
  }

  alignas(16) std::int8_t high_[ins / 4][16 * sums], low_[ins / 4][16 * sums];
  alignas(16) std::int32_t start_[4 * sums];
};

}  // namespace ladder::neon
