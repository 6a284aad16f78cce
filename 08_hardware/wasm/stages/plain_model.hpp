#pragma once
/// \file
/// microGPT once more, in loops: each number by its formula, and any of them may be nudged. So the
/// gradient at every step of the model is what the loss does when that number moves.

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "05_gpt_sgd/gpt.hpp"

namespace ladder {

/// Runs a name through a model; keeps all that it computes, under Inside's names.
class PlainModel {
 public:
  explicit PlainModel(Gpt& gpt) : gpt_(gpt) {}

  /// The next run() adds `by` to that number of `name`, right after it was computed.
  void nudge(const std::string& name, Eigen::Index row, Eigen::Index column, double by) {
    nudged_ = name, row_ = row, column_ = column, by_ = by;
  }

  /// \returns the mean loss
  double run(const Tokens& name) {
    const auto length = static_cast<Eigen::Index>(name.size()) + 1;
    const auto at = [&](Eigen::Index t) {
      return t == 0 || t == length ? gpt_.bos() : name[static_cast<std::size_t>(t - 1)];
    };
    Matrix token(length, 16), position(length, 16);
    for (Eigen::Index t = 0; t < length; ++t) {
      token.row(t) = gpt_.wte.value.row(at(t));
      position.row(t) = gpt_.wpe.value.row(t);
    }
    keep("token", token), keep("position", position);
    const Matrix sum = keep("sum", made["token"] + made["position"]);
    const Matrix x0 = keep("x0", norm(sum)), h = keep("norm1", norm(x0));
    keep("q", times(h, gpt_.attn_wq)), keep("k", times(h, gpt_.attn_wk));
    keep("v", times(h, gpt_.attn_wv));
    attend(length);
    const Matrix o = keep("attn_out", times(made["attended"], gpt_.attn_wo));
    const Matrix x1 = keep("x1", x0 + o);
    const Matrix a = keep("fc1", times(keep("norm2", norm(x1)), gpt_.mlp_fc1));
    const Matrix hidden = keep("hidden", a.cwiseMax(0));
    const Matrix x2 = keep("x2", x1 + keep("mlp_out", times(hidden, gpt_.mlp_fc2)));
    const Matrix logits = keep("logits", times(x2, gpt_.lm_head));
    const Matrix p = keep("probabilities", softmax(logits, 27));
    double nats = 0;
    for (Eigen::Index t = 0; t < length; ++t) nats -= std::log(p(t, at(t + 1)));
    return nats / static_cast<double>(length);
  }

  std::map<std::string, Matrix> made;  ///< by the last run()

 private:
  const Matrix& keep(const std::string& name, Matrix value) {
    if (name == nudged_) value(row_, column_) += by_;
    return made[name] = value;
  }

  static Matrix norm(const Matrix& x) {
    Matrix y = x;
    for (Eigen::Index t = 0; t < x.rows(); ++t) {
      double squares = 0;
      for (Eigen::Index i = 0; i < x.cols(); ++i) squares += x(t, i) * x(t, i);
      y.row(t) /= std::sqrt(squares / static_cast<double>(x.cols()) + 1e-5);
    }
    return y;
  }

  static Matrix times(const Matrix& x, const Parameter& w) {
    Matrix y = Matrix::Zero(x.rows(), w.value.rows());
    for (Eigen::Index t = 0; t < y.rows(); ++t) {
      for (Eigen::Index o = 0; o < y.cols(); ++o) {
        for (Eigen::Index i = 0; i < x.cols(); ++i) y(t, o) += w.value(o, i) * x(t, i);
      }
    }
    return y;
  }

  // Of the first `width` numbers of each row; or, if that is 0, of those up to the diagonal.
  static Matrix softmax(const Matrix& x, Eigen::Index width) {
    Matrix y = Matrix::Zero(x.rows(), x.cols());
    for (Eigen::Index t = 0; t < x.rows(); ++t) {
      const Eigen::Index count = width ? width : t + 1;
      double total = 0;
      for (Eigen::Index i = 0; i < count; ++i) total += y(t, i) = std::exp(x(t, i));
      y.row(t) /= total;
    }
    return y;
  }

  void attend(Eigen::Index length) {
    Matrix y = Matrix::Zero(length, 16);
    for (int head = 0; head < 4; ++head) {
      const std::string digit = std::to_string(head);
      Matrix scores = Matrix::Zero(length, length);
      for (Eigen::Index t = 0; t < length; ++t) {
        for (Eigen::Index s = 0; s <= t; ++s) {
          for (Eigen::Index i = 4 * head; i < 4 * head + 4; ++i) {
            scores(t, s) += made["q"](t, i) * made["k"](s, i) / 2;
          }
        }
      }
      const Matrix a = keep("weights" + digit, softmax(keep("scores" + digit, scores), 0));
      for (Eigen::Index t = 0; t < length; ++t) {
        for (Eigen::Index s = 0; s <= t; ++s) {
          for (Eigen::Index i = 4 * head; i < 4 * head + 4; ++i)
            y(t, i) += a(t, s) * made["v"](s, i);
        }
      }
    }
    keep("attended", y);
  }

  Gpt& gpt_;
  std::string nudged_;
  Eigen::Index row_ = 0, column_ = 0;
  double by_ = 0;
};

}  // namespace ladder
