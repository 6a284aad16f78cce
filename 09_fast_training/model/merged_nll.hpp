#pragma once
/// \file
/// The NLL of many names, each beginning that they share computed once.

#include <algorithm>
#include <cstddef>
#include <vector>

#include "09_fast_training/model/packed_batch.hpp"

namespace ladder {

/// Mean NLL of names, nats a character, by Packing::merged. Names are taken in order, `part` at a
/// time: beginnings that two parts share are computed twice, and the matrices stay in the cache.
/// \param nats  of a batch: Σ over its predictions
template <class Nats>
double merged_nll(const std::vector<Tokens>& names, int bos, std::size_t part, Nats&& nats) {
  std::vector<const Tokens*> sorted;
  for (const Tokens& name : names) sorted.push_back(&name);
  std::sort(sorted.begin(), sorted.end(), Alphabetical());
  double sum = 0, predictions = 0;
  PackedBatch batch;
  for (std::size_t first = 0; first < sorted.size(); first += part) {
    batch.pack(Batch(sorted).subspan(first, std::min(part, sorted.size() - first)), bos,
               Packing::merged);
    sum += nats(batch);
    predictions += batch.predictions();
  }
  return sum / predictions;
}

}  // namespace ladder
