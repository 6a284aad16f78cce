#include "07_fast_inference/model/engine_kind.hpp"

#include <fmt/format.h>

#include "common/error.hpp"

namespace ladder {

const EngineKind& find_engine(std::span<const EngineKind> kinds, const std::string& name) {
  std::string names;
  for (const EngineKind& kind : kinds) {
    if (kind.name == name) return kind;
    names += fmt::format(" {}", kind.name);
  }
  throw UsageError(fmt::format("there is no engine '{}'; there are:{}", name, names));
}

void check_runs(std::span<const EngineKind* const> kinds, const MicroGpt& model) {
  for (const EngineKind* kind : kinds) {
    if (kind->runs(model)) continue;
    throw UsageError(fmt::format(
        "{} {}, and these weights have gains; 06_gpt_adam --microgpt trains weights for it",
        kind->name, microgpt_only_problem));
  }
}

}  // namespace ladder
