// Engines taken apart: the parts make the whole, and looking at the clock changes no name.
#include <algorithm>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "07_fast_inference/engines.hpp"
#include "07_fast_inference/study/breakdown.hpp"
#include "07_fast_inference/test_golden.hpp"

using namespace ladder;

TEST_CASE("the multiply-adds of an engine's parts are those of the engine") {
  for (const Dissected& engine : all_dissected()) {
    CAPTURE(engine.engine);
    const EngineKind& kind = find_engine(engine.engine);
    for (int position = 0; position < block_size; ++position) {
      MultiplyAdds sum;
      for (std::size_t part = 0; part < part_count; ++part) {
        const MultiplyAdds own = engine.multiply_adds(static_cast<Part>(part), position);
        sum.fp32 += own.fp32;
        sum.int16 += own.int16;
        sum.int8 += own.int8;
      }
      const MultiplyAdds whole = kind.multiply_adds(position);
      CHECK(sum.fp32 == whole.fp32);
      CHECK(sum.int16 == whole.int16);
      CHECK(sum.int8 == whole.int8);
    }
  }
}

TEST_CASE("the fastest engine of each kind of number is taken apart") {
  for (const char* name :
       {"columns", "tables", "q4_12", "int16", "streams", "streams_int16", "streams_int8"}) {
    CAPTURE(name);
    const auto all = all_dissected();
    CHECK(std::any_of(all.begin(), all.end(),
                      [&](const Dissected& each) { return each.engine == std::string(name); }));
  }
}

TEST_CASE("an engine that times its parts writes on as one that does not") {
  int found = 0;
  for (const EngineKind& kind : all_engines()) {
    const auto timed = kind.make(shipped_model()), plain = kind.make(shipped_model());
    auto* const clock = dynamic_cast<TimesParts*>(timed.get());
    if (clock == nullptr) continue;
    ++found;
    CAPTURE(kind.name);
    timed->start(5, 1);
    plain->start(5, 1);
    constexpr std::size_t steps = 100;
    PartTicks ticks{};
    clock->time_parts(steps, ticks);
    std::vector<std::uint8_t> skipped(steps * static_cast<std::size_t>(plain->streams()));
    plain->generate(skipped);
    std::vector<std::uint8_t> expected(skipped.size()), tokens(skipped.size());
    plain->generate(expected);
    timed->generate(tokens);
    CHECK(tokens == expected);
#if defined(__x86_64__)
    for (const Part part : {Part::attention, Part::mlp, Part::head, Part::draw}) {
      CHECK(ticks[static_cast<std::size_t>(part)] > 0);
    }
#endif
  }
  CHECK(found >= 2);
}
