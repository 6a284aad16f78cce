#include "08_hardware/amx/tile_streams.hpp"

#include <algorithm>
#include <cmath>

#include "07_fast_inference/model/ranges.hpp"
#include "08_hardware/amx/bfloat.hpp"

namespace ladder {
namespace {

constexpr std::size_t all_outs = tile_words;

// Weights of 16 inputs, twice: for the inputs rounded to bfloat16, and for what that left over.
template <std::size_t outs, class Weight>
void pack_twice(TileMemory (&tiles)[outs][1], std::size_t rows, Weight&& weight) {
  for (std::size_t n = 0; n < outs; ++n) {
    const std::size_t here = std::min(all_outs, rows - n * all_outs);
    tiles[n][0] = pack_tile<Bfloat>(here, 2 * n_embd, [&](std::size_t out, std::size_t in) {
      return to_bfloat(weight(n * all_outs + out, in % n_embd));
    });
  }
}

std::int8_t to_byte(double x) {
  return static_cast<std::int8_t>(std::clamp(std::lround(x), -127L, 127L));
}

// Integers per 1 of a row's weights, as many as fit a byte.
template <class Row>
double byte_scale(const Row& row) {
  double most = 1e-30;
  for (const auto weight : row) most = std::max(most, std::abs(static_cast<double>(weight)));
  return 127 / most;
}

// Of fc1's row: the normed x is a vector no longer than 4, of 4 · 127 / 4 integers and their
// rounding, so a sum is at most that times the row's length; it is to stay below 2^15.
double fc1_scale(const float (&row)[n_embd]) {
  double squares = 0;
  for (const float weight : row) squares += double{weight} * double{weight};
  const double longest_input = 127 + 2;  // ½ √16 of rounding
  const double rounding = 2;             // of the row itself
  const double room = 32767 / longest_input - rounding;
  return std::min(byte_scale(row), room / std::max(std::sqrt(squares), 1e-30));
}

void convert_mlp_to_bytes(TileWeights& w, const MicroGpt& m) {
  const double largest = std::max(largest_of(measure_ranges(m).hidden), 1e-30);
  const double hidden_scale = 255 / largest;
  w.normed_scale = 127.0f / 4;

  double scale[n_hidden], left_over[n_hidden];
  for (int k = 0; k < n_hidden; ++k) {
    scale[k] = fc1_scale(m.mlp_fc1[k]);
    const double factor = hidden_scale * 0x1p15 / (scale[k] * double{w.normed_scale});
    w.hidden_factor[k] = static_cast<std::int16_t>(std::clamp(std::round(factor), 1.0, 32767.0));
    // A factor of few digits is off; fc2, which has more, makes up for it.
    left_over[k] = factor / w.hidden_factor[k];
  }
  for (std::size_t n = 0; n < std::size(w.fc1_bytes); ++n) {
    w.fc1_bytes[n][0] = pack_tile<std::int8_t>(all_outs, n_embd, [&](auto out, auto in) {
      const std::size_t k = n * all_outs + out;
      return to_byte(double{m.mlp_fc1[k][in]} * scale[k]);
    });
  }
  double fc2[n_embd][n_hidden], fc2_scale[n_embd];
  for (int i = 0; i < n_embd; ++i) {
    for (int k = 0; k < n_hidden; ++k) fc2[i][k] = double{m.mlp_fc2[i][k]} * left_over[k];
    fc2_scale[i] = byte_scale(fc2[i]);
    w.fc2_unit[i] = static_cast<float>(1 / (fc2_scale[i] * hidden_scale));
  }
  w.fc2_bytes[0][0] = pack_tile<std::int8_t>(
      n_embd, n_hidden, [&](auto i, auto k) { return to_byte(fc2[i][k] * fc2_scale[i]); });
}

}  // namespace

TileWeights::TileWeights(const MicroGpt& m) : final_norm(m.final_norm) {
  pack_twice(wo, n_embd,
             [&](auto i, auto j) { return m.attn_wo[i][head_row(static_cast<int>(j))]; });
  pack_twice(fc1, n_hidden, [&](auto i, auto j) { return m.mlp_fc1[i][j]; });
  for (std::size_t k = 0; k < std::size(fc2[0]); ++k) {
    constexpr std::size_t depth = tile_depth<Bfloat>;
    fc2[0][k] = pack_tile<Bfloat>(n_embd, depth, [&](auto out, auto in) {
      return to_bfloat(m.mlp_fc2[out][k * depth + in]);
    });
  }
  convert_mlp_to_bytes(*this, m);
  scale_head(m, 1);
}

void TileWeights::scale_head(const MicroGpt& m, float factor) {
  pack_twice(head, vocab_size, [&](auto i, auto j) { return m.lm_head[i][j] * factor; });
}

TileStreams::TileStreams(const MicroGpt& m) : weights(m), rows(m) { attention.start(rows); }

TileEngine::TileEngine(const MicroGpt& model, TileKernel kernel)
    : Engine(TileStreams::streams), model_(model), streams_(model), kernel_(kernel) {
  scale_head(1);
}

std::size_t TileEngine::precomputed_bytes() const { return sizeof streams_.rows; }

void TileEngine::scale_head(float factor) {
  streams_.weights.scale_head(model_, factor);
  streams_.safe_squares = safe_squares(model_, factor);
}

void TileEngine::forward(std::span<const Place> places, std::span<float> logits) {
  scale_head(1);
  for (std::size_t i = 0; i < places.size(); ++i) {
    streams_.states.place(static_cast<int>(i), places[i]);
  }
  kernel_.forward(streams_, logits.data());
}

void TileEngine::prepare() {
  for (std::size_t i = 0; i < places_.size(); ++i) {
    streams_.states.place(static_cast<int>(i), {});
    streams_.states.random[i] = random_[i];
  }
  scale_head(log2_e / temperature_);
}

void TileEngine::write(std::span<std::uint8_t> tokens) {
  kernel_.generate(streams_, tokens.data(), tokens.size() / TileStreams::streams);
}

void TileEngine::time_parts(std::size_t steps, PartTicks& ticks) {
  kernel_.timed(streams_, steps, ticks);
}

}  // namespace ladder
