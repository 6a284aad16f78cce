#pragma once
/// \file
/// How fast is each engine? All are run in turn, A B C A B C, so that whatever else the machine
/// does falls on all of them alike; what is printed is the median of the rounds.
///
/// The room bench/ may include common/, model/ and judge/, and no engine: no Eigen, no tape. So
/// whoever joins with an engine of another room (engine_main.hpp) links this and no more.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "07_fast_inference/model/engine_kind.hpp"

namespace ladder {

/// Tokens/s of TALOS-V2, the FPGA (56 MHz) that this ladder's last stage answers to.
inline constexpr double talos_tokens_per_second = 53'000;

/// How the engines are measured.
struct BenchOptions {
  int rounds = 21;                     ///< turns of each engine
  double seconds_per_turn = 0.02;      ///< of one thread
  double seconds_per_team_turn = 0.1;  ///< of several threads: what the system takes comes in bits
                                       ///< of milliseconds, and should average out
  std::size_t warm_up_tokens = 16'000'000;  ///< that fill a cache before it is measured
  std::uint64_t seed = 42;                  ///< of the names
  float temperature = 1;                    ///< of the names
  int threads = 1;     ///< engines of several streams are measured on that many as well
  bool quiet = false;  ///< no progress bar
};

/// One line of the table. What was not measured has no value.
struct BenchRow {
  std::string engine,                       ///< as EngineKind::name
      precision,                            ///< as EngineKind::precision
      idea;                                 ///< as EngineKind::idea
  std::string problem;                      ///< why it was not measured
  int streams = 1;                          ///< of all threads together
  int threads = 1;                          ///< an engine on each
  bool caches = false;                      ///< as EngineKind::caches
  Clock clock = Clock::thread_cpu;          ///< what its time was measured by
  std::optional<double> tokens_per_second;  ///< of all streams and threads, sampling included; a
                                            ///< simulated chip has none
  std::optional<double> cycles_per_token;   ///< of one thread that computes, or of a simulated chip
  double spread = 0;                        ///< (90th - 10th percentile of rounds) / median
  std::size_t precomputed_bytes = 0;        ///< of one engine
  std::optional<double> cpu_share;  ///< how much of the time its threads had a core; several only
  std::optional<CacheUse> cache;    ///< of all threads, while it was measured
  std::size_t warm_up_tokens = 0;   ///< before that
  double build_seconds = 0;         ///< making the engine, its tables included
  std::optional<double> tokens_per_joule;    ///< by read_joules()
  bool emulated = false;                     ///< as EngineKind::emulated
  std::optional<double> multiply_adds;       ///< a token needs, at the positions of names
  std::optional<double> peak_floor_cycles;   ///< they take at the machine's peak (floors.hpp)
  std::optional<double> chain_floor_cycles;  ///< the longest chain of a token takes, an estimate
};

/// Measures each engine on the same weights. Generated tokens are counted, in the loop is all that
/// writing a name takes: the forward pass, the sampler, the next place. Engines that do not run the
/// model come last, with rows that say so, and those of an emulated processor, whose time is no
/// speed: they are not timed at all.
std::vector<BenchRow> run_bench(std::span<const EngineKind* const> kinds, const MicroGpt& model,
                                const BenchOptions& options);

/// Whether any of them was: on an emulated processor none is, nor is the processor itself.
bool is_measured(std::span<const BenchRow> rows);

/// The tables for the reader, 80 columns wide; without speeds if none was measured.
void print_bench(std::span<const BenchRow> rows);

/// measurement_json() of rows {"engine", "precision", "streams", …}, and "clock_hertz" and
/// "peak_multiply_adds_per_cycle". A row's "clock" is "thread_cpu", "wall" or "simulated".
/// \param program  whose engines they are, for example "07_fast_inference"
nlohmann::json to_json(const std::string& program, std::span<const BenchRow> rows);

/// Cycles a second of the core this thread runs on now: additions that each wait for the one before
/// take a cycle each, whatever else the core could do.
double measure_clock_hertz();

/// Joules this machine's processors have used, from its own counter (Linux powercap, RAPL), or
/// nothing where there is none or it may not be read.
std::optional<double> read_joules();

}  // namespace ladder
