#include "09_fast_training/study/studied_trainer.hpp"

#include "09_fast_training/fast/fast_trainer.hpp"

namespace ladder {
namespace {

const Kernels<float>& kernels_of(Studied program, const std::string& vectors) {
  const auto index = static_cast<std::size_t>(program);
#if defined(__x86_64__)
  if (vectors == "avx2") return studied_avx2(index);
  if (vectors == "avx512") return studied_avx512(index);
#endif
  (void)vectors;  // elsewhere there is one kind
  return studied_plain_vectors(index);
}

// The rows from `first` to the next that begins a name, as a batch of its own.
PackedBatch one_name(const PackedBatch& batch, int first, int bos) {
  Tokens name;
  for (int n = first;
       n < batch.rows() && (n == first || batch.positions[static_cast<std::size_t>(n)] > 0); ++n) {
    for (const Target& target : batch.targets_of(n)) {
      if (target.token != bos) name.push_back(target.token);
    }
  }
  const Tokens* const names[] = {&name};
  PackedBatch result;
  result.pack(names, bos);
  return result;
}

class NameByName : public FastTrainer<float> {
 public:
  using FastTrainer::FastTrainer;

 protected:
  double differentiate(const PackedBatch& batch, double predictions, bool add) override {
    double loss = 0;
    for (int n = 0; n < batch.rows(); ++n) {
      if (batch.positions[static_cast<std::size_t>(n)] > 0) continue;
      loss +=
          FastTrainer::differentiate(one_name(batch, n, shape().bos()), predictions, add || n > 0);
    }
    return loss;
  }
};

}  // namespace

std::unique_ptr<Trainer> make_studied_trainer(Studied program, const std::string& vectors,
                                              const GptParameters& parameters,
                                              const OptimizerOptions& optimizer) {
  return std::make_unique<FastTrainer<float>>(parameters, optimizer, kernels_of(program, vectors));
}

std::unique_ptr<Trainer> make_name_by_name_trainer(Studied program, const std::string& vectors,
                                                   const GptParameters& parameters,
                                                   const OptimizerOptions& optimizer) {
  return std::make_unique<NameByName>(parameters, optimizer, kernels_of(program, vectors));
}

}  // namespace ladder
