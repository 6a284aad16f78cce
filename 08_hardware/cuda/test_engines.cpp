// Every version's program on the emulated warp: the kernels' own source.
#include <set>
#include <string>

#include "08_hardware/cuda/inference/v1_launch_per_op.hpp"
#include "08_hardware/cuda/lane_counts.hpp"
#include "08_hardware/cuda/test_kinds.hpp"

using namespace ladder;
using namespace ladder::gpu;

namespace {

const EngineKind& find(const std::string& name) { return find_engine(emulated_engines(), name); }

Tally whole_of(const TokenTallies& tallies) {
  Tally whole;
  for (const Tally& tally : tallies) whole += tally;
  return whole;
}

}  // namespace

TEST_CASE("cuda: every version is in the list, and says that it is emulated") {
  std::set<std::string> names;
  for (const EngineKind& kind : emulated_engines()) {
    names.emplace(kind.name);
    CHECK(kind.emulated);
  }
  CHECK(names == std::set<std::string>{"host_v1", "warp_v3", "warp_v4", "warp_v4_tables", "warp_v5",
                                       "warp_v6"});
}

TEST_CASE("cuda: every version has the golden logits on the emulated warp") {
  for (const EngineKind& kind : emulated_engines()) check_golden(kind);
}

TEST_CASE("cuda: every version runs any weights, with a final norm and without") {
  for (const EngineKind& kind : emulated_engines()) check_random_models(kind);
}

TEST_CASE("cuda: no softmax overflows, nor must a name begin with BOS") {
  for (const EngineKind& kind : emulated_engines()) check_wild_scores(kind);
}

TEST_CASE("cuda: every stream of every version writes the names of the CPU's loops") {
  for (const EngineKind& kind : emulated_engines()) check_names(kind, 600);
}

TEST_CASE("cuda: every version draws as the contract says at every temperature") {
  for (const EngineKind& kind : emulated_engines()) check_temperatures(kind);
}

TEST_CASE("cuda: every version goes on where its last launch ended") {
  for (const EngineKind& kind : emulated_engines()) check_pieces(kind);
}

TEST_CASE("cuda: the NLL of names is the reference's, of v6 but for 0.002 nats", "[nll]") {
  for (const EngineKind& kind : emulated_engines()) check_nll(kind, 150);
}

TEST_CASE("cuda: what threads of a v1 kernel compute depends on no order among them") {
  const MicroGpt model = random_model(6, 0.5f, true);
  const auto forwards = make_host_v1(model, false), backwards = make_host_v1(model, true);
  for (int position = 0; position < block_size; ++position) {
    CHECK(forwards->logits(position + 1, position) == backwards->logits(position + 1, position));
  }
  CHECK(written(*forwards, 200, 1, 1) == written(*backwards, 200, 1, 1));
}

TEST_CASE("cuda: v1's launches are counted, the final norm is one more") {
  int threads_of_all = 0;
  const auto between = std::make_unique<Between>();
  const auto model = std::make_unique<MicroGpt>();
  const auto launch = [&](int threads, const auto&) { threads_of_all += threads; };
  launch_token(launch, model.get(), true, between.get());
  CHECK(launches_a_token(false) == 18);
  CHECK(launches_a_token(true) == 19);
  // 12 kernels of 16 threads, three of 64 (hidden numbers twice, scores), 27 logits, a head each,
  // and the draw: 40 a kernel at most, of a chip that has tens of thousands.
  CHECK(threads_of_all ==
        13 * n_embd + 2 * n_hidden + n_head * block_size + vocab_size + n_head + 1);
}

TEST_CASE("cuda: streams of one launch differ, and so do those of two seeds") {
  for (const char* name : {"warp_v5", "warp_v6"}) {
    CAPTURE(name);
    const auto engine = find(name).make(random_model(5, 0.3f));
    const auto n = static_cast<std::size_t>(engine->streams());
    CHECK(n > 1);
    std::set<std::string> all;
    for (const std::uint64_t seed : {1u, 2u}) {
      const auto tokens = written(*engine, 30, seed, 1);
      for (std::size_t stream = 0; stream < n; ++stream) {
        std::string of_stream;
        for (std::size_t i = stream; i < tokens.size(); i += n) {
          of_stream += static_cast<char>('a' + tokens[i]);
        }
        all.insert(of_stream);
      }
    }
    CHECK(all.size() == 2 * n);
  }
}

TEST_CASE("cuda: no stream of v6 sees another one's past") {
  // Streams at different positions, and each with tokens of its own, in one forward pass.
  const MicroGpt model = random_model(4, 0.5f);
  const auto engine = find("warp_v6").make(model);
  const auto n = static_cast<std::size_t>(engine->streams());
  const auto alone = find("warp_v6").make(model);
  std::vector<Place> places(n);
  std::vector<float> logits(n * vocab_size);
  std::vector<std::vector<Place>> fed(n);
  for (std::size_t step = 0; step < 40; ++step) {
    for (std::size_t i = 0; i < n; ++i) {
      const bool begins =
          fed[i].empty() || fed[i].back().position + 1 >= 3 + static_cast<int>(i % 14);
      const int position = begins ? 0 : fed[i].back().position + 1;
      if (begins) fed[i].clear();
      places[i] = {static_cast<int>((step * 5 + i * 3) % vocab_size), position};
      fed[i].push_back(places[i]);
    }
    engine->forward(places, logits);
  }
  for (std::size_t i = 0; i < n; ++i) {
    Logits expected{};
    for (const Place& place : fed[i]) expected = alone->logits(place.token, place.position);
    for (std::size_t token = 0; token < vocab_size; ++token) {
      REQUIRE(std::abs(expected[token] - logits[i * vocab_size + token]) < 1e-5f);
    }
  }
}

TEST_CASE("cuda: lanes are counted: about half idle or copy in v3's products, few in v4's") {
  const MicroGpt model = shipped_model();
  const auto count = [&](const char* name) {
    const auto engine = find(name).make(model);
    return count_lanes(*engine, 100);
  };
  const auto v3 = count("warp_v3"), v4 = count("warp_v4"), tables = count("warp_v4_tables"),
             v5 = count("warp_v5");
  const auto matrices = static_cast<std::size_t>(Part::matrices);
  CHECK(v3[matrices].utilisation() < 0.8);
  CHECK(v4[matrices].utilisation() > 0.95);
  CHECK(whole_of(v4).instructions < 0.65 * static_cast<double>(whole_of(v3).instructions));
  CHECK(whole_of(v4).shuffles < 0.55 * static_cast<double>(whole_of(v3).shuffles));
  CHECK(whole_of(tables).instructions < whole_of(v4).instructions);
  // A token has 3,638 multiply-adds and more, and an instruction 32 at most.
  CHECK(whole_of(v4).lanes > 100 * 3638u);
  // v5 is three streams of v4's program, and reads its weights again each time.
  CHECK(whole_of(v5).shuffles == 3 * whole_of(v4).shuffles);
  CHECK(whole_of(v5).memory > 100 * whole_of(v4).memory / 10);
}

TEST_CASE("cuda: no two lanes of v3 or v5 want different words of one bank") {
  for (const char* name : {"warp_v3", "warp_v5"}) {
    CAPTURE(name);
    const auto engine = find(name).make(shipped_model());
    const Tally whole = whole_of(count_lanes(*engine, 100));
    CHECK(whole.wavefronts > 0);
    CHECK(whole.wavefronts <= whole.memory);
  }
}
