#include "09_fast_training/plain/plain_gpt.hpp"

#include <algorithm>
#include <array>

#include "09_fast_training/plain/plain_layers.hpp"

namespace ladder {
namespace {

constexpr std::size_t n_head = GptShape::n_head;
constexpr std::size_t block_size = GptShape::block_size;

// The rows that a row sees, by position: itself last.
std::array<std::size_t, block_size> path_of(const PackedBatch& batch, std::size_t row) {
  std::array<std::size_t, block_size> path{};
  for (int n = static_cast<int>(row); n >= 0; n = batch.parents[static_cast<std::size_t>(n)]) {
    path[static_cast<std::size_t>(batch.positions[static_cast<std::size_t>(n)])] =
        static_cast<std::size_t>(n);
  }
  return path;
}

}  // namespace

template <class Number>
void PlainGpt<Number>::resize(const PackedBatch& batch) {
  const auto rows = static_cast<std::size_t>(batch.rows());
  const auto d = static_cast<std::size_t>(shape_.n_embd);
  for (Row* matrix : {&embedded_, &x_, &h_, &attended_, &x_mid_, &h_mid_, &x_out_, &h_out_}) {
    matrix->resize(rows * d);
  }
  qkv_.resize(rows * 3 * d);
  hidden_.resize(rows * 4 * d);
  weights_.resize(rows * n_head * block_size);
  logits_.resize(rows * static_cast<std::size_t>(shape_.vocab_size));
}

template <class Number>
void PlainGpt<Number>::forward(const std::vector<Number>& parameters, const PackedBatch& batch) {
  resize(batch);
  const auto d = static_cast<std::size_t>(shape_.n_embd);
  const auto vocab = static_cast<std::size_t>(shape_.vocab_size);
  const auto rows = static_cast<std::size_t>(batch.rows());
  const Number* const w = parameters.data();
  const auto gain = [&](std::size_t at) { return shape_.gains ? w + at : nullptr; };

  for (std::size_t n = 0; n < rows; ++n) {
    // 1. A token's vector plus its position's.
    const Number* const token = w + at_.wte + static_cast<std::size_t>(batch.tokens[n]) * d;
    const Number* const position = w + at_.wpe + static_cast<std::size_t>(batch.positions[n]) * d;
    for (std::size_t i = 0; i < d; ++i) embedded_[n * d + i] = token[i] + position[i];
    if (shape_.gains) {
      std::copy_n(&embedded_[n * d], d, &x_[n * d]);
    } else {
      plain_rmsnorm<Number>(&embedded_[n * d], nullptr, &x_[n * d], d);
    }
    // 2. Query, key and value: the three matrices lie one below the other.
    plain_rmsnorm(&x_[n * d], gain(at_.attn_norm), &h_[n * d], d);
    plain_linear(w + at_.attn_wq, &h_[n * d], &qkv_[n * 3 * d], 3 * d, d);
  }
  attend(batch);
  for (std::size_t n = 0; n < rows; ++n) {
    plain_linear(w + at_.attn_wo, &attended_[n * d], &x_mid_[n * d], d, d);
    for (std::size_t i = 0; i < d; ++i) x_mid_[n * d + i] += x_[n * d + i];
    // 3. The MLP.
    plain_rmsnorm(&x_mid_[n * d], gain(at_.mlp_norm), &h_mid_[n * d], d);
    plain_linear(w + at_.mlp_fc1, &h_mid_[n * d], &hidden_[n * 4 * d], 4 * d, d);
    for (std::size_t i = 0; i < 4 * d; ++i) {
      hidden_[n * 4 * d + i] = std::max(hidden_[n * 4 * d + i], Number{0});
    }
    plain_linear(w + at_.mlp_fc2, &hidden_[n * 4 * d], &x_out_[n * d], d, 4 * d);
    for (std::size_t i = 0; i < d; ++i) x_out_[n * d + i] += x_mid_[n * d + i];
    // 4. Logits of the next token.
    if (shape_.gains) {
      plain_rmsnorm(&x_out_[n * d], gain(at_.final_norm), &h_out_[n * d], d);
    } else {
      std::copy_n(&x_out_[n * d], d, &h_out_[n * d]);
    }
    plain_linear(w + at_.lm_head, &h_out_[n * d], &logits_[n * vocab], vocab, d);
  }
}

// Each row looks at its ancestors and itself: scores = q · k / √head_dim, y = softmax(scores) v.
template <class Number>
void PlainGpt<Number>::attend(const PackedBatch& batch) {
  const auto d = static_cast<std::size_t>(shape_.n_embd);
  const std::size_t head_dim = d / n_head;
  const Number scale = 1 / std::sqrt(static_cast<Number>(head_dim));
  std::fill(attended_.begin(), attended_.end(), Number{0});
  for (std::size_t n = 0; n < static_cast<std::size_t>(batch.rows()); ++n) {
    const auto path = path_of(batch, n);
    const std::size_t seen = static_cast<std::size_t>(batch.positions[n]) + 1;
    for (std::size_t head = 0; head < n_head; ++head) {
      const std::size_t first = head * head_dim;  // column
      const Number* const q = &qkv_[n * 3 * d + first];
      Number* const a = &weights_[(n * n_head + head) * block_size];
      for (std::size_t s = 0; s < seen; ++s) {
        const Number* const k = &qkv_[path[s] * 3 * d + d + first];
        Number score = 0;
        for (std::size_t i = 0; i < head_dim; ++i) score += q[i] * k[i];
        a[s] = score * scale;
      }
      plain_softmax(a, a, seen);
      for (std::size_t s = 0; s < seen; ++s) {
        const Number* const v = &qkv_[path[s] * 3 * d + 2 * d + first];
        for (std::size_t i = 0; i < head_dim; ++i) attended_[n * d + first + i] += a[s] * v[i];
      }
    }
  }
}

template <class Number>
double PlainGpt<Number>::nats(const PackedBatch& batch) const {
  const auto vocab = static_cast<std::size_t>(shape_.vocab_size);
  Row p(vocab);
  double sum = 0;
  for (int n = 0; n < batch.rows(); ++n) {
    plain_softmax(&logits_[static_cast<std::size_t>(n) * vocab], p.data(), vocab);
    for (const Target& target : batch.targets_of(n)) {
      // A probability that rounds to 0 is a loss that is infinite: training diverged.
      sum -=
          target.count * std::log(static_cast<double>(p[static_cast<std::size_t>(target.token)]));
    }
  }
  return sum;
}

template <class Number>
void PlainGpt<Number>::backward(const std::vector<Number>& parameters, const PackedBatch& batch,
                                double predictions, std::vector<Number>& gradient) {
  const auto d = static_cast<std::size_t>(shape_.n_embd);
  const auto vocab = static_cast<std::size_t>(shape_.vocab_size);
  const auto rows = static_cast<std::size_t>(batch.rows());
  const Number* const w = parameters.data();
  Number* const dw = gradient.data();
  const auto gain = [&](std::size_t at) { return shape_.gains ? w + at : nullptr; };
  const auto dgain = [&](std::size_t at) { return shape_.gains ? dw + at : nullptr; };

  dx_.assign(rows * d, 0);  // of x_out_, then of x_mid_, then of x_, then of embedded_
  Row dattended(rows * d, 0);
  for (std::size_t n = 0; n < rows; ++n) {
    Number* const dx = &dx_[n * d];
    // 4. Cross-entropy: dlogits = Σ over targets of (p - 1 at the target) / predictions.
    dlogits_.resize(vocab);
    plain_softmax(&logits_[n * vocab], dlogits_.data(), vocab);
    int count = 0;
    for (const Target& target : batch.targets_of(static_cast<int>(n))) count += target.count;
    for (Number& p : dlogits_) p *= static_cast<Number>(count);
    for (const Target& target : batch.targets_of(static_cast<int>(n))) {
      dlogits_[static_cast<std::size_t>(target.token)] -= static_cast<Number>(target.count);
    }
    for (Number& p : dlogits_) p /= static_cast<Number>(predictions);
    dh_.assign(d, 0);
    plain_linear_backward(w + at_.lm_head, &h_out_[n * d], dlogits_.data(), dw + at_.lm_head,
                          shape_.gains ? dh_.data() : dx, vocab, d);
    if (shape_.gains) {
      plain_rmsnorm_backward(&x_out_[n * d], gain(at_.final_norm), dh_.data(),
                             dgain(at_.final_norm), dx, d);
    }
    // 3. The MLP. dx passes by it, and what went through it is added.
    dhidden_.assign(4 * d, 0);
    plain_linear_backward(w + at_.mlp_fc2, &hidden_[n * 4 * d], dx, dw + at_.mlp_fc2,
                          dhidden_.data(), d, 4 * d);
    for (std::size_t i = 0; i < 4 * d; ++i) {  // ReLU: nothing went through where it gave 0
      if (!(hidden_[n * 4 * d + i] > 0)) dhidden_[i] = 0;
    }
    dh_.assign(d, 0);
    plain_linear_backward(w + at_.mlp_fc1, &h_mid_[n * d], dhidden_.data(), dw + at_.mlp_fc1,
                          dh_.data(), 4 * d, d);
    plain_rmsnorm_backward(&x_mid_[n * d], gain(at_.mlp_norm), dh_.data(), dgain(at_.mlp_norm), dx,
                           d);
    // 2. What attention gave.
    plain_linear_backward(w + at_.attn_wo, &attended_[n * d], dx, dw + at_.attn_wo,
                          &dattended[n * d], d, d);
  }
  attended_.swap(dattended);  // no longer needed as it was
  attend_backward(batch);
  for (std::size_t n = 0; n < rows; ++n) {
    Number* const dx = &dx_[n * d];
    dh_.assign(d, 0);
    plain_linear_backward(w + at_.attn_wq, &h_[n * d], &dqkv_[n * 3 * d], dw + at_.attn_wq,
                          dh_.data(), 3 * d, d);
    plain_rmsnorm_backward(&x_[n * d], gain(at_.attn_norm), dh_.data(), dgain(at_.attn_norm), dx,
                           d);
    // 1. A token's vector learns from every row where it stood, and so does a position's.
    Row dembedded(dx, dx + d);
    if (!shape_.gains) {
      dembedded.assign(d, 0);
      plain_rmsnorm_backward<Number>(&embedded_[n * d], nullptr, dx, nullptr, dembedded.data(), d);
    }
    for (std::size_t i = 0; i < d; ++i) {
      dw[at_.wte + static_cast<std::size_t>(batch.tokens[n]) * d + i] += dembedded[i];
      dw[at_.wpe + static_cast<std::size_t>(batch.positions[n]) * d + i] += dembedded[i];
    }
  }
}

// With G the gradient of y (in attended_):  dv += a G,  da = G · v,  ds = a (da - Σ a da),
// dq += ds k / √head_dim,  dk += ds q / √head_dim.
template <class Number>
void PlainGpt<Number>::attend_backward(const PackedBatch& batch) {
  const auto d = static_cast<std::size_t>(shape_.n_embd);
  const std::size_t head_dim = d / n_head;
  const Number scale = 1 / std::sqrt(static_cast<Number>(head_dim));
  dqkv_.assign(qkv_.size(), 0);
  for (std::size_t n = 0; n < static_cast<std::size_t>(batch.rows()); ++n) {
    const auto path = path_of(batch, n);
    const std::size_t seen = static_cast<std::size_t>(batch.positions[n]) + 1;
    for (std::size_t head = 0; head < n_head; ++head) {
      const std::size_t q = head * head_dim, k = d + q, v = 2 * d + q;  // columns
      const Number* const a = &weights_[(n * n_head + head) * block_size];
      const Number* const g = &attended_[n * d + q];
      Number ds[block_size];
      for (std::size_t s = 0; s < seen; ++s) {
        const std::size_t row = path[s] * 3 * d;
        ds[s] = 0;
        for (std::size_t i = 0; i < head_dim; ++i) {
          ds[s] += g[i] * qkv_[row + v + i];
          dqkv_[row + v + i] += a[s] * g[i];
        }
      }
      plain_softmax_backward(a, ds, seen);
      for (std::size_t s = 0; s < seen; ++s) {
        const std::size_t row = path[s] * 3 * d;
        for (std::size_t i = 0; i < head_dim; ++i) {
          dqkv_[n * 3 * d + q + i] += ds[s] * scale * qkv_[row + k + i];
          dqkv_[row + k + i] += ds[s] * scale * qkv_[n * 3 * d + q + i];
        }
      }
    }
  }
}

template class PlainGpt<float>;
template class PlainGpt<double>;

}  // namespace ladder
