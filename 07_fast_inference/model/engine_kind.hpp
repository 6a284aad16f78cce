#pragma once
/// \file
/// An engine as a table names it, and as a program makes it.

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "07_fast_inference/model/cost.hpp"
#include "07_fast_inference/model/engine.hpp"

namespace ladder {

/// The clock that an engine's speed is told by.
enum class Clock {
  thread_cpu,  ///< of what computes here: what other processes took does not count
  wall,        ///< of what waits for a device
  simulated,   ///< of a simulated chip: Engine::simulated_cycles(), which no second belongs to
};

/// One line of a list of engines.
struct EngineKind {
  std::string_view name;       ///< as --engine takes it
  std::string_view precision;  ///< "fp32", "Q4.12", "int16", "int8"
  std::string_view idea;       ///< what it adds
  bool caches;                 ///< it looks answers up rather than computing them: its own section
  bool many_streams;           ///< measured on several threads as well
  double allowed_error;        ///< of a logit, against the reference
  std::unique_ptr<Engine> (*make)(const MicroGpt& model);  ///< a new engine of these weights
  Clock clock = Clock::thread_cpu;                         ///< by which --bench measures it
  bool emulated = false;  ///< runs on an emulated processor: its speed is not that of a real one
  bool microgpt_only = false;  ///< runs no model with a final norm
  /// Multiply-adds of a token at a position, in matrices and attention; what is looked up needs
  /// none. Null: not known.
  MultiplyAdds (*multiply_adds)(int position) = nullptr;
  /// Cycles of the longest chain of steps that leads from a token at a position to the next one, on
  /// a core that is so fast. Null: not known, or other streams' tokens are computed while one
  /// waits.
  double (*chain)(int position, const CoreSpeed& core) = nullptr;

  /// Whether it runs this model.
  bool runs(const MicroGpt& model) const { return !(microgpt_only && model.final_norm); }
};

/// What the row of an engine says that does not run a model.
inline constexpr std::string_view microgpt_only_problem = "runs microGPT's variant only";

/// \throws UsageError, saying what to do, if one of these does not run this model.
void check_runs(std::span<const EngineKind* const> kinds, const MicroGpt& model);

/// What every engine in single precision is held to.
inline constexpr double fp32_error = 1e-4;

/// \throws UsageError, naming those there are, if there is none of that name.
const EngineKind& find_engine(std::span<const EngineKind> kinds, const std::string& name);

}  // namespace ladder
