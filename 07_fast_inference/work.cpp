#include "07_fast_inference/work.hpp"

#include <algorithm>
#include <bit>

#include "07_fast_inference/model/model.hpp"

namespace ladder {
namespace {

constexpr double square = n_embd * n_embd, up = n_hidden * n_embd, down = up,
                 head = vocab_size * n_embd;

// Of all positions so far, the own one included: q · k and the sum of the values.
constexpr double attention(int positions) { return 2.0 * n_embd * positions; }

// Two scores are looked up: with the token itself, and with the BOS at position 0.
constexpr int not_looked_up(int position) { return std::max(position - 1, 0); }

constexpr double all(int position) {
  return 4 * square + up + down + head + attention(position + 1);
}

}  // namespace

MultiplyAdds multiply_adds_of_tape(int position) {
  double sum = 0;
  for (int p = 0; p <= position; ++p) sum += all(p);
  return {.fp64 = sum};
}

MultiplyAdds multiply_adds_of_model(int position) { return {.fp32 = all(position)}; }

MultiplyAdds multiply_adds_of_tables(int position) {
  return {.fp32 = square + up + down + head + attention(not_looked_up(position))};
}

MultiplyAdds multiply_adds_of_int16(int position) {
  return {.fp32 = square + head + attention(not_looked_up(position)), .int16 = up + down};
}

MultiplyAdds multiply_adds_of_q4_12_plain(int position) { return {.int16 = all(position)}; }

MultiplyAdds multiply_adds_of_q4_12(int position) {
  return {.int16 = square + up + down + head + attention(position + 1)};
}

MultiplyAdds multiply_adds_of_streams_int16(int position) {
  return {.fp32 = attention(not_looked_up(position)), .int16 = square + up + down + head};
}

MultiplyAdds multiply_adds_of_streams_int8(int position) {
  return {.fp32 = attention(not_looked_up(position)), .int16 = square + head, .int8 = up + down};
}

namespace {

// So many additions, one after the other, add n numbers up.
double levels(int n) { return static_cast<double>(std::bit_width(static_cast<unsigned>(n) - 1)); }

// What the chains of engines in floating point are made of.
struct FloatSteps : Latencies {
  explicit FloatSteps(const CoreSpeed& core) : Latencies(core.latency), peak(core.peak.fp32) {}

  double products(int n) const { return multiply + levels(n) * add; }

  // Each lane needs numbers from all others: one shuffle of the input, and no sum crosses lanes.
  double matrix(int inputs, int outputs) const {
    return std::max(far_shuffle + products(inputs), inputs * outputs / peak);
  }

  // Numbers of all lanes combined: four lanes within 128 bits, and four such parts, of which two
  // may lie in vectors of their own.
  double across_lanes() const { return 2 * near_shuffle + far_shuffle; }

  // Σ x², its mean and ε, √, 1 / √.
  double norm() const {
    return products(n_embd) + across_lanes() + multiply_add + square_root + divide;
  }

  // Of all heads, over their four dimensions.
  double scores() const { return products(head_dim) + far_shuffle; }

  // simd.hpp: y + r, - r, y - n; three multiply-adds of its polynomial; the exponent.
  double exp2() const { return 3 * add + 3 * multiply_add + integer; }

  // Σ 2^score · value over some positions, to sums that are there already.
  double attend(int positions) const {
    return positions > 0 ? scores() + exp2() + multiply + levels(positions + 1) * add : 0;
  }

  // From the heads' sums to x2: multiplied by wo while 1 / total is worked out, then by that, four
  // heads added up, and x1.
  double mix() const { return std::max(divide, matrix(n_embd, n_embd)) + multiply + 3 * add; }

  // Logits: 2^logit, running sums of 32 places, u · total - those before, the first that exceeds
  // it, and that token's row.
  double head_and_draw() const {
    return matrix(n_embd, vocab_size) + exp2() + 5 * add + across_lanes() + multiply_add + pick;
  }

  double peak;
};

}  // namespace

// Step after step as a textbook has them; exp as in simd.hpp, but that the largest score is taken
// off first, and its factor log2(e) is another product.
double chain_of_loops(int position, const CoreSpeed& core) {
  const FloatSteps l(core);
  const double seen = levels(position + 1);
  const double exp = l.add + l.multiply + l.exp2();
  const double normed = l.norm() + l.multiply;
  const double heads = l.matrix(n_embd, 3 * n_embd) + l.scores() + l.multiply + seen * l.maximum +
                       exp + l.products(position + 1) + l.divide;
  const double mlp = normed + l.matrix(n_embd, n_hidden) + l.maximum + l.matrix(n_hidden, n_embd);
  const double draw = levels(vocab_size) * (l.maximum + l.add) + l.multiply + exp + l.multiply;
  return l.add + 2 * normed + heads + l.matrix(n_embd, n_embd) + l.add + mlp + l.add +
         l.matrix(n_embd, vocab_size) + draw + l.pick;
}

// The norm runs beside the products and is multiplied in where a score is ready; the norm of x2
// likewise, after fc2.
double chain_of_columns(int position, const CoreSpeed& core) {
  const FloatSteps l(core);
  const double query = std::max(l.norm(), l.matrix(n_embd, 3 * n_embd) + l.scores()) + l.multiply;
  const double heads = query + l.exp2() + l.products(position + 1);
  const double mlp = l.matrix(n_embd, n_hidden) + l.maximum + l.matrix(n_hidden, n_embd);
  return l.add + heads + l.mix() + std::max(l.norm(), mlp) + l.multiply_add + l.head_and_draw();
}

// fc1 · wo reads the heads' means, while x2 and its norm are worked out.
double chain_of_tables(int position, const CoreSpeed& core) {
  const FloatSteps l(core);
  const double mlp =
      l.divide + l.multiply + l.matrix(n_embd, n_hidden) + l.maximum + l.matrix(n_hidden, n_embd);
  return l.attend(not_looked_up(position)) + std::max(mlp, l.mix() + l.norm()) + l.multiply_add +
         l.head_and_draw();
}

namespace {

// What is different in integers of 16 bits.
struct IntegerSteps : FloatSteps {
  explicit IntegerSteps(const CoreSpeed& core) : FloatSteps(core), peak16(core.peak.int16) {}

  // A matrix for pairs of inputs, which are made of its input first (and, shift, or).
  double pair_matrix(int inputs, int outputs) const {
    return 2 * integer + std::max(far_shuffle + pair_product + levels(inputs / 2) * integer,
                                  inputs * outputs / peak16);
  }

  // narrow(): shift, add, shift, and both ends. Without a sign it has one end.
  double narrow() const { return 5 * integer; }
  double narrow_unsigned() const { return 4 * integer; }

  // 1 / d and 1 / √m, one number at a time: taken out of its vector, its highest bit found and
  // moved to the top, the table read, a step of Newton's method, and put back.
  double reciprocal() const { return 2 * far_shuffle + load + 2 * scalar_multiply + 8 * integer; }
  double reciprocal_root() const { return reciprocal() + scalar_multiply; }

  // z · log2(e), its upper bits looked up, a product for the way to the next entry, shifted.
  double exp_negative() const {
    return integer_multiply + 2 * integer + look_up + pair_product + 5 * integer;
  }

  // Step 2.
  double fixed_norm() const {
    return pair_product + 3 * integer + across_lanes() + reciprocal_root() + pair_product +
           narrow();
  }

  // Step 5: scores (saturated: six steps), the largest, exp, their sum, its reciprocal, weights,
  // pairs of them, values.
  double fixed_attention(int position) const {
    const double seen = levels(position + 1) * integer;
    const double score = pair_product + far_shuffle + 6 * integer;
    const double power = integer + narrow_unsigned() + exp_negative();
    const double weight = integer_multiply + 4 * integer + far_shuffle + 2 * integer;
    return score + seen + power + seen + reciprocal() + weight + pair_product +
           levels((position + 2) / 2) * integer + narrow();
  }

  // Steps 10 to 13: the largest logit, exp, running sums, (x >> 8) · Σp >> 24, the token.
  double fixed_draw() const {
    const double largest = 5 * integer + across_lanes(), running = largest;
    const double power = integer + 2 * narrow_unsigned() + integer_multiply + exp_negative();
    const double threshold = 2 * far_shuffle + scalar_multiply + integer;
    return largest + power + running + threshold + pick;
  }

  double peak16;
};

}  // namespace

// As `tables` with two matrices of pairs: rounded to integers by an addition, halves put together;
// ReLU and a shift between the two; and at the end back to floats.
double chain_of_int16(int position, const CoreSpeed& core) {
  const IntegerSteps l(core);
  const double mlp = l.divide + l.multiply + l.multiply_add + l.far_shuffle +
                     l.pair_matrix(n_embd, n_hidden) + 2 * l.integer +
                     l.pair_matrix(n_hidden, n_embd) + l.convert;
  return l.attend(not_looked_up(position)) + std::max(mlp, l.mix() + l.norm()) + l.multiply_add +
         l.head_and_draw();
}

double chain_of_q4_12(int position, const CoreSpeed& core) {
  const IntegerSteps l(core);
  const double saturated_add = 3 * l.integer;
  const double mixed = l.pair_matrix(n_embd, n_embd) + l.narrow() + saturated_add;
  const double hidden = l.pair_matrix(n_embd, n_hidden) + l.narrow() + l.integer;
  const double last = l.pair_matrix(n_hidden, n_embd) + l.narrow() + saturated_add;
  return l.fixed_attention(position) + mixed + l.fixed_norm() + hidden + last +
         l.pair_matrix(n_embd, vocab_size) + l.fixed_draw();
}

// Steps 1 to 4 come before those.
double chain_of_q4_12_plain(int position, const CoreSpeed& core) {
  const IntegerSteps l(core);
  return 3 * l.integer + 2 * l.fixed_norm() + l.pair_matrix(n_embd, 3 * n_embd) + l.narrow() +
         chain_of_q4_12(position, core);
}

}  // namespace ladder
