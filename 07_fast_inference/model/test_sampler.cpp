// The draw of one token where rounding cannot hide a mistake.
#include <cmath>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "07_fast_inference/model/engine.hpp"
#include "common/sampling.hpp"

using namespace ladder;

TEST_CASE("sample_token draws as sample_index does, where a running sum meets u times the total") {
  // Sixteen tokens of weight 1, the others of weight 0: every running sum is a whole number, and u
  // times the total is one for every u that is a sixteenth.
  Logits logits;
  std::vector<double> weights;
  for (std::size_t i = 0; i < vocab_size; ++i) {
    const bool likely = i % 5 != 0 && i < 20;
    logits[i] = likely ? 3.0f : -HUGE_VALF;
    weights.push_back(likely ? 1 : 0);
  }
  for (int sixteenth = 0; sixteenth < 16; ++sixteenth) {
    const float at = static_cast<float>(sixteenth) / 16;
    for (const float u : {at, at + 0x1p-24f, at + 1.0f / 32}) {
      CAPTURE(u);
      CHECK(sample_token(logits, 1, u) == sample_index(weights, static_cast<double>(u)));
    }
  }
  CHECK(sample_token(logits, 1, 0.0f) == 1);       // not 0, whose weight is 0
  CHECK(sample_token(logits, 1, 1.0f / 16) == 2);  // equal does not exceed
}

TEST_CASE("a place follows a place: on by one, back to BOS at a name's end and at a full block") {
  Place place;
  for (int position = 0; position + 1 < block_size; ++position) {
    CHECK(next_place(place, bos_token).token == bos_token);
    CHECK(next_place(place, bos_token).position == 0);
    place = next_place(place, 7);
    CHECK(place.token == 7);
    CHECK(place.position == position + 1);
  }
  CHECK(place.position == block_size - 1);
  CHECK(next_place(place, 7).token == bos_token);
  CHECK(next_place(place, 7).position == 0);
}
