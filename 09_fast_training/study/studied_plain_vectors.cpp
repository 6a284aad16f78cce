// The studied programs in four floats, the vectors that every processor has.
#include "09_fast_training/study/make_studied.hpp"

namespace ladder {

const Kernels<float>& studied_plain_vectors(std::size_t index) {
  return studied_kernels(index, StudiedIndices());
}

}  // namespace ladder
