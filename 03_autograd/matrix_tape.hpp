#pragma once
/// \file
/// The same tape, over matrices: a node is a whole matrix, so a few dozen nodes do the work of a
/// hundred thousand numbers, and the time goes into arithmetic instead of bookkeeping.

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <Eigen/Core>

#include "01_counting_bigram/count_model.hpp"

namespace ladder {

class MatrixTape;

/// A matrix that lives in somebody else's memory; row-major like Matrix.
using MatrixMap = Eigen::Map<Matrix>;

/// A matrix that is learnt. Its gradient is added to by every backward() and cleared by whoever
/// updates it.
struct Parameter {
  std::string name;  ///< as a weights file has it
  Matrix value;      ///< as it is now
  Matrix grad;       ///< d loss / d value, same shape

  /// Zeros of shape (rows, columns).
  Parameter(std::string parameter_name, Eigen::Index rows, Eigen::Index columns)
      : name(std::move(parameter_name)),
        value(Matrix::Zero(rows, columns)),
        grad(Matrix::Zero(rows, columns)) {}
};

/// Numbers in all of these matrices together.
std::size_t count_numbers(const std::vector<Parameter*>& parameters);

/// A matrix on a tape. Copying it copies the reference.
class Var {
 public:
  /// Node `index` of the tape: good until that tape's next reset().
  Var(MatrixTape* tape, std::size_t index) : tape_(tape), index_(index) {}

  MatrixMap data() const;     ///< the numbers themselves, to be read and written
  MatrixMap grad() const;     ///< valid after MatrixTape::backward()
  Eigen::Index rows() const;  ///< of data(), and of grad()
  Eigen::Index cols() const;  ///< likewise
  double scalar() const { return data()(0, 0); }  ///< of a (1, 1) matrix, a loss

  Var input(std::size_t i) const;  ///< the i-th input of the operation that made this
  template <class T>
  T* saved() const;  ///< what the operation kept for its backward pass

  MatrixTape* tape() const { return tape_; }    ///< on which it was made
  std::size_t index() const { return index_; }  ///< on that tape, 0 the node made first

 private:
  MatrixTape* tape_;
  std::size_t index_;
};

/// The record of a calculation on matrices. An operation (matrix_ops.hpp) pushes a node with the
/// function that carries the node's gradient back to its inputs. All memory comes from an arena
/// that is reset and not freed: after the first step nothing is allocated any more.
class MatrixTape {
 public:
  /// Carries `result.grad()` back: *adds* to the gradient of each of its inputs.
  using Backward = void (*)(Var result);

  /// Of one operation.
  static constexpr std::size_t max_inputs = 4;

  /// A parameter; its gradient is added to Parameter::grad. It must outlive the tape's use.
  Var leaf(Parameter& parameter);

  /// A matrix that is given and not learnt.
  Var constant(const Eigen::Ref<const Matrix>& value);

  /// A new matrix of shape (rows, columns) made from `inputs`; the caller fills its data().
  /// \param saved  memory from save(), for the backward pass
  Var push(Eigen::Index rows, Eigen::Index columns, std::initializer_list<Var> inputs,
           Backward backward, void* saved = nullptr);

  /// A copy of plain numbers that lives until reset().
  template <class T>
  T* save(std::span<const T> items);

  /// Memory for `count` doubles that lives until reset(); not initialised.
  double* allocate(std::size_t count);

  /// Sets the gradient of every matrix made before `root`, a (1, 1) matrix (of one that `root` was
  /// not made from, to 0); those of parameters are added to.
  void backward(Var root);

  /// Forgets all nodes, keeps the memory.
  void reset();

  /// How many nodes there are, leaves and constants included.
  std::size_t size() const { return nodes_.size(); }

 private:
  friend class Var;

  struct Node {
    double* data;
    double* grad;
    Eigen::Index rows, columns;
    Backward backward = nullptr;  // null: a leaf
    void* saved = nullptr;
    std::size_t input_count = 0;
    std::size_t inputs[max_inputs] = {};
    bool reached = false;  // by backward(): was the root made from this?
  };

  std::vector<Node> nodes_;
  // Chunks that double in size; their numbers never move, so addresses stay valid. Eigen aligns
  // them, and so sums in the same order, and rounds the same, in every run.
  std::vector<Eigen::VectorXd> chunks_;
  std::size_t chunk_ = 0;  // the one in use
  std::size_t used_ = 0;   // of it
};

inline MatrixMap Var::data() const {
  const auto& node = tape_->nodes_[index_];
  return {node.data, node.rows, node.columns};
}
inline MatrixMap Var::grad() const {
  const auto& node = tape_->nodes_[index_];
  return {node.grad, node.rows, node.columns};
}
inline Eigen::Index Var::rows() const { return tape_->nodes_[index_].rows; }
inline Eigen::Index Var::cols() const { return tape_->nodes_[index_].columns; }
inline Var Var::input(std::size_t i) const { return {tape_, tape_->nodes_[index_].inputs[i]}; }

template <class T>
T* Var::saved() const {
  return static_cast<T*>(tape_->nodes_[index_].saved);
}

template <class T>
T* MatrixTape::save(std::span<const T> items) {
  static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= alignof(double));
  T* copy = reinterpret_cast<T*>(allocate((items.size_bytes() + 7) / 8));
  std::uninitialized_copy(items.begin(), items.end(), copy);
  return copy;
}

}  // namespace ladder
