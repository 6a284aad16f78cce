#pragma once
/// \file
/// The half of 08_cuda that trains: `--train` and `--crossover`.

namespace ladder::gpu {

/// Whether --train or --crossover is among the words: the program then has other options.
bool is_training_asked(int argc, const char* const* argv);

/// 08_cuda --train learns names, on a GPU or on emulated blocks; 08_cuda --crossover measures steps
/// on the GPU, to stand beside a processor's (crossover.hpp).
/// \returns the exit status: 0; 1 if something goes wrong; 2 for a usage error
int training_main(int argc, char** argv);

}  // namespace ladder::gpu
