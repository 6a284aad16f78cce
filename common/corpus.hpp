#pragma once
/// \file
/// A corpus is a list of names, one a line.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ladder {

/// sha256 of makemore's names.txt (32,033 rows), the corpus that published figures are measured on.
inline constexpr std::string_view canonical_sha256 =
    "0a30b5557f192f32ab962680889aac5f6fda0f4cecf40a6d0b5694f58ea8cc4d";

/// Names as a program reads them: lower case, accents composed (Unicode's normal form C), nothing
/// around them that does not show, in the file's order. A name that stands twice is kept twice, for
/// the count model and every NLL "on the corpus" count rows.
struct Corpus {
  std::string name;               ///< where it came from, for the reader
  std::string sha256;             ///< of the file's bytes, 64 hexadecimal digits
  std::vector<std::string> rows;  ///< UTF-8
  std::size_t blank = 0;          ///< lines skipped because nothing stood on them
  std::size_t trimmed = 0;        ///< rows with marks around them that show as nothing
  std::size_t normalised = 0;     ///< rows with accents written as code points of their own
  std::size_t lowered = 0;        ///< rows that had capitals
  std::size_t too_long = 0;       ///< rows dropped by drop_longer_than()

  /// By its fingerprint alone, wherever the file lay.
  bool is_canonical() const { return sha256 == canonical_sha256; }
};

/// Reads a corpus from bytes: BOM, CRLF, blank lines, surrounding spaces and marks that show as
/// nothing, decomposed accents and capitals are tidied.
/// \throws Error naming the line if it is not UTF-8, has a control character (a NUL, a tab between
/// columns) or is longer than a MiB; Error if no name is left.
Corpus parse_corpus(std::string_view bytes, const std::string& name);

/// A name that the reader typed, in the form of a corpus's rows; empty if nothing in it shows.
/// \throws Error if it is not UTF-8, has a control character or is longer than a MiB.
std::string tidy_name(std::string_view text);

/// Reads the file the reader asked for (`path`, from --data; "-" is stdin); if none, the one
/// MICROGPT_NAMES names; if none, the canonical corpus where run.sh downloads it; if that is not
/// there, the built-in one. \throws Error if the file cannot be used.
Corpus load_corpus(const std::string& path = "");

/// The file that load_corpus(path) reads; empty if that is stdin.
std::string corpus_path(const std::string& path = "");

/// The names that come with the repository (common/data/ssa2018.txt).
Corpus builtin_corpus();

/// Drops rows of more than `symbols` letters (a model with a block of 16 positions reads BOS and 15
/// letters), counting them in too_long.
/// \throws Error if no row is left.
void drop_longer_than(Corpus& corpus, std::size_t symbols);

/// What was read, and what was skipped or changed on the way, in lines that fit 80 columns behind
/// "corpus  ". (A path that does not fit stands whole on the first one.)
std::string describe(const Corpus& corpus);

}  // namespace ladder
