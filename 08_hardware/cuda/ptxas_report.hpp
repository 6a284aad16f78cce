#pragma once
/// \file
/// What ptxas, the last of nvcc's compilers, says of each kernel (-Xptxas -v): how many registers
/// it takes, and what it had to keep in slow memory for want of them. keep_ptxas.sh keeps it beside
/// the object.

#include <string>
#include <vector>

namespace ladder::gpu {

/// One kernel, for one architecture.
struct KernelReport {
  std::string kernel;         ///< as the linker knows it
  std::string architecture;   ///< "sm_90"
  int registers = 0;          ///< of a thread
  int stack_bytes = 0;        ///< of a thread: arrays that are indexed, or spilled registers
  int spill_store_bytes = 0;  ///< written because registers ran out
  int spill_load_bytes = 0;   ///< and read again
};

/// \param text  of one or more compilations
/// \throws std::runtime_error if a kernel's lines are not all there
std::vector<KernelReport> read_ptxas(const std::string& text);

}  // namespace ladder::gpu
