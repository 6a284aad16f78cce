#include "08_hardware/cuda/training/batch.hpp"

#include <algorithm>

#include "07_fast_inference/model/model.hpp"

namespace ladder::gpu {

PackedRows pack_rows(Batch names) {
  std::vector<int> tokens, positions, targets, starts;
  for (const Tokens* name : names) {
    starts.push_back(static_cast<int>(tokens.size()));
    int read = bos_token;
    for (int t = 0; t < std::min(block_size, static_cast<int>(name->size()) + 1); ++t) {
      const auto i = static_cast<std::size_t>(t);
      tokens.push_back(read);
      positions.push_back(t);
      read = i < name->size() ? (*name)[i] : bos_token;
      targets.push_back(read);
    }
  }
  starts.push_back(static_cast<int>(tokens.size()));

  PackedRows packed{static_cast<int>(tokens.size()), static_cast<int>(names.size()), {}};
  for (const auto* part : {&tokens, &positions, &targets, &starts}) {
    packed.numbers.insert(packed.numbers.end(), part->begin(), part->end());
  }
  return packed;
}

}  // namespace ladder::gpu
