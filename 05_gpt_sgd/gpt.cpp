#include "05_gpt_sgd/gpt.hpp"

#include "04_mlp/layers.hpp"

namespace ladder {

Gpt::Gpt(const GptConfig& config, const Draw& draw)
    : wte("wte", config.vocab_size, config.n_embd),
      wpe("wpe", block_size, config.n_embd),
      lm_head("lm_head", config.vocab_size, config.n_embd),
      attn_wq("layer0.attn_wq", config.n_embd, config.n_embd),
      attn_wk("layer0.attn_wk", config.n_embd, config.n_embd),
      attn_wv("layer0.attn_wv", config.n_embd, config.n_embd),
      attn_wo("layer0.attn_wo", config.n_embd, config.n_embd),
      mlp_fc1("layer0.mlp_fc1", 4 * config.n_embd, config.n_embd),
      mlp_fc2("layer0.mlp_fc2", config.n_embd, 4 * config.n_embd),
      attn_norm("layer0.attn_norm", 1, config.n_embd),
      mlp_norm("layer0.mlp_norm", 1, config.n_embd),
      final_norm("final_norm", 1, config.n_embd),
      config_(config) {
  for (Parameter* parameter :
       {&wte, &wpe, &lm_head, &attn_wq, &attn_wk, &attn_wv, &attn_wo, &mlp_fc1, &mlp_fc2}) {
    for (double& number : parameter->value.reshaped<Eigen::RowMajor>()) number = draw();
  }
  for (Parameter* gain : {&attn_norm, &mlp_norm, &final_norm}) gain->value.setOnes();
}

Gpt::Gpt(const GptConfig& config, Random random)
    : Gpt(config, [&random] { return 0.08 * random.normal(); }) {}

std::vector<Parameter*> Gpt::parameters() {
  std::vector<Parameter*> all = {&wte,     &wpe,     &lm_head, &attn_wq, &attn_wk,
                                 &attn_wv, &attn_wo, &mlp_fc1, &mlp_fc2};
  if (config_.gains) all.insert(all.end(), {&attn_norm, &mlp_norm, &final_norm});
  return all;
}

Var Gpt::norm(Var x, Parameter& gain) {
  const Var normed = rmsnorm(x);
  return config_.gains ? scale_columns(normed, x.tape()->leaf(gain)) : normed;
}

Gpt::Forward Gpt::forward(MatrixTape& tape, const PackedNames& names) {
  // 1. A token's vector plus its position's.
  Var x = add(embedding(tape.leaf(wte), names.tokens),
              embedding(tape.leaf(wpe), names.positions));  // (P, 16)
  if (!config_.gains) x = rmsnorm(x);

  // 2. Attention: positions exchange what they know. The result is added to x.
  const Var h = norm(x, attn_norm);                                       // (P, 16)
  const Var q = linear(h, tape.leaf(attn_wq));                            // (P, 16)
  const Var k = linear(h, tape.leaf(attn_wk));                            // (P, 16)
  const Var v = linear(h, tape.leaf(attn_wv));                            // (P, 16)
  const Var attended = attention(q, k, v, names.starts, config_.n_head);  // (P, 16)
  x = add(linear(attended, tape.leaf(attn_wo)), x);                       // (P, 16)

  // 3. The MLP: each position thinks for itself. Again the result is added to x.
  const Var hidden = relu(linear(norm(x, mlp_norm), tape.leaf(mlp_fc1)));  // (P, 64)
  x = add(linear(hidden, tape.leaf(mlp_fc2)), x);                          // (P, 16)

  // 4. Logits of the next token.
  if (config_.gains) x = norm(x, final_norm);
  return {linear(x, tape.leaf(lm_head)), attended};  // (P, 27)
}

Var Gpt::loss(MatrixTape& tape, Batch names) {
  const PackedNames packed = pack_names(names, bos());
  return cross_entropy(forward(tape, packed).logits, packed.targets);
}

double Gpt::nll(const std::vector<Tokens>& names) {
  MatrixTape tape;
  return mean_nll(names, 512, [&](Batch batch) {
    tape.reset();
    const PackedNames packed = pack_names(batch, bos());
    const Var loss = cross_entropy(forward(tape, packed).logits, packed.targets);
    return BatchNll{loss.scalar(), packed.targets.size()};
  });
}

NextLogits Gpt::next_logits() {
  return [this, tape = std::make_shared<MatrixTape>()](std::span<const int> so_far) {
    const Tokens name(so_far.begin(), so_far.end());
    tape->reset();
    const Tokens* const batch[] = {&name};
    const MatrixMap logits = forward(*tape, pack_names(batch, bos())).logits.data();
    const auto last = logits.row(logits.rows() - 1);
    return std::vector<double>(last.begin(), last.end());
  };
}

PackedNames pack_names(Batch names, int bos) {
  PackedNames packed;
  for (const Tokens* name : names) {
    packed.starts.push_back(static_cast<int>(packed.tokens.size()));
    const int predictions = std::min(Gpt::block_size, static_cast<int>(name->size()) + 1);
    for (int t = 0; t < predictions; ++t) {
      const auto i = static_cast<std::size_t>(t);
      packed.tokens.push_back(t == 0 ? bos : (*name)[i - 1]);
      packed.positions.push_back(t);
      packed.targets.push_back(i < name->size() ? (*name)[i] : bos);
    }
  }
  packed.starts.push_back(static_cast<int>(packed.tokens.size()));
  return packed;
}

}  // namespace ladder
