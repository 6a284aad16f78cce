#pragma once
/// \file
/// Where a sweep's runs are kept, so that it can be broken off and gone on with: the first line
/// says what was asked for and the plan, each further one is a finished run.

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "09_fast_training/sweep/runs.hpp"

namespace ladder {

/// An open file of runs, which no other sweep can write to meanwhile.
class RunsFile {
 public:
  /// Begins a file, to which write_plan() comes next.
  /// \throws Error if it cannot be written, or is there already and `force` is not set
  static RunsFile begin(const std::string& path, bool force);

  /// Goes on with a file. What a killed process left of its last line is cut off.
  /// \throws Error if it is missing, damaged, or if something else was asked for in it
  static RunsFile resume(const std::string& path, const nlohmann::json& asked);

  /// The first line.
  /// \param asked  what the plan followed from, compared by resume()
  /// \throws Error if it cannot be written, as append() does
  void write_plan(const nlohmann::json& asked, const std::vector<Configuration>& plan);

  RunsFile(RunsFile&& other) noexcept;  ///< the other is left without a file
  ~RunsFile();
  RunsFile& operator=(RunsFile&&) = delete;

  const std::vector<Configuration>& plan() const { return plan_; }  ///< what the file says
  const std::vector<SweepRun>& runs() const { return runs_; }       ///< finished

  /// Adds a run, and a line to the file: all of it, or nothing, and on the disk when this returns.
  /// \throws Error if it cannot be written
  void append(const SweepRun& run);

 private:
  RunsFile(const std::string& path, bool make);
  void add(const SweepRun& run);
  void append_line(const std::string& line);
  void read(const nlohmann::json& asked);

  std::string path_;
  int file_ = -1;
  std::vector<Configuration> plan_;
  std::vector<SweepRun> runs_;
};

}  // namespace ladder
