#include <map>

#include <catch2/catch_test_macros.hpp>

#include "09_fast_training/test_names.hpp"
#include "common/corpus.hpp"

using namespace ladder;

namespace {

// What a batch says, one line for each (beginning, next token), whatever its rows' order.
std::map<Tokens, int> counts_of(const PackedBatch& batch) {
  std::map<Tokens, int> counts;
  for (int n = 0; n < batch.rows(); ++n) {
    Tokens line;
    for (int row = n; row >= 0; row = batch.parents[static_cast<std::size_t>(row)]) {
      line.insert(line.begin(), batch.tokens[static_cast<std::size_t>(row)]);
    }
    for (const Target& target : batch.targets_of(n)) {
      line.push_back(target.token);
      counts[line] += target.count;
      line.pop_back();
    }
  }
  return counts;
}

// A row's parent is the last one before it that stands a position earlier.
void check_order(const PackedBatch& batch) {
  int pairs = 0;
  std::vector<int> latest(16, -1);
  for (int n = 0; n < batch.rows(); ++n) {
    const auto row = static_cast<std::size_t>(n);
    const int position = batch.positions[row];
    REQUIRE(position >= 0);
    REQUIRE(position < 16);
    CHECK(batch.parents[row] ==
          (position == 0 ? -1 : latest[static_cast<std::size_t>(position) - 1]));
    latest[static_cast<std::size_t>(position)] = n;
    pairs += position + 1;
  }
  CHECK(batch.pairs() == pairs);
}

}  // namespace

TEST_CASE("packed names are what stage 05 packs, and no row more") {
  const PackedBatch batch = packed(ragged_names);
  const PackedNames expected = pack_names(pointers_to(ragged_names), 26);
  CHECK(batch.tokens == expected.tokens);
  CHECK(batch.positions == expected.positions);
  for (int n = 0; n < batch.rows(); ++n) {
    REQUIRE(batch.targets_of(n).size() == 1);
    CHECK(batch.targets_of(n)[0].token == expected.targets[static_cast<std::size_t>(n)]);
    CHECK(batch.targets_of(n)[0].count == 1);
  }
  CHECK(batch.predictions() == batch.rows());
  check_order(batch);
}

TEST_CASE("a padded batch has sixteen rows a name, and predicts no more for it") {
  const PackedBatch batch = packed(ragged_names, 26, Packing::padded);
  CHECK(batch.rows() == 16 * std::ssize(ragged_names));
  CHECK(batch.predictions() == packed(ragged_names).predictions());
  CHECK(counts_of(batch) == counts_of(packed(ragged_names)));
  check_order(batch);
}

TEST_CASE("a merged batch has each beginning once, and counts what follows it") {
  const PackedBatch batch = packed(ragged_names, 26, Packing::merged);
  CHECK(counts_of(batch) == counts_of(packed(ragged_names)));
  CHECK(batch.predictions() == packed(ragged_names).predictions());
  check_order(batch);
  const auto counts = counts_of(batch);
  CHECK(counts.at({26, 4, 12, 12, 0, 26}) == 2);
  CHECK(counts.at({26, 4}) == 4);
  // As many rows as different beginnings, and each pair of row and target once.
  std::map<Tokens, int> beginnings;
  for (const auto& [line, count] : counts) ++beginnings[Tokens(line.begin(), line.end() - 1)];
  CHECK(batch.rows() == std::ssize(beginnings));
  CHECK(batch.targets.size() == counts.size());
}

TEST_CASE("names that fill the block, and longer ones, lose what does not fit, in every packing") {
  Tokens fifteen(15, 1), sixteen(16, 1), seventeen(17, 1);
  seventeen[15] = 2;
  const std::vector<Tokens> names = {fifteen, sixteen, seventeen};
  const PackedNames expected = pack_names(pointers_to(names), 26);
  CHECK(packed(names).rows() == std::ssize(expected.tokens));
  const PackedBatch merged = packed(names, 26, Packing::merged);
  CHECK(merged.rows() == 16);
  CHECK(counts_of(merged) == counts_of(packed(names)));
}

TEST_CASE("a batch is packed anew each time") {
  PackedBatch batch = packed(ragged_names, 26, Packing::merged);
  batch.pack(pointers_to({{3, 1}}), 26);
  CHECK(batch.tokens == std::vector<int>{26, 3, 1});
  CHECK(batch.predictions() == 3);
  CHECK(batch.first_target == std::vector<int>{0, 1, 2, 3});
}

TEST_CASE("the whole corpus: 228,146 rows are 59,184 different beginnings") {
  const Corpus corpus = load_corpus();
  if (!corpus.is_canonical()) SKIP("needs the canonical names.txt; set MICROGPT_NAMES to it");
  const std::vector<Tokens> names = Tokenizer::canonical().encode_all(corpus.rows);
  CHECK(packed(names).rows() == 228'146);
  const PackedBatch merged = packed(names, 26, Packing::merged);
  CHECK(merged.rows() == 59'184);
  CHECK(merged.predictions() == 228'146);
}
