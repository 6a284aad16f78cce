#include "common/json.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/error.hpp"
#include "common/terminal.hpp"
#include "common/utf8.hpp"

namespace ladder {
namespace {

using nlohmann::json;

// Walks through a JSON text and throws an Error that holds the fault. (A callback of json::parse()
// could do it too, but takes time that grows with the square of an object's size.)
class Checker : public nlohmann::json_sax<json> {
 public:
  explicit Checker(std::string_view text) : text_(text) {}

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(json::number_integer_t) override { return true; }
  bool number_unsigned(json::number_unsigned_t) override { return true; }
  bool number_float(json::number_float_t, const std::string&) override { return true; }
  bool string(std::string&) override { return true; }
  bool binary(json::binary_t&) override { return true; }
  bool start_array(std::size_t) override { return go_deeper(); }
  bool end_array() override { return keys_.pop_back(), true; }
  bool start_object(std::size_t) override { return go_deeper(); }
  bool end_object() override { return keys_.pop_back(), true; }

  bool key(std::string& key) override {
    if (keys_.back().insert(key).second) return true;
    throw Error(fmt::format("'{}' stands twice in one object", shortened(printable(key), 40)));
  }

  // `position` counts bytes from 1, the last one read included.
  bool parse_error(std::size_t position, const std::string&, const json::exception&) override {
    const std::string_view before = text_.substr(0, position > 0 ? position - 1 : 0);
    throw Error(fmt::format("not JSON from line {} on",
                            1 + std::count(before.begin(), before.end(), '\n')));
  }

 private:
  bool go_deeper() {
    if (keys_.size() == max_json_depth) {
      throw Error(fmt::format("more than {} brackets within one another", max_json_depth));
    }
    keys_.emplace_back();
    return true;
  }

  std::string_view text_;
  std::vector<std::set<std::string>> keys_;  // of the arrays and objects around the place read
};

}  // namespace

json parse_json(std::string_view text, const std::string& origin) {
  try {
    if (text.size() > max_json_bytes) {
      throw Error(fmt::format("larger than {} MiB", max_json_bytes >> 20));
    }
    Checker checker(text);
    json::sax_parse(text, &checker);
    return json::parse(text);
  } catch (const Error& fault) {
    throw Error(fmt::format("{}: {}", printable(origin), fault.what()));
  }
}

}  // namespace ladder
