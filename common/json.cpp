#include "common/json.hpp"
#include <nlohmann/json.hpp>
#include "common/error.hpp"
namespace ladder {
nlohmann::json parse_json(std::string_view text, const std::string& origin) {
  auto value = nlohmann::json::parse(text, nullptr, false);
  if (value.is_discarded()) throw Error(origin + " is not JSON");
  return value;
}
}
