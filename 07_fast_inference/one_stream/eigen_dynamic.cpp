// What a framework does, in C++: matrices whose sizes are known only when the program runs. Each
// operation asks for memory, picks a kernel by size and loops; for a 16 × 16 matrix that costs more
// than the arithmetic. The keys and values of earlier positions are kept (the KV cache), so a token
// costs one pass, whatever came before it.
#include <cmath>

#include <Eigen/Dense>

#include "07_fast_inference/one_stream/one_stream_engines.hpp"

namespace ladder {
namespace {

using DynamicMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using DynamicVector = Eigen::VectorXf;

template <int rows, int columns>
DynamicMatrix matrix(const float (&weights)[rows][columns]) {
  return Eigen::Map<const DynamicMatrix>(weights[0], rows, columns);
}

DynamicVector rmsnorm(const DynamicVector& x) {
  return x / std::sqrt(x.squaredNorm() / static_cast<float>(x.size()) + norm_epsilon);
}

class EigenDynamic : public Engine {
 public:
  explicit EigenDynamic(const MicroGpt& model)
      : final_norm_(model.final_norm),
        wte_(matrix(model.wte)),
        wpe_(matrix(model.wpe)),
        wq_(matrix(model.attn_wq)),
        wk_(matrix(model.attn_wk)),
        wv_(matrix(model.attn_wv)),
        wo_(matrix(model.attn_wo)),
        fc1_(matrix(model.mlp_fc1)),
        fc2_(matrix(model.mlp_fc2)),
        lm_head_(matrix(model.lm_head)),
        keys_(block_size, n_embd),
        values_(block_size, n_embd) {}

  void forward(std::span<const Place> places, std::span<float> logits) override {
    const auto [token, position] = places[0];
    DynamicVector x = wte_.row(token) + wpe_.row(position);  // (n_embd)
    if (!final_norm_) x = rmsnorm(x);
    const DynamicVector h = rmsnorm(x);
    const DynamicVector query = wq_ * h;
    keys_.row(position) = wk_ * h;
    values_.row(position) = wv_ * h;
    x += wo_ * attend(query, position + 1);
    x += fc2_ * (fc1_ * rmsnorm(x)).cwiseMax(0.0f);
    if (final_norm_) x = rmsnorm(x);
    Eigen::Map<DynamicVector>(logits.data(), vocab_size) = lm_head_ * x;
  }

 private:
  DynamicVector attend(const DynamicVector& query, int length) const {
    DynamicVector result(n_embd);
    for (int head = 0; head < n_embd; head += head_dim) {
      DynamicVector weights = keys_.block(0, head, length, head_dim) *
                              query.segment(head, head_dim) /
                              std::sqrt(static_cast<float>(head_dim));  // (length)
      weights = (weights.array() - weights.maxCoeff()).exp();
      weights /= weights.sum();
      result.segment(head, head_dim) =
          values_.block(0, head, length, head_dim).transpose() * weights;
    }
    return result;
  }

  bool final_norm_;
  DynamicMatrix wte_, wpe_, wq_, wk_, wv_, wo_, fc1_, fc2_, lm_head_;
  DynamicMatrix keys_, values_;  // (block_size, n_embd)
};

}  // namespace

std::unique_ptr<Engine> make_eigen_dynamic(const MicroGpt& model) {
  return std::make_unique<EigenDynamic>(model);
}

}  // namespace ladder
