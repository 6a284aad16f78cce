#include "05_gpt_sgd/attention.hpp"

#include <cmath>
#include <limits>

namespace ladder {
namespace {

// What the backward pass needs; it lives in the tape's arena.
struct AttentionSaved {
  const int* starts;
  std::size_t names;
  int n_head;
  double* weights;  // A of each name and head, (T, T), one after the other
};

// A vector of one head. Its size is known when compiling for the two shapes of the ladder, 4 and
// 16, so that it stays in registers.
template <int head_dim>
using HeadVector = Eigen::Matrix<double, 1, head_dim>;

// The vectors of one name and one head, in the rows and columns they have in a packed matrix.
template <int head_dim>
class HeadRows {
 public:
  HeadRows(MatrixMap packed, int start, int head, int n_head)
      : width_(packed.cols()),
        size_(packed.cols() / n_head),
        first_(packed.data() + start * width_ + head * size_) {}

  Eigen::Map<HeadVector<head_dim>> operator[](int t) const { return {first_ + t * width_, size_}; }

 private:
  Eigen::Index width_, size_;
  double* first_;
};

// Calls work.template operator()<head_dim>(start, length, head, A) for each name and head.
template <class Work>
void for_each_head(const AttentionSaved& saved, Eigen::Index head_dim, const Work& work) {
  double* weights = saved.weights;
  for (std::size_t name = 0; name < saved.names; ++name) {
    const int start = saved.starts[name], length = saved.starts[name + 1] - start;
    for (int head = 0; head < saved.n_head; ++head) {
      const MatrixMap a(weights, length, length);
      if (head_dim == 4) {
        work.template operator()<4>(start, length, head, a);
      } else if (head_dim == 16) {
        work.template operator()<16>(start, length, head, a);
      } else {
        work.template operator()<Eigen::Dynamic>(start, length, head, a);
      }
      weights += length * length;
    }
  }
}

double score_scale(Var q, int n_head) {
  return 1 / std::sqrt(static_cast<double>(q.cols() / n_head));
}

// A = softmax(q kᵀ scale), causal: exp of what lies ahead is 0.
template <int head_dim>
void causal_weights(const HeadRows<head_dim>& q, const HeadRows<head_dim>& k, double scale,
                    MatrixMap a) {
  constexpr double never = -std::numeric_limits<double>::infinity();
  const int length = static_cast<int>(a.rows());
  for (int t = 0; t < length; ++t) {
    const HeadVector<head_dim> query = scale * q[t];
    for (int s = 0; s <= t; ++s) a(t, s) = query.dot(k[s]);
    a.row(t).tail(length - t - 1).setConstant(never);
    a.row(t).array() -= a.row(t).head(t + 1).maxCoeff();
  }
  a = a.array().exp();  // all of them at once: exp is quick on long vectors
  for (int t = 0; t < length; ++t) a.row(t).head(t + 1) /= a.row(t).head(t + 1).sum();
}

void attention_backward(Var y) {
  const Var q = y.input(0), k = y.input(1), v = y.input(2);
  const auto& saved = *y.saved<AttentionSaved>();
  const double scale = score_scale(q, saved.n_head);

  for_each_head(saved, q.cols() / saved.n_head,
                [&]<int head_dim>(int start, int length, int head, MatrixMap a) {
                  const auto rows = [&](MatrixMap m) {
                    return HeadRows<head_dim>(m, start, head, saved.n_head);
                  };
                  const auto g = rows(y.grad());
                  const auto q_data = rows(q.data()), k_data = rows(k.data()),
                             v_data = rows(v.data());
                  const auto dq = rows(q.grad()), dk = rows(k.grad()), dv = rows(v.grad());
                  Eigen::VectorXd da(length);
                  for (int t = 0; t < length; ++t) {
                    double weighted = 0;  // rowsum(A ∘ dA)
                    for (int s = 0; s <= t; ++s) {
                      dv[s] += a(t, s) * g[t];
                      da(s) = g[t].dot(v_data[s]);
                      weighted += a(t, s) * da(s);
                    }
                    for (int s = 0; s <= t; ++s) {
                      const double ds = a(t, s) * (da(s) - weighted) * scale;
                      dq[t] += ds * k_data[s];
                      dk[s] += ds * q_data[t];
                    }
                  }
                });
}

}  // namespace

Var relu(Var x) {
  Var y = x.tape()->push(x.rows(), x.cols(), {x}, [](Var y) {
    y.input(0).grad().array() += (y.data().array() > 0).select(y.grad().array(), 0);
  });
  y.data() = x.data().cwiseMax(0);
  return y;
}

Var rmsnorm(Var x) {
  constexpr double epsilon = 1e-5;
  double* scales = x.tape()->allocate(static_cast<std::size_t>(x.rows()));
  Var y = x.tape()->push(
      x.rows(), x.cols(), {x},
      [](Var y) {
        MatrixMap dx = y.input(0).grad();
        const double* scales = y.saved<double>();
        for (Eigen::Index i = 0; i < y.rows(); ++i) {
          const auto g = y.grad().row(i), yi = y.data().row(i);
          const double mean = g.dot(yi) / static_cast<double>(y.cols());
          dx.row(i) += scales[i] * (g - mean * yi);
        }
      },
      scales);
  for (Eigen::Index i = 0; i < x.rows(); ++i) {
    const auto row = x.data().row(i);
    scales[i] = 1 / std::sqrt(row.squaredNorm() / static_cast<double>(x.cols()) + epsilon);
    y.data().row(i) = scales[i] * row;
  }
  return y;
}

Var scale_columns(Var x, Var gain) {
  Var y = x.tape()->push(x.rows(), x.cols(), {x, gain}, [](Var y) {
    const Var x = y.input(0), gain = y.input(1);
    x.grad().array() += y.grad().array().rowwise() * gain.data().row(0).array();
    gain.grad() += y.grad().cwiseProduct(x.data()).colwise().sum();
  });
  y.data().array() = x.data().array().rowwise() * gain.data().row(0).array();
  return y;
}

Var attention(Var q, Var k, Var v, std::span<const int> starts, int n_head) {
  MatrixTape& tape = *q.tape();
  std::size_t weights = 0;
  for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
    const int length = starts[i + 1] - starts[i];
    weights += static_cast<std::size_t>(length * length * n_head);
  }
  const AttentionSaved saved{tape.save(starts), starts.size() - 1, n_head, tape.allocate(weights)};
  Var y =
      tape.push(q.rows(), q.cols(), {q, k, v}, attention_backward, tape.save(std::span(&saved, 1)));

  const double scale = score_scale(q, n_head);
  for_each_head(
      saved, q.cols() / n_head, [&]<int head_dim>(int start, int length, int head, MatrixMap a) {
        const auto rows = [&](MatrixMap m) { return HeadRows<head_dim>(m, start, head, n_head); };
        causal_weights(rows(q.data()), rows(k.data()), scale, a);
        const auto values = rows(v.data()), mixed = rows(y.data());
        for (int t = 0; t < length; ++t) {
          mixed[t].setZero();
          for (int s = 0; s <= t; ++s) mixed[t] += a(t, s) * values[s];
        }
      });
  return y;
}

Matrix attention_weights(Var attended, int name, int head) {
  const auto& saved = *attended.saved<AttentionSaved>();
  Matrix weights;
  for_each_head(saved, attended.cols() / saved.n_head,
                [&]<int>(int start, int, int at_head, const MatrixMap& a) {
                  if (start == saved.starts[name] && at_head == head) weights = a;
                });
  return weights;
}

}  // namespace ladder
