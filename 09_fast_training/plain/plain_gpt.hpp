#pragma once
/// \file
/// Forward and backward pass of the GPT in plain loops: the textbook that the fast version is held
/// against.

#include <vector>

#include "09_fast_training/model/gpt_parameters.hpp"
#include "09_fast_training/model/packed_batch.hpp"

namespace ladder {

/// Number by number, in float or double. Every matrix has a row for each row of the batch.
template <class Number>
class PlainGpt {
 public:
  /// Remembers the shape; the numbers are handed in at every call.
  explicit PlainGpt(const GptShape& shape) : shape_(shape), at_(shape) {}

  /// Fills logits(). \param parameters  (TensorOffsets::size)
  void forward(const std::vector<Number>& parameters, const PackedBatch& batch);

  /// After forward(): Σ nats over the batch's targets.
  double nats(const PackedBatch& batch) const;

  /// After forward(): adds the gradient of nats() / predictions to `gradient`.
  /// \param gradient  (TensorOffsets::size)
  void backward(const std::vector<Number>& parameters, const PackedBatch& batch, double predictions,
                std::vector<Number>& gradient);

  /// After forward(): (rows, vocab_size).
  const std::vector<Number>& logits() const { return logits_; }

 private:
  /// A row of one position's numbers.
  using Row = std::vector<Number>;

  void attend(const PackedBatch& batch);
  void attend_backward(const PackedBatch& batch);
  void resize(const PackedBatch& batch);

  GptShape shape_;
  TensorOffsets at_;

  // What forward() keeps for backward(), and under the same name with d before it, the gradient.
  Row embedded_,          // (N, n_embd)
      x_,                 // (N, n_embd) that attention reads
      h_,                 // (N, n_embd) normed
      qkv_, dqkv_,        // (N, 3 n_embd) query, key, value
      weights_,           // (N, n_head, block_size) what each row looks at
      attended_,          // (N, n_embd)
      x_mid_,             // (N, n_embd) that the MLP reads
      h_mid_,             // (N, n_embd) normed
      hidden_, dhidden_,  // (N, 4 n_embd)
      x_out_,             // (N, n_embd) that the final norm or lm_head reads
      h_out_,             // (N, n_embd) that lm_head reads
      dx_, dh_,           // (N, n_embd)
      logits_, dlogits_;  // (N, vocab_size)
};

}  // namespace ladder
