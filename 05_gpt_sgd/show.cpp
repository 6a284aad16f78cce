#include "05_gpt_sgd/show.hpp"

#include <fmt/format.h>

#include "common/terminal.hpp"

namespace ladder {

void print_attention(Gpt& gpt, const Tokenizer& tokenizer, const Tokens& name) {
  MatrixTape tape;
  const Tokens* const batch[] = {&name};
  const PackedNames packed = pack_names(batch, gpt.bos());
  const Var attended = gpt.forward(tape, packed).attended;

  std::vector<std::string> symbols;
  for (const int token : packed.tokens) symbols.push_back(tokenizer.symbol(token));
  fmt::print("\nattention over '{}': a row is a position, a column what it looks at\n",
             tokenizer.decode(name));
  for (int head = 0; head < gpt.config().n_head; ++head) {
    const Matrix weights = attention_weights(attended, 0, head);  // (T, T)
    const std::vector<double> values(weights.data(), weights.data() + weights.size());
    fmt::print("\n head {}\n{}", head + 1, heat_map(values, symbols, symbols, stdout_has_colour()));
  }
}

}  // namespace ladder
