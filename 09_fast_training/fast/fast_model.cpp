#include "09_fast_training/fast/fast_model.hpp"

#include <cmath>

namespace ladder {
namespace {

std::size_t padded_size(const GptShape& shape) {
  const std::size_t filling =
      padded_vocab(shape.vocab_size) - static_cast<std::size_t>(shape.vocab_size);
  return TensorOffsets(shape).size + filling * static_cast<std::size_t>(shape.n_embd);
}

}  // namespace

template <class Number>
FastModel<Number>::FastModel(const GptShape& shape, const OptimizerOptions& optimizer,
                             const Kernels<Number>& kernels)
    : shape_(shape),
      kernels_(kernels),
      optimizer_(optimizer),
      parameters_(padded_size(shape)),
      gradient_(parameters_.size()),
      m_(parameters_.size()),
      v_(parameters_.size()) {}

template <class Number>
Pass<Number> FastModel<Number>::pass(const PackedBatch& batch, double predictions) {
  logits_.grow(padded_rows(batch.rows()) * padded_vocab(shape_.vocab_size));
  Pass<Number> pass = {.vocab_size = shape_.vocab_size,
                       .gains = shape_.gains,
                       .rows = batch.rows(),
                       .tokens = batch.tokens.data(),
                       .positions = batch.positions.data(),
                       .first_target = batch.first_target.data(),
                       .targets = batch.targets.data(),
                       .pairs = batch.pairs(),
                       .predictions = predictions,
                       .parameters = parameters_.data(),
                       .gradient = gradient_.data(),
                       .add = false,
                       .workspace = nullptr,
                       .logits = logits_.data()};
  workspace_.grow(kernels_.workspace_size(pass));
  pass.workspace = workspace_.data();
  return pass;
}

template <class Number>
double FastModel<Number>::nats(const PackedBatch& batch) {
  return kernels_.forward(pass(batch, 1));
}

template <class Number>
const Number* FastModel<Number>::last_logits(const PackedBatch& batch) {
  kernels_.forward(pass(batch, 1));
  return logits_.data() +
         static_cast<std::size_t>(batch.rows() - 1) * padded_vocab(shape_.vocab_size);
}

template <class Number>
double FastModel<Number>::differentiate(const PackedBatch& batch, double predictions, bool add) {
  Pass<Number> both = pass(batch, predictions);
  both.add = add;
  return kernels_.forward_backward(both) / predictions;
}

template <class Number>
void FastModel<Number>::update(double lr) {
  if (!optimizer_.adam) {
    return kernels_.sgd(parameters_.data(), gradient_.data(), parameters_.size(), lr);
  }
  ++steps_;
  const auto& [beta1, beta2, epsilon] = optimizer_.options;
  const auto t = static_cast<double>(steps_);  // betaᵗ by exp and log: a small module has no pow
  kernels_.adam(parameters_.data(), gradient_.data(), m_.data(), v_.data(), parameters_.size(),
                {.beta1 = beta1,
                 .beta2 = beta2,
                 .epsilon = epsilon,
                 .lr = lr,
                 .m_scale = 1 / (1 - std::exp(t * std::log(beta1))),
                 .v_scale = 1 / (1 - std::exp(t * std::log(beta2)))});
}

template class FastModel<float>;
#if !defined(__wasm__)  // which trains in float alone
template class FastModel<double>;
#endif

}  // namespace ladder
