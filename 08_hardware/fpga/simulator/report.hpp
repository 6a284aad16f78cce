#pragma once
/// \file
/// What the simulated chip's clock says: cycles of each token, how busy the multipliers are, and
/// beside it what the same model takes on this processor.

namespace ladder {

/// The program behind `08_fpga --cycles`. \returns the exit status
int report_main(int argc, char** argv);

}  // namespace ladder
