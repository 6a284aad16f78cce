#include <algorithm>
#include <map>
#include <set>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "common/corpus.hpp"
#include "common/dataset.hpp"
#include "common/error.hpp"
#include "common/test_support.hpp"

using namespace ladder;
using Catch::Matchers::ContainsSubstring;

namespace {

std::vector<Tokens> numbered(int count) {
  std::vector<Tokens> names;
  for (int i = 0; i < count; ++i) names.push_back({i / 7, i % 7});
  return names;
}

using NameSet = std::multiset<Tokens>;

NameSet all_of(const Dataset& dataset) {
  NameSet names(dataset.train.begin(), dataset.train.end());
  names.insert(dataset.held_out.begin(), dataset.held_out.end());
  return names;
}

}  // namespace

TEST_CASE("the corpus protocol keeps every row, duplicates too, in order") {
  const std::vector<Tokens> names = {{2}, {1}, {2}, {}};
  const Dataset dataset = whole_corpus(names);
  CHECK(dataset.train == names);
  CHECK(dataset.held_out.empty());
}

TEST_CASE("held out: each different name once, 90/10, nothing on both sides, nothing lost") {
  for (const int count : {10, 11, 19, 20, 99, 1000}) {
    CAPTURE(count);
    const std::vector<Tokens> names = numbered(count);
    std::vector<Tokens> with_duplicates = names;
    with_duplicates.insert(with_duplicates.end(), names.begin(), names.begin() + 5);
    const Dataset dataset = split_held_out(with_duplicates, 42);
    CHECK(dataset.train.size() == static_cast<std::size_t>(count * 9 / 10));
    CHECK(all_of(dataset) == NameSet(names.begin(), names.end()));
  }
}

TEST_CASE("the split follows from the seed and the names, not from their order") {
  std::vector<Tokens> names = numbered(200);
  const Dataset dataset = split_held_out(names, 1);
  CHECK(split_held_out(names, 1).held_out == dataset.held_out);
  CHECK(split_held_out(names, 2).held_out != dataset.held_out);
  std::reverse(names.begin(), names.end());
  CHECK(split_held_out(names, 1).train == dataset.train);
  // Shuffled: not the last names of the alphabet.
  CHECK_FALSE(std::is_sorted(dataset.train.begin(), dataset.train.end()));
  CHECK(*std::min_element(dataset.held_out.begin(), dataset.held_out.end()) < names[100]);
}

TEST_CASE("held out on the built-in corpus: 26,657 names to learn from, 2,962 to be examined on") {
  const Corpus corpus = builtin_corpus();
  const Dataset dataset = split_held_out(Tokenizer(corpus.rows).encode_all(corpus.rows), 42);
  CHECK(dataset.train.size() == 26'657);
  CHECK(dataset.held_out.size() == 2'962);
  const NameSet names = all_of(dataset);
  CHECK(std::set<Tokens>(names.begin(), names.end()).size() == 29'619);
}

TEST_CASE("nine different names are too few to split") {
  std::vector<Tokens> names = numbered(9);
  names.push_back(names[0]);
  CHECK_THAT(message_of<Error>([&] { split_held_out(names, 1); }),
             ContainsSubstring("9 different"));
  CHECK_THROWS_AS(split_held_out({}, 1), Error);
}

TEST_CASE("a name of n letters is n + 1 predictions") {
  CHECK(count_predictions({}) == 0);
  CHECK(count_predictions({{1, 2, 3}, {}, {4}}) == 7);
}

TEST_CASE("an epoch has every name once, whatever the size of a batch") {
  const std::vector<Tokens> names = numbered(35);
  for (const std::size_t batch_size : {1u, 4u, 35u, 36u, 100u}) {
    CAPTURE(batch_size);
    Batches batches(names, batch_size, 3);
    std::vector<const Tokens*> stream;
    while (stream.size() < 10 * names.size()) {
      const auto& batch = batches.next();
      REQUIRE(batch.size() == batch_size);
      stream.insert(stream.end(), batch.begin(), batch.end());
    }
    std::set<std::vector<const Tokens*>> orders;
    for (std::size_t epoch = 0; epoch < 10; ++epoch) {
      const auto begin = stream.begin() + static_cast<std::ptrdiff_t>(epoch * names.size());
      const std::vector<const Tokens*> order(begin, begin + std::ssize(names));
      CHECK(std::set(order.begin(), order.end()).size() == names.size());
      orders.insert(order);
    }
    CHECK(orders.size() == 10);  // every epoch in an order of its own
  }
}

TEST_CASE("each epoch is shuffled anew, not by the same permutation again") {
  const std::vector<Tokens> names = numbered(20);
  Batches epochs(names, names.size(), 3);  // a batch is an epoch
  std::set<std::vector<std::ptrdiff_t>> permutations;
  auto before = epochs.next();
  for (int epoch = 0; epoch < 10; ++epoch) {
    const auto after = epochs.next();
    std::vector<std::ptrdiff_t> moved;
    for (const Tokens* name : after) {
      moved.push_back(std::find(before.begin(), before.end(), name) - before.begin());
    }
    permutations.insert(moved);
    before = after;
  }
  CHECK(permutations.size() == 10);
}

TEST_CASE("batches point into the names they were given, the same for the same seed") {
  const std::vector<Tokens> names = numbered(50);
  Batches first(names, 8, 5), again(names, 8, 5), other(names, 8, 6);
  bool differs = false;
  for (int i = 0; i < 20; ++i) {
    const auto batch = first.next();
    CHECK(batch == again.next());
    differs = differs || batch != other.next();
    for (const Tokens* name : batch) {
      CHECK((name >= names.data() && name < names.data() + names.size()));
    }
  }
  CHECK(differs);
}

TEST_CASE("batches of nothing are refused") {
  CHECK_THROWS_AS(Batches({}, 4, 1), Error);
  CHECK_THROWS_AS(Batches(numbered(4), 0, 1), Error);
}
