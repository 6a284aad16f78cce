#include "07_fast_inference/integer_model.hpp"

#include <algorithm>
#include <cmath>

#include "07_fast_inference/ranges.hpp"

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

// Whether the 16-bit sums of sixteen unsigned bytes each hold this row. Bytes 0 and 1 of each word
// are summed in its one half, 2 and 3 in the other.
template <std::size_t columns>
bool bytes_fit(const int (&row)[columns]) {
  for (std::size_t start = 0; start < columns; start += 16) {
    for (std::size_t half = 0; half < 4; half += 2) {
      int up = 0, down = 0;
      for (std::size_t word = start; word < start + 16; word += 4) {
        for (std::size_t k = word + half; k < word + half + 2; ++k) {
          (row[k] > 0 ? up : down) += 255 * std::abs(row[k]);
        }
      }
      if (std::max(up, down) > 32767) return false;
    }
  }
  return true;
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
  const std::size_t a_word = static_cast<std::size_t>(32 / bits);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      const auto part = static_cast<std::uint32_t>(integers[i][j]) & ((1u << bits) - 1);
      const auto place = static_cast<std::size_t>(bits) * (j % a_word);
      result.word[i / 4][j / a_word][i % 4] |= static_cast<std::int32_t>(part << place);
      result.bias[i] -= offset * integers[i][j];
    }
  }
}

}  // namespace

IntegerModel::IntegerModel(const MicroGpt& m, int bits_of) : bits(bits_of) {
  const Ranges ranges = measure_ranges(m);
  const auto scale_for = [&](double largest) {
    return static_cast<float>((bits == 16 ? 32767 : 127) / std::max(largest, 1e-30));
  };
  float mix[n_embd][n_embd];  // its inputs in the order in which Rows leaves them
  for (int i = 0; i < n_embd; ++i) {
    for (int j = 0; j < n_embd; ++j) mix[i][j] = m.attn_wo[i][head_row(j)];
  }
  attention_scale = scale_for(ranges.value);  // a mean of values, all of which were seen
  normed_scale = scale_for(4);                // no number of a normed x is beyond √n_embd
  // Inputs of all sizes that 16 bits have.
  const auto words_fit = [](const auto& row) {
    double sum = 0;
    for (const int weight : row) sum += 0x1p15 * std::abs(weight);
    return sum < 0x1p31;
  };
  last_scale = static_cast<float>(32767 / std::max(2 * ranges.last, 1e-30));
  pack(head, m.lm_head, 16, last_scale, 0, words_fit);
  if (bits == 8) {
    const auto fit = [](const auto& row) { return bytes_fit(row); };
    pack(wo, mix, 8, attention_scale, 128, fit);
    pack(fc1, m.mlp_fc1, 8, normed_scale, 128, fit);
    const double hidden_scale = 255 / std::max(ranges.hidden, 1e-30);
    const double factor = hidden_scale * static_cast<double>(fc1.unit) * 0x1p15;
    hidden_factor = static_cast<std::int16_t>(std::clamp(std::round(factor), 1.0, 32767.0));
    pack(fc2, m.mlp_fc2, 8, 1 / (fc1.unit * 0x1p15f / hidden_factor), 0, fit);
    return;
  }
  pack(wo, mix, 16, attention_scale, 0, words_fit);
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

}  // namespace ladder
