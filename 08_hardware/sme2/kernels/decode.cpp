// One name. Sixteen numbers are all there is of most things, so outside the matrices four lanes are
// used, however long the vectors are; and every sum has the same order on every machine.
#include "08_hardware/sme2/kernels/decode.hpp"

#include "08_hardware/sme2/kernels/lane_math.hpp"
#include "08_hardware/sme2/kernels/outer_products.hpp"
#include "08_hardware/sme2/kernels/streaming.hpp"

namespace ladder::sme2 {

namespace {

// One input's row of W, four vectors of it loaded at once, times that input: number `lane` of four.
// It is added to four vectors of ZA. Each of four inputs has its own, so that no sum waits for the
// one before.
template <int lane>
[[gnu::always_inline]] inline void add_row(svcount_t columns, const float* row,
                                           svfloat32_t inputs) __arm_streaming __arm_inout("za") {
  svmla_lane_za32_vg1x4(lane, svld1_x4(columns, row), inputs, lane);
}

[[gnu::always_inline]] inline svfloat32_t sum_of(svfloat32_t a, svfloat32_t b, svfloat32_t c,
                                                 svfloat32_t d) __arm_streaming
    __arm_preserves("za") {
  const svbool_t all = svptrue_b32();
  return svadd_x(all, svadd_x(all, a, b), svadd_x(all, c, d));
}

// multiply_vector() in streaming mode.
void multiply(const float* w, const float* x, float* y, Index ins, Index outs,
              bool add) __arm_streaming __arm_inout("za") {
  const Index at_once = 4 * static_cast<Index>(svcntw());
  for (Index i = 0; i < outs; i += at_once) {
    const svcount_t columns = svwhilelt_c32(i, outs, 4);
    svzero_za();
    if (add) svwrite_za32_vg1x4(0, svld1_x4(columns, y + i));
    for (Index j = 0; j < ins; j += 4) {
      const svfloat32_t inputs = svld1rq(svptrue_b32(), x + j);
      const float* row = w + j * outs + i;
      add_row<0>(columns, row, inputs), add_row<1>(columns, row + outs, inputs);
      add_row<2>(columns, row + 2 * outs, inputs), add_row<3>(columns, row + 3 * outs, inputs);
    }
    const svfloat32x4_t a = svread_za32_f32_vg1x4(0), b = svread_za32_f32_vg1x4(1),
                        c = svread_za32_f32_vg1x4(2), d = svread_za32_f32_vg1x4(3);
    svst1(columns, y + i,
          svcreate4(sum_of(svget4(a, 0), svget4(b, 0), svget4(c, 0), svget4(d, 0)),
                    sum_of(svget4(a, 1), svget4(b, 1), svget4(c, 1), svget4(d, 1)),
                    sum_of(svget4(a, 2), svget4(b, 2), svget4(c, 2), svget4(d, 2)),
                    sum_of(svget4(a, 3), svget4(b, 3), svget4(c, 3), svget4(d, 3))));
  }
}

template <int ins, int outs>
[[gnu::always_inline]] inline void multiply(const float (&w)[ins][outs], const float (&x)[ins],
                                            float* y, bool add = false) __arm_streaming
    __arm_inout("za") {
  multiply(w[0], x, y, ins, outs, add);
}

void norm(const float (&x)[n_embd], float (&normed)[n_embd]) __arm_streaming __arm_preserves("za") {
  const svbool_t four = svptrue_pat_b32(SV_VL4);
  svfloat32_t squares = svdup_f32(0);
  for (int i = 0; i < n_embd; i += 4) {
    const svfloat32_t value = svld1(four, x + i);
    squares = svmla_x(four, squares, value, value);
  }
  const svfloat32_t factor =
      norm_factor(four, svdup_f32(svaddv(four, squares)), n_embd, norm_epsilon);
  for (int i = 0; i < n_embd; i += 4) {
    svst1(four, normed + i, svmul_x(four, svld1(four, x + i), factor));
  }
}

// One head: the values of positions 0 … `position`, weighted by 2^(q · k), and their mean.
void attend(const DecodeState& s, const float* query, int head, int position,
            float* mixed) __arm_streaming __arm_preserves("za") {
  const svbool_t four = svptrue_pat_b32(SV_VL4);
  const int first = head * head_dim;
  float weight[block_size];
  svfloat32_t largest = svdup_f32(-1e30f);
  for (int t = 0; t <= position; t += 4) {
    const svbool_t seen = svand_z(four, four, svwhilele_b32(t, position));
    svfloat32_t score = svdup_f32(0);
    for (int i = first; i < first + head_dim; ++i) {
      score = svmla_x(four, score, svld1(four, s.keys[i] + t), query[i]);
    }
    svst1(four, weight + t, score);
    largest = svmax_m(seen, largest, score);
  }
  const svfloat32_t most = svdup_f32(svmaxv(four, largest));
  svfloat32_t totals = svdup_f32(0), mean = totals;
  for (int t = 0; t <= position; t += 4) {
    const svbool_t seen = svand_z(four, four, svwhilele_b32(t, position));
    const svfloat32_t power = exp2(four, svsub_x(four, svld1(four, weight + t), most));
    svst1(four, weight + t, power);
    totals = svadd_m(seen, totals, power);
  }
  for (int t = 0; t <= position; ++t) {
    mean = svmla_x(four, mean, svld1(four, s.values[t] + first), weight[t]);
  }
  svst1(four, mixed + first, svdiv_x(four, mean, svdup_f32(svaddv(four, totals))));
}

void pass(const DecodeWeights& w, DecodeState& s, int token, int position) __arm_streaming
    __arm_inout("za") {
  const svbool_t four = svptrue_pat_b32(SV_VL4);
  float x[n_embd], normed[n_embd], qkv[3 * n_embd], mixed[n_embd], hidden[n_hidden];
  // 1. Embeddings.
  for (int i = 0; i < n_embd; i += 4) {
    svst1(four, x + i,
          svadd_x(four, svld1(four, w.wte[token] + i), svld1(four, w.wpe[position] + i)));
  }
  if (!w.final_norm) norm(x, x);
  // 2. Attention.
  norm(x, normed);
  multiply(w.qkv, normed, qkv);
  for (int i = 0; i < n_embd; ++i) s.keys[i][position] = qkv[n_embd + i];
  for (int i = 0; i < n_embd; i += 4) {
    svst1(four, s.values[position] + i, svld1(four, qkv + 2 * n_embd + i));
  }
  for (int head = 0; head < n_head; ++head) attend(s, qkv, head, position, mixed);
  multiply(w.wo, mixed, x, true);
  // 3. The MLP.
  norm(x, normed);
  multiply(w.fc1, normed, hidden);
  for (int i = 0; i < n_hidden; i += 4) {
    svst1(four, hidden + i, svmax_x(four, svld1(four, hidden + i), 0.0f));
  }
  multiply(w.fc2, hidden, x, true);
  // 4. Logits.
  if (w.final_norm) norm(x, x);
  multiply(w.lm_head, x, s.logits);
}

[[gnu::noinline]] __arm_new("za") __arm_locally_streaming
    void enter_to_read(const DecodeWeights& weights, DecodeState& state, int token, int position) {
  pass(weights, state, token, position);
}

[[gnu::noinline]] __arm_new("za") __arm_locally_streaming
    void enter_to_multiply(const float* w, const float* x, float* y, Index ins, Index outs,
                           bool add) {
  multiply(w, x, y, ins, outs, add);
}

}  // namespace

void read_token(const DecodeWeights& weights, DecodeState& state, int token, int position) {
  count_entry();
  enter_to_read(weights, state, token, position);
}

void multiply_vector(const float* w, const float* x, float* y, Index ins, Index outs, bool add) {
  count_entry();
  enter_to_multiply(w, x, y, ins, outs, add);
}

}  // namespace ladder::sme2
