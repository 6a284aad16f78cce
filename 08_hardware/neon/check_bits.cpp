#include "08_hardware/neon/check_bits.hpp"

#include <fmt/format.h>

#include "07_fast_inference/fixed_point/q4_12.hpp"
#include "08_hardware/neon/neon_engines.hpp"
#include "common/error.hpp"
#include "common/shipped.hpp"

namespace ladder::neon {
namespace {

struct Compared {
  int logits = 0, differ = 0, draws = 0;
};

// Names that the definition writes, both engines fed with its tokens.
void compare(const FixedModel& model, bool by_sdot, std::uint64_t seed, float temperature,
             Compared& compared) {
  FixedPointEngine definition(model);
  const auto made = make_q4_12(model, by_sdot);
  if (!made) throw Error("these weights run in plain loops only");
  auto& engine = dynamic_cast<FixedPointBase&>(*made);
  definition.start(seed, temperature);
  engine.start(seed, temperature);
  std::uint32_t random = static_cast<std::uint32_t>(seed) * 2654435761u + 1;
  Place place;
  for (int step = 0; step < 150; ++step) {
    const FixedSums expected = definition.sums(place), sums = engine.sums(place);
    for (std::size_t i = 0; i < vocab_size; ++i) compared.differ += sums[i] != expected[i];
    compared.logits += vocab_size;
    next_uniform(random);
    const int token = definition.draw(expected, random);
    compared.draws += engine.draw(expected, random) != token;
    place = next_place(place, token);
  }
}

}  // namespace

void check_bits() {
  // Weights that say much and little, in both variants; large ones saturate.
  std::vector<FixedModel> models = {
      to_fixed_model(fit_to_fixed_point(read_model(load_weights(shipped_weights_path()))))};
  for (const float sigma : {0.08f, 0.5f, 2.0f}) {
    for (const bool final_norm : {false, true}) {
      models.push_back(to_fixed_model(random_model(7, sigma, final_norm)));
    }
  }
  fmt::print("\n{:<16} {:>9} {:>9} {:>9}\n", "bit for bit", "logits", "differ", "draws");
  for (const bool by_sdot : {false, true}) {
    if (by_sdot && !has_dot_product()) continue;
    Compared compared;
    for (const FixedModel& model : models) {
      for (const float temperature : {1.0f, 0.3f}) {
        compare(model, by_sdot, 42, temperature, compared);
      }
    }
    const char* name = by_sdot ? "neon_sdot" : "neon_q4_12";
    fmt::print("{:<16} {:>9} {:>9} {:>9}\n", name, compared.logits, compared.differ,
               compared.draws);
    if (compared.differ + compared.draws > 0) {
      throw Error(fmt::format("{} differs from 07's definition: please report it", name));
    }
  }
}

}  // namespace ladder::neon
