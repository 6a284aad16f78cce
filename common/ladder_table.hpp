#pragma once
/// \file
/// The table at the foot of the ladder: every stage's results side by side.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace ladder {

/// Joins results that the training programs wrote (--json), one object a run: the runs of a stage
/// by the two protocols become one row, rows stand in the order of their names. \returns {corpus,
/// machine, seed, stages: [{stage, adds, parameters,
///   nll: {corpus, held_out, held_out_train}, seconds: {corpus, held_out}, steps, samples}]};
///   what was not measured is null.
/// \throws Error if a value is not the result of a run (as to_json() makes it), if the run was
/// interrupted, if two are of the same stage and protocol, or if they were measured on different
/// corpora.
nlohmann::json join_results(const std::vector<nlohmann::json>& runs);

/// The table for a terminal, at most `width` (80 or more) columns wide; long cells go on in the
/// next line. \param ladder  what join_results() returned
std::string format_ladder(const nlohmann::json& ladder, std::size_t width = 80);

/// The same as a Markdown table, for README.md; what Markdown would read as its own is escaped.
std::string format_ladder_markdown(const nlohmann::json& ladder);

/// Words in lines of at most `width` columns; a longer word is cut, and ends in "…".
std::vector<std::string> wrap_words(std::string_view text, std::size_t width);

}  // namespace ladder
