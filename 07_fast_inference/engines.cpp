#include "07_fast_inference/engines.hpp"

#include <fmt/format.h>

#include "common/error.hpp"

namespace ladder {
namespace {

constexpr double fp32_error = 1e-4;

constexpr EngineKind kinds[] = {
    {"tape", "fp64", "as trained: a graph a token, no KV cache", false, false, fp32_error,
     make_tape},
    {"eigen_dynamic", "fp32", "a KV cache; matrices sized at run time", false, false, fp32_error,
     make_eigen_dynamic},
    {"eigen_fixed", "fp32", "sizes known to the compiler", false, false, fp32_error,
     make_eigen_fixed},
    {"loops", "fp32", "no library: textbook loops", false, false, fp32_error, make_loops},
    {"columns", "fp32", "weights laid out for vectors", false, false, fp32_error, make_columns},
    {"tables", "fp32", "what (token, position) decides, looked up", false, false, fp32_error,
     make_tables},
    {"streams", "fp32", "a stream in each lane of a vector", false, true, fp32_error, make_streams},
    {"prefix_cache", "fp32", "beginnings of names, remembered", true, false, fp32_error,
     make_prefix_cache},
};

}  // namespace

std::span<const EngineKind> all_engines() { return kinds; }

const EngineKind& find_engine(const std::string& name) {
  std::string names;
  for (const EngineKind& kind : kinds) {
    if (kind.name == name) return kind;
    names += fmt::format(" {}", kind.name);
  }
  throw UsageError(fmt::format("there is no engine '{}'; there are:{}", name, names));
}

}  // namespace ladder
