#pragma once
/// \file
/// How a fuzz target tells the fuzzer that something is wrong.

#include <cstdio>
#include <cstdlib>

namespace ladder {

/// Ends the process if a promise of the code under test is broken.
inline void require(bool condition, const char* promise) {
  if (condition) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

}  // namespace ladder
