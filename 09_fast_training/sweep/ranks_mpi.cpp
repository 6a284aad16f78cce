#include <cstdio>
#include <exception>
#include <limits>
#include <mpi.h>
#include <vector>

#include "09_fast_training/sweep/ranks.hpp"

namespace ladder {
namespace {

constexpr int tag = 0;

int count_of(std::size_t size) { return static_cast<int>(size); }

// Whatever goes wrong inside MPI ends all processes with MPI's own message (MPI_ERRORS_ARE_FATAL,
// its default), so that no result of a call is looked at here.
class MpiRanks : public Ranks {
 public:
  MpiRanks(int rank, int size) : Ranks(rank, size) {}

  // Whoever leaves because of an error must not wait for the others, who wait for him: that he goes
  // without MPI_Finalize is what tells mpirun to end them.
  ~MpiRanks() override {
    if (std::uncaught_exceptions() == 0) MPI_Finalize();
  }

  void sum(std::span<float> numbers) override { all_reduce(numbers, MPI_FLOAT); }
  void sum(std::span<double> numbers) override { all_reduce(numbers, MPI_DOUBLE); }

  void sum_in_order(std::span<float> numbers) override {
    gathered_.resize(numbers.size() * static_cast<std::size_t>(size()));
    const int count = count_of(numbers.size());
    MPI_Allgather(numbers.data(), count, MPI_FLOAT, gathered_.data(), count, MPI_FLOAT,
                  MPI_COMM_WORLD);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      float sum = gathered_[i];
      for (std::size_t j = i + numbers.size(); j < gathered_.size(); j += numbers.size()) {
        sum += gathered_[j];
      }
      numbers[i] = sum;
    }
  }

  std::string broadcast(const std::string& text) override {
    int length = count_of(text.size());
    MPI_Bcast(&length, 1, MPI_INT, 0, MPI_COMM_WORLD);
    std::string result = text;
    result.resize(static_cast<std::size_t>(length));
    MPI_Bcast(result.data(), length, MPI_CHAR, 0, MPI_COMM_WORLD);
    return result;
  }

  void send(int to, const std::string& text) override {
    MPI_Send(text.data(), count_of(text.size()), MPI_CHAR, to, tag, MPI_COMM_WORLD);
  }

  std::string receive(int from) override {
    MPI_Status status;
    MPI_Probe(from, tag, MPI_COMM_WORLD, &status);
    int length = 0;
    MPI_Get_count(&status, MPI_CHAR, &length);
    std::string text(static_cast<std::size_t>(length), ' ');
    MPI_Recv(text.data(), length, MPI_CHAR, from, tag, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    return text;
  }

  std::optional<int> heard_from() override {
    int any = 0;
    MPI_Status status;
    MPI_Iprobe(MPI_ANY_SOURCE, tag, MPI_COMM_WORLD, &any, &status);
    if (any == 0) return std::nullopt;
    return status.MPI_SOURCE;
  }

 private:
  template <class Number>
  void all_reduce(std::span<Number> numbers, MPI_Datatype type) {
    MPI_Allreduce(MPI_IN_PLACE, numbers.data(), count_of(numbers.size()), type, MPI_SUM,
                  MPI_COMM_WORLD);
  }

  std::vector<float> gathered_;
};

}  // namespace

bool has_mpi() { return true; }

// Only under mpirun: MPI_Init() takes a second, and starts helpers, where nobody asked for MPI.
std::unique_ptr<Ranks> make_ranks() {
  if (processes_started() == 1) return make_lone_rank();
  int given = 0;
  MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &given);
  int rank = 0, size = 1;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  if (rank > 0 && std::freopen("/dev/null", "w", stdout) == nullptr) MPI_Abort(MPI_COMM_WORLD, 1);
  return std::make_unique<MpiRanks>(rank, size);
}

}  // namespace ladder
