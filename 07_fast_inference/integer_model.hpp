#pragma once
/// \file
/// The matrices after attention in 16 or 8 bits, for processors that multiply and add integers two
/// or four at a time. Attention and norms stay in floating point.

#include <cstdint>

#include "07_fast_inference/rows.hpp"

namespace ladder {

/// A matrix of integers, packed as multiply-add instructions take them: a word of 32 bits is two
/// weights of 16 bits or four of 8, of inputs that follow each other.
template <int outs, int words>
struct PackedMatrix {
  std::int32_t word[outs / 4][words][4];  ///< of four outputs, for they are worked out together
  std::int32_t bias[outs];  ///< to be added to each sum: takes off the offset of unsigned inputs
  float unit;               ///< what 1 in a sum is worth
};

/// What integers stand for: weights are symmetric, one scale a matrix; inputs have one scale a
/// place in the network, found from the weights (ranges.hpp) when the model is converted.
///
/// 16 bits: inputs and weights signed. Scales are such that no sum can leave 32 bits: by the
/// largest inputs there can be, not by those that were seen.
///
/// 8 bits: weights signed, inputs unsigned with an offset of 128 (hidden numbers, never negative,
/// have none): that is what vpmaddubsw multiplies. It adds in 16 bits and would saturate; weights
/// are made so small (about ±80 instead of ±127) that sixteen inputs of 255 never do.
struct IntegerModel {
  IntegerModel(const MicroGpt& model, int bits);

  int bits;
  PackedMatrix<n_embd, 8> wo;     ///< 8 bits use the first 4 words
  PackedMatrix<n_hidden, 8> fc1;  ///< likewise
  PackedMatrix<n_embd, 32> fc2;   ///< 8 bits use the first 16
  PackedMatrix<28, 8> head;       ///< 27 and an empty one; of 16 bits always
  float attention_scale;          ///< integers per 1 of the heads' result
  float normed_scale;             ///< of the normed x, never beyond ±4
  float last_scale;               ///< of the head's input; saturates
  std::int16_t hidden_factor;     ///< 8 bits: hidden = sum · factor / 2^15; 16 bits: sum / 2^16
};

/// Everything a kernel needs: no classes with virtual functions, no library. A file compiled for
/// other instructions than the rest must not bring along inline functions that the linker could
/// then choose for everyone.
struct IntegerStreams {
  static constexpr int streams = 16;
  IntegerStreams(const MicroGpt& m, int bits);

  IntegerModel model;
  Rows rows;
  const Row* past[streams][block_size];  ///< keys and values so far; always pointers to rows
  int token[streams], position[streams];
  std::uint32_t random[streams];
  float temperature_factor;  ///< log2(e) / temperature
};

/// One step: logits of the next token of every stream, (streams, 27). `past` is kept.
using IntegerForward = void (*)(IntegerStreams& state, float* logits);
/// Writes `steps` tokens of every stream, (steps, streams).
using IntegerGenerate = void (*)(IntegerStreams& state, std::uint8_t* tokens, std::size_t steps);

struct IntegerKernel {
  const char* instructions;
  IntegerForward forward;
  IntegerGenerate generate;
};

IntegerKernel portable_kernel(int bits);
IntegerKernel avx2_kernel(int bits);  ///< on x86 only; only a machine with AVX2 may call it

/// Whether this is x86 with AVX2 (and FMA).
bool has_avx2();

/// The fastest kernel whose instructions this machine has.
IntegerKernel choose_kernel(int bits);

/// Sixteen streams in integers, by a kernel.
class IntegerEngine : public Engine {
 public:
  /// Largest |logit - reference| that they are held to with the shipped weights.
  static constexpr double int16_bound = 0.02;
  static constexpr double int8_bound = 4;

  IntegerEngine(const MicroGpt& model, int bits, IntegerKernel kernel);

  std::size_t precomputed_bytes() const override;
  void forward(std::span<const Place> places, std::span<float> logits) override;
  void start(std::uint32_t seed, float temperature) override;
  void generate(std::span<std::uint8_t> tokens) override;

 private:
  IntegerStreams streams_;
  IntegerKernel kernel_;
};

}  // namespace ladder
