#include <cmath>
#include <limits>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "common/largest.hpp"

using namespace ladder;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("the larger of two errors, and a NaN from either side stays") {
  CHECK(larger_or_nan(1, 2) == 2);
  CHECK(larger_or_nan(2, 1) == 2);
  CHECK(larger_or_nan(1, infinity) == infinity);
  CHECK(std::isnan(larger_or_nan(not_a_number, 1)));
  CHECK(std::isnan(larger_or_nan(1, not_a_number)));
  CHECK(std::isnan(larger_or_nan(infinity, not_a_number)));
}

TEST_CASE("the largest difference keeps a NaN wherever it stands, and sees a missing end") {
  const std::vector<double> zeros(5, 0.0);
  CHECK(largest_difference(std::vector<double>{0, -3, 2, 0, 1}, zeros) == 3);
  for (std::size_t place = 0; place < zeros.size(); ++place) {
    std::vector<double> numbers = {5, 4, 3, 2, 1};
    numbers[place] = not_a_number;
    CHECK(std::isnan(largest_difference(numbers, zeros)));
    CHECK(std::isnan(largest_difference(zeros, numbers)));
    CHECK_FALSE(largest_difference(numbers, zeros) < 1e9);  // as a test asks
  }
  CHECK(largest_difference(std::vector<double>(4, 0.0), zeros) == infinity);
  CHECK(largest_difference(zeros, std::vector<double>{}) == infinity);
  CHECK(largest_difference(std::vector<double>{}, std::vector<double>{}) == 0);
}
