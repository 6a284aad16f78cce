#include "03_autograd/scalar_tape.hpp"

#include <algorithm>

namespace ladder {

void ScalarTape::backward(Value root) {
  // BEGIN SOLUTION 03.backward
  for (std::size_t i = 0; i < grads_.size(); ++i) {
    if (nodes_[i].left != none) grads_[i] = 0;  // of an earlier backward(); leaves keep theirs
  }
  grads_.resize(size_, 0.0);
  grads_[root.index()] += 1;  // d(root)/d(root)
  reached_.assign(root.index() + 1, false);
  reached_[root.index()] = true;

  // Backwards, so that a node's own gradient is complete before it is passed on to its inputs. What
  // the root was not made from has nothing to pass on: its 0 times an infinite derivative (of log
  // at 0, say) would be NaN.
  const Node* const nodes = nodes_.data();
  double* const grads = grads_.data();
  char* const reached = reached_.data();
  for (std::uint32_t i = root.index() + 1; i-- > 0;) {
    const Node& node = nodes[i];
    if (node.left == none || !reached[i]) continue;
    const double grad = grads[i];
    grads[node.left] += node.by_left * grad;
    reached[node.left] = true;
    if (node.right == none) continue;
    grads[node.right] += node.by_right * grad;
    reached[node.right] = true;
  }
  // END SOLUTION
}

void ScalarTape::zero_grad() { std::fill(grads_.begin(), grads_.end(), 0.0); }

void ScalarTape::rewind(std::size_t size) {
  size_ = static_cast<std::uint32_t>(std::min<std::size_t>(size_, size));
  grads_.resize(std::min<std::size_t>(grads_.size(), size_));
}

}  // namespace ladder
