#pragma once
/// \file
/// Forward and backward through the whole model, one operation at a time for all rows of the batch.
/// Each product stands beside the line of plain_gpt.cpp that it is. Unnamed namespace: see
/// kernels.hpp.

#include "09_fast_training/fast/attention.hpp"
#include "09_fast_training/fast/products.hpp"
#include "09_fast_training/fast/rows.hpp"
#include "09_fast_training/fast/workspace.hpp"

namespace ladder {
namespace {

/// Offsets of TensorOffsets, without its header's containers.
template <int width>
struct Offsets {
  std::size_t wte, wpe, attn_wq, attn_wo, mlp_fc1, mlp_fc2, attn_norm, mlp_norm, final_norm,
      lm_head;
  [[gnu::always_inline]] Offsets(int vocab_size, bool gains) {
    constexpr std::size_t square = width * width;
    wte = 0;
    wpe = static_cast<std::size_t>(vocab_size) * width;
    attn_wq = wpe + 16 * width;
    attn_wo = attn_wq + 3 * square;
    mlp_fc1 = attn_wo + square;
    mlp_fc2 = mlp_fc1 + 4 * square;
    attn_norm = mlp_fc2 + 4 * square;
    const std::size_t gain = gains ? width : 0;
    mlp_norm = attn_norm + gain;
    final_norm = mlp_norm + gain;
    lm_head = final_norm + gain;
  }
};

/// One pass. Its functions are the chapter's paragraphs.
template <class Number, int width, Variant variant>
class FastPass {
 public:
  [[gnu::always_inline]] explicit FastPass(const Pass<Number>& pass)
      : pass_(pass), at_(pass.vocab_size, pass.gains), m_(pass) {}

  /// Σ nats; the logits stay, or become their gradient.
  template <bool backward>
  [[gnu::always_inline]] double run() {
    forward();
    const double nats = cost<backward>();
    if constexpr (backward) this->backward();
    return nats;
  }

  /// From tokens to logits.
  [[gnu::always_inline]] void forward() {
    copy_weights();
    embed();
    attend();
    think();
    predict();
  }

  /// Σ nats of the logits, which are replaced by their gradient if a backward pass is to follow.
  template <bool backward>
  [[gnu::always_inline]] double cost() {
    const auto losses = [&](auto blocks) __attribute__((always_inline)) {
      return cross_entropy_rows<variant.fast_exp, backward, Number>(pass_, blocks, m_.totals,
                                                                    m_.counts);
    };
    const bool usual = vocab() == 32 && !small_program;
    const double nats = usual ? losses(std::integral_constant<int, 2>()) : losses(vocab() / 16);
    return nats + sum_of_logs(pass_, m_.totals, m_.counts);
  }

  /// From the logits' gradient to that of all parameters.
  [[gnu::always_inline]] void backward() {
    if (!pass_.add) clear_sums();
    predict_backward();
    think_backward();
    attend_backward();
    embed_backward();
  }

 private:
  static constexpr int hidden = 4 * width;

  [[gnu::always_inline]] int rows() const { return static_cast<int>(padded_rows(pass_.rows)); }
  [[gnu::always_inline]] const Number* w(std::size_t at) const { return pass_.parameters + at; }
  [[gnu::always_inline]] Number* dw(std::size_t at) const { return pass_.gradient + at; }
  [[gnu::always_inline]] const Number* gain(std::size_t at) const {
    return pass_.gains ? w(at) : nullptr;
  }
  [[gnu::always_inline]] Number* dgain(std::size_t at) const {
    return pass_.gains ? dw(at) : nullptr;
  }
  [[gnu::always_inline]] int vocab() const {
    return static_cast<int>(padded_vocab(pass_.vocab_size));
  }

  // The backward pass reads W row by row, and the forward pass its transposed copy.
  [[gnu::always_inline]] void copy_weights() {
    transpose_into(w(at_.attn_wq), 3 * width, width, m_.qkv_t, 3 * width);
    transpose_into(w(at_.attn_wo), width, width, m_.wo_t, width);
    transpose_into(w(at_.mlp_fc1), hidden, width, m_.fc1_t, hidden);
    transpose_into(w(at_.mlp_fc2), width, hidden, m_.fc2_t, width);
    transpose_into(w(at_.lm_head), vocab(), width, m_.head_t, vocab());
  }

  // y = x Wᵀ, (rows, out), and what becomes of it.
  template <int out, class Finish>
  [[gnu::always_inline]] void multiply(const Number* x, int in, const Number* b, long b_k,
                                       const Finish& finish) {
    product<variant, out>(Factors<Number>{x, in, 1, b, b_k, in}, rows(), finish);
  }

  // 1. A token's vector plus its position's; rows that only fill up are zeros.
  [[gnu::always_inline]] void embed() {
    using B = Block<Number>;
    for (int n = 0; n < rows(); ++n) {
      const bool real = n < pass_.rows;
      const Number* const token = w(at_.wte) + (real ? long{pass_.tokens[n]} * width : 0);
      const Number* const position = w(at_.wpe) + (real ? long{pass_.positions[n]} * width : 0);
      for (int i = 0; i < width; i += 16) {
        const B sum = B::load(token + i) + B::load(position + i);
        (real ? sum : B::of(0)).store(m_.embedded + long{n} * width + i);
      }
    }
    if (!pass_.gains) {
      rmsnorm_rows<width, Number>(m_.embedded, nullptr, rows(), m_.scales[0], m_.x);
    }
  }

  // 2. Attention; its result is added to x.
  [[gnu::always_inline]] void attend() {
    rmsnorm_rows<width>(m_.x, gain(at_.attn_norm), rows(), m_.scales[1], m_.h);
    if constexpr (variant.fused_qkv) {
      multiply<3 * width>(m_.h, width, m_.qkv_t, 3 * width, Put<Number>{m_.qkv, 3 * width});
    } else {
      for (int i = 0; i < 3 * width; i += width) {
        multiply<width>(m_.h, width, m_.qkv_t + i, 3 * width, Put<Number>{m_.qkv + i, 3 * width});
      }
    }
    attention_rows<width, variant.fast_exp>(pass_, m_.qkv, m_.attention_weights, m_.attended);
    for (int i = pass_.rows * width; i < rows() * width; ++i) m_.attended[i] = 0;
    multiply<width>(m_.attended, width, m_.wo_t, width, PutPlus<Number>{m_.x, m_.x_mid, width});
  }

  // 3. The MLP; its result is added to x.
  [[gnu::always_inline]] void think() {
    rmsnorm_rows<width>(m_.x_mid, gain(at_.mlp_norm), rows(), m_.scales[2], m_.h_mid);
    if constexpr (variant.fused_relu) {
      multiply<hidden>(m_.h_mid, width, m_.fc1_t, hidden, PutPositive<Number>{m_.hidden, hidden});
    } else {
      multiply<hidden>(m_.h_mid, width, m_.fc1_t, hidden, Put<Number>{m_.hidden, hidden});
      for (long i = 0; i < long{rows()} * hidden; ++i) {
        m_.hidden[i] = m_.hidden[i] > 0 ? m_.hidden[i] : 0;
      }
    }
    multiply<width>(m_.hidden, hidden, m_.fc2_t, width, PutPlus<Number>{m_.x_mid, m_.x_out, width});
  }

  // 4. Logits of the next token.
  [[gnu::always_inline]] void predict() {
    if (pass_.gains) {
      rmsnorm_rows<width>(m_.x_out, gain(at_.final_norm), rows(), m_.scales[3], m_.h_out);
    } else {
      m_.h_out = m_.x_out;
    }
    const long row = vocab();
    if (row == 32) {
      multiply<32>(m_.h_out, width, m_.head_t, row, Put<Number>{pass_.logits, row});
      return;
    }
    for (long i = 0; i < row; i += 16) {
      multiply<16>(m_.h_out, width, m_.head_t + i, row, Put<Number>{pass_.logits + i, row});
    }
  }

  // What rows add to one by one: gradients of the embeddings and the gains.
  [[gnu::always_inline]] void clear_sums() {
    for (std::size_t i = at_.wte; i < at_.attn_wq; ++i) dw(0)[i] = 0;
    for (std::size_t i = at_.attn_norm; i < at_.lm_head; ++i) dw(0)[i] = 0;
  }

  // 4. backward, from dlogits to dx. (Rows that only fill up have logits of zero, and that is
  // their gradient, too.)
  [[gnu::always_inline]] void predict_backward() {
    const int row = vocab();
    weight_gradient<variant, width>(pass_.logits, row, m_.h_out, rows(), dw(at_.lm_head), row,
                                    pass_.add);
    Number* const dh = pass_.gains ? m_.dh : m_.dx;
    product<variant, width>(
        Factors<Number>{pass_.logits, row, 1, w(at_.lm_head), width, pass_.vocab_size}, rows(),
        Put<Number>{dh, width});
    if (pass_.gains) {
      rmsnorm_backward_rows<width, false>(m_.x_out, m_.scales[3], gain(at_.final_norm), m_.dh,
                                          rows(), dgain(at_.final_norm), m_.dx);
    }
  }

  // 3. backward: dx passes by the MLP, and what went through it is added.
  [[gnu::always_inline]] void think_backward() {
    weight_gradient<variant, hidden>(m_.dx, width, m_.hidden, rows(), dw(at_.mlp_fc2), width,
                                     pass_.add);
    if constexpr (variant.fused_relu) {
      multiply<hidden>(m_.dx, width, w(at_.mlp_fc2), hidden,
                       PutWherePositive<Number>{m_.hidden, m_.dhidden, hidden});
    } else {
      multiply<hidden>(m_.dx, width, w(at_.mlp_fc2), hidden, Put<Number>{m_.dhidden, hidden});
      for (long i = 0; i < long{rows()} * hidden; ++i) {
        m_.dhidden[i] = m_.hidden[i] > 0 ? m_.dhidden[i] : 0;
      }
    }
    weight_gradient<variant, width>(m_.dhidden, hidden, m_.h_mid, rows(), dw(at_.mlp_fc1), hidden,
                                    pass_.add);
    multiply<width>(m_.dhidden, hidden, w(at_.mlp_fc1), width, Put<Number>{m_.dh, width});
    rmsnorm_backward_rows<width, true>(m_.x_mid, m_.scales[2], gain(at_.mlp_norm), m_.dh, rows(),
                                       dgain(at_.mlp_norm), m_.dx);
  }

  // 2. backward.
  [[gnu::always_inline]] void attend_backward() {
    weight_gradient<variant, width>(m_.dx, width, m_.attended, rows(), dw(at_.attn_wo), width,
                                    pass_.add);
    multiply<width>(m_.dx, width, w(at_.attn_wo), width, Put<Number>{m_.dh, width});
    attention_backward_rows<width>(pass_, m_.qkv, m_.attention_weights, m_.attended, m_.dh,
                                   m_.dqkv);
    for (int i = pass_.rows * 3 * width; i < rows() * 3 * width; ++i) m_.dqkv[i] = 0;
    weight_gradient<variant, width>(m_.dqkv, 3 * width, m_.h, rows(), dw(at_.attn_wq), 3 * width,
                                    pass_.add);
    multiply<width>(m_.dqkv, 3 * width, w(at_.attn_wq), width, Put<Number>{m_.dh, width});
    rmsnorm_backward_rows<width, true>(m_.x, m_.scales[1], gain(at_.attn_norm), m_.dh, rows(),
                                       dgain(at_.attn_norm), m_.dx);
  }

  // 1. backward: a vector learns from every row where it stood.
  [[gnu::always_inline]] void embed_backward() {
    using B = Block<Number>;
    if (!pass_.gains) {
      rmsnorm_backward_rows<width, false, Number>(m_.embedded, m_.scales[0], nullptr, m_.dx, rows(),
                                                  nullptr, m_.dx);
    }
    for (int n = 0; n < pass_.rows; ++n) {
      Number* const token = dw(at_.wte) + long{pass_.tokens[n]} * width;
      Number* const position = dw(at_.wpe) + long{pass_.positions[n]} * width;
      for (int i = 0; i < width; i += 16) {
        const B dx = B::load(m_.dx + long{n} * width + i);
        (B::load(token + i) + dx).store(token + i);
        (B::load(position + i) + dx).store(position + i);
      }
    }
  }

  const Pass<Number>& pass_;
  Offsets<width> at_;
  Workspace<Number, width> m_;
};

}  // namespace
}  // namespace ladder
