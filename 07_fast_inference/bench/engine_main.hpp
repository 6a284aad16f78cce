#pragma once
/// \file
/// The program around engines: options, the judge's table, the speed table, exit status. Whoever
/// has an engine of another room links the library ladder_bench, and its main is one call.

#include <functional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "07_fast_inference/bench/bench.hpp"

namespace ladder {

/// A flag that measures something of its own, before the speed table: 07's --breakdown.
struct ExtraStudy {
  std::string flag,  ///< with its dashes
      description;   ///< for --help
  /// Measures and prints.
  std::function<void(const MicroGpt& model, const BenchOptions& options)> print;
  std::function<void(const MicroGpt& model)> check = {};  ///< throws if it cannot study this one
};

/// A flag that, with --bench, puts rows measured elsewhere above the engines': 07's --baselines.
struct ExtraRows {
  std::string flag,  ///< with its dashes
      description;   ///< for --help
  /// Measures, by the weights in that file.
  std::function<std::vector<BenchRow>(const std::string& weights, const BenchOptions& options)>
      measure;
};

/// A flag that runs other engines instead, relatives of the program's: 07's --widths. --engine
/// finds them without it.
struct ExtraKinds {
  std::string flag,                   ///< with its dashes
      description;                    ///< for --help
  std::span<const EngineKind> kinds;  ///< of which the flag runs all
};

/// What a program has beside its engines.
struct EngineProgram {
  /// For --help.
  std::string description = "Engines that run the model of stage 7, judged and measured.";
  std::function<void()> before_judging = {};  ///< prints what a reader of the table should know
  std::vector<ExtraStudy> studies = {};       ///< run in this order
  std::vector<ExtraRows> rows = {};           ///< the last one's stand first
  std::vector<ExtraKinds> kinds = {};         ///< found by --engine too
  /// With --bench, after the speeds: measures and prints more, and adds it to what --json writes.
  std::function<void(const MicroGpt& model, const BenchOptions& options, nlohmann::json& json)>
      bench_more = {};
};

/// Judges the engines (largest error of a logit, names that differ), or with --samples, --start,
/// --score or --quiet answers by the first of them, or by those of --engine; --bench measures them,
/// --json writes that. The program is named after the last part of argv[0].
/// \param kinds  what joins; reference engines of 07 may stand among them, if they are linked
/// \returns the exit status: 0; 1 if an engine is off by more than it may be, or something else
/// goes
///          wrong; 2 for a usage error
int engine_main(std::span<const EngineKind> kinds, int argc, char** argv,
                const EngineProgram& extras = {});

}  // namespace ladder
