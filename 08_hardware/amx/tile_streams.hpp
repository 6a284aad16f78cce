#pragma once
/// \file
/// The model as tiles multiply it, for 64 streams: a stream is a row of a tile, sixteen to a tile.

#include <vector>

#include "07_fast_inference/many_streams/batched_attention.hpp"
#include "07_fast_inference/many_streams/batched_sampling.hpp"
#include "07_fast_inference/model/part_clock.hpp"
#include "08_hardware/amx/tiles.hpp"

namespace ladder {

/// The matrices after attention, packed once.
///
/// attn_wo and the head are bfloat16 in both engines, for they write what every later step or the
/// reader sees. Their 16 inputs fill half of a tile's depth; the other half holds what rounding
/// each input to bfloat16 left over, so weights are there twice and inputs have 16 bits.
///
/// The MLP is bfloat16 as well, or 8 bits: weights signed, a scale an output, the normed x signed,
/// hidden numbers unsigned. The instructions add in 32 bits; nothing can saturate.
struct TileWeights {
  /// Converts the weights.
  explicit TileWeights(const MicroGpt& model);

  bool final_norm;             ///< as model.hpp says
  TileMemory wo[1][1];         ///< inputs in the order of head_row()
  TileMemory head[2][1];       ///< 27 outputs, then zeros; times the factor of scale_head()
  TileMemory fc1[4][1];        ///< bfloat16
  TileMemory fc2[1][2];        ///< bfloat16
  TileMemory fc1_bytes[4][1];  ///< 8 bits; sums are below 2^15
  TileMemory fc2_bytes[1][1];  ///< 8 bits
  float normed_scale;          ///< integers per 1 of the normed x, never beyond ±4
  alignas(64) std::int16_t hidden_factor[n_hidden];  ///< hidden = sum · factor / 2^15
  alignas(64) float fc2_unit[n_embd];                ///< what 1 in a sum is worth

  /// Packs lm_head times a factor.
  void scale_head(const MicroGpt& model, float factor);
};

/// Streams and all they need. As 07's IntegerStreams: no virtual functions, no library, for files
/// compiled for other instructions than the rest.
struct TileStreams {
  static constexpr int streams = 64;  ///< four tiles of 16 rows, so that four products overlap
  static constexpr int groups = streams / tile_rows;  ///< tiles of streams

  /// Packs the model's weights, and begins every stream anew.
  explicit TileStreams(const MicroGpt& model);

  TileWeights weights;                  ///< the matrices after attention
  Rows rows;                            ///< what token and position decide
  BatchedAttention<streams> attention;  ///< the streams' pasts
  StreamStates<streams> states;         ///< what each reads next
  float safe_squares;                   ///< as model.hpp says, of the head as it is scaled
};

/// One step: logits of the next token of every stream, (streams, 27). `past` is kept.
using TileForward = void (*)(TileStreams& state, float* logits);
/// Writes `steps` tokens of every stream, (steps, streams).
using TileGenerate = void (*)(TileStreams& state, std::uint8_t* tokens, std::size_t steps);
/// The same, writing nothing, and adds up the ticks of each part.
using TileTimed = void (*)(TileStreams& state, std::size_t steps, PartTicks& ticks);

/// One way to run the streams.
struct TileKernel {
  TileForward forward;    ///< never null
  TileGenerate generate;  ///< never null
  TileTimed timed;        ///< never null
};

/// By the model of the tiles, on any machine. \param bytes  the MLP in 8 bits, not in bfloat16
TileKernel model_kernel(bool bytes);
/// By the instructions; only a machine that passes no_tiles_because() may call it.
TileKernel amx_kernel(bool bytes);

/// Sixty-four streams by a kernel.
class TileEngine : public Engine, public TimesParts {
 public:
  /// Largest |logit - reference| that they are held to with the shipped weights.
  static constexpr double bfloat_bound = 0.3;
  static constexpr double int8_bound = 1.0;  ///< likewise, with the MLP in 8 bits

  /// Tables and packed weights are made here.
  TileEngine(const MicroGpt& model, TileKernel kernel);

  std::size_t precomputed_bytes() const override;
  void forward(std::span<const Place> places, std::span<float> logits) override;
  void time_parts(std::size_t steps, PartTicks& ticks) override;

 protected:
  void prepare() override;
  void write(std::span<std::uint8_t> tokens) override;

 private:
  void scale_head(float factor);

  MicroGpt model_;
  TileStreams streams_;
  TileKernel kernel_;
};

}  // namespace ladder
