#pragma once
/// \file
/// The matrices after attention in 16 or 8 bits, for processors that multiply and add integers two
/// or four at a time. Attention and norms stay in floating point.

#include <array>
#include <cstdint>
#include <vector>

#include "07_fast_inference/many_streams/batched_attention.hpp"
#include "07_fast_inference/many_streams/batched_sampling.hpp"

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
/// 8 bits are for the MLP, three quarters of all multiplications; attn_wo and the head, which write
/// what every later step or the reader sees, keep 16. Weights are signed, inputs unsigned, for that
/// is what vpmaddubsw multiplies: the normed x with an offset of 128, hidden numbers from 0 to 127.
/// The instruction adds in 16 bits and would saturate; weights are made so small (about ±100) that
/// as many inputs as a kernel adds up before it changes to 32 bits never do.
struct IntegerModel {
  /// Converts the weights. \param bits  of the MLP, 16 or 8
  IntegerModel(const MicroGpt& model, int bits);

  /// How many inputs of 8 bits may be added up before the sums are changed to 32 bits.
  static constexpr int fc1_chunk = 8, fc2_chunk = 16;  ///< likewise, of fc2

  /// Bits that a number takes in a word: WebAssembly multiplies those of 8 bits as 16.
  static constexpr int room_of(int bits) {
#if defined(__wasm__)
    return bits == 8 ? 16 : bits;
#else
    return bits;
#endif
  }

  int bits;                         ///< of the MLP
  bool final_norm;                  ///< as model.hpp says
  PackedMatrix<n_embd, 8> wo;       ///< 16 bits
  PackedMatrix<n_hidden, 8> fc1;    ///< 8 bits use the first 4 words
  PackedMatrix<n_embd, 32> fc2;     ///< 8 bits use the first 16
  PackedMatrix<head_rows, 8> head;  ///< 16 bits; 27 and an empty one
  float attention_scale;            ///< integers per 1 of the heads' result
  float normed_scale;               ///< of the normed x, never beyond ±4
  float last_scale;                 ///< of the head's input; saturates
  std::int16_t hidden_factor;       ///< 8 bits: hidden = sum · factor / 2^15; 16 bits: sum / 2^16

 private:
  void convert_mlp_to_words(const MicroGpt& model);
  void convert_mlp_to_bytes(const MicroGpt& model, double largest_hidden);
};

/// Everything a kernel needs: no classes with virtual functions, no library. A file compiled for
/// other instructions than the rest must not bring along inline functions that the linker could
/// then choose for everyone.
struct IntegerStreams {
  static constexpr int streams = 32;  ///< whatever the width of a vector
  /// \param bits  of the MLP, 16 or 8
  IntegerStreams(const MicroGpt& m, int bits);

  IntegerModel model;                   ///< the matrices after attention
  Rows rows;                            ///< what token and position decide
  BatchedAttention<streams> attention;  ///< the streams' pasts
  StreamStates<streams> states;         ///< what each reads next
  float temperature_factor;             ///< log2(e) / temperature
  float safe_squares;                   ///< as model.hpp says
};

/// One step: logits of the next token of every stream, (streams, 27). `past` is kept.
using IntegerForward = void (*)(IntegerStreams& state, float* logits);
/// Writes `steps` tokens of every stream, (steps, streams).
using IntegerGenerate = void (*)(IntegerStreams& state, std::uint8_t* tokens, std::size_t steps);

/// Where a step spends its time; a part ends where the next begins.
enum IntegerPart { integer_attention, integer_norm, integer_mlp, integer_head, integer_draw };
inline constexpr int integer_parts = 5;  ///< how many of them
/// Like IntegerGenerate, but writes nothing and adds up the time of each part, in ticks of the
/// processor's time-stamp counter.
using IntegerTimed = void (*)(IntegerStreams& state, std::size_t steps,
                              std::uint64_t (&ticks)[integer_parts]);

/// One machine's way to do all that, for one width of the MLP.
struct IntegerKernel {
  const char* instructions;      ///< what it multiplies by, for the reader
  IntegerForward forward;        ///< never null
  IntegerGenerate generate;      ///< never null
  IntegerTimed timed = nullptr;  ///< not every kernel can
};

/// For 16 and for 8 bits, on any machine.
IntegerKernel portable_kernel(int bits);
IntegerKernel avx2_kernel(int bits);    ///< on x86 only; only a machine with AVX2 may call it
IntegerKernel avx512_kernel(int bits);  ///< likewise, with AVX-512 and its VNNI
IntegerKernel neon_kernel(int bits);    ///< on any AArch64
IntegerKernel dot_product_kernel();     ///< of 8 bits, on an AArch64 that has the dot product
IntegerKernel wasm_kernel();            ///< of 8 bits, in a module of WebAssembly

/// Every kernel whose instructions this machine has, the fastest last.
std::vector<IntegerKernel> all_kernels(int bits);

/// Thirty-two streams in integers, by a kernel.
class IntegerEngine : public Engine {
 public:
  /// Largest |logit - reference| that they are held to with the shipped weights.
  static constexpr double int16_bound = 0.02;
  static constexpr double int8_bound = 1.5;  ///< likewise, with the MLP in 8 bits

  /// \param bits  of the MLP, 16 or 8; `kernel` is one of all_kernels(bits)
  IntegerEngine(const MicroGpt& model, int bits, IntegerKernel kernel);

  std::size_t precomputed_bytes() const override;
  void forward(std::span<const Place> places, std::span<float> logits) override;

  /// The share of each part in the time of a step; all 0 if the kernel cannot tell.
  std::array<double, integer_parts> shares(std::size_t steps);

 protected:
  void prepare() override;
  void write(std::span<std::uint8_t> tokens) override;

 private:
  MicroGpt model_;
  IntegerStreams streams_;
  IntegerKernel kernel_;
};

}  // namespace ladder
