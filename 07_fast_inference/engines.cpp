#include "07_fast_inference/engines.hpp"

#include "07_fast_inference/many_streams/integer_model.hpp"

namespace ladder {
namespace {

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
    {"q4_12_plain", "Q4.12", "the arithmetic of a chip", false, false,
     FixedPointEngine::error_bound, make_q4_12_plain},
    {"q4_12", "Q4.12", "the same bits, in vectors and looked up", false, false,
     FixedPointEngine::error_bound, make_q4_12},
    {"int16", "int16", "the MLP in integers, two products an instruction", false, false, 0.02,
     make_int16},
    {"streams", "fp32", "a stream in each lane of a vector", false, true, fp32_error, make_streams},
    {"streams_int16", "int16", "two products an instruction", false, true,
     IntegerEngine::int16_bound, make_streams_int16},
    {"streams_int8", "int8", "four products an instruction", false, true, IntegerEngine::int8_bound,
     make_streams_int8},
    {"prefix_cache", "fp32", "beginnings of names, remembered", true, true, fp32_error,
     make_prefix_cache},
};

}  // namespace

std::span<const EngineKind> all_engines() { return kinds; }

}  // namespace ladder
