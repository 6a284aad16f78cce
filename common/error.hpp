#pragma once
/// \file
/// The two kinds of error a program of the ladder reports; run_program() (program.hpp) prints them.

#include <stdexcept>

namespace ladder {

/// Something the reader can mend: the message says what is wrong and what to do. Exit status 1.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The command line asks for something that makes no sense. Exit status 2.
class UsageError : public Error {
 public:
  using Error::Error;
};

}  // namespace ladder
