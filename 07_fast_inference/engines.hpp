#pragma once
/// \file
/// The list of engines, slowest first. Each is one file and adds one idea to the one before it.

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "07_fast_inference/engine.hpp"

namespace ladder {

std::unique_ptr<Engine> make_tape(const MicroGpt& model);
std::unique_ptr<Engine> make_eigen_dynamic(const MicroGpt& model);
std::unique_ptr<Engine> make_eigen_fixed(const MicroGpt& model);
std::unique_ptr<Engine> make_loops(const MicroGpt& model);
std::unique_ptr<Engine> make_columns(const MicroGpt& model);
std::unique_ptr<Engine> make_tables(const MicroGpt& model);
std::unique_ptr<Engine> make_int16(const MicroGpt& model);
std::unique_ptr<Engine> make_q4_12(const MicroGpt& model);
std::unique_ptr<Engine> make_streams(const MicroGpt& model);
std::unique_ptr<Engine> make_streams_int16(const MicroGpt& model);
std::unique_ptr<Engine> make_streams_int8(const MicroGpt& model);
std::unique_ptr<Engine> make_prefix_cache(const MicroGpt& model);

/// The same with another bound for its memory.
std::unique_ptr<Engine> make_prefix_cache(const MicroGpt& model, std::size_t most_bytes);

/// An engine as the table names it.
struct EngineKind {
  std::string_view name;       ///< as --engine takes it
  std::string_view precision;  ///< "fp32", "Q4.12", "int16", "int8"
  std::string_view idea;       ///< what it adds
  bool caches;                 ///< it looks answers up rather than computing them: its own section
  bool many_streams;           ///< measured on several threads as well
  double allowed_error;        ///< of a logit, against the reference
  std::unique_ptr<Engine> (*make)(const MicroGpt& model);
};

/// All of them that this machine can run.
std::span<const EngineKind> all_engines();

/// \throws UsageError, naming those there are, if there is none of that name.
const EngineKind& find_engine(const std::string& name);

}  // namespace ladder
