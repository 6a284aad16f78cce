#pragma once
/// \file
/// Where a pass keeps its matrices. Unnamed namespace: see kernels.hpp.

#include "09_fast_training/fast/kernels.hpp"

namespace ladder {
namespace {

/// The matrices of one pass, N rows each (up to a multiple of 4) where no other shape is given.
template <class Number, int width>
struct Workspace {
  // Transposed copies of the weights, (in, out), made anew in every pass.
  Number *qkv_t,  // (width, 3 width)
      *wo_t,      // (width, width)
      *fc1_t,     // (width, 4 width)
      *fc2_t,     // (4 width, width)
      *head_t;    // (width, padded_vocab)

  Number *embedded,               // (N, width)
      *x, *h,                     // (N, width) that attention reads; normed
      *qkv,                       // (N, 3 width)
      *attended,                  // (N, width)
      *x_mid, *h_mid,             // (N, width) that the MLP reads; normed
      *hidden,                    // (N, 4 width)
      *x_out, *h_out,             // (N, width) after the MLP; normed
      *scales[4],                 // (N + 16) of the RMSNorms: embeddings, attention, MLP, final
      *attention_weights,         // (pairs, 16)
      *dx, *dh, *dqkv, *dhidden;  // gradients, as above
  Number* totals;                 // (N) of the softmax of the logits
  int* counts;                    // (N) targets
  std::size_t size;               // numbers in all

  /// Cut out of pass.workspace, one after the other.
  [[gnu::always_inline]] explicit Workspace(const Pass<Number>& pass) {
    const std::size_t n = padded_rows(pass.rows), vocab = padded_vocab(pass.vocab_size);
    size = 0;
    const auto cut = [&](std::size_t numbers) __attribute__((always_inline)) {
      Number* const begin = pass.workspace + size;
      size += (numbers + 15) / 16 * 16;
      return begin;
    };
    qkv_t = cut(3 * width * width), wo_t = cut(width * width);
    fc1_t = cut(4 * width * width), fc2_t = cut(4 * width * width);
    head_t = cut(width * vocab);
    for (Number** matrix :
         {&embedded, &x, &h, &attended, &x_mid, &h_mid, &x_out, &h_out, &dx, &dh}) {
      *matrix = cut(n * width);
    }
    qkv = cut(n * 3 * width), dqkv = cut(n * 3 * width);
    hidden = cut(n * 4 * width), dhidden = cut(n * 4 * width);
    for (Number*& scale : scales) scale = cut(n + 16);
    // A row at position t has t / 4 + 1 groups of four, at most (pairs + 3) / 4 of them.
    attention_weights = cut(4 * static_cast<std::size_t>(pass.pairs) + 32 * n);
    totals = cut(n);
    counts = reinterpret_cast<int*>(cut(n));  // no larger than Numbers
    if (!pass.gains) return;
    x = embedded;  // no norm stands between them
  }
};

}  // namespace
}  // namespace ladder
