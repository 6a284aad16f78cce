// Attention of many streams in pieces, against that of one stream at a time.
#include <algorithm>
#include <memory>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "07_fast_inference/many_streams/batched_attention.hpp"
#include "common/largest.hpp"

using namespace ladder;

namespace {

constexpr int vectors = 2, streams = vectors * lanes;

// What one stream's attention says, its past given.
void expect(const Row* const* past, int position, float (&result)[n_embd]) {
  Rows::attend_to_all(past, position).mean().store(result);
}

}  // namespace

TEST_CASE("attention of many streams is that of each, lane by lane") {
  // Scores of the last model are too large for powers of 2: it takes the largest off first.
  const float sigma = GENERATE(0.08f, 0.3f, 30.0f);
  const int first = GENERATE(bos_token, 3);  // whose sums the rows do not hold
  CAPTURE(sigma, first);
  const auto rows = std::make_unique<Rows>(random_model(7, sigma));
  CHECK(rows->bounded() == (sigma < 1));
  const auto attention = std::make_unique<BatchedAttention<streams>>();
  attention->start(*rows);
  const Row* past[streams][block_size];
  double largest = 0, size = 0;
  for (int step = 0; step < 40; ++step) {
    int token[streams], position[streams];
    for (int s = 0; s < streams; ++s) {
      // Names of all lengths at once, and of other letters.
      position[s] = step % std::min(block_size, s % 16 + 1);
      token[s] = position[s] == 0 ? first : (s * 5 + step * 7) % 26;
      past[s][position[s]] = &rows->at(token[s], position[s]);
    }
    Lanes mixed[n_embd][vectors], x[n_embd][vectors];
    attention->attend(*rows, token, position, mixed, x);
    float one_by_one[streams][n_embd];
    attention->attend(*rows, token, position, one_by_one);
    for (int s = 0; s < streams; ++s) {
      float expected[n_embd];
      expect(past[s], position[s], expected);
      for (int i = 0; i < n_embd; ++i) {
        const auto e = static_cast<double>(expected[i]);
        size = larger_or_nan(size, std::abs(e));
        largest = larger_or_nan(largest, std::abs(mixed[i][s / lanes][s % lanes] - e));
        largest = larger_or_nan(largest, std::abs(one_by_one[s][i] - e));
        CHECK(x[i][s / lanes][s % lanes] == past[s][position[s]]->residual[i]);
      }
    }
  }
  CHECK(largest < 1e-5 * size);
}
