#include "07_fast_inference/many_streams/integer_model.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "07_fast_inference/model/ranges.hpp"

namespace ladder {
namespace {

template <class Row>
double length(const Row& row) {
  double squares = 0;
  for (const auto weight : row) {
    squares += static_cast<double>(weight) * static_cast<double>(weight);
  }
  return std::sqrt(squares);
}

// Whether no 16-bit sum of a row overflows: every `chunk` inputs are summed by themselves, bytes 0
// and 1 of each word of them in one half, 2 and 3 in the other. fits(w) says so of a sum's weights.
template <std::size_t columns, class Fits>
bool sums_fit(const int (&row)[columns], std::size_t chunk, Fits&& fits) {
  for (std::size_t start = 0; start < columns; start += chunk) {
    for (std::size_t half = 0; half < 4; half += 2) {
      std::vector<int> weights;
      for (std::size_t word = start + half; word < start + chunk; word += 4) {
        weights.insert(weights.end(), {row[word], row[word + 1]});
      }
      if (!fits(weights)) return false;
    }
  }
  return true;
}

// Of the normed x, plus 128: it is a vector no longer than 4, rounded.
bool normed_bytes_fit(const std::vector<int>& weights, double scale) {
  double sum = 0, absolute = 0;
  for (const int weight : weights) {
    sum += weight;
    absolute += std::abs(weight);
  }
  return 128 * std::abs(sum) + 4 * scale * length(weights) + absolute / 2 <= 32767;
}

// Of hidden numbers, 0 to 127.
bool hidden_bytes_fit(const std::vector<int>& weights) {
  int up = 0, down = 0;
  for (const int weight : weights) (weight > 0 ? up : down) += 127 * std::abs(weight);
  return std::max(up, down) <= 32767;
}

// Rounds a matrix to integers as large as `fits` allows for its rows, and packs it.
template <int outs, int words, std::size_t rows, std::size_t columns, class Fits>
void pack(PackedMatrix<outs, words>& result, const float (&weights)[rows][columns], int bits,
          float input_scale, int offset, Fits&& fits) {
  double most = 1e-30;
  for (const auto& row : weights) {
    for (const float weight : row) most = std::max(most, std::abs(double{weight}));
  }
  int integers[rows][columns];
  double scale = (bits == 16 ? 32767 : 127) / most;
  for (bool all_fit = false;; scale *= 0.99) {
    all_fit = true;
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = 0; j < columns; ++j) {
        integers[i][j] = static_cast<int>(std::lround(double{weights[i][j]} * scale));
      }
      all_fit = all_fit && fits(integers[i]);
    }
    if (all_fit) break;
  }
  result = {};
  result.unit = static_cast<float>(1 / (scale * static_cast<double>(input_scale)));
  const int room = IntegerModel::room_of(bits);
  const std::size_t a_word = static_cast<std::size_t>(32 / room);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      const auto part = static_cast<std::uint32_t>(integers[i][j]) & ((1u << room) - 1);
      const auto place = static_cast<std::size_t>(room) * (j % a_word);
      result.word[i / 4][j / a_word][i % 4] |= static_cast<std::int32_t>(part << place);
      result.bias[i] -= offset * integers[i][j];
    }
  }
}

}  // namespace

IntegerModel::IntegerModel(const MicroGpt& m, int bits_of)
    : bits(bits_of), final_norm(m.final_norm) {
  const Ranges ranges = measure_ranges(m);
  const auto scale_for = [](double largest, int most) {
    return static_cast<float>(most / std::max(largest, 1e-30));
  };
  float mix[n_embd][n_embd];  // its inputs in the order in which Rows leaves them
  for (int i = 0; i < n_embd; ++i) {
    for (int j = 0; j < n_embd; ++j) mix[i][j] = m.attn_wo[i][head_row(j)];
  }
  // Inputs of all sizes that 16 bits have.
  const auto words_fit = [](const auto& row) {
    double sum = 0;
    for (const int weight : row) sum += 0x1p15 * std::abs(weight);
    return sum < 0x1p31;
  };
  attention_scale =
      scale_for(largest_of(ranges.value), 32767);  // a mean of values, all of which were seen
  pack(wo, mix, 16, attention_scale, 0, words_fit);
  // None of a normed x is beyond √n_embd.
  last_scale = scale_for(final_norm ? 4 : 2 * ranges.last, 32767);
  pack(head, m.lm_head, 16, last_scale, 0, words_fit);
  normed_scale = scale_for(4, bits == 16 ? 32767 : 127);
  bits == 16 ? convert_mlp_to_words(m) : convert_mlp_to_bytes(m, largest_of(ranges.hidden));
}

void IntegerModel::convert_mlp_to_words(const MicroGpt& m) {
  // A normed x is a vector no longer than 4, so a row of length L sums to at most 4 L.
  const double longest_input = 4.01 * static_cast<double>(normed_scale);
  pack(fc1, m.mlp_fc1, 16, normed_scale, 0,
       [&](const auto& row) { return longest_input * length(row) < 0x1p31; });
  // The upper half of that sum is a hidden number: at most so large …
  double hidden[n_hidden];
  for (int k = 0; k < n_hidden; ++k) {
    hidden[k] = 4.01 * length(m.mlp_fc1[k]) / (static_cast<double>(fc1.unit) * 0x1p16) + 1;
  }
  // … and fc2's sums are of those.
  pack(fc2, m.mlp_fc2, 16, 1 / (fc1.unit * 0x1p16f), 0, [&](const auto& row) {
    double sum = 0;
    for (int k = 0; k < n_hidden; ++k) sum += hidden[k] * std::abs(row[k]);
    return sum < 0x1p31;
  });
  hidden_factor = 0;
}

void IntegerModel::convert_mlp_to_bytes(const MicroGpt& m, double largest_hidden) {
  pack(fc1, m.mlp_fc1, 8, normed_scale, 128, [&](const auto& row) {
    return sums_fit(row, fc1_chunk, [&](const std::vector<int>& weights) {
      return normed_bytes_fit(weights, static_cast<double>(normed_scale));
    });
  });
  const double hidden_scale = 127 / std::max(largest_hidden, 1e-30);
  const double factor = hidden_scale * static_cast<double>(fc1.unit) * 0x1p15;
  hidden_factor = static_cast<std::int16_t>(std::clamp(std::round(factor), 1.0, 32767.0));
  pack(fc2, m.mlp_fc2, 8, 1 / (fc1.unit * 0x1p15f / hidden_factor), 0,
       [](const auto& row) { return sums_fit(row, fc2_chunk, hidden_bytes_fit); });
}

}  // namespace ladder
