#include "09_fast_training/fast/fast_trainer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "09_fast_training/fast/head_order.hpp"
#include "common/error.hpp"
#include "common/timing.hpp"

namespace ladder {
namespace {

// Calls copy(fast, file) for each number of the model: its place in the fast version's array, and
// in the file's.
template <class Copy>
void for_each_place(const GptShape& shape, const Copy& copy) {
  const auto width = static_cast<std::size_t>(shape.n_embd);
  for (const NamedTensor& tensor : named_tensors(shape)) {
    const bool rows = tensor.name == "layer0.attn_wq" || tensor.name == "layer0.attn_wk" ||
                      tensor.name == "layer0.attn_wv";
    const bool columns = tensor.name == "layer0.attn_wo";
    const auto in_file = [&](std::size_t index) {
      return static_cast<std::size_t>(file_index(static_cast<int>(index), static_cast<int>(width)));
    };
    for (std::size_t r = 0; r < tensor.rows; ++r) {
      for (std::size_t c = 0; c < tensor.columns; ++c) {
        const std::size_t from =
            (rows ? in_file(r) : r) * tensor.columns + (columns ? in_file(c) : c);
        copy(tensor.offset + r * tensor.columns + c, tensor.offset + from);
      }
    }
  }
}

struct VectorKind {
  std::string name;
  bool usable;
  const Kernels<float>& (*of_float)(int);
  const Kernels<double>& (*of_double)(int);
};

// Narrowest first.
const std::vector<VectorKind>& vector_kinds() {
#if defined(__x86_64__)
  static const std::vector<VectorKind> kinds = {
      {"sse2", true, plain_vectors_float, plain_vectors_double},
      {"avx2", __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"), avx2_float,
       avx2_double},
      {"avx512",
       __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"),
       avx512_float, avx512_double}};
#else
  static const std::vector<VectorKind> kinds = {
      {"plain", true, plain_vectors_float, plain_vectors_double}};
#endif
  return kinds;
}

const VectorKind& kind_called(const std::string& name) {
  const VectorKind* chosen = nullptr;
  for (const VectorKind& kind : vector_kinds()) {
    if (kind.usable && (name.empty() || kind.name == name)) chosen = &kind;
  }
  if (chosen) return *chosen;
  throw Error(fmt::format("this machine has no vectors '{}'; it has {}", name,
                          fmt::join(vector_names(), ", ")));
}

}  // namespace

template <class Number>
FastTrainer<Number>::FastTrainer(const GptParameters& parameters, const OptimizerOptions& optimizer,
                                 const Kernels<Number>& kernels)
    : Trainer(parameters.shape), model_(parameters.shape, optimizer, kernels) {
  set_parameters(parameters);
}

template <class Number>
void FastTrainer<Number>::set_parameters(const GptParameters& parameters) {
  for_each_place(shape(), [&](std::size_t fast, std::size_t file) {
    model_.parameters().data()[fast] = static_cast<Number>(parameters.values[file]);
  });
}

template <class Number>
GptParameters FastTrainer<Number>::in_file_order(const AlignedArray<Number>& numbers) const {
  GptParameters result(shape());
  for_each_place(shape(), [&](std::size_t fast, std::size_t file) {
    result.values[file] = static_cast<double>(numbers.data()[fast]);
  });
  return result;
}

template <class Number>
std::vector<double> FastTrainer<Number>::last_logits(const PackedBatch& batch) {
  const Number* const row = model_.last_logits(batch);
  return {row, row + shape().vocab_size};
}

template class FastTrainer<float>;
template class FastTrainer<double>;

template <class Number>
std::unique_ptr<Trainer> make_fast_trainer(const GptParameters& parameters,
                                           const OptimizerOptions& optimizer,
                                           const std::string& vectors) {
  const VectorKind& kind = kind_called(vectors);
  const int width = parameters.shape.n_embd;
  if constexpr (std::is_same_v<Number, float>) {
    return std::make_unique<FastTrainer<float>>(parameters, optimizer, kind.of_float(width));
  } else {
    return std::make_unique<FastTrainer<double>>(parameters, optimizer, kind.of_double(width));
  }
}

/// \cond
template std::unique_ptr<Trainer> make_fast_trainer<float>(const GptParameters&,
                                                           const OptimizerOptions&,
                                                           const std::string&);
template std::unique_ptr<Trainer> make_fast_trainer<double>(const GptParameters&,
                                                            const OptimizerOptions&,
                                                            const std::string&);
/// \endcond

std::vector<std::string> vector_names() {
  std::vector<std::string> names;
  for (const VectorKind& kind : vector_kinds()) {
    if (kind.usable) names.push_back(kind.name);
  }
  return names;
}

double measure_peak_flops(const std::string& vectors) {
  const Kernels<float>& kernels = kind_called(vectors).of_float(16);
  std::vector<double> rates;
  for (int round = 0; round < 21; ++round) {
    const double start = thread_cpu_seconds();
    const double operations = kernels.peak(1000);
    rates.push_back(operations / (thread_cpu_seconds() - start));
  }
  return median(rates);
}

}  // namespace ladder
