#include "04_mlp/mlp.hpp"

#include <algorithm>
#include <cmath>

namespace ladder {

Mlp::Mlp(int vocab_size, Random random)
    : wte("wte", vocab_size, n_embd),
      hidden_w("hidden_w", n_hidden, context_size * n_embd),
      hidden_b("hidden_b", 1, n_hidden),
      output_w("output_w", vocab_size, n_hidden),
      output_b("output_b", 1, vocab_size) {
  // 1/√fan_in keeps the spread of a sum what its terms had; 5/3 makes up for what tanh flattens.
  fill_normal(wte, 1, random);
  fill_normal(hidden_w, (5.0 / 3) / std::sqrt(context_size * n_embd), random);
  fill_normal(output_w, 0.1, random);
}

Var Mlp::logits(MatrixTape& tape, std::span<const int> contexts) {
  const Var x = embedding(tape.leaf(wte), contexts, context_size);                 // (n, 30)
  const Var sums = add_bias(linear(x, tape.leaf(hidden_w)), tape.leaf(hidden_b));  // (n, 64)
  const Var hidden = tanh(sums);                                                   // (n, 64)
  return add_bias(linear(hidden, tape.leaf(output_w)), tape.leaf(output_b));       // (n, 27)
}

Tokens context_after(std::span<const int> so_far, int bos) {
  Tokens context(Mlp::context_size, bos);
  const std::size_t known = std::min<std::size_t>(so_far.size(), Mlp::context_size);
  std::copy(so_far.end() - static_cast<std::ptrdiff_t>(known), so_far.end(),
            context.end() - static_cast<std::ptrdiff_t>(known));
  return context;
}

std::vector<Tokens> make_examples(const std::vector<Tokens>& names, int bos) {
  std::vector<Tokens> examples;
  examples.reserve(count_predictions(names));
  for (const Tokens& name : names) {
    for (std::size_t i = 0; i <= name.size(); ++i) {
      Tokens example = context_after(std::span(name).first(i), bos);
      example.push_back(i < name.size() ? name[i] : bos);
      examples.push_back(std::move(example));
    }
  }
  return examples;
}

Var mlp_loss(Mlp& mlp, MatrixTape& tape, std::span<const Tokens* const> examples) {
  Tokens contexts, targets;
  for (const Tokens* example : examples) {
    contexts.insert(contexts.end(), example->begin(), example->end() - 1);
    targets.push_back(example->back());
  }
  return cross_entropy(mlp.logits(tape, contexts), targets);
}

double mlp_nll(Mlp& mlp, const std::vector<Tokens>& examples) {
  MatrixTape tape;
  return mean_nll(examples, 4096, [&](std::span<const Tokens* const> batch) {
    tape.reset();
    return BatchNll{mlp_loss(mlp, tape, batch).scalar(), batch.size()};
  });
}

}  // namespace ladder
