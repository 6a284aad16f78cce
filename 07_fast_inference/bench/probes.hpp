#pragma once
/// \file
/// Loops whose time tells how fast a machine is: of steps that do not wait for each other (how many
/// multiply-adds in a cycle), and of steps that do (how long each takes). A file compiled for one
/// kind of machine (probes_avx2.cpp, …) gives its instructions in a type of its own:
///
///   bytes                    of a vector: Doubles, Floats, Ints
///   int16(sum, a, b), int8   sum + the products of the integers in each lane
///   words_name, bytes_name   what these two are made of, and float_name, for the reader
///   pair_product(a, b)       in each lane, two products of 16 bits and their sum
///   count(a, b)              in how many lanes a <= b
///   look_up(table, index)    an entry of a table for each lane
///
/// As in many_streams/integer_kernel.hpp nothing that is compiled here may be linked into another
/// file: that type stands in an unnamed namespace, so all that is made of it belongs to its file.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

namespace ladder {

/// A loop of multiply-adds that do not wait for each other.
struct PeakProbe {
  static constexpr int steps = 24;  ///< multiply-adds of vectors in a pass
  const char* instruction;          ///< that it is made of
  int multiply_adds;                ///< in each of them
  void (*run)(int passes);          ///< the loop
};

/// A loop of steps that each wait for the one before.
struct LatencyProbe {
  static constexpr int steps = 16;    ///< in a pass
  void (*run)(int passes) = nullptr;  ///< null if this machine has no such step
};

/// All loops of one kind of machine; the steps are those of Latencies, in model/cost.hpp.
struct Probes {
  PeakProbe fp64,         ///< sum + a * b in double precision
      fp32,               ///< in single precision
      int16,              ///< in pairs of 16-bit integers
      int8;               ///< in fours of bytes, or as the machine can
  LatencyProbe add,       ///< of floats
      multiply,           ///< likewise
      multiply_add,       ///< likewise
      divide,             ///< likewise
      root_and_multiply,  ///< a square root, and a product of it
      maximum,            ///< of two floats
      convert_twice,      ///< from float to integer and back
      near_shuffle,       ///< within 128 bits
      far_shuffle,        ///< beyond them
      pick,               ///< compare, count, read a row
      integer,            ///< addition
      integer_multiply,   ///< of 32 bits
      pair_product,       ///< two products of 16 bits, added
      look_up,            ///< an entry of a table for each lane
      scalar_multiply,    ///< of one integer
      load;               ///< of one number
};

Probes portable_probes();             ///< what every machine has that this was compiled for
Probes avx2_probes();                 ///< on x86 only; only a machine with AVX2 may run them
Probes avx512_probes(bool has_vnni);  ///< likewise, with AVX-512
Probes dot_product_probes();          ///< on an AArch64 that has the dot product

#if defined(__x86_64__) || defined(__aarch64__)

/// Tells the compiler that x may have become another number: so it can work out nothing ahead.
template <class Number>
[[gnu::always_inline]] inline void hide(Number& x) {
  if constexpr (sizeof(Number) <= 8) {
    asm volatile("" : "+r"(x));
  } else {
#if defined(__x86_64__)
    asm volatile("" : "+v"(x));
#else
    asm volatile("" : "+w"(x));
#endif
  }
}

/// Makes the probes of a machine.
template <class Machine>
struct ProbesOf {
  static constexpr int lanes = Machine::bytes / 4;  ///< of 32 bits
  using Doubles = typename Machine::Doubles;        ///< half as many
  using Floats = typename Machine::Floats;          ///< a vector
  using Ints = typename Machine::Ints;              ///< likewise

  /// Twelve sums: two units that take five cycles each are kept busy, and with their inputs they
  /// fit sixteen registers. \param step  from (sum, a, b) to the sum's next value
  template <class Vector, class Step>
  static PeakProbe peak(const char* instruction, int multiply_adds, Step) {
    return {instruction, multiply_adds, [](int passes) {
              Vector s0{}, s1{}, s2{}, s3{}, s4{}, s5{}, s6{}, s7{}, s8{}, s9{}, s10{}, s11{};
              Vector a{}, b{};
              hide(b);
              const auto next = [&](Vector & sum) __attribute__((always_inline)) {
                hide(a);
                sum = Step{}(sum, a, b);
                hide(sum);
              };
              for (; passes > 0; --passes) {
#pragma GCC unroll 2
                for (int i = 0; i < PeakProbe::steps / 12; ++i) {
                  next(s0), next(s1), next(s2), next(s3), next(s4), next(s5);
                  next(s6), next(s7), next(s8), next(s9), next(s10), next(s11);
                }
              }
            }};
  }

  /// \param step  from (x, one) to the next x; x begins as 1.3 or 1, `one` is 1
  template <class Number, class Step>
  static LatencyProbe latency(Step) {
    return {[](int passes) {
      Number x = Number{} + 1, one = x;
      if constexpr (std::is_same_v<Number, Floats>) x = Number{} + 1.3f;
      hide(x), hide(one);
      for (; passes > 0; --passes) {
#pragma GCC unroll 16
        for (int i = 0; i < LatencyProbe::steps; ++i) {
          x = Step{}(x, one);
          hide(x);
        }
      }
    }};
  }

  /// Lane i takes what stood in lane i ^ d.
  template <int d>
  [[gnu::always_inline]] static Floats xor_lanes(Floats x) {
    return [&]<int... i>(std::integer_sequence<int, i...>) __attribute__((always_inline)) {
      return __builtin_shufflevector(x, x, (i ^ d)...);
    }
    (std::make_integer_sequence<int, lanes>());
  }

  /// All of them.
  static Probes make() {
    Probes p{};
    p.fp64 = peak<Doubles>(Machine::double_name, lanes / 2,
                           [](Doubles sum, Doubles a, Doubles b) { return sum + a * b; });
    p.fp32 = peak<Floats>(Machine::float_name, lanes,
                          [](Floats sum, Floats a, Floats b) { return sum + a * b; });
    p.int16 = peak<Ints>(Machine::words_name, 2 * lanes,
                         [](Ints sum, Ints a, Ints b) { return (Ints)Machine::int16(sum, a, b); });
    p.int8 = peak<Ints>(Machine::bytes_name, Machine::products_of_bytes * lanes,
                        [](Ints sum, Ints a, Ints b) { return (Ints)Machine::int8(sum, a, b); });

    p.add = latency<Floats>([](Floats x, Floats one) { return x + one; });
    p.multiply = latency<Floats>([](Floats x, Floats one) { return x * one; });
    p.multiply_add = latency<Floats>([](Floats x, Floats one) { return one + x * one; });
    p.divide = latency<Floats>([](Floats x, Floats) { return 2.7f / x; });
    p.root_and_multiply = latency<Floats>([](Floats x, Floats) {
      for (int i = 0; i < lanes; ++i) x[i] = __builtin_sqrtf(x[i]);  // one instruction
      return x * 1.7f;  // lest it becomes 1, whose root is quicker found
    });
    p.maximum = latency<Floats>([](Floats x, Floats one) { return x > one ? x : one; });
    p.convert_twice = latency<Floats>([](Floats x, Floats) {
      return __builtin_convertvector(__builtin_convertvector(x, Ints), Floats);
    });
    p.near_shuffle = latency<Floats>([](Floats x, Floats) { return xor_lanes<1>(x); });
    if constexpr (lanes > 4) {
      p.far_shuffle = latency<Floats>([](Floats x, Floats) { return xor_lanes<lanes / 2>(x); });
    }
    p.pick = latency<Floats>([](Floats x, Floats one) {
      alignas(64) static const float zeros[lanes + 1][lanes] = {};
      const float(*rows)[lanes] = zeros;
      hide(rows);
      Floats row;
      std::memcpy(&row, rows[Machine::count(x, one)], sizeof row);
      return row;
    });
    p.integer = latency<Ints>([](Ints x, Ints one) { return x + one; });
    p.integer_multiply = latency<Ints>([](Ints x, Ints one) { return x * one; });
    p.pair_product =
        latency<Ints>([](Ints x, Ints one) { return (Ints)Machine::pair_product(x, one); });
    p.look_up = latency<Ints>([](Ints x, Ints) {
      static const std::int32_t ones[2] = {1, 1};
      const std::int32_t* table = ones;
      hide(table);
      return (Ints)Machine::look_up(table, x);
    });
    p.scalar_multiply =
        latency<std::uint64_t>([](std::uint64_t x, std::uint64_t one) { return x * one; });
    p.load = latency<std::uint64_t>([](std::uint64_t x, std::uint64_t) {
      static const std::uint64_t ones[2] = {1, 1};
      const std::uint64_t* table = ones;
      hide(table);
      return table[x];
    });
    return p;
  }
};

#endif

}  // namespace ladder
