#pragma once
/// \file
/// The weights as the lanes of v4 and v5 want them: step j of a product reads row j, each lane its
/// own column, from memory or once and for all into registers.

#include <memory>

#include "07_fast_inference/model/model.hpp"
#include "08_hardware/cuda/warp/target.hpp"

namespace ladder::gpu {

/// A float for each lane.
using LaneRow = float[warp_lanes];

/// Matrices by lane. Where sums are halved, lane 16 h + i has output i and inputs 8 h … 8 h + 7.
struct PackedWeights {
  LaneRow wq[8], wk[8], wv[8], wo[8];
  LaneRow fc1[2][n_embd];  ///< hidden number lane + 32 s, by inputs
  LaneRow fc2[2][n_embd];  ///< hidden number lane + 32 s, by outputs
  LaneRow head[n_embd];    ///< token lane, by inputs; 0 from 27 on
  float wte[vocab_size][n_embd];
  float wpe[block_size][n_embd];
  int final_norm;

  /// Packs the model's matrices.
  static PackedWeights of(const MicroGpt& model);
};

/// All that attention needs of a token at a position; with one layer it depends on nothing else.
struct PlaceTable {
  /// Of one place.
  struct Row {
    float x[n_embd], q[n_embd], k[n_embd], v[n_embd];
  };
  Row rows[vocab_size][block_size];

  /// Computes it, in double precision.
  static std::unique_ptr<PlaceTable> of(const MicroGpt& model);
};

/// Weights in memory, read when they are wanted: many warps share them.
template <class Warp>
struct MemoryWeights {
  using Float = typename Warp::Float;
  const PackedWeights& packed;  ///< where

  LADDER_DEVICE Float wq(Warp& warp, int j) const { return warp.load(packed.wq[j], warp.lane()); }
  LADDER_DEVICE Float wk(Warp& warp, int j) const { return warp.load(packed.wk[j], warp.lane()); }
  LADDER_DEVICE Float wv(Warp& warp, int j) const { return warp.load(packed.wv[j], warp.lane()); }
  LADDER_DEVICE Float wo(Warp& warp, int j) const { return warp.load(packed.wo[j], warp.lane()); }
  LADDER_DEVICE Float fc1(Warp& warp, int s, int j) const {
    return warp.load(packed.fc1[s][j], warp.lane());
  }
  LADDER_DEVICE Float fc2(Warp& warp, int s, int o) const {
    return warp.load(packed.fc2[s][o], warp.lane());
  }
  LADDER_DEVICE Float head(Warp& warp, int j) const {
    return warp.load(packed.head[j], warp.lane());
  }
};

/// Weights in registers: 112 of each lane's 255, loaded once a launch.
template <class Warp>
class RegisterWeights {
 public:
  using Float = typename Warp::Float;

  /// Loads them.
  LADDER_DEVICE RegisterWeights(Warp& warp, const PackedWeights& packed) {
    LADDER_UNROLL
    for (int j = 0; j < 8; ++j) {
      wq_[j] = warp.load(packed.wq[j], warp.lane());
      wk_[j] = warp.load(packed.wk[j], warp.lane());
      wv_[j] = warp.load(packed.wv[j], warp.lane());
      wo_[j] = warp.load(packed.wo[j], warp.lane());
    }
    LADDER_UNROLL
    for (int j = 0; j < n_embd; ++j) {
      LADDER_UNROLL
      for (int s = 0; s < 2; ++s) {
        fc1_[s][j] = warp.load(packed.fc1[s][j], warp.lane());
        fc2_[s][j] = warp.load(packed.fc2[s][j], warp.lane());
      }
      head_[j] = warp.load(packed.head[j], warp.lane());
    }
  }

  LADDER_DEVICE const Float& wq(Warp&, int j) const { return wq_[j]; }
  LADDER_DEVICE const Float& wk(Warp&, int j) const { return wk_[j]; }
  LADDER_DEVICE const Float& wv(Warp&, int j) const { return wv_[j]; }
  LADDER_DEVICE const Float& wo(Warp&, int j) const { return wo_[j]; }
  LADDER_DEVICE const Float& fc1(Warp&, int s, int j) const { return fc1_[s][j]; }
  LADDER_DEVICE const Float& fc2(Warp&, int s, int o) const { return fc2_[s][o]; }
  LADDER_DEVICE const Float& head(Warp&, int j) const { return head_[j]; }

 private:
  Float wq_[8], wk_[8], wv_[8], wo_[8], fc1_[2][n_embd], fc2_[2][n_embd], head_[n_embd];
};

}  // namespace ladder::gpu
