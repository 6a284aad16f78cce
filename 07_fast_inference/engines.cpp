#include "07_fast_inference/engines.hpp"

#include <array>
#include <vector>

#include "07_fast_inference/many_streams/integer_model.hpp"
#include "07_fast_inference/one_stream/widths.hpp"
#include "07_fast_inference/work.hpp"

namespace ladder {
namespace {

// With what a token costs it at least.
constexpr EngineKind costs(EngineKind kind, MultiplyAdds (*multiply_adds)(int),
                           double (*chain)(int, const CoreSpeed&) = nullptr) {
  kind.multiply_adds = multiply_adds;
  kind.chain = chain;
  return kind;
}

constexpr EngineKind kinds[] = {
    costs({"tape", "fp64", "as trained: a graph a token, no KV cache", false, false, fp32_error,
           make_tape},
          multiply_adds_of_tape),
    costs({"eigen_dynamic", "fp32", "a KV cache; matrices sized at run time", false, false,
           fp32_error, make_eigen_dynamic},
          multiply_adds_of_model, chain_of_loops),
    costs({"eigen_fixed", "fp32", "sizes known to the compiler", false, false, fp32_error,
           make_eigen_fixed},
          multiply_adds_of_model, chain_of_loops),
    costs({"loops", "fp32", "no library: textbook loops", false, false, fp32_error, make_loops},
          multiply_adds_of_model, chain_of_loops),
    costs(
        {"columns", "fp32", "weights laid out for vectors", false, false, fp32_error, make_columns},
        multiply_adds_of_model, chain_of_columns),
    costs({"tables", "fp32", "what (token, position) decides, looked up", false, false, fp32_error,
           make_tables},
          multiply_adds_of_tables, chain_of_tables),
    costs({"q4_12_plain", "Q4.12", "the arithmetic of a chip", false, false,
           FixedPointEngine::error_bound, make_q4_12_plain},
          multiply_adds_of_q4_12_plain, chain_of_q4_12_plain),
    costs({"q4_12", "Q4.12", "the same bits, in vectors and looked up", false, false,
           FixedPointEngine::error_bound, make_q4_12},
          multiply_adds_of_q4_12, chain_of_q4_12),
    costs({"int16", "int16", "the MLP in integers, two products an instruction", false, false, 0.02,
           make_int16},
          multiply_adds_of_int16, chain_of_int16),
    costs({"streams", "fp32", "a stream in each lane of a vector", false, true, fp32_error,
           make_streams},
          multiply_adds_of_tables),
    costs({"streams_int16", "int16", "two products an instruction", false, true,
           IntegerEngine::int16_bound, make_streams_int16},
          multiply_adds_of_streams_int16),
    costs({"streams_int8", "int8", "four products an instruction", false, true,
           IntegerEngine::int8_bound, make_streams_int8},
          multiply_adds_of_streams_int8),
    {"prefix_cache", "fp32", "beginnings of names, remembered", true, true, fp32_error,
     make_prefix_cache},
};

// The engine of the i-th width, made only where there is one.
template <EngineMaker VectorEngines::*engine, int i>
std::unique_ptr<Engine> make_at(const MicroGpt& model) {
  return (all_widths()[i]->*engine)(model);
}

// Integer streams by the kernel of a width: the first of all_kernels() is portable, and has none.
template <int bits, int i>
std::unique_ptr<Engine> make_by_kernel(const MicroGpt& model) {
  return std::make_unique<IntegerEngine>(model, bits, all_kernels(bits)[i]);
}

// One engine's rows: narrow, wide, wider; a width without a name is left out.
void add_widths(std::vector<EngineKind>& all, const std::string& like,
                std::array<std::string_view, 3> names, std::array<EngineMaker, 3> makers) {
  constexpr std::array ideas = {"the engine in vectors of 4 lanes", "of 8 lanes (AVX2)",
                                "of 16 lanes (AVX-512, VNNI)"};
  for (std::size_t i = 0; i < all_widths().size(); ++i) {
    if (names[i].empty()) continue;
    EngineKind kind = find_engine(like);
    kind.name = names[i];
    kind.idea = ideas[i];
    kind.make = makers[i];
    all.push_back(kind);
  }
}

template <EngineMaker VectorEngines::*engine>
constexpr std::array<EngineMaker, 3> makers = {make_at<engine, 0>, make_at<engine, 1>,
                                               make_at<engine, 2>};
template <int bits>
constexpr std::array<EngineMaker, 3> kernel_makers = {nullptr, make_by_kernel<bits, 1>,
                                                      make_by_kernel<bits, 2>};

}  // namespace

std::span<const EngineKind> all_engines() { return kinds; }

std::span<const EngineKind> engines_by_width() {
  static const std::vector<EngineKind> all = [] {
    std::vector<EngineKind> found;
    add_widths(found, "columns", {"columns_4", "columns_8", "columns_16"},
               makers<&VectorEngines::columns>);
    add_widths(found, "tables", {"tables_4", "tables_8", "tables_16"},
               makers<&VectorEngines::tables>);
    add_widths(found, "int16", {"int16_4", "int16_8", "int16_16"}, makers<&VectorEngines::int16>);
    add_widths(found, "streams", {"streams_4", "streams_8", "streams_16"},
               makers<&VectorEngines::streams>);
    add_widths(found, "streams_int16", {"", "s_int16_8", "s_int16_16"}, kernel_makers<16>);
    add_widths(found, "streams_int8", {"", "s_int8_8", "s_int8_16"}, kernel_makers<8>);
    return found;
  }();
  return all;
}

}  // namespace ladder
