#include <catch2/catch_test_macros.hpp>

#include "common/machine.hpp"
#include "common/timing.hpp"

using namespace ladder;

TEST_CASE("the median, whatever the order, and not moved by one wild measurement") {
  CHECK(median({3}) == 3);
  CHECK(median({3, 1, 2}) == 2);
  CHECK(median({4, 1, 3, 2}) == 3);  // the upper middle one
  CHECK(median({1, 2, 1e9, 3, 0}) == 2);
}

TEST_CASE("clocks do not run backwards, and work takes time on both of them") {
  const Stopwatch watch;
  const double start = thread_cpu_seconds();
  volatile double sum = 0;
  while (thread_cpu_seconds() - start < 0.01) sum = sum + 1;
  const double cpu = thread_cpu_seconds() - start;
  CHECK(watch.seconds() > 0);
  // What this thread computed cannot be more than what passed on the wall (clocks tick apart).
  CHECK(cpu <= watch.seconds() + 0.01);
}

TEST_CASE("median_seconds() calls the work rounds times calls times") {
  int called = 0;
  const double seconds = median_seconds(5, 7, [&] { ++called; });
  CHECK(called == 35);
  CHECK(seconds >= 0);
}

TEST_CASE("machine, compiler and date say something, in one line") {
  for (const std::string& text : {machine_description(), compiler_description(), date_today()}) {
    CHECK_FALSE(text.empty());
    CHECK(text.find('\n') == std::string::npos);
  }
  const std::string today = date_today();
  REQUIRE(today.size() == 10);
  CHECK(today.substr(0, 2) == "20");
  CHECK((today[4] == '-' && today[7] == '-'));
}
