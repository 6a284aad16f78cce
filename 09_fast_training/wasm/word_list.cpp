#include "09_fast_training/wasm/word_list.hpp"

#include <algorithm>

#include "09_fast_training/model/gpt_shape.hpp"
#include "common/utf8.hpp"

namespace ladder {
namespace {

constexpr std::size_t max_line_bytes = std::size_t{1} << 20;
constexpr std::size_t max_letters = GptShape::block_size - 1;
constexpr std::string_view what_it_is = "a list of names is plain UTF-8 text, one name a line";

// Takes the first line off `text`. A line ends with "\n", "\r\n" or "\r".
std::string_view take_line(std::string_view& text) {
  std::size_t end = 0;
  while (end < text.size() && text[end] != '\r' && text[end] != '\n') ++end;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end);
  const std::size_t ending = text.starts_with("\r\n") ? 2 : 1;
  text.remove_prefix(std::min(ending, text.size()));
  return line;
}

bool is_space(char32_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool is_control(char32_t c) { return c < 0x20 || (c >= 0x7F && c < 0xA0); }

// Without the spaces around it, A–Z as a–z. \returns what is wrong with it, or ""
std::string_view tidy(std::string_view line, std::u32string& name) {
  if (line.size() > max_line_bytes) return "longer than a MiB";
  for (const char byte : line) {
    if (byte == 0) return "a NUL byte";
  }
  std::optional<std::u32string> decoded = decode_utf8(line);
  if (!decoded) return "not valid UTF-8";
  std::size_t first = 0, last = decoded->size();
  while (first < last && is_space((*decoded)[first])) ++first;
  while (first < last && is_space((*decoded)[last - 1])) --last;
  name.assign(*decoded, first, last - first);
  for (char32_t& c : name) {
    if (is_control(c)) return "a tab or other control character";
    if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
  }
  return "";
}

// The token of each letter that occurs. An alphabet is a few dozen letters of all there are.
bool find_letters(const std::vector<Tokens>& names, std::u32string& letters, Sentence& fault) {
  std::vector<bool> occurs(0x110000);
  for (const Tokens& name : names) {
    for (const int letter : name) occurs[static_cast<std::size_t>(letter)] = true;
  }
  for (char32_t c = 0; c < occurs.size(); ++c) {
    if (occurs[c]) letters.push_back(c);
  }
  if (letters.size() <= 255) return true;
  fault << "the file has " << letters.size()
        << " different symbols and 255 is the most; is it a list of names in one alphabet?";
  return false;
}

}  // namespace

bool parse_words(std::string_view bytes, WordList& words, Sentence& fault) {
  if (bytes.size() > max_word_list_bytes) {
    fault << "the file has " << (bytes.size() >> 20) << " MiB and 16 is the most; " << what_it_is;
    return false;
  }
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  WordList found;
  std::u32string name;
  for (std::size_t number = 1; !bytes.empty(); ++number) {
    const std::string_view wrong = tidy(take_line(bytes), name);
    if (!wrong.empty()) {
      fault << "line " << number << ": " << wrong << "; " << what_it_is;
      return false;
    }
    if (name.size() > max_letters) ++found.too_long;
    if (name.empty() || name.size() > max_letters) continue;
    found.names.emplace_back(name.begin(), name.end());  // code points, for now
  }
  if (found.names.empty()) {
    if (found.too_long == 0) fault << "the file holds no names; " << what_it_is;
    if (found.too_long > 0) {
      fault << "every name has more than " << max_letters << " letters, the most this model reads";
    }
    return false;
  }
  if (!find_letters(found.names, found.letters, fault)) return false;
  for (Tokens& letters : found.names) {
    for (int& letter : letters) {
      letter = static_cast<int>(std::lower_bound(found.letters.begin(), found.letters.end(),
                                                 static_cast<char32_t>(letter)) -
                                found.letters.begin());
    }
  }
  words = std::move(found);
  return true;
}

}  // namespace ladder
