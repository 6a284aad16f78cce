#include "07_fast_inference/judge/judge.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "07_fast_inference/judge/names.hpp"
#include "07_fast_inference/judge/reference.hpp"
#include "common/corpus.hpp"
#include "common/error.hpp"
#include "common/terminal.hpp"

namespace ladder {
namespace {

// (Under an emulator a name takes up to a thousand times as long.)
constexpr std::size_t compared_names = 10'000, compared_if_emulated = 500, read_names = 500;

// The first names of the built-in corpus that this model can read to their end.
std::vector<Tokens> test_names() {
  std::vector<Tokens> names;
  const Tokenizer tokenizer = Tokenizer::canonical();
  for (const std::string& row : builtin_corpus().rows) {
    if (names.size() == read_names) break;
    if (row.size() < block_size) names.push_back(tokenizer.encode(row));
  }
  return names;
}

std::size_t count_differing(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  const std::size_t both = std::min(a.size(), b.size());
  std::size_t differing = std::max(a.size(), b.size()) - both;
  for (std::size_t i = 0; i < both; ++i) differing += a[i] != b[i];
  return differing;
}

std::vector<std::string> first_names(std::span<const std::uint8_t> tokens, int count) {
  std::vector<std::string> names;
  for (const Tokens& name : names_of(tokens)) {
    if (std::ssize(names) == count) break;
    names.push_back(Tokenizer::canonical().decode(name));
  }
  return names;
}

}  // namespace

void judge_engines(std::span<const EngineKind* const> kinds, const MicroGpt& model, bool shipped,
                   const Questions& questions) {
  ReferenceEngine plain(model);
  const auto expected = write_tokens(plain, questions, compared_names);
  fmt::print("judged by {}, and by the names that plain loops in double\nprecision write: ",
             shipped ? "the golden logits" : "their logits");
  fmt::print("{} names from seed {}, {} tokens\n", with_commas(compared_names), questions.seed,
             with_commas(expected.size()));
  fmt::print("\n{:<14} {:>10} {:>17}  names\n", "engine", "max error", "differing tokens");
  const auto names = shipped ? std::vector<Tokens>() : test_names();
  for (const EngineKind* kind : kinds) {
    if (!kind->runs(model)) {
      fmt::print("{:<14} {:>10} {:>17}  {}\n", kind->name, "-", "-", microgpt_only_problem);
      continue;
    }
    const auto engine = kind->make(model);
    const double error =
        shipped ? largest_golden_error(*engine) : largest_error(*engine, model, names);
    const std::size_t count = kind->emulated ? compared_if_emulated : compared_names;
    const auto tokens = write_tokens(*engine, questions, count);
    std::string differing;
    if (kind->emulated) {
      const auto few = write_tokens(plain, questions, count);
      differing = fmt::format("{} of {}", with_commas(count_differing(tokens, few)),
                              with_commas(few.size()));
    } else {
      differing = with_commas(count_differing(tokens, expected));
    }
    fmt::print("{:<14} {:>10.1e} {:>17}  {}\n", kind->name, error, differing,
               fitting_names(first_names(tokens, questions.samples), 35));
    if (!(error < kind->allowed_error)) {
      throw Error(fmt::format("{} is off by {:.1e}, and {:.0e} is allowed", kind->name, error,
                              kind->allowed_error));
    }
  }
}

}  // namespace ladder
