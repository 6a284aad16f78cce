#include "09_fast_training/history.hpp"

#include "09_fast_training/fast/fast_trainer.hpp"
#include "09_fast_training/fast/kernels_history.hpp"

namespace ladder {
namespace {

// The whole batch's gradient, a name at a time: short matrices, and each name's weight gradients
// added to memory.
class NameByName : public FastTrainer<float> {
 public:
  using FastTrainer::FastTrainer;

 protected:
  double differentiate(const PackedBatch& batch, double predictions, bool add) override {
    double loss = 0;
    for (int first = 0; first < batch.rows();) {
      int end = first + 1;
      while (end < batch.rows() && batch.positions[static_cast<std::size_t>(end)] > 0) ++end;
      Tokens name;  // read back from its rows
      for (int n = first + 1; n < end; ++n) {
        name.push_back(batch.tokens[static_cast<std::size_t>(n)]);
      }
      const Target last = batch.targets_of(end - 1).front();
      if (last.token != shape().bos()) name.push_back(last.token);
      const Tokens* const names[] = {&name};
      one_.pack(names, shape().bos());
      loss += FastTrainer::differentiate(one_, predictions, add || first > 0);
      first = end;
    }
    return loss;
  }

 private:
  PackedBatch one_;
};

HistoryStep textbook(std::string name, std::string idea, Packing packing) {
  return {std::move(name), std::move(idea), true,
          [packing](const GptParameters& parameters, const OptimizerOptions& optimizer) {
            auto trainer = make_plain_trainer<float>(parameters, optimizer);
            trainer->packing = packing;
            return trainer;
          }};
}

template <class Kind = FastTrainer<float>>
HistoryStep version(std::string name, std::string idea, HistoryKernels which, bool kept = true) {
  return {std::move(name), std::move(idea), kept,
          [which](const GptParameters& parameters, const OptimizerOptions& optimizer) {
            return std::make_unique<Kind>(parameters, optimizer, history_kernels(which));
          }};
}

HistoryStep in_vectors(const std::string& vectors, Packing packing) {
  const bool merged = packing == Packing::merged;
  return {merged ? "merged" : vectors,
          merged ? "beginnings that names share once only" : "the same in vectors of " + vectors,
          true, [=](const GptParameters& parameters, const OptimizerOptions& optimizer) {
            auto trainer = make_fast_trainer<float>(parameters, optimizer, vectors);
            trainer->packing = packing;
            return trainer;
          }};
}

}  // namespace

std::vector<HistoryStep> history() {
  using enum HistoryKernels;
  std::vector<HistoryStep> steps = {
      textbook("padded", "the textbook's loops, 16 rows a name", Packing::padded),
      textbook("packed", "only the rows that there are", Packing::names),
      version("operations", "one operation at a time for all rows: loops that vectorise", loops),
      version("registers", "products add up in tiles of registers", registers),
      version("fused qkv", "one product for queries, keys and values", fused_qkv),
      version("fused relu", "ReLU and its mask at the end of a product", fused_relu),
      version("fast exp", "exp by a polynomial", fast_exp),
      version("fast adam", "root and quotient estimated, with a Newton step", fast_adam)};
  for (const std::string& vectors : vector_names()) {
    steps.push_back(in_vectors(vectors, Packing::names));
  }
  steps.push_back(in_vectors(vector_names().back(), Packing::merged));
  steps.push_back(version("skip zeros", "leave out products with 0, half of those behind ReLU",
                          skip_zeros, false));
  steps.push_back(version("split adam", "three simple loops instead of one", split_adam, false));
  steps.push_back(version<NameByName>("name by name", "small matrices that stay in the cache",
                                      fast_adam, false));
  return steps;
}

}  // namespace ladder
