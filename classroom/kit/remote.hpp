#pragma once
/// \file
/// The judge's side of a call: starts the worker, talks to it, and says why it did not answer.

#include <string>
#include <vector>

namespace ladder::classroom {

/// How a worker is started and how long it is waited for.
struct WorkerPlan {
  std::vector<std::string> command;  ///< program and arguments
  std::string log;                   ///< what it prints goes into this file
  double seconds = 20;               ///< wall time for all the calls of one test
};

/// A new worker for the calls to come; the one before is killed. Started at the first call.
void new_worker(const WorkerPlan& plan);

/// Whether the last worker was stopped because it took too long.
bool ran_out_of_time();

/// Kills the worker, if there is one.
void end_worker();

}  // namespace ladder::classroom
