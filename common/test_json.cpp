#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <nlohmann/json.hpp>

#include "common/error.hpp"
#include "common/json.hpp"
#include "common/test_support.hpp"

using namespace ladder;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::Equals;
using nlohmann::json;

namespace {

std::string complaint(const std::string& text) {
  return message_of<Error>([&] { parse_json(text, "my.json"); });
}

std::string nested(std::size_t depth, const char* open, const char* close) {
  std::string text;
  for (std::size_t i = 0; i < depth; ++i) text += open;
  text += "1";
  for (std::size_t i = 0; i < depth; ++i) text += close;
  return text;
}

}  // namespace

TEST_CASE("JSON is read as it stands") {
  CHECK(parse_json(R"({"a": [1, -2.5, "é", null, true], "b": {"a": {}}})", "x") ==
        json{{"a", {1, -2.5, "é", nullptr, true}}, {"b", {{"a", json::object()}}}});
  CHECK(parse_json(" 3\n", "x") == 3);
  CHECK(parse_json("\xEF\xBB\xBF[]", "x") == json::array());
}

TEST_CASE("what is not JSON is one line that names the file and the line") {
  CHECK_THAT(complaint(""), Equals("my.json: not JSON from line 1 on"));
  CHECK_THAT(complaint("{\n\"a\": 1,\n}"), Equals("my.json: not JSON from line 3 on"));
  CHECK_THAT(complaint("[1,\n2"), ContainsSubstring("from line 2 on"));
  for (const char* text : {" ", "{", "[1,]", "{'a':1}", "{}x", "\"\xFF\"", "NaN", "1e999",
                           "[1e999]", "\"a\nb\"", "01", "// no\n1", "nul"}) {
    CAPTURE(text);
    CHECK_THAT(complaint(text), ContainsSubstring("my.json: not JSON"));
  }
  CHECK_THAT(message_of<Error>([] { parse_json("{", "a\nb"); }), ContainsSubstring("a�b: "));
}

TEST_CASE("64 brackets within one another are read, 65 are not, nor 200,000") {
  for (const auto& [open, close] : {std::pair{"[", "]"}, {R"({"a":)", "}"}}) {
    CHECK(complaint(nested(64, open, close)).empty());
    for (const std::size_t depth : {65, 200'000}) {
      CHECK_THAT(complaint(nested(depth, open, close)), ContainsSubstring("more than 64 brackets"));
      CHECK_THAT(complaint(R"({"samples":)" + nested(depth, open, close) + "}"),
                 ContainsSubstring("more than 64 brackets"));
    }
  }
  CHECK_THAT(complaint(std::string(1'000'000, '[')), ContainsSubstring("more than 64 brackets"));
  // Beside one another there may be any number.
  std::string wide = "[[]";
  for (int i = 0; i < 100'000; ++i) wide += ",[{}]";
  CHECK(complaint(wide + "]").empty());
}

TEST_CASE("a key that stands twice in one object is refused") {
  CHECK_THAT(complaint(R"({"a":1,"b":2,"a":3})"), ContainsSubstring("'a' stands twice"));
  CHECK_THAT(complaint(R"([{"x":[{"k":1,"k":1}]}])"), ContainsSubstring("'k' stands twice"));
  CHECK_THAT(complaint(R"({"a\nb":1,"a\nb":3})"), ContainsSubstring("'a�b' stands twice"));
  CHECK(complaint(R"({"a":{"a":[{"a":1},{"a":1}]}})").empty());
}

TEST_CASE("a text of more than 16 MiB is refused") {
  const std::string zeros(std::size_t{16} << 20, ' ');
  CHECK(complaint("1" + zeros.substr(1)).empty());
  CHECK_THAT(complaint("1" + zeros), ContainsSubstring("larger than 16 MiB"));
}
