#pragma once
/// \file
/// How arguments and results travel between a test and the code under test: as a row of doubles.

#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace ladder::classroom {

/// What travels.
using Numbers = std::vector<double>;

/// Packs values one behind the other.
class Writer {
 public:
  /// One number; whole numbers are exact up to 2^53.
  void put(double number) { numbers_.push_back(number); }
  /// \copydoc put(double)
  void put(int number) { numbers_.push_back(number); }
  /// \copydoc put(double)
  void put(long number) { numbers_.push_back(static_cast<double>(number)); }
  /// \copydoc put(double)
  void put(std::size_t number) { numbers_.push_back(static_cast<double>(number)); }
  /// 0 or 1.
  void put(bool yes) { numbers_.push_back(yes ? 1 : 0); }

  /// A list: its length, then its items.
  template <class T>
  void put(const std::vector<T>& items) {
    put(items.size());
    for (const T& item : items) put(item);
  }

  /// A text, byte by byte.
  void put(std::string_view text) {
    put(text.size());
    for (const char c : text) put(static_cast<int>(static_cast<unsigned char>(c)));
  }

  /// A matrix (of Eigen): rows, columns, and the numbers row by row.
  template <class M>
  requires requires(const M& m) { m.rows(); }
  void put(const M& matrix) {
    put(static_cast<long>(matrix.rows()));
    put(static_cast<long>(matrix.cols()));
    for (long i = 0; i < matrix.rows(); ++i) {
      for (long j = 0; j < matrix.cols(); ++j) put(static_cast<double>(matrix(i, j)));
    }
  }

  /// All that was put.
  const Numbers& numbers() const { return numbers_; }

 private:
  Numbers numbers_;
};

/// Unpacks what a Writer packed, in the same order.
/// Each function \throws std::runtime_error if what comes next is not of that kind.
class Reader {
 public:
  /// Reads these numbers from the first one on.
  explicit Reader(Numbers numbers) : numbers_(std::move(numbers)) {}

  /// One number.
  double number() {
    if (next_ >= numbers_.size()) throw std::runtime_error("the answer is too short");
    return numbers_[next_++];
  }

  /// A whole number within `least` … `most`.
  long integer(long least = -1'000'000'000, long most = 1'000'000'000) {
    const double value = number();
    if (!(value >= static_cast<double>(least) && value <= static_cast<double>(most)) ||
        value != static_cast<double>(static_cast<long>(value))) {
      throw std::runtime_error("the answer has no proper whole number where one belongs");
    }
    return static_cast<long>(value);
  }

  /// A list of numbers.
  std::vector<double> numbers() {
    std::vector<double> items(length());
    for (double& item : items) item = number();
    return items;
  }

  /// A list of whole numbers.
  std::vector<int> integers() {
    std::vector<int> items(length());
    for (int& item : items) item = static_cast<int>(integer());
    return items;
  }

  /// A list of lists of whole numbers: the tokens of names.
  std::vector<std::vector<int>> lists() {
    std::vector<std::vector<int>> items(length());
    for (std::vector<int>& item : items) item = integers();
    return items;
  }

  /// A text.
  std::string text() {
    std::string bytes(length(), ' ');
    for (char& c : bytes) c = static_cast<char>(integer(0, 255));
    return bytes;
  }

  /// A matrix of any type that is made by M(rows, columns).
  template <class M>
  M matrix() {
    const long rows = integer(0), columns = integer(0);
    if (static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns) > left()) {
      throw std::runtime_error("the answer is too short for its matrix");
    }
    M result(rows, columns);
    for (long i = 0; i < rows; ++i) {
      for (long j = 0; j < columns; ++j) result(i, j) = number();
    }
    return result;
  }

  /// How many numbers have not been read.
  std::size_t left() const { return numbers_.size() - next_; }

 private:
  std::size_t length() {
    const long count = integer(0);
    if (static_cast<std::size_t>(count) > left()) {
      throw std::runtime_error("the answer is too short for its list");
    }
    return static_cast<std::size_t>(count);
  }

  Numbers numbers_;
  std::size_t next_ = 0;
};

}  // namespace ladder::classroom
