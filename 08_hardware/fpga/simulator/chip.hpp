#pragma once
/// \file
/// The simulated chip: its pins, cycle by cycle. Nothing of Verilator is seen from outside.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "07_fast_inference/fixed_point/fixed_model.hpp"

namespace ladder {

/// How many names the chip writes at a time, if it interleaves them.
inline constexpr int chip_streams = 4;

/// The pins that say what to do, read while reset is high.
struct ChipSettings {
  bool interleaved = false;                     ///< all four streams, or stream 0 alone
  bool greedy = false;                          ///< temperature 0
  bool teach = false;                           ///< tokens are fed
  std::uint16_t inverse_temperature = 1 << 10;  ///< unsigned Q6.10
  std::array<std::uint32_t, chip_streams> states{1, 1, 1, 1};  ///< of xorshift32, none 0
};

/// A token on the chip's output.
struct ChipToken {
  int stream;                                         ///< whose
  int token;                                          ///< 0 to 26
  bool ends;                                          ///< the name
  bool operator==(const ChipToken&) const = default;  ///< the same
};

/// A token for the chip's input.
struct TaughtToken {
  int token;     ///< 0 to 26
  int position;  ///< 0 to 15
};

/// Logits that the chip showed.
struct ChipLogits {
  int stream;                                 ///< whose
  std::array<std::int32_t, vocab_size> sums;  ///< as FixedSums
};

/// A chip with its clock.
class Chip {
 public:
  /// Configures it with these weights.
  /// \throws Error if they need other shifts than those of rtl/model.sv
  explicit Chip(const FixedModel& model);
  ~Chip();

  /// A cycle with reset high.
  void reset(const ChipSettings& settings);

  /// What the reader and the feeder do in the next cycle.
  bool reader_ready = true;
  std::optional<TaughtToken> feed;  ///< offered until taken

  /// One cycle.
  void cycle();

  /// What happened in the last cycle.
  std::optional<ChipToken> token;    ///< went to the reader
  std::optional<ChipLogits> logits;  ///< were shown
  bool fed = false;                  ///< `feed` was taken
  int feed_stream = 0;               ///< by which stream

  /// Which stream's token the chip takes next, if it takes one in the next cycle.
  int asked_stream() const;

  /// Cycles so far, resets included.
  std::uint64_t cycles() const { return cycles_; }

  /// Writes all signals of all cycles from now on to this file, in GTKWave's format FST.
  void trace(const std::string& file);

  /// The numbers of a step as they lie in the chip now, for those who hold it against the model
  /// step by step. \param name  as the trace of q4_12.hpp calls it: embedding (in cycle 1 of a
  /// token), x1 (in Norm1 + 12), h1 (until h2 comes), q, s, p, w (64 numbers, head by head), a, x2,
  /// h2, u, x3; or results, the engine's eight numbers of this cycle
  std::vector<std::int64_t> inside(std::string_view name) const;

  /// Whether a token stands on the belt in this cycle of its way.
  bool on_belt(int cycle) const;

 private:
  struct Circuit;
  std::unique_ptr<Circuit> circuit_;
  std::uint64_t cycles_ = 0;
};

}  // namespace ladder
