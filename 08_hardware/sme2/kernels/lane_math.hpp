#pragma once
/// \file
/// What has no instruction of its own, lane by lane, in streaming mode. (There is one that begins
/// an exponential, FEXPA, but not in streaming mode: that has only what a matrix engine can keep up
/// with.)

#include <arm_sme.h>
#include <arm_sve.h>

namespace ladder::sme2 {

/// 2^x for x ≤ 127, to 3e-7 of it; 2^-126 for all that is less. 2^x = 2^n 2^f, n whole and f from
/// -1/2 to 1/2, where the series Σ (f ln 2)^k / k! needs seven terms. (Inactive lanes hold
/// anything.)
[[gnu::always_inline]] inline svfloat32_t exp2(svbool_t active, svfloat32_t x) __arm_streaming
    __arm_preserves("za") {
  x = svmax_x(active, x, -126.0f);
  const svfloat32_t n = svrintn_x(active, x), f = svsub_x(active, x, n);
  svfloat32_t power = svdup_f32(1.5403530e-4f);
  power = svmad_x(active, power, f, 1.3333558e-3f);
  power = svmad_x(active, power, f, 9.6181291e-3f);
  power = svmad_x(active, power, f, 5.5504109e-2f);
  power = svmad_x(active, power, f, 2.4022651e-1f);
  power = svmad_x(active, power, f, 6.9314718e-1f);
  power = svmad_x(active, power, f, 1.0f);
  return svscale_x(active, power, svcvt_s32_x(active, n));
}

/// Multiplies into it what RMSNorm does: 1 / √(squares / n + ε).
[[gnu::always_inline]] inline svfloat32_t norm_factor(svbool_t active, svfloat32_t squares, float n,
                                                      float epsilon) __arm_streaming
    __arm_preserves("za") {
  const svfloat32_t mean = svmla_x(active, svdup_f32(epsilon), squares, 1 / n);
  return svdiv_x(active, svdup_f32(1), svsqrt_x(active, mean));
}

}  // namespace ladder::sme2
