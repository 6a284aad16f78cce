#include "03_autograd/matrix_tape.hpp"

#include <algorithm>

namespace ladder {

std::size_t count_numbers(const std::vector<Parameter*>& parameters) {
  std::size_t count = 0;
  for (const Parameter* parameter : parameters) {
    count += static_cast<std::size_t>(parameter->value.size());
  }
  return count;
}

Var MatrixTape::leaf(Parameter& parameter) {
  nodes_.push_back({.data = parameter.value.data(),
                    .grad = parameter.grad.data(),
                    .rows = parameter.value.rows(),
                    .columns = parameter.value.cols()});
  return {this, nodes_.size() - 1};
}

Var MatrixTape::constant(const Eigen::Ref<const Matrix>& value) {
  // Its gradient is computed like any other and then ignored.
  Var result = push(value.rows(), value.cols(), {}, [](Var) {});
  result.data() = value;
  return result;
}

Var MatrixTape::push(Eigen::Index rows, Eigen::Index columns, std::initializer_list<Var> inputs,
                     Backward backward, void* saved) {
  const auto size = static_cast<std::size_t>(rows * columns);
  Node node{.data = allocate(size),
            .grad = allocate(size),
            .rows = rows,
            .columns = columns,
            .backward = backward,
            .saved = saved,
            .input_count = inputs.size()};
  std::transform(inputs.begin(), inputs.end(), node.inputs, [](Var v) { return v.index(); });
  nodes_.push_back(node);
  return {this, nodes_.size() - 1};
}

double* MatrixTape::allocate(std::size_t count) {
  constexpr std::size_t line = 8;  // doubles in a cache line
  count = (count + line - 1) / line * line;
  const auto size_of = [](const Eigen::VectorXd& v) { return static_cast<std::size_t>(v.size()); };
  while (chunk_ < chunks_.size() && used_ + count > size_of(chunks_[chunk_])) {
    ++chunk_;
    used_ = 0;
  }
  if (chunk_ == chunks_.size()) {
    const std::size_t last = chunks_.empty() ? 1 << 14 : size_of(chunks_.back());
    chunks_.emplace_back(static_cast<Eigen::Index>(std::max(2 * last, count)));
  }
  double* memory = chunks_[chunk_].data() + used_;
  used_ += count;
  return memory;
}

void MatrixTape::backward(Var root) {
  // BEGIN SOLUTION 03.matrix_backward
  for (std::size_t i = 0; i <= root.index(); ++i) {
    if (nodes_[i].backward) Var(this, i).grad().setZero();  // leaves keep theirs
    nodes_[i].reached = false;
  }
  root.grad()(0, 0) += 1;
  nodes_[root.index()].reached = true;
  // What the root was not made from has nothing to pass on, and no 0 to multiply by an infinity.
  for (std::size_t i = root.index() + 1; i-- > 0;) {
    const Node& node = nodes_[i];
    if (!node.backward || !node.reached) continue;
    for (std::size_t j = 0; j < node.input_count; ++j) nodes_[node.inputs[j]].reached = true;
    node.backward({this, i});
  }
  // END SOLUTION
}

void MatrixTape::reset() {
  nodes_.clear();
  chunk_ = 0;
  used_ = 0;
}

}  // namespace ladder
