#include "09_fast_training/study/study.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "09_fast_training/study/batch_study.hpp"
#include "09_fast_training/study/compare.hpp"
#include "09_fast_training/study/diary.hpp"

namespace ladder {

void add_studies(CommandLine& cli, Studies& studies) {
  cli.app.add_flag("--diary", studies.diary,
                   "how this engine became fast, measured again on this machine; and what was "
                   "tried and lost");
  cli.app
      .add_option("--experiment", studies.experiment,
                  fmt::format("one of the diary's experiments alone: {}",
                              fmt::join(experiment_names(), ", ")))
      ->check(CLI::IsMember(experiment_names()));
  cli.app.add_flag("--batch-study", studies.batch_study,
                   "what a name costs and what it teaches in batches of 1 to 256; each run sees as "
                   "many names as --steps steps of 64");
  cli.app.get_option("--compare")
      ->expected(0, 1)
      ->description(
          "results (--json) of the stage below, to stand beside this one's; without a file: time "
          "a step on both tapes, in loops and in vectors, side by side");
  cli.mode("--diary", {"--data", "--seed", "--json", "--force", "--quiet"});
  cli.mode("--experiment", {"--data", "--seed", "--json", "--force", "--quiet"});
  cli.mode("--batch-study", {"--data", "--seed", "--steps", "--json", "--force", "--quiet"});
  cli.mode("--compare", {"--data", "--seed", "--json", "--force", "--quiet"});
}

bool ran_study(const CommandLine& cli, const Studies& studies, const Options& options) {
  if (studies.diary) {
    run_diary(options);
  } else if (!studies.experiment.empty()) {
    run_experiment(options, studies.experiment);
  } else if (studies.batch_study) {
    run_batch_study(options);
  } else if (cli.app.count("--compare") > 0 && options.compare.empty()) {
    run_compare(options);
  } else {
    return false;
  }
  return true;
}

}  // namespace ladder
