#pragma once
/// \file
/// How a test reaches the code under test: by the name of a *probe*, a few lines that unpack
/// arguments, call the student's function and pack its result. In the student's own check program
/// that is a plain function call; in the grader the code runs in another process, locked up, and
/// nothing but numbers goes to and fro. So the same test serves both, and no verdict is ever made
/// where the student's code could reach it.

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "classroom/kit/numbers.hpp"

namespace ladder::classroom {

/// The code under test gave no answer; the message says why, in words for the student.
class NoAnswer : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Calls the probe of this name. One of local.cpp and remote.cpp is linked.
/// \throws NoAnswer if it throws, crashes, ends the program, takes too long or does not exist
Numbers call_numbers(const std::string& probe, const Numbers& arguments);

/// Wall seconds that the last call took, the way to the other process and back included.
double seconds_of_last_call();

/// Calls a probe with arguments that Writer::put() knows: call("mean_nll", counts, p).number().
template <class... Arguments>
Reader call(const std::string& probe, const Arguments&... arguments) {
  Writer writer;
  (writer.put(arguments), ...);
  return Reader(call_numbers(probe, writer.numbers()));
}

/// Unpacks, calls, packs.
using Probe = std::function<void(Reader& arguments, Writer& result)>;

/// The probes of a stage, by name.
class Probes {
 public:
  /// Adds one.
  void add(const std::string& name, Probe probe) {
    names_.push_back(name);
    probes_.push_back(std::move(probe));
  }

  /// \throws std::runtime_error if there is none of this name
  const Probe& at(const std::string& name) const {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (names_[i] == name) return probes_[i];
    }
    throw std::runtime_error("there is no probe " + name);
  }

 private:
  std::vector<std::string> names_;
  std::vector<Probe> probes_;
};

/// Defined by each stage in classroom/NN/probes.cpp.
void add_probes(Probes& probes);

}  // namespace ladder::classroom
