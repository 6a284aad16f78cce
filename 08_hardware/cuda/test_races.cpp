// Two lanes that meet in shared memory without a barrier between them: the emulated warp reports
// it, of planted mistakes and of the very programs when one of their barriers is left out.
#include <memory>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "08_hardware/cuda/inference/v3_persistent_warp.hpp"
#include "08_hardware/cuda/inference/v6_tensor_cores.hpp"
#include "08_hardware/cuda/test_lanes.hpp"

using namespace ladder;
using namespace ladder::gpu;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace {

// Shared memory of 64 words, watched.
struct Watched {
  Watched() { warp.watch(words.data(), words.size() * sizeof(float)); }
  EmulatedWarp warp;
  std::vector<float> words = std::vector<float>(64);
};

// A warp that leaves out one of its barriers, counted from 0.
class Hasty : public EmulatedWarp {
 public:
  void sync() {
    if (count_++ != left_out) EmulatedWarp::sync();
  }
  int left_out = -1;
  int barriers() const { return count_; }

 private:
  int count_ = 0;
};

// Two names and more of v3. \returns how many barriers there were
int run_v3(int left_out) {
  const auto shared = std::make_unique<PersistentShared>();
  shared->weights = ColumnWeights::of(random_model(5, 0.3f));
  Hasty warp;
  warp.left_out = left_out;
  warp.watch(shared.get(), sizeof *shared);
  PersistentModel<Hasty> model(*shared);
  StreamState state{bos_token, 0, 7};
  std::vector<float> past(past_floats);
  std::vector<std::uint8_t> tokens(20);
  write_names(warp, model, state, past.data(), 0, {.tokens = tokens.data(), .steps = 20});
  return warp.barriers();
}

// The same of v6.
int run_v6(int left_out) {
  const MicroGpt model = random_model(5, 0.3f);
  const auto weights = std::make_unique<FragmentWeights>(FragmentWeights::of(model));
  const auto table = PlaceTable::of(model);
  TensorPast past{};
  Hasty warp;
  warp.left_out = left_out;
  warp.watch(&past, sizeof past);
  TensorModel<Hasty> lanes(*weights, *table, past);
  std::vector<StreamState> states(tensor_streams);
  for (std::size_t i = 0; i < states.size(); ++i) {
    states[i].random = static_cast<std::uint32_t>(i) + 1;
  }
  std::vector<int> kept(tensor_streams * block_size);
  std::vector<std::uint8_t> tokens(20 * tensor_streams);
  write_sixteen(warp, lanes, past, states.data(), kept.data(), 0,
                {.tokens = tokens.data(), .steps = 20, .streams = tensor_streams});
  return warp.barriers();
}

bool races(int (*run)(int left_out), int left_out) {
  try {
    run(left_out);
  } catch (const std::logic_error&) {
    return true;
  }
  return false;
}

}  // namespace

TEST_CASE("cuda: two lanes that write one word are reported, with or without other writes") {
  Watched w;
  CHECK_THROWS_MATCHES(w.warp.store(w.words.data(), w.warp.lane() & 15, Lanes<float>(1.0f)),
                       std::logic_error, MessageMatches(ContainsSubstring("lanes 16 and 0")));
  Watched two;
  two.warp.once([&] { two.warp.store(two.words.data(), Lanes<int>(9), Lanes<float>(1.0f)); });
  const auto last = two.warp.lane() == 31;
  CHECK_THROWS_AS(
      two.warp.when(last,
                    [&] { two.warp.store(two.words.data(), Lanes<int>(9), Lanes<float>(1.0f)); }),
      std::logic_error);
}

TEST_CASE("cuda: a lane that reads what another wrote before a barrier is reported") {
  Watched w;
  w.warp.store(w.words.data(), w.warp.lane(), w.warp.lane().lane[0] + Lanes<float>(1.0f));
  CHECK_THROWS_MATCHES(w.warp.load(w.words.data(), Lanes<int>(31) - w.warp.lane()),
                       std::logic_error, MessageMatches(ContainsSubstring("no barrier")));
}

TEST_CASE("cuda: a lane that writes what another read before a barrier is reported") {
  Watched w;
  w.warp.load(w.words.data(), Lanes<int>(3));
  CHECK_THROWS_AS(
      w.warp.once([&] { w.warp.store(w.words.data(), Lanes<int>(3), Lanes<float>(1.0f)); }),
      std::logic_error);
}

TEST_CASE("cuda: a barrier between them, or a lane's own word, is no race") {
  Watched w;
  const auto lane = w.warp.lane();
  for (int round = 0; round < 3; ++round) {
    w.warp.store(w.words.data(), lane, Lanes<float>(1.0f));
    w.warp.load(w.words.data(), lane);  // its own
    w.warp.store(w.words.data(), lane, Lanes<float>(2.0f));
    w.warp.sync();
    w.warp.load(w.words.data(), Lanes<int>(31) - lane);
    w.warp.load(w.words.data(), Lanes<int>(5));  // all read one word
    w.warp.sync();
  }
  CHECK(w.words[31] == 2.0f);
}

TEST_CASE("cuda: a lane that leaves the shared memory is reported, one beside it is not watched") {
  Watched w;
  CHECK_THROWS_MATCHES(w.warp.load(w.words.data(), w.warp.lane() + 40), std::logic_error,
                       MessageMatches(ContainsSubstring("leaves the shared memory")));
  std::vector<float> elsewhere(4);
  w.warp.store(elsewhere.data(), w.warp.lane() & 3, Lanes<float>(1.0f));
  CHECK(elsewhere[3] == 1.0f);
}

TEST_CASE("cuda: v3 has the barriers it needs, and none to spare") {
  const int barriers = run_v3(-1);
  // One when the past is there, two a token, and one at the end, before the state is written.
  REQUIRE(barriers == 1 + 2 * 20 + 1);
  int before_store = 0, behind_store = 0;
  for (int i = 1; i < barriers - 1; ++i) {
    if (races(run_v3, i)) ++(i % 2 == 1 ? before_store : behind_store);
  }
  CHECK(before_store >= 1);  // a new name writes where lanes may still read the last one
  CHECK(behind_store == 20);
}

TEST_CASE("cuda: v6 has the barriers it needs, and none to spare") {
  const int barriers = run_v6(-1);
  REQUIRE(barriers == 3 * 20 + 1);  // three a token, and one at the end
  int needed[3] = {};
  for (int i = 0; i < barriers - 1; ++i) needed[i % 3] += races(run_v6, i);
  CHECK(needed[0] >= 1);  // a token is stored where lanes may still read the last name's
  CHECK(needed[1] == 20);
  CHECK(needed[2] == 20);
}
