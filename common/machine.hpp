#pragma once
/// \file
/// What a measurement was made on, so that a result file can say so.

#include <string>

namespace ladder {

/// Processor, number of cores and operating system, for example "AMD EPYC, 2 cores, Linux x86_64".
std::string machine_description();

/// Compiler and the flags that matter to speed, as this program was built, for example
/// "g++ 12.2.0 Release -march=x86-64-v3"; without -march it names none.
std::string compiler_description();

/// Today, as 2026-11-21 (UTC).
std::string date_today();

}  // namespace ladder
