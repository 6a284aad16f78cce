#pragma once
/// \file
/// Memory for a step, on whichever machine makes it.

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "08_hardware/cuda/training/batch.hpp"
#include "08_hardware/cuda/training/step.hpp"

namespace ladder::gpu {

/// Calls f(&StepNumbers::x, W) and so on: each array with a row for each position, and the numbers
/// of a row.
template <class F>
void for_each_row_array(const ModelLayout& layout, F&& f) {
  using S = StepNumbers;
  const int W = layout.width;
  for (const auto array :
       {&S::x, &S::h, &S::attended, &S::x_attended, &S::n, &S::x_last, &S::dx_last, &S::dn,
        &S::dx_attended, &S::dattended, &S::dh, &S::dx, &S::dembedded}) {
    f(array, W);
  }
  for (const auto array : {&S::qkv, &S::dqkv}) f(array, 3 * W);
  for (const auto array : {&S::hidden, &S::dhidden}) f(array, layout.hidden());
  for (const auto array : {&S::logits, &S::dlogits}) f(array, vocab_size);
  for (const auto array : {&S::x_scale, &S::h_scale, &S::n_scale, &S::nats}) f(array, 1);
  f(&S::weights, n_head * block_size);
}

/// Owns what StepNumbers points to.
/// \tparam Array  Array<float>(count) has an address, data(), and zeros at first
template <template <class> class Array>
class StepMemory {
 public:
  /// Room for the model. Adam's memory is zeros.
  explicit StepMemory(const ModelLayout& layout) {
    numbers_.layout = layout;
    const auto size = static_cast<std::size_t>(layout.size());
    for (const auto array :
         {&StepNumbers::w, &StepNumbers::gradient, &StepNumbers::m, &StepNumbers::v}) {
      numbers_.*array = add(of_model_, size);
    }
    const float* w = numbers_.w;
    numbers_.wte = w + layout.wte();
    numbers_.wpe = w + layout.wpe();
    numbers_.lm_head = w + layout.lm_head();
    numbers_.attn_wqkv = w + layout.attn_wqkv();
    numbers_.attn_wo = w + layout.attn_wo();
    numbers_.mlp_fc1 = w + layout.mlp_fc1();
    numbers_.mlp_fc2 = w + layout.mlp_fc2();
    numbers_.loss = add(of_model_, 1);
  }

  /// Room for a batch of so many positions and names; what was computed before is lost if there was
  /// too little. The batch itself goes to batch(), as PackedRows::numbers.
  /// \returns whether there is new memory
  bool make_room(int rows, int names) {
    const bool more_rows = rows > rows_;
    if (more_rows) {
      of_rows_.clear();
      rows_ = rows;
      for_each_row_array(numbers_.layout, [&](auto array, int columns) {
        numbers_.*array =
            add(of_rows_, static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns));
      });
      numbers_.parts = add(of_rows_, static_cast<std::size_t>(most_chunks_up_to(rows)) *
                                         static_cast<std::size_t>(numbers_.layout.size()));
    }
    const auto count = static_cast<std::size_t>(3 * rows + names + 1);
    const bool more_batch = !batch_ || batch_->size() < count;
    if (more_batch) {
      batch_.reset();  // first the old one goes
      batch_ = std::make_unique<Array<int>>(count);
    }
    numbers_.rows = rows;
    numbers_.names = names;
    numbers_.tokens = batch_->data();
    numbers_.positions = numbers_.tokens + rows;
    numbers_.targets = numbers_.positions + rows;
    numbers_.starts = numbers_.targets + rows;
    return more_rows || more_batch;
  }

  /// Where everything is, for a batch of the size that make_room() was told.
  const StepNumbers& numbers() const { return numbers_; }
  /// Where the batch goes.
  Array<int>& batch() { return *batch_; }
  /// Every array that a step makes anew.
  std::span<const std::unique_ptr<Array<float>>> made_anew() const { return of_rows_; }

 private:
  using Arrays = std::vector<std::unique_ptr<Array<float>>>;

  static float* add(Arrays& arrays, std::size_t count) {
    arrays.push_back(std::make_unique<Array<float>>(count));
    return arrays.back()->data();
  }

  StepNumbers numbers_{};
  Arrays of_model_, of_rows_;
  std::unique_ptr<Array<int>> batch_;
  int rows_ = 0;  // there is room for
};

}  // namespace ladder::gpu
