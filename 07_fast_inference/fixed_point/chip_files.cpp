#include "07_fast_inference/fixed_point/chip_files.hpp"

#include <charconv>
#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/error.hpp"

namespace ladder {
namespace {

template <std::size_t rows, std::size_t columns>
Memory memory_of(const char* name, const FixedMatrix<rows, columns>& matrix) {
  Memory memory{name, 16, true, rows, columns, {}};
  for (const auto& row : matrix.weight) memory.words.insert(memory.words.end(), row, row + columns);
  return memory;
}

template <class Table>
Memory table_of(const char* name, const Table& table) {
  return {name,  16,
          false, static_cast<int>(table.size()),
          1,     std::vector<std::int32_t>(table.begin(), table.end())};
}

constexpr std::string_view trace_heading =
    "# microGPT Ladder: every step in fixed point, as 07_fast_inference/fixed_point/q4_12.hpp";

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

// All of the text, or nothing.
template <class Number>
bool parse(const std::string& text, Number& number, int base = 10) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, base);
  return error == std::errc() && stop == end;
}

}  // namespace

std::vector<Memory> memories_of(const FixedModel& m) {
  return {memory_of("wte", m.wte),
          memory_of("wpe", m.wpe),
          memory_of("layer0.attn_wq", m.wq),
          memory_of("layer0.attn_wk", m.wk),
          memory_of("layer0.attn_wv", m.wv),
          memory_of("layer0.attn_wo", m.wo),
          memory_of("layer0.mlp_fc1", m.fc1),
          memory_of("layer0.mlp_fc2", m.fc2),
          memory_of("lm_head", m.lm_head),
          table_of("exp", exp_table),
          table_of("reciprocal", reciprocal_table),
          table_of("reciprocal_sqrt", reciprocal_sqrt_table)};
}

std::string to_hex(const Memory& memory) {
  const auto mask = (std::uint32_t{1} << memory.width) - 1;
  std::string text = fmt::format("// microGPT Ladder: {}, {} words of {} bits, {}\n", memory.name,
                                 memory.words.size(), memory.width,
                                 memory.is_signed ? "two's complement" : "without a sign");
  for (const std::int32_t word : memory.words) {
    text += fmt::format("{:0{}x}\n", static_cast<std::uint32_t>(word) & mask, memory.width / 4);
  }
  return text;
}

Memory parse_hex(std::string_view text, const Memory& like, const std::string& origin) {
  Memory memory = like;
  memory.words.clear();
  std::istringstream lines{std::string(text)};
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.starts_with("//")) continue;
    std::uint32_t word = 0;
    if (!parse(line, word, 16) || word >> like.width != 0) {
      throw Error(fmt::format("{}:{}: no word of {} bits", origin, number, like.width));
    }
    const bool negative = like.is_signed && word >> (like.width - 1) != 0;
    memory.words.push_back(static_cast<std::int32_t>(word) - (negative ? 1 << like.width : 0));
  }
  if (memory.words.size() != static_cast<std::size_t>(like.rows * like.columns)) {
    throw Error(fmt::format("{}: {} words, and {} has {}", origin, memory.words.size(), like.name,
                            like.rows * like.columns));
  }
  return memory;
}

std::string manifest_of(const FixedModel& m) {
  nlohmann::ordered_json memories = nlohmann::ordered_json::array();
  for (const Memory& memory : memories_of(m)) {
    memories.push_back({{"file", memory.name + ".hex"},
                        {"width", memory.width},
                        {"depth", memory.words.size()},
                        {"rows", memory.rows},
                        {"columns", memory.columns},
                        {"signed", memory.is_signed}});
  }
  const FixedShifts& s = m.shift;
  const FixedExponents& e = m.exponent;
  const nlohmann::ordered_json manifest = {
      {"written_by", "microGPT Ladder, 07_fixed_point"},
      {"fraction_bits", m.format.fraction},
      {"final_norm", m.final_norm},
      {"sums_fit_32_bits", m.fits_32_bits},
      {"shifts",
       {{"query", s.query},
        {"key", s.key},
        {"value", s.value},
        {"score", s.score},
        {"mixed", s.mixed},
        {"hidden", s.hidden},
        {"residual", s.residual},
        {"down", s.down},
        {"logit", s.logit}}},
      {"norm_shifts", {{"x1", e.residual}, {"h1", e.normed}, {"h2", e.normed}, {"x4", e.normed}}},
      {"norm_epsilons",
       {{"x1", m.norm_epsilon_of(e.embedding)},
        {"h1", m.norm_epsilon_of(e.residual)},
        {"h2", m.norm_epsilon_of(e.residual)},
        {"x4", m.norm_epsilon_of(e.last)}}},
      {"logit_unit", m.logit_unit()},
      {"memories", memories}};
  return manifest.dump(1) + "\n";
}

std::string trace_of(FixedPointEngine& engine, std::span<const Tokens> names) {
  std::string text = std::string(trace_heading) + "\n";
  engine.trace([&](std::string_view name, std::span<const std::int64_t> numbers) {
    text += name;
    for (const std::int64_t number : numbers) text += fmt::format(" {}", number);
    text += "\n";
  });
  for (const Tokens& name : names) {
    Place place;
    for (std::size_t i = 0; i <= name.size() && i < block_size; ++i) {
      text += fmt::format("token {} position {}\n", place.token, place.position);
      engine.sums(place);
      if (i < name.size()) place = {name[i], place.position + 1};
    }
  }
  engine.trace(nullptr);
  return text;
}

void read_trace(std::string_view text,
                const std::function<void(Place place, std::string_view step,
                                         std::span<const std::int64_t> numbers)>& step) {
  std::istringstream lines{std::string(text)};
  Place place{-1, -1};
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    const Error none(fmt::format("line {} of the trace is none: '{:.40}'", number, line));
    if (line.starts_with("#")) continue;
    const auto words = words_of(line);
    if (words.size() < 2) throw none;
    if (words[0] == "token") {
      if (words.size() != 4 || !parse(words[1], place.token) || !parse(words[3], place.position)) {
        throw none;
      }
      continue;
    }
    std::vector<std::int64_t> numbers(words.size() - 1);
    for (std::size_t i = 1; i < words.size(); ++i) {
      if (!parse(words[i], numbers[i - 1])) throw none;
    }
    if (place.position < 0) throw none;
    step(place, words[0], numbers);
  }
}

}  // namespace ladder
