#include "08_hardware/amx/engines.hpp"

#include <vector>

#include "07_fast_inference/engines.hpp"
#include "08_hardware/amx/machine.hpp"
#include "08_hardware/amx/tile_streams.hpp"
#include "common/error.hpp"

namespace ladder {
namespace {

template <bool bytes>
std::unique_ptr<Engine> make_model(const MicroGpt& model) {
  return std::make_unique<TileEngine>(model, model_kernel(bytes));
}

// Where the compiler makes no such code, there is no amx_kernel either.
template <bool bytes>
std::unique_ptr<Engine> make_amx(const MicroGpt& model) {
  const std::string why_not = no_tiles_because();
  if (!why_not.empty()) {
    throw Error(why_not + "; model_int8 and model_bf16 compute the same without them");
  }
#if defined(__x86_64__)
  return std::make_unique<TileEngine>(model, amx_kernel(bytes));
#else
  return std::make_unique<TileEngine>(model, model_kernel(bytes));  // never reached
#endif
}

EngineKind kind_of(const char* name, bool bytes, const char* idea,
                   std::unique_ptr<Engine> (*make)(const MicroGpt&)) {
  return {.name = name,
          .precision = bytes ? "int8" : "bf16",
          .idea = idea,
          .caches = false,
          .many_streams = true,
          .allowed_error = bytes ? TileEngine::int8_bound : TileEngine::bfloat_bound,
          .make = make};
}

}  // namespace

std::span<const EngineKind> tile_engines() {
  static const std::vector<EngineKind> all = [] {
    std::vector<EngineKind> kinds = {
        find_engine("streams"), find_engine("streams_int8"),
        kind_of("model_bf16", false, "tiles in plain C++: same bits", make_model<false>),
        kind_of("model_int8", true, "the same, the MLP in 8 bits", make_model<true>)};
    kinds[2].emulated = kinds[3].emulated = true;
    if (no_tiles_because().empty()) {
      for (const EngineKind& kind : engines_on_tiles()) kinds.push_back(kind);
    }
    return kinds;
  }();
  return all;
}

std::span<const EngineKind> engines_on_tiles() {
  static const std::vector<EngineKind> both = {
      kind_of("amx_bf16", false, "streams as rows of tiles, in bfloat16", make_amx<false>),
      kind_of("amx_int8", true, "the MLP in 8 bits", make_amx<true>)};
  return both;
}

}  // namespace ladder
