#include "05_gpt_sgd/attention.hpp"

#include <cmath>
#include <limits>

namespace ladder {

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

namespace {

// What both passes need to know; it lives in the tape's arena.
struct AttentionSaved {
  std::size_t names;
  const int* starts;  // of the names, and P
  int n_head;
  double* weights;  // A of each name and head, (T, T), one after the other
};

// What one head reads or writes for one name: T rows of q, k, v or y, and head_dim of their
// columns.
template <int head_dim>
using HeadBlock = Eigen::Block<MatrixMap, Eigen::Dynamic, head_dim>;

template <int head_dim>
void attention_forward(Var result) {
  MatrixMap q = result.input(0).data();  // (P, n_embd), and so are the others
  MatrixMap k = result.input(1).data();
  MatrixMap v = result.input(2).data();
  MatrixMap y = result.data();
  const AttentionSaved& saved = *result.saved<AttentionSaved>();
  const Eigen::Index width = q.cols() / saved.n_head;  // head_dim, also where that is Dynamic
  const double scale = 1 / std::sqrt(static_cast<double>(width));
  constexpr double never = -std::numeric_limits<double>::infinity();

  double* weights = saved.weights;
  for (std::size_t name = 0; name < saved.names; ++name) {
    const int start = saved.starts[name], length = saved.starts[name + 1] - start;  // length is T
    for (int head = 0; head < saved.n_head; ++head) {
      const HeadBlock<head_dim> q_head(q, start, head * width, length, width);  // (T, head_dim)
      const HeadBlock<head_dim> k_head(k, start, head * width, length, width);
      const HeadBlock<head_dim> v_head(v, start, head * width, length, width);
      HeadBlock<head_dim> y_head(y, start, head * width, length, width);
      MatrixMap a(weights, length, length);  // (T, T)
      weights += length * length;

      for (int t = 0; t < length; ++t) {
        for (int s = 0; s <= t; ++s) {
          a(t, s) = q_head.row(t).dot(k_head.row(s)) * scale;  // S = q kᵀ / √head_dim
        }
        a.row(t).tail(length - t - 1).setConstant(never);     // causal: exp(-∞) = 0 beyond t
        a.row(t).array() -= a.row(t).head(t + 1).maxCoeff();  // cancels out; exp cannot overflow
      }
      a = a.array().exp();  // all of them at once: exp is quick on long vectors

      y_head.setZero();
      for (int t = 0; t < length; ++t) {
        a.row(t).head(t + 1) /= a.row(t).head(t + 1).sum();  // A = softmax(S)
        for (int s = 0; s <= t; ++s) {
          y_head.row(t) += a(t, s) * v_head.row(s);  // y = A v
        }
      }
    }
  }
}

template <int head_dim>
void attention_backward(Var result) {
  const Var q_var = result.input(0), k_var = result.input(1), v_var = result.input(2);
  MatrixMap q = q_var.data(), k = k_var.data(), v = v_var.data();
  MatrixMap q_grad = q_var.grad(), k_grad = k_var.grad(), v_grad = v_var.grad();
  MatrixMap y_grad = result.grad();
  const AttentionSaved& saved = *result.saved<AttentionSaved>();
  const Eigen::Index width = q.cols() / saved.n_head;
  const double scale = 1 / std::sqrt(static_cast<double>(width));

  double* weights = saved.weights;
  for (std::size_t name = 0; name < saved.names; ++name) {
    const int start = saved.starts[name], length = saved.starts[name + 1] - start;
    for (int head = 0; head < saved.n_head; ++head) {
      const HeadBlock<head_dim> q_head(q, start, head * width, length, width);
      const HeadBlock<head_dim> k_head(k, start, head * width, length, width);
      const HeadBlock<head_dim> v_head(v, start, head * width, length, width);
      const HeadBlock<head_dim> g(y_grad, start, head * width, length, width);
      HeadBlock<head_dim> dq(q_grad, start, head * width, length, width);
      HeadBlock<head_dim> dk(k_grad, start, head * width, length, width);
      HeadBlock<head_dim> dv(v_grad, start, head * width, length, width);
      const MatrixMap a(weights, length, length);
      weights += length * length;

      Eigen::VectorXd da(length);  // row t of dA
      for (int t = 0; t < length; ++t) {
        double sum = 0;  // rowsum(A ∘ dA), of row t
        for (int s = 0; s <= t; ++s) {
          dv.row(s) += a(t, s) * g.row(t);      // dv = Aᵀ G
          da(s) = g.row(t).dot(v_head.row(s));  // dA = G vᵀ
          sum += a(t, s) * da(s);
        }
        for (int s = 0; s <= t; ++s) {
          const double ds = a(t, s) * (da(s) - sum);  // dS = A ∘ (dA - rowsum(A ∘ dA))
          dq.row(t) += ds * scale * k_head.row(s);    // dq = dS k / √head_dim
          dk.row(s) += ds * scale * q_head.row(t);    // dk = dSᵀ q / √head_dim
        }
      }
    }
  }
}

}  // namespace

Var attention(Var q, Var k, Var v, std::span<const int> starts, int n_head) {
  MatrixTape& tape = *q.tape();
  std::size_t numbers = 0;  // in all A together
  for (std::size_t name = 0; name + 1 < starts.size(); ++name) {
    const int length = starts[name + 1] - starts[name];
    numbers += static_cast<std::size_t>(n_head * length * length);
  }
  const AttentionSaved saved{starts.size() - 1, tape.save(starts), n_head, tape.allocate(numbers)};

  // Dynamic serves every width. A width of 4 that the compiler knows keeps a row in one register:
  // stage 06 trains in 15% less time. A width of 16 would buy stage 05 4%.
  auto forward = attention_forward<Eigen::Dynamic>;
  auto backward = attention_backward<Eigen::Dynamic>;
  if (q.cols() == 4 * n_head) forward = attention_forward<4>, backward = attention_backward<4>;

  const Var y = tape.push(q.rows(), q.cols(), {q, k, v}, backward, tape.save(std::span(&saved, 1)));
  forward(y);
  return y;
}

Matrix attention_weights(Var attended, int name, int head) {
  const AttentionSaved& saved = *attended.saved<AttentionSaved>();
  const auto length = [&](int i) { return saved.starts[i + 1] - saved.starts[i]; };
  double* weights = saved.weights;
  for (int i = 0; i < name; ++i) weights += saved.n_head * length(i) * length(i);
  weights += head * length(name) * length(name);
  return MatrixMap(weights, length(name), length(name));
}

}  // namespace ladder
