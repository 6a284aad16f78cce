#pragma once
/// \file
/// The processes that mpirun started, on this machine or on several: how many, which one this is,
/// and what they say to one another.

#include <memory>
#include <optional>
#include <span>
#include <string>

namespace ladder {

/// Without mpirun: one rank, which has nobody to talk to.
class Ranks {
 public:
  virtual ~Ranks() = default;
  Ranks(const Ranks&) = delete;
  Ranks& operator=(const Ranks&) = delete;

  int rank() const { return rank_; }  ///< which one this is, from 0
  int size() const { return size_; }  ///< how many there are

  /// \name Called by all ranks
  /// \{

  /// Adds up, number by number, what the ranks hold: all of them get the same sum, to the bit
  /// (MPI 4.0, 5.9.6), and the same again in the next run (its advice to implementors).
  virtual void sum(std::span<float> numbers) = 0;
  virtual void sum(std::span<double> numbers) = 0;  ///< likewise
  /// The same sum in the order of the ranks, whatever MPI prefers: everyone gets everything, and
  /// adds up himself.
  virtual void sum_in_order(std::span<float> numbers) = 0;
  /// What rank 0 gives.
  virtual std::string broadcast(const std::string& text) = 0;
  /// \}

  /// \name From one to another
  /// \{

  /// A text, perhaps empty.
  virtual void send(int to, const std::string& text) = 0;
  /// Waits for the next one from `from`.
  virtual std::string receive(int from) = 0;
  /// A rank from which a text has come; nothing if there is none yet.
  virtual std::optional<int> heard_from() = 0;
  /// \}

 protected:
  /// Which one, of how many.
  Ranks(int rank, int size) : rank_(rank), size_(size) {}

 private:
  int rank_, size_;
};

/// Those that mpirun started, or this process alone. Only one thread at a time may call them. Of
/// all ranks but the first nothing is printed on stdout.
/// \throws Error if mpirun started several, and this program was built without MPI
std::unique_ptr<Ranks> make_ranks();

/// Whether this program was built with MPI.
bool has_mpi();

/// This process alone, wherever it was started.
std::unique_ptr<Ranks> make_lone_rank();

/// Processes that mpirun (of Open MPI, MPICH or Slurm) started, this one included; 1 without it.
int processes_started();

}  // namespace ladder
