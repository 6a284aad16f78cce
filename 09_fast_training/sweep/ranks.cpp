#include "09_fast_training/sweep/ranks.hpp"

#include <algorithm>
#include <cstdlib>

namespace ladder {
namespace {

class LoneRank : public Ranks {
 public:
  LoneRank() : Ranks(0, 1) {}
  void sum(std::span<float>) override {}
  void sum(std::span<double>) override {}
  void sum_in_order(std::span<float>) override {}
  std::string broadcast(const std::string& text) override { return text; }
  void send(int, const std::string&) override {}
  std::string receive(int) override { return ""; }
  std::optional<int> heard_from() override { return std::nullopt; }
};

}  // namespace

std::unique_ptr<Ranks> make_lone_rank() { return std::make_unique<LoneRank>(); }

int processes_started() {
  int most = 1;
  for (const char* variable : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"}) {
    if (const char* text = std::getenv(variable)) most = std::max(most, std::atoi(text));
  }
  return most;
}

}  // namespace ladder
