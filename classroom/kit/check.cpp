#include "classroom/kit/check.hpp"

namespace ladder::classroom {

std::string failure_of(const Test& test, std::uint64_t seed) {
  for (const char c : test.name) seed = Random(seed + static_cast<unsigned char>(c)).bits();
  Check check(seed);
  try {
    test.run(check);
  } catch (const std::exception& e) {
    const std::string message = e.what();
    return message.empty() ? "it failed without a word" : message;
  }
  return "";
}

}  // namespace ladder::classroom
