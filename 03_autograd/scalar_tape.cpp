#include "03_autograd/scalar_tape.hpp"

#include <algorithm>

namespace ladder {

void ScalarTape::backward(Value root) {
  for (std::size_t i = 0; i < grads_.size(); ++i) {
    if (nodes_[i].left != none) grads_[i] = 0;  // of an earlier backward(); leaves keep theirs
  }
  grads_.resize(nodes_.size(), 0.0);
  grads_[root.index()] += 1;  // d(root)/d(root)

  // Backwards, so that a node's own gradient is complete before it is passed on to its inputs.
  for (std::uint32_t i = root.index() + 1; i-- > 0;) {
    const Node& node = nodes_[i];
    if (node.left == none) continue;
    grads_[node.left] += node.by_left * grads_[i];
    if (node.right != none) grads_[node.right] += node.by_right * grads_[i];
  }
}

void ScalarTape::zero_grad() { std::fill(grads_.begin(), grads_.end(), 0.0); }

void ScalarTape::rewind(std::size_t size) {
  nodes_.resize(size);
  grads_.resize(std::min(grads_.size(), size));
}

}  // namespace ladder
