// The same lines as eigen_dynamic.cpp, but every size is part of the type. Nothing is allocated,
// and the compiler sees loops of 16: it unrolls them and keeps vectors in registers. Only the
// number of positions so far is still found out at run time.
#include <cmath>
#include <limits>

#include <Eigen/Dense>

#include "07_fast_inference/one_stream/one_stream_engines.hpp"

namespace ladder {
namespace {

template <int rows, int columns>
using FixedMatrix = Eigen::Matrix<float, rows, columns, Eigen::RowMajor>;
template <int size>
using FixedVector = Eigen::Matrix<float, size, 1>;
using Embedding = FixedVector<n_embd>;

template <int rows, int columns>
FixedMatrix<rows, columns> matrix(const float (&weights)[rows][columns]) {
  return Eigen::Map<const FixedMatrix<rows, columns>>(weights[0]);
}

// weights · x. Eigen hands products of this size to a general routine; lazyProduct() writes the
// loops out where they stand instead.
template <int rows, int columns>
FixedVector<rows> product(const FixedMatrix<rows, columns>& weights,
                          const FixedVector<columns>& x) {
  return weights.lazyProduct(x);
}

Embedding rmsnorm(const Embedding& x) {
  return x / std::sqrt(x.squaredNorm() / static_cast<float>(n_embd) + norm_epsilon);
}

class EigenFixed : public Engine {
 public:
  explicit EigenFixed(const MicroGpt& model)
      : final_norm_(model.final_norm),
        wte_(matrix(model.wte)),
        wpe_(matrix(model.wpe)),
        wq_(matrix(model.attn_wq)),
        wk_(matrix(model.attn_wk)),
        wv_(matrix(model.attn_wv)),
        wo_(matrix(model.attn_wo)),
        fc1_(matrix(model.mlp_fc1)),
        fc2_(matrix(model.mlp_fc2)),
        lm_head_(matrix(model.lm_head)) {}

  void forward(std::span<const Place> places, std::span<float> logits) override {
    const auto [token, position] = places[0];
    Embedding x = wte_.row(token) + wpe_.row(position);
    if (!final_norm_) x = rmsnorm(x);
    const Embedding h = rmsnorm(x);
    const Embedding query = product(wq_, h);
    keys_.row(position) = product(wk_, h);
    values_.row(position) = product(wv_, h);
    x += product(wo_, attend(query, position + 1));
    const FixedVector<n_hidden> hidden = product(fc1_, rmsnorm(x)).cwiseMax(0.0f);
    x += product(fc2_, hidden);
    if (final_norm_) x = rmsnorm(x);
    Eigen::Map<FixedVector<vocab_size>>(logits.data()) = product(lm_head_, x);
  }

 private:
  Embedding attend(const Embedding& query, int length) const {
    Embedding result;
    for (int head = 0; head < n_embd; head += head_dim) {
      const FixedVector<head_dim> q = query.segment<head_dim>(head);
      // All positions, though only `length` are used: exp(-infinity) is 0, and the size is fixed.
      Eigen::Array<float, block_size, 1> weights;
      weights.setConstant(-std::numeric_limits<float>::infinity());
      for (int t = 0; t < length; ++t) {
        weights[t] =
            keys_.row(t).segment<head_dim>(head).dot(q) / std::sqrt(static_cast<float>(head_dim));
      }
      weights = (weights - weights.maxCoeff()).exp();
      FixedVector<head_dim> sum = FixedVector<head_dim>::Zero();
      for (int t = 0; t < length; ++t) {
        sum += weights[t] * values_.row(t).segment<head_dim>(head).transpose();
      }
      result.segment<head_dim>(head) = sum / weights.sum();
    }
    return result;
  }

  bool final_norm_;
  FixedMatrix<vocab_size, n_embd> wte_;
  FixedMatrix<block_size, n_embd> wpe_;
  FixedMatrix<n_embd, n_embd> wq_, wk_, wv_, wo_;
  FixedMatrix<n_hidden, n_embd> fc1_;
  FixedMatrix<n_embd, n_hidden> fc2_;
  FixedMatrix<vocab_size, n_embd> lm_head_;
  FixedMatrix<block_size, n_embd> keys_, values_;
};

}  // namespace

std::unique_ptr<Engine> make_eigen_fixed(const MicroGpt& model) {
  return std::make_unique<EigenFixed>(model);
}

}  // namespace ladder
