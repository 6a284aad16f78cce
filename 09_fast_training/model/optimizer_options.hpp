#pragma once
/// \file
/// Which optimizer a trainer has.

#include "06_gpt_adam/adam_options.hpp"

namespace ladder {

/// How a gradient moves the parameters.
struct OptimizerOptions {
  bool adam = true;     ///< false: plain SGD
  AdamOptions options;  ///< of Adam
};

}  // namespace ladder
