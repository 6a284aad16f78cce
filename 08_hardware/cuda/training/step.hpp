#pragma once
/// \file
/// A step of training: forward, backward, Adam, as a list of operations. Who runs the list decides
/// what it is:
///
///     launch per op    run() launches a kernel, and wait() is for nothing: kernels of one stream
///                      wait for each other anyway
///     persistent       one kernel runs the list; its blocks share the items of each operation, and
///                      wait() is a barrier for all blocks of the chip
///
/// An operation that reads what other blocks wrote stands behind a wait(). One that does not may be
/// run beside the one before it: its items go to the blocks that come next.

#include "08_hardware/cuda/training/attention.hpp"
#include "08_hardware/cuda/training/products.hpp"
#include "08_hardware/cuda/training/rows.hpp"
#include "08_hardware/cuda/training/update.hpp"

namespace ladder::gpu {

/// A gradient is summed in so many chunks at most: the more, the more blocks have work. How many
/// follows from the batch alone, not from the machine, and so do the bits of the sums.
inline constexpr int most_chunks = 64;

/// Positions of a chunk of a small batch, a multiple of a strip.
inline constexpr int least_chunk_rows = 64;

/// Positions of a chunk, a multiple of a strip.
LADDER_HOST_DEVICE constexpr int chunk_rows(int rows) {
  const int enough = pieces_of(pieces_of(rows, most_chunks), strip_size) * strip_size;
  return enough < least_chunk_rows ? least_chunk_rows : enough;
}

/// Chunks of a batch.
LADDER_HOST_DEVICE constexpr int chunks_of(int rows) { return pieces_of(rows, chunk_rows(rows)); }

/// Of no batch of up to so many positions there are more. (Of one with fewer positions there may
/// be: 4,096 make 64 chunks, 4,097 make 52 longer ones.)
constexpr int most_chunks_up_to(int rows) {
  return rows < most_chunks * least_chunk_rows ? pieces_of(rows, least_chunk_rows) : most_chunks;
}

/// The batch and all numbers of a step, in the memory of the machine that makes it. R positions.
struct StepNumbers {
  ModelLayout layout;
  int rows, names;                          ///< R; of the batch
  const int *tokens, *positions, *targets;  ///< (R)
  const int* starts;                        ///< (names + 1): first position of each name, and R
  float *w, *gradient, *m, *v;              ///< (parameters): the model, and Adam's memory
  const float *wte, *wpe, *lm_head, *attn_wqkv, *attn_wo, *mlp_fc1, *mlp_fc2;  ///< in w
  float* parts;  ///< (chunks, parameters) of the gradient

  float *x, *h, *attended, *x_attended;       ///< (R, W)
  float *n, *x_last;                          ///< (R, W)
  float *qkv, *hidden, *weights;              ///< (R, 3 W), (R, 4 W), (R, n_head, block_size)
  float *x_scale, *h_scale, *n_scale, *nats;  ///< (R)
  float *logits, *dlogits;                    ///< (R, vocab_size)
  float *dx_last, *dhidden, *dn, *dx_attended, *dattended, *dqkv, *dh, *dx,
      *dembedded;  ///< gradients, each as large as what it is of
  float* loss;     ///< (1), mean of the batch, before the move
};

/// Whatever reads tokens and positions as one matrix (R, vocab_size + block_size) of zeros and two
/// ones a row: the gradient of both embeddings is a product with it, and nobody adds to a row in
/// an order that depends on who came first.
struct OneHot {
  const int *tokens, *positions;
  static constexpr bool k_is_next = true;
  LADDER_HOST_DEVICE float operator()(int i, int k) const {
    return i == tokens[k] || i == vocab_size + positions[k] ? 1.0f : 0.0f;
  }
};

/// y = x Wᵀ, (rows, outputs), and what `out` does with it.
template <class Out>
LADDER_HOST_DEVICE Product<RowsOf, RowsOf, Out> linear(int rows, int outputs, int inputs,
                                                       const float* x, const float* w, Out out) {
  return {rows, outputs, inputs, inputs, {x, inputs}, {w, inputs}, out};
}

/// dx = dy W, (rows, inputs).
template <class Out>
LADDER_HOST_DEVICE Product<RowsOf, ColumnsOf, Out> linear_back(int rows, int outputs, int inputs,
                                                               const float* dy, const float* w,
                                                               Out out) {
  return {rows, inputs, outputs, outputs, {dy, outputs}, {w, inputs}, out};
}

/// dW = dyᵀ x, (outputs, inputs), in parts.
LADDER_HOST_DEVICE inline Product<ColumnsOf, ColumnsOf, WritePart> weight_gradient(
    const StepNumbers& s, int at, int outputs, int inputs, const float* dy, const float* x) {
  return {outputs,
          inputs,
          s.rows,
          chunk_rows(s.rows),
          {dy, outputs},
          {x, inputs},
          {s.parts, s.layout.size(), at, inputs}};
}

/// Forward: everything up to the logits.
LADDER_ANY_SIDE
template <class Machine>
LADDER_HOST_DEVICE void forward(Machine& machine, const StepNumbers& s) {
  const ModelLayout& at = s.layout;
  const int W = at.width, R = s.rows;
  // 1. Embedding. A block normalizes the same rows again that it made: nobody is waited for.
  const Embedded embedded{s.wte, s.wpe, s.tokens, s.positions, W};
  machine.run(RmsNormRows<Embedded>{R, W, embedded, s.x, s.x_scale});
  machine.run(RmsNormRows<Stored>{R, W, {s.x, W}, s.h, s.h_scale});
  machine.wait();
  // 2. Attention.
  machine.run(linear(R, 3 * W, W, s.h, s.attn_wqkv, Write{s.qkv, 3 * W}));
  machine.wait();
  machine.run(Attention{s.names, W, s.starts, s.qkv, s.weights, s.attended});
  machine.wait();
  machine.run(linear(R, W, W, s.attended, s.attn_wo, WriteAdded{s.x_attended, W, s.x}));
  machine.wait();
  // 3. MLP.
  machine.run(RmsNormRows<Stored>{R, W, {s.x_attended, W}, s.n, s.n_scale});
  machine.wait();
  machine.run(linear(R, at.hidden(), W, s.n, s.mlp_fc1, WriteRelu{s.hidden, at.hidden()}));
  machine.wait();
  machine.run(
      linear(R, W, at.hidden(), s.hidden, s.mlp_fc2, WriteAdded{s.x_last, W, s.x_attended}));
  machine.wait();
  // 4. Logits.
  machine.run(linear(R, vocab_size, W, s.x_last, s.lm_head, Write{s.logits, vocab_size}));
  machine.wait();
}

/// Backward: from the logits to the gradient of what was embedded.
LADDER_ANY_SIDE
template <class Machine>
LADDER_HOST_DEVICE void backward(Machine& machine, const StepNumbers& s) {
  const ModelLayout& at = s.layout;
  const int W = at.width, R = s.rows;
  // 4. Loss and logits.
  machine.run(CrossEntropy{R, s.logits, s.targets, s.nats, s.dlogits});
  machine.wait();
  machine.run(linear_back(R, vocab_size, W, s.dlogits, s.lm_head, Write{s.dx_last, W}));
  machine.wait();
  // 3. MLP. x_attended is used twice: what went past the MLP comes back unchanged.
  machine.run(linear_back(R, W, at.hidden(), s.dx_last, s.mlp_fc2,
                          WriteWherePositive{s.dhidden, at.hidden(), s.hidden}));
  machine.wait();
  machine.run(linear_back(R, at.hidden(), W, s.dhidden, s.mlp_fc1, Write{s.dn, W}));
  machine.wait();
  machine.run(RmsNormGradient{R, W, s.dn, s.n, s.n_scale, s.dx_last, s.dx_attended});
  machine.wait();
  // 2. Attention.
  machine.run(linear_back(R, W, W, s.dx_attended, s.attn_wo, Write{s.dattended, W}));
  machine.wait();
  machine.run(AttentionGradient{s.names, W, s.starts, s.qkv, s.weights, s.dattended, s.dqkv});
  machine.wait();
  machine.run(linear_back(R, 3 * W, W, s.dqkv, s.attn_wqkv, Write{s.dh, W}));
  machine.wait();
  // 1. The two norms before it, row by row.
  machine.run(RmsNormGradient{R, W, s.dh, s.h, s.h_scale, s.dx_attended, s.dx});
  machine.run(RmsNormGradient{R, W, s.dx, s.x, s.x_scale, nullptr, s.dembedded});
  machine.wait();
}

/// The gradient of every matrix, in parts, and the loss; none waits for another.
LADDER_ANY_SIDE
template <class Machine>
LADDER_HOST_DEVICE void weight_gradients(Machine& machine, const StepNumbers& s) {
  const ModelLayout& at = s.layout;
  const int W = at.width, R = s.rows;
  machine.run(Product<OneHot, ColumnsOf, WritePart>{vocab_size + block_size,
                                                    W,
                                                    R,
                                                    chunk_rows(R),
                                                    {s.tokens, s.positions},
                                                    {s.dembedded, W},
                                                    {s.parts, at.size(), at.wte(), W}});
  machine.run_beside(weight_gradient(s, at.lm_head(), vocab_size, W, s.dlogits, s.x_last));
  machine.run_beside(weight_gradient(s, at.attn_wqkv(), 3 * W, W, s.dqkv, s.h));
  machine.run_beside(weight_gradient(s, at.attn_wo(), W, W, s.dx_attended, s.attended));
  machine.run_beside(weight_gradient(s, at.mlp_fc1(), at.hidden(), W, s.dhidden, s.n));
  machine.run_beside(weight_gradient(s, at.mlp_fc2(), W, at.hidden(), s.dx_last, s.hidden));
  machine.run_beside(MeanLoss{R, s.nats, s.loss});
  machine.wait();
}

/// All of it.
/// \param machine  run(operation) has its items done, from block 0 on; run_beside(operation) from
/// the
///   next block on; wait() returns when all items before it are done
LADDER_ANY_SIDE
template <class Machine>
LADDER_HOST_DEVICE void train_step(Machine& machine, const StepNumbers& s, const AdamStep& adam) {
  forward(machine, s);
  backward(machine, s);
  weight_gradients(machine, s);
  machine.run(Update{s.layout.size(), chunks_of(s.rows), adam, s.parts, s.gradient, s.m, s.v, s.w});
}

/// Operations of a step, and so launches where each is a kernel.
inline constexpr int launches_a_step = 27;
/// Barriers of a step that is one kernel.
inline constexpr int waits_a_step = 18;

}  // namespace ladder::gpu
