#pragma once
/// \file
/// The tape on single numbers: every operation writes down what it did, and reading the record
/// backwards gives the derivative of the result with respect to everything that went into it.
///
/// Reverse-mode automatic differentiation (Linnainmaa, 1970), in the shape that micrograd gave it.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace ladder {

class ScalarTape;

/// A number on a tape. Copying it copies the reference, not the number.
class Value {
 public:
  Value() = default;
  /// Number `index` of the tape: how a value is found again by its index alone.
  Value(ScalarTape* tape, std::uint32_t index) : tape_(tape), index_(index) {}

  double data() const;               ///< the number itself
  double grad() const;               ///< d(root)/d(this), after ScalarTape::backward(root)
  void set_data(double data) const;  ///< of a leaf: what was made of it before stays as it was

  ScalarTape* tape() const { return tape_; }      ///< on which it was made; null of a Value()
  std::uint32_t index() const { return index_; }  ///< on that tape, 0 the number made first

 private:
  ScalarTape* tape_ = nullptr;
  std::uint32_t index_ = 0;
};

/// The record of a calculation. A node has at most two inputs, and keeps beside each the derivative
/// of its own value by that input, known at the moment it is made: the whole calculus is in the
/// operators below, and backward() only multiplies and adds.
///
/// Nodes lie in one array in the order they were made, so inputs always stand before what was made
/// of them: no sorting, no recursion, no pointers.
class ScalarTape {
 public:
  /// A number that was not calculated: a parameter or a constant.
  Value leaf(double data) { return push(data, none, 0, none, 0); }

  /// Sets grad() of every value made before `root` to d(root)/d(value); of one that `root` was not
  /// made from, to 0. The gradients of leaves are *added* to what they hold, so that several
  /// examples can be summed; zero_grad() clears them.
  void backward(Value root);

  /// Sets all gradients to 0, those of leaves too.
  void zero_grad();

  /// How many numbers are on the tape.
  std::size_t size() const { return size_; }

  /// Forgets the values from number `size` on, keeps the memory. What stands before (the
  /// parameters) stays valid.
  void rewind(std::size_t size);

  /// A node with inputs `left` and `right` and the derivatives by them.
  Value push(double data, std::uint32_t left, double by_left, std::uint32_t right,
             double by_right) {
    if (size_ == nodes_.size()) nodes_.resize(2 * nodes_.size() + 1024);
    nodes_[size_] = {data, by_left, by_right, left, right};
    return {this, size_++};
  }

  static constexpr std::uint32_t none = 0xFFFFFFFF;  ///< in place of an input that is not there

 private:
  friend class Value;

  struct Node {
    double data;
    double by_left, by_right;   // d(this)/d(input)
    std::uint32_t left, right;  // index of the input, or none
  };

  std::vector<Node> nodes_;    // the first size_ are in use
  std::vector<double> grads_;  // one a node, as far as backward() has come
  std::vector<char> reached_;  // by backward(): was the root made from this node?
  std::uint32_t size_ = 0;
};

inline double Value::data() const { return tape_->nodes_[index_].data; }
inline double Value::grad() const {
  return index_ < tape_->grads_.size() ? tape_->grads_[index_] : 0.0;
}
inline void Value::set_data(double data) const { tape_->nodes_[index_].data = data; }

/// \name The operators: the value, and the derivative by each input
/// \{

/// a + b, by a: 1, by b: 1.
inline Value operator+(Value a, Value b) {
  return a.tape()->push(a.data() + b.data(), a.index(), 1, b.index(), 1);
}
/// a - b, by a: 1, by b: -1.
inline Value operator-(Value a, Value b) {
  return a.tape()->push(a.data() - b.data(), a.index(), 1, b.index(), -1);
}
/// a b, by a: b, by b: a (the product rule).
inline Value operator*(Value a, Value b) {
  // BEGIN SOLUTION 03.times
  return a.tape()->push(a.data() * b.data(), a.index(), b.data(), b.index(), a.data());
  // END SOLUTION
}
/// a / b, by a: 1 / b, by b: -a / b² (the quotient rule).
inline Value operator/(Value a, Value b) {
  // BEGIN SOLUTION 03.divide
  const double quotient = a.data() / b.data();
  return a.tape()->push(quotient, a.index(), 1 / b.data(), b.index(), -quotient / b.data());
  // END SOLUTION
}
/// a + b, by a: 1; `b` is no number on the tape.
inline Value operator+(Value a, double b) {
  return a.tape()->push(a.data() + b, a.index(), 1, ScalarTape::none, 0);
}
/// a b, by a: b; `b` is no number on the tape.
inline Value operator*(Value a, double b) {
  return a.tape()->push(a.data() * b, a.index(), b, ScalarTape::none, 0);
}
/// -a, by a: -1.
inline Value operator-(Value a) { return a * -1.0; }

/// eᵃ, by a: eᵃ.
inline Value exp(Value a) {
  const double e = std::exp(a.data());
  return a.tape()->push(e, a.index(), e, ScalarTape::none, 0);
}
/// ln a, by a: 1 / a.
inline Value log(Value a) {
  return a.tape()->push(std::log(a.data()), a.index(), 1 / a.data(), ScalarTape::none, 0);
}
/// tanh a, by a: 1 - tanh² a.
inline Value tanh(Value a) {
  // BEGIN SOLUTION 03.tanh
  const double t = std::tanh(a.data());
  return a.tape()->push(t, a.index(), 1 - t * t, ScalarTape::none, 0);
  // END SOLUTION
}
/// aⁿ for a given n, by a: n aⁿ⁻¹.
inline Value pow(Value a, double exponent) {
  const double p = std::pow(a.data(), exponent);
  return a.tape()->push(p, a.index(), exponent * std::pow(a.data(), exponent - 1), ScalarTape::none,
                        0);
}
/// max(a, 0), by a: 1 where a > 0, else 0.
inline Value relu(Value a) {
  // BEGIN SOLUTION 03.relu
  return a.tape()->push(a.data() > 0 ? a.data() : 0, a.index(), a.data() > 0 ? 1 : 0,
                        ScalarTape::none, 0);
  // END SOLUTION
}
/// \}

}  // namespace ladder
