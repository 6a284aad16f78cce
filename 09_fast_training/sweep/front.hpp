#pragma once
/// \file
/// What a sweep has shown: which runs nobody beats, and what can be had within a time.

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "09_fast_training/sweep/runs.hpp"

namespace ladder {

/// Runs that no other beats: whoever took no longer has a higher NLL on held-out names. Fastest
/// first. (Pareto's word for such a state: nothing gets better without something getting worse.)
std::vector<SweepRun> pareto_front(std::vector<SweepRun> runs);

/// The run with the least NLL of those that took at most so long.
std::optional<SweepRun> best_within(double seconds, const std::vector<SweepRun>& front);

/// The fastest run that came at least so low.
std::optional<SweepRun> fastest_to(double nll, const std::vector<SweepRun>& front);

/// {"rows", "front", "best", "time_to"}: all runs, those of the front, the best within 1, 5 and 20
/// seconds, and the time to an NLL of 2.0; null for what no run has reached.
nlohmann::json front_json(const std::vector<SweepRun>& runs,
                          const std::vector<Configuration>& plan);

/// The same for the reader, in lines of at most 80 columns.
std::string front_text(const std::vector<SweepRun>& runs, const std::vector<Configuration>& plan);

}  // namespace ladder
