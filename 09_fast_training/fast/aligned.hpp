#pragma once
/// \file
/// Arrays that begin where a cache line does, so that a vector of 64 bytes never lies across two.

#include <cstddef>
#include <memory>
#include <new>

namespace ladder {

/// An array of numbers, zeros at first.
template <class Number>
class AlignedArray {
 public:
  /// So many zeros.
  explicit AlignedArray(std::size_t size = 0) : size_(size) {
    numbers_.reset(new (std::align_val_t(64)) Number[size]());
  }
  /// At least so many numbers; what was in it may be lost.
  void grow(std::size_t size) {
    if (size > size_) *this = AlignedArray(size + size / 4);
  }
  Number* data() { return numbers_.get(); }              ///< the first number
  const Number* data() const { return numbers_.get(); }  ///< to look at
  std::size_t size() const { return size_; }             ///< numbers

 private:
  struct Free {
    void operator()(Number* numbers) const { operator delete[](numbers, std::align_val_t(64)); }
  };
  std::size_t size_;
  std::unique_ptr<Number[], Free> numbers_;
};

}  // namespace ladder
