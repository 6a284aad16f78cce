#include "08_hardware/fpga/model/roms.hpp"

#include <fmt/format.h>

#include "07_fast_inference/fixed_point/fixed_point.hpp"
#include "common/error.hpp"

namespace ladder {
namespace {

constexpr std::size_t groups = 8, lanes = 16;  // of the engine

using Words = std::vector<std::vector<std::uint16_t>>;

void check(const FixedModel& m) {
  const FixedExponents& e = m.exponent;
  if (m.final_norm) throw Error("the chip computes microGPT's variant only: no final norm");
  if (e.embedding != 0 || e.residual != 0 || e.normed != 0 || m.format.fraction != 12) {
    throw Error("the chip needs weights that fit Q4.12: 07_fixed_point --fit makes them");
  }
  if (!m.fits_32_bits) throw Error("some sum of these weights may leave 32 bits");
}

// Rows of eight outputs by 16 of their inputs.
template <std::size_t rows, std::size_t columns>
void add_rows(Words& words, const FixedMatrix<rows, columns>& w) {
  for (std::size_t block = 0; block < columns; block += lanes) {
    for (std::size_t first = 0; first < rows; first += groups) {
      std::vector<std::uint16_t> word;
      for (std::size_t out = first; out < first + groups; ++out) {
        for (std::size_t in = block; in < block + lanes; ++in) {
          word.push_back(out < rows ? static_cast<std::uint16_t>(w.weight[out][in]) : 0);
        }
      }
      words.push_back(std::move(word));
    }
  }
}

template <std::size_t rows>
Words vectors_of(const FixedMatrix<rows, n_embd>& w) {
  Words words;
  for (const auto& row : w.weight) words.emplace_back(row, row + n_embd);
  return words;
}

}  // namespace

std::vector<Rom> roms_of(const FixedModel& m) {
  check(m);
  Words weights;
  add_rows(weights, m.wk);
  add_rows(weights, m.wq);
  add_rows(weights, m.wv);
  add_rows(weights, m.wo);
  add_rows(weights, m.fc1);
  add_rows(weights, m.fc2);
  add_rows(weights, m.lm_head);

  // Tables: an entry of exp has how far it is to the next one above it, one of rsqrt its square.
  Words exp, reciprocals, roots(128, {0, 0});
  for (std::size_t i = 0; i < 64; ++i) {
    exp.push_back({exp_table[i], static_cast<std::uint16_t>(exp_table[i] - exp_table[i + 1])});
  }
  for (const std::uint16_t y : reciprocal_table) reciprocals.push_back({y});
  for (const std::uint16_t y : reciprocal_sqrt_table) {
    roots.push_back({y, static_cast<std::uint16_t>(std::uint32_t{y} * y >> 16)});
  }
  return {{"weights", groups * lanes * 16, weights}, {"wte", 256, vectors_of(m.wte)},
          {"wpe", 256, vectors_of(m.wpe)},           {"exp", 25, exp},
          {"reciprocal", 16, reciprocals},           {"rsqrt", 32, roots}};
}

std::string to_hex(const Rom& rom) {
  std::string text;
  for (const auto& word : rom.words) {
    for (auto part = word.rbegin(); part != word.rend(); ++part) {
      text += fmt::format("{:04x}", *part);
    }
    text += "\n";
  }
  return text;
}

std::string package_of(const FixedModel& m) {
  check(m);
  const FixedShifts& s = m.shift;
  std::string text =
      "// What follows from the weights beside the memories' contents: by how many bits the "
      "engine's sums are\n"
      "// shifted, and RMSNorm's 1e-5. Written by `08_fpga_roms --package FILE`; a test compares.\n"
      "package model;\n";
  const auto constant = [&](const char* name, std::int64_t value) {
    text += fmt::format("  localparam int {} = {};\n", name, value);
  };
  constant("QueryShift", s.query);
  constant("KeyShift", s.key);
  constant("ValueShift", s.value);
  constant("ScoreShift", s.score);
  constant("MixedShift", s.mixed);
  constant("HiddenShift", s.hidden);
  constant("ResidualShift", s.residual);
  constant("DownShift", s.down);
  constant("LogitShift", s.logit);
  constant("NormEpsilon", m.norm_epsilon_of(0));
  return text + "endpackage\n";
}

}  // namespace ladder
