#pragma once
/// \file
/// How the tests ask the module, in node.

#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include "common/files.hpp"
#include "common/run_program.hpp"
#include "common/shipped.hpp"

namespace ladder {

/// Skips the test where there is no module, or nothing to run it.
inline void need_module() {
  if (std::string(LADDER_WASM_MODULE).empty()) {
    SKIP("no module was built: apt install " LADDER_WASM_PACKAGES);
  }
  if (std::string(LADDER_NODE).empty()) {
    SKIP("a WebAssembly module is run by node: apt install nodejs");
  }
}

/// What checks.mjs prints.
inline nlohmann::json check(const std::string& command, std::vector<std::string> words = {}) {
  need_module();
  words.insert(words.begin(),
               {LADDER_ROOT "/08_hardware/wasm/stages/checks.mjs",
                std::filesystem::path(LADDER_WASM_MODULE).parent_path().string(), command});
  const Run run = run_path(LADDER_NODE, words);
  INFO(run.err);
  REQUIRE(run.status == 0);
  return nlohmann::json::parse(run.out);
}

/// One sentence for a visitor: no second line, no code, no name of an exception's class.
inline void check_sentence(const std::string& message) {
  CAPTURE(message);
  CHECK(message.size() > 15);
  CHECK(message.size() < 200);
  for (const char* sign : {"\n", "Error", "undefined", "null", "=>"}) {
    CHECK(message.find(sign) == std::string::npos);
  }
}

}  // namespace ladder
