#pragma once
/// \file
/// What a test of an assignment is, and what it can say. Messages name the place, what came and how
/// it is wrong; never the number that was wanted, which somebody would type in.

#include <cmath>
#include <cstdint>
#include <functional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "classroom/kit/call.hpp"
#include "common/random.hpp"

namespace ladder::classroom {

/// A check did not hold; ends the test.
class Failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Given to each test: random numbers and the checks.
class Check {
 public:
  /// `seed` of this run, stirred with the test's name.
  explicit Check(std::uint64_t seed) : random_(seed) {}

  /// Where every test takes its inputs from, so that the grader's differ from the student's.
  Random& random() { return random_; }

  /// \throws Failure with this message unless `holds`
  void that(bool holds, const std::string& message) const {
    if (!holds) throw Failure(message);
  }

  /// |came - wanted| ≤ tolerance (1 + |wanted|). A NaN is never near.
  /// \param what  "the NLL"; the message goes on "is … , which is too large"
  void near(double came, double wanted, double tolerance, const std::string& what) const {
    if (std::abs(came - wanted) <= tolerance * (1 + std::abs(wanted))) return;
    std::ostringstream message;
    message.precision(6);
    message << what << " is " << came << direction(came, wanted);
    throw Failure(message.str());
  }

  /// Two matrices of Eigen, number by number, as near().
  /// \param what  "the gradient"; the message adds the row and the column
  template <class A, class B>
  void near_matrix(const A& came, const B& wanted, double tolerance,
                   const std::string& what) const {
    std::ostringstream message;
    if (came.rows() != wanted.rows() || came.cols() != wanted.cols()) {
      message << what << " has " << came.rows() << " rows and " << came.cols()
              << " columns, which is not the shape it should have";
      throw Failure(message.str());
    }
    for (long i = 0; i < wanted.rows(); ++i) {
      for (long j = 0; j < wanted.cols(); ++j) {
        message.str("");
        message << what << " in row " << i << ", column " << j << " (counted from 0)";
        near(came(i, j), wanted(i, j), tolerance, message.str());
      }
    }
  }

 private:
  static const char* direction(double came, double wanted) {
    if (std::isnan(came)) return ", which is not a number";
    if (std::isinf(came)) return ", which is not finite";
    if (came == 0) return ", and it should not be zero";
    if (wanted != 0 && (came < 0) != (wanted < 0)) return ", which has the wrong sign";
    return std::abs(came) > std::abs(wanted) ? ", which is too far from zero"
                                             : ", which is too near to zero";
  }

  Random random_;
};

/// One test of one task.
struct Test {
  std::string task;     ///< the task's id in tasks.json
  std::string name;     ///< a sentence that says what holds
  int edge = 0;         ///< 0: without it the task earns nothing; else what it costs when it fails
  bool hidden = false;  ///< only the grader has it
  std::function<void(Check&)> run;
};

/// The tests of a stage.
class Tests {
 public:
  /// A test without which the task earns nothing.
  void core(const std::string& task, const std::string& name, std::function<void(Check&)> run) {
    all_.push_back({task, name, 0, hidden_, std::move(run)});
  }

  /// A test of an edge case, which costs `points` of the task's when it alone fails.
  void edge(int points, const std::string& task, const std::string& name,
            std::function<void(Check&)> run) {
    all_.push_back({task, name, points, hidden_, std::move(run)});
  }

  /// Those added from now on are the grader's alone.
  void hide() { hidden_ = true; }

  /// In the order they were added.
  const std::vector<Test>& all() const { return all_; }

 private:
  std::vector<Test> all_;
  bool hidden_ = false;
};

/// classroom/NN/visible.cpp: what the student has, too.
void add_visible_tests(Tests& tests);

/// classroom/hidden/NN.cpp: what the grader alone has.
void add_hidden_tests(Tests& tests);

/// Runs a test. \returns what went wrong; empty if nothing did
std::string failure_of(const Test& test, std::uint64_t seed);

}  // namespace ladder::classroom
