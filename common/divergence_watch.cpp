// By itself, without the library that formats messages: a wasm module watches too.
#include "common/divergence.hpp"

namespace ladder {
namespace {

constexpr double far_above = 100;  // times the first loss, for one batch
constexpr double too_high = 10;    // times the first loss, on average

}  // namespace

bool DivergenceWatch::diverged(double loss) {
  if (!begun_) first_ = smoothed_ = loss;
  begun_ = true;
  smoothed_ += (loss - smoothed_) / 20;
  // Asked the other way round, a NaN would pass.
  return !(loss <= far_above * first_ && smoothed_ <= too_high * first_);
}

}  // namespace ladder
