#include <fmt/format.h>

#include "09_fast_training/sweep/ranks.hpp"
#include "common/error.hpp"

namespace ladder {

bool has_mpi() { return false; }

std::unique_ptr<Ranks> make_ranks() {
  if (processes_started() > 1) {
    throw Error(fmt::format(
        "mpirun started {} processes, and this program was built without MPI; install "
        "libopenmpi-dev and openmpi-bin (brew install open-mpi), configure and build again",
        processes_started()));
  }
  return make_lone_rank();
}

}  // namespace ladder
