#pragma once
#include <string>
#include <string_view>
#include <nlohmann/json_fwd.hpp>
namespace ladder {
nlohmann::json parse_json(std::string_view text, const std::string& origin);
}
