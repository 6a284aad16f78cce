#include "common/corpus.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/sha256.hpp"
#include "common/terminal.hpp"
#include "common/utf8.hpp"

namespace ladder {
namespace {

// A name has a few dozen letters; a line like this is some other kind of file.
constexpr std::size_t max_line_bytes = std::size_t{1} << 20;

// Takes the first line off `text`. A line ends with "\n", "\r\n" or "\r".
std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end);
  const std::size_t ending = text.starts_with("\r\n") ? 2 : 1;
  text.remove_prefix(std::min(ending, text.size()));
  return line;
}

std::u32string_view trim(std::u32string_view line) {
  while (!line.empty() && is_space(line.front())) line.remove_prefix(1);
  while (!line.empty() && is_space(line.back())) line.remove_suffix(1);
  return line;
}

std::string_view fault_of(std::string_view line, const std::optional<std::u32string>& symbols) {
  if (line.size() > max_line_bytes) return "longer than a MiB";
  if (line.find('\0') != std::string_view::npos) return "a NUL byte";
  if (!symbols) return "not valid UTF-8";
  const auto is_control = [](char32_t c) { return c < 0x20 || (c >= 0x7F && c < 0xA0); };
  const std::u32string_view name = trim(*symbols);
  if (std::any_of(name.begin(), name.end(), is_control)) return "a tab or other control character";
  return "";
}

}  // namespace

Corpus parse_corpus(std::string_view bytes, const std::string& name) {
  Corpus corpus;
  corpus.name = name;
  corpus.sha256 = sha256_hex(bytes);

  for (std::size_t number = 1; !bytes.empty(); ++number) {
    const std::string_view line = take_line(bytes);
    const auto symbols = line.size() > max_line_bytes ? std::nullopt : decode_utf8(line);
    if (const std::string_view fault = fault_of(line, symbols); !fault.empty()) {
      throw Error(fmt::format("{}, line {}: {}; a corpus is plain UTF-8 text, one name a line",
                              name, number, fault));
    }
    const std::u32string_view as_written = trim(*symbols);
    if (as_written.empty()) {
      ++corpus.blank;
      continue;
    }
    std::u32string lower(as_written);
    std::transform(lower.begin(), lower.end(), lower.begin(), to_lower);
    corpus.lowered += lower != as_written;
    corpus.rows.push_back(encode_utf8(lower));
  }
  if (corpus.rows.empty()) {
    throw Error(fmt::format("{} holds no names; a corpus is plain text, one name a line", name));
  }
  return corpus;
}

Corpus load_corpus(const std::string& path) {
  if (!path.empty()) return parse_corpus(read_file(path), path);
  if (const char* named = std::getenv("MICROGPT_NAMES"); named && *named) {
    try {
      return parse_corpus(read_file(named), named);
    } catch (const Error& error) {
      throw Error(fmt::format("{} (MICROGPT_NAMES names it)", error.what()));
    }
  }
  const std::string downloaded = LADDER_ROOT "/downloads/names.txt";
  if (std::filesystem::exists(downloaded)) return parse_corpus(read_file(downloaded), downloaded);
  return builtin_corpus();
}

Corpus builtin_corpus() {
  return parse_corpus(read_file(LADDER_ROOT "/common/data/ssa2018.txt"),
                      "built-in (US first names of 2018)");
}

void drop_longer_than(Corpus& corpus, std::size_t symbols) {
  const auto too_long = [symbols](const std::string& row) {
    return row.size() > symbols && decode_utf8(row)->size() > symbols;
  };
  corpus.too_long += std::erase_if(corpus.rows, too_long);
  if (corpus.rows.empty()) {
    throw Error(fmt::format("{}: every name has more than {} letters, the most this model reads",
                            corpus.name, symbols));
  }
}

std::string describe(const Corpus& corpus) {
  std::vector<std::string_view> unique(corpus.rows.begin(), corpus.rows.end());
  std::sort(unique.begin(), unique.end());
  unique.erase(std::unique(unique.begin(), unique.end()), unique.end());
  std::string text = fmt::format("{}{}: {} names, {} different, sha256 {}…",
                                 corpus.is_canonical() ? "canonical " : "", corpus.name,
                                 with_commas(corpus.rows.size()), with_commas(unique.size()),
                                 corpus.sha256.substr(0, 8));
  const auto note = [&text](std::size_t count, std::string_view what, std::string_view done) {
    if (count > 0) {
      text += fmt::format("; {} {}{} {}", with_commas(count), what, count == 1 ? "" : "s", done);
    }
  };
  note(corpus.blank, "blank line", "skipped");
  note(corpus.lowered, "row", "put into lower case");
  note(corpus.too_long, "row", "skipped as too long for this model");
  return text;
}

}  // namespace ladder
