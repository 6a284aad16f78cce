#include <cmath>

#include <catch2/catch_test_macros.hpp>

#include "common/divergence.hpp"
#include "common/numbers.hpp"
#include "common/test_support.hpp"

using namespace ladder;

namespace {

// The step at which these losses are called diverged; 0 if they never are.
long diverges_at(const std::vector<double>& losses) {
  DivergenceWatch watch;
  for (std::size_t i = 0; i < losses.size(); ++i) {
    if (watch.diverged(losses[i])) return static_cast<long>(i) + 1;
  }
  return 0;
}

}  // namespace

TEST_CASE("a loss that falls, with the noise of small batches, has not diverged") {
  CHECK(diverges_at({3.3, 3.2, 3.4, 2.9, 9.0, 2.8, 2.5, 12.0, 2.4}) == 0);
  CHECK(diverges_at(std::vector<double>(1000, 3.3)) == 0);
  CHECK(diverges_at({0.7, 0.1, 0.0, 0.0}) == 0);
}

TEST_CASE("a loss that is no number has diverged, the first one too") {
  for (const double bad : {std::nan(""), HUGE_VAL}) {
    CHECK(diverges_at({3.3, 3.2, bad}) == 3);
    CHECK(diverges_at({bad}) == 1);
  }
}

TEST_CASE("a finite explosion has diverged, whatever comes after it") {
  CHECK(diverges_at({3.3, 1e57, 3.3}) == 2);
  CHECK(diverges_at({3.3, 3.3, 331, 3.3}) == 3);
}

TEST_CASE("a loss that stays high has diverged, a bad batch or two have not") {
  CHECK(diverges_at({3.3, 100, 100, 3.0, 2.9}) == 0);
  std::vector<double> high(100, 50);
  high[0] = 3.3;
  CHECK(diverges_at(high) > 5);
  CHECK(diverges_at(high) < 30);
}

TEST_CASE("a trained model far worse than one that knows nothing has diverged") {
  const auto complaint = [](double nll) {
    return message_of<Error>([&] { check_trained(nll, 27, 60, 10); });
  };
  CHECK(complaint(2.1).empty());
  CHECK(complaint(std::log(27)).empty());
  CHECK(complaint(1e57) ==
        "training diverged at step 60: the loss was 3.2958 at first and is 1.0e+57 now; try a "
        "smaller --lr than 10");
  CHECK_FALSE(complaint(10).empty());
  CHECK_FALSE(complaint(std::nan("")).empty());
  CHECK_FALSE(complaint(HUGE_VAL).empty());
}

TEST_CASE("a loss has four digits, or an exponent where they would break a table") {
  CHECK(loss_text(2.45463) == "2.4546");
  CHECK(loss_text(9999) == "9999.0000");
  CHECK(loss_text(1e4) == "1.0e+04");
  CHECK(loss_text(1.5e300) == "1.5e+300");
  CHECK(loss_text(-1.5e300) == "-1.5e+300");
  CHECK(loss_text(std::nan("")) == "nan");
}
