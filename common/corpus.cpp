#include "common/corpus.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/sha256.hpp"
#include "common/terminal.hpp"
#include "common/utf8.hpp"

namespace ladder {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

std::string_view trim(std::string_view line) {
  constexpr std::string_view spaces = " \t\r\v\f";
  const std::size_t first = line.find_first_not_of(spaces);
  if (first == std::string_view::npos) return {};
  return line.substr(first, line.find_last_not_of(spaces) - first + 1);
}

std::u32string decode_line(std::string_view line, const std::string& name, std::size_t number) {
  const auto fail = [&](std::string_view what) {
    throw Error(fmt::format("{}, line {}: {}; a corpus is plain UTF-8 text, one name a line", name,
                            number, what));
  };
  if (line.find('\0') != std::string_view::npos) fail("a NUL byte");
  auto symbols = decode_utf8(line);
  if (!symbols) fail("not valid UTF-8");
  return *std::move(symbols);
}

}  // namespace

Corpus parse_corpus(std::string_view bytes, const std::string& name) {
  Corpus corpus;
  corpus.name = name;
  corpus.sha256 = sha256_hex(bytes);
  if (bytes.starts_with(byte_order_mark)) bytes.remove_prefix(byte_order_mark.size());

  for (std::size_t number = 1; !bytes.empty(); ++number) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    const std::string_view line = trim(bytes.substr(0, end));
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    if (line.empty()) {
      ++corpus.blank;
      continue;
    }
    std::u32string symbols = decode_line(line, name, number);
    const std::u32string as_written = symbols;
    std::transform(symbols.begin(), symbols.end(), symbols.begin(), to_lower);
    corpus.lowered += symbols != as_written;
    corpus.rows.push_back(encode_utf8(symbols));
  }
  if (corpus.rows.empty()) {
    throw Error(fmt::format("{} holds no names; a corpus is plain text, one name a line", name));
  }
  return corpus;
}

Corpus load_corpus(const std::string& path) {
  if (!path.empty()) return parse_corpus(read_file(path), path);
  if (const char* named = std::getenv("MICROGPT_NAMES"); named && *named) {
    return parse_corpus(read_file(named), named);
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
  const std::set<std::string_view> unique(corpus.rows.begin(), corpus.rows.end());
  std::string text = fmt::format("{}{}: {} names, {} different, sha256 {}…",
                                 corpus.is_canonical() ? "canonical " : "", corpus.name,
                                 with_commas(corpus.rows.size()), with_commas(unique.size()),
                                 corpus.sha256.substr(0, 8));
  const auto note = [&text](std::size_t count, std::string_view what) {
    if (count > 0) text += fmt::format("; {} {}", with_commas(count), what);
  };
  note(corpus.blank, "blank lines skipped");
  note(corpus.lowered, "rows put into lower case");
  note(corpus.too_long, "rows skipped as too long for this model");
  return text;
}

}  // namespace ladder
