#pragma once
/// \file
/// What a measurement was made on, so that a result file can say so.

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace ladder {

/// Processor, number of cores and operating system, for example "AMD EPYC, 2 cores, Linux x86_64".
std::string machine_description();

/// Compiler and the flags that matter to speed, as this program was built, for example
/// "g++ 12.2.0 Release -march=x86-64-v3"; without -march it names none.
std::string compiler_description();

/// The vector instructions that the compiler was allowed to use, for example "AVX-512", "AVX2,
/// FMA", "SSE4.2" or "NEON".
std::string instructions_used();

/// Today, as 2026-11-21 (UTC).
std::string date_today();

/// {"processor", "cores", "system", "instructions", "compiler", "flags", "date"}: what stands
/// beside every measurement that the ladder writes.
nlohmann::json machine_json();

/// A benchmark's or a study's file: {"stage", "machine", "rows"}. What a row holds is said where it
/// is made; a figure that was not measured is null in it.
nlohmann::json measurement_json(const std::string& stage, nlohmann::json rows);

}  // namespace ladder
