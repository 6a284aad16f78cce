#include "common/corpus.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/sha256.hpp"
#include "common/shipped.hpp"
#include "common/terminal.hpp"
#include "common/utf8.hpp"

namespace ladder {
namespace {

std::string builtin_path() { return data_path("common/data/ssa2018.txt"); }

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

// A name without what shows as nothing around it; `marked` is set if that was more than spaces.
std::u32string_view trim(std::u32string_view line, bool& marked) {
  const auto drops = [&marked](char32_t c) {
    marked |= is_invisible(c) && !is_space(c);
    return is_invisible(c);
  };
  while (!line.empty() && drops(line.front())) line.remove_prefix(1);
  while (!line.empty() && drops(line.back())) line.remove_suffix(1);
  return line;
}

// A name, and what was changed to make it one.
struct Tidied {
  std::string name;
  bool trimmed = false, normalised = false, lowered = false;
};

// Throws an Error that holds only the fault.
Tidied tidy(std::string_view line) {
  if (line.size() > max_line_bytes) throw Error("longer than a MiB");
  if (line.find('\0') != std::string_view::npos) throw Error("a NUL byte");
  const auto symbols = decode_utf8(line);
  if (!symbols) throw Error("not valid UTF-8");
  Tidied tidied;
  const std::u32string_view written = trim(*symbols, tidied.trimmed);
  const auto is_control = [](char32_t c) { return c < 0x20 || (c >= 0x7F && c < 0xA0); };
  if (std::any_of(written.begin(), written.end(), is_control)) {
    throw Error("a tab or other control character");
  }
  const std::u32string composed = to_nfc(written);
  std::u32string lower = composed;
  std::transform(lower.begin(), lower.end(), lower.begin(), to_lower);
  tidied.normalised = composed != written;
  tidied.lowered = lower != composed;
  tidied.name = encode_utf8(to_nfc(lower));  // İ with an accent: only the small letter takes it in
  return tidied;
}

}  // namespace

Corpus parse_corpus(std::string_view bytes, const std::string& name) {
  Corpus corpus;
  corpus.name = name;
  corpus.sha256 = sha256_hex(bytes);

  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (bytes.starts_with(byte_order_mark)) bytes.remove_prefix(byte_order_mark.size());
  for (std::size_t number = 1; !bytes.empty(); ++number) {
    Tidied line;
    try {
      line = tidy(take_line(bytes));
    } catch (const Error& fault) {
      throw Error(fmt::format("{}, line {}: {}; a corpus is plain UTF-8 text, one name a line",
                              name, number, fault.what()));
    }
    if (line.name.empty()) {
      ++corpus.blank;
      continue;
    }
    corpus.trimmed += line.trimmed;
    corpus.normalised += line.normalised;
    corpus.lowered += line.lowered;
    corpus.rows.push_back(std::move(line.name));
  }
  if (corpus.rows.empty()) {
    throw Error(fmt::format("{} holds no names; a corpus is plain text, one name a line", name));
  }
  return corpus;
}

std::string tidy_name(std::string_view text) {
  try {
    return tidy(text).name;
  } catch (const Error& fault) {
    throw Error(fmt::format("the name '{}': {}; a name is plain UTF-8 text",
                            shortened(printable(text), 40), fault.what()));
  }
}

std::string corpus_path(const std::string& path) {
  if (path == "-") return "";
  if (!path.empty()) return path;
  if (const char* named = std::getenv("MICROGPT_NAMES"); named && *named) return named;
  const std::string downloaded = data_path("downloads/names.txt");
  return std::filesystem::exists(downloaded) ? downloaded : builtin_path();
}

Corpus load_corpus(const std::string& path) {
  if (path == "-") return parse_corpus(read_standard_input(), "standard input");
  const std::string file = corpus_path(path);
  if (file == builtin_path()) return builtin_corpus();
  try {
    return parse_corpus(read_file(file), file);
  } catch (const Error& error) {
    const char* named = std::getenv("MICROGPT_NAMES");
    if (!path.empty() || named == nullptr || file != named) throw;
    throw Error(fmt::format("{} (MICROGPT_NAMES names it)", error.what()));
  }
}

Corpus builtin_corpus() {
  return parse_corpus(read_file(builtin_path()), "built-in (US first names of 2018)");
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
  // Pieces between which a line may end.
  std::vector<std::string> pieces = {
      fmt::format("{}{}:", corpus.is_canonical() ? "canonical " : "", printable(corpus.name)),
      fmt::format("{} names,", with_commas(corpus.rows.size())),
      fmt::format("{} different,", with_commas(unique.size())),
      fmt::format("sha256 {}…", corpus.sha256.substr(0, 8))};
  const auto note = [&pieces](std::size_t count, std::string_view what, std::string_view done) {
    if (count == 0) return;
    pieces.back() += ";";
    pieces.push_back(
        fmt::format("{} {}{} {}", with_commas(count), what, count == 1 ? "" : "s", done));
  };
  note(corpus.blank, "blank line", "skipped");
  note(corpus.trimmed, "row", "trimmed of invisible marks");
  note(corpus.normalised, "row", "with accents composed (NFC)");
  note(corpus.lowered, "row", "put into lower case");
  note(corpus.too_long, "row", "skipped as too long for this model");

  constexpr std::size_t indent = 8, width = 80;  // of "corpus  "; of a terminal
  std::string text, line;
  for (const std::string& piece : pieces) {
    if (!line.empty() && indent + display_width(line) + 1 + display_width(piece) > width) {
      text += line + "\n" + std::string(indent, ' ');
      line.clear();
    }
    line += (line.empty() ? "" : " ") + piece;
  }
  return text + line;
}

}  // namespace ladder
