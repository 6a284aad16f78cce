#include "08_hardware/cuda/emulated.hpp"

#include <cstdint>
#include <memory>
#include <type_traits>
#include <vector>

#include "08_hardware/cuda/inference/packed_weights.hpp"
#include "08_hardware/cuda/inference/v3_persistent_warp.hpp"
#include "08_hardware/cuda/inference/v4_one_stream_fast.hpp"
#include "08_hardware/cuda/inference/v5_many_streams.hpp"
#include "08_hardware/cuda/inference/v6_tensor_cores.hpp"
#include "08_hardware/cuda/warp/emulated_warp.hpp"

namespace ladder::gpu {
namespace {

// What all engines of warps have alike: where streams stand, and a job for all of them.
class WarpEngine : public Engine {
 public:
  explicit WarpEngine(int streams) : Engine(streams), states_(static_cast<std::size_t>(streams)) {}

  void forward(std::span<const Place> places, std::span<float> logits) override {
    for (std::size_t i = 0; i < states_.size(); ++i) {
      states_[i].token = places[i].token;
      states_[i].position = places[i].position;
    }
    run({.tokens = nullptr, .logits = logits.data(), .steps = 1, .streams = streams(), .scale = 1});
  }

 protected:
  void prepare() override {
    for (std::size_t i = 0; i < states_.size(); ++i) states_[i] = {bos_token, 0, random_[i]};
  }

  void write(std::span<std::uint8_t> tokens) override {
    run({.tokens = tokens.data(),
         .logits = nullptr,
         .steps = static_cast<int>(tokens.size()) / streams(),
         .streams = streams(),
         .scale = log2_of_e / temperature_});
  }

  virtual void run(const Job& job) = 0;

  std::vector<StreamState> states_;  // (streams)
};

class PersistentEngine : public WarpEngine {
 public:
  explicit PersistentEngine(const MicroGpt& model)
      : WarpEngine(1), shared_(std::make_unique<PersistentShared>()), past_(past_floats) {
    shared_->weights = ColumnWeights::of(model);
  }

 private:
  void run(const Job& job) override {
    EmulatedWarp warp;
    warp.watch(shared_.get(), sizeof *shared_);
    PersistentModel<EmulatedWarp> lanes(*shared_);
    write_names(warp, lanes, states_[0], past_.data(), 0, job);
  }

  std::unique_ptr<PersistentShared> shared_;
  std::vector<float> past_;
};

// v4 is one stream with weights in registers, v5 several, each a warp, with weights in memory.
template <template <class> class Weights, bool tables>
class LaneEngine : public WarpEngine {
 public:
  LaneEngine(const MicroGpt& model, int streams)
      : WarpEngine(streams),
        packed_(PackedWeights::of(model)),
        past_(static_cast<std::size_t>(streams) * past_floats) {
    if (tables) table_ = PlaceTable::of(model);
  }

  std::size_t precomputed_bytes() const override { return tables ? sizeof(PlaceTable) : 0; }

 private:
  void run(const Job& job) override {
    for (std::size_t i = 0; i < states_.size(); ++i) {
      EmulatedWarp warp;
      warp.watch(&packed_, sizeof packed_);
      Weights<EmulatedWarp> weights = weights_of<Weights<EmulatedWarp>>(warp);
      LaneModel<EmulatedWarp, Weights<EmulatedWarp>, tables> lanes(weights, packed_, table_.get());
      write_names(warp, lanes, states_[i], &past_[i * past_floats], static_cast<int>(i), job);
    }
  }

  template <class W>
  W weights_of(EmulatedWarp& warp) const {
    if constexpr (std::is_aggregate_v<W>) {
      return W{packed_};
    } else {
      return W(warp, packed_);
    }
  }

  PackedWeights packed_;
  std::unique_ptr<PlaceTable> table_;
  std::vector<float> past_;  // (streams, past_floats)
};

class TensorEngine : public WarpEngine {
 public:
  TensorEngine(const MicroGpt& model, int warps)
      : WarpEngine(warps * tensor_streams),
        weights_(std::make_unique<FragmentWeights>(FragmentWeights::of(model))),
        table_(PlaceTable::of(model)),
        kept_(states_.size() * block_size) {}

  std::size_t precomputed_bytes() const override { return sizeof(PlaceTable); }

 private:
  void run(const Job& job) override {
    for (std::size_t i = 0; i < states_.size(); i += tensor_streams) {
      TensorPast past{};
      EmulatedWarp warp;
      warp.watch(&past, sizeof past);
      TensorModel<EmulatedWarp> lanes(*weights_, *table_, past);
      write_sixteen(warp, lanes, past, &states_[i], &kept_[i * block_size], static_cast<int>(i),
                    job);
    }
  }

  std::unique_ptr<FragmentWeights> weights_;
  std::unique_ptr<PlaceTable> table_;
  std::vector<int> kept_;  // (streams, block_size)
};

EngineKind kind_of(const char* name, const char* idea, bool many, double error,
                   std::unique_ptr<Engine> (*make)(const MicroGpt&)) {
  return {.name = name,
          .precision = error > fp32_error ? "tf32" : "fp32",
          .idea = idea,
          .caches = false,
          .many_streams = many,
          .allowed_error = error,
          .make = make,
          .emulated = true};
}

template <class E, auto... arguments>
std::unique_ptr<Engine> make(const MicroGpt& model) {
  return std::make_unique<E>(model, arguments...);
}

}  // namespace

std::span<const EngineKind> emulated_engines() {
  static const std::vector<EngineKind> all = {
      kind_of("host_v1", "v1's operations, as loops", false, fp32_error,
              [](const MicroGpt& model) { return make_host_v1(model, false); }),
      kind_of("warp_v3", "v3 on an emulated warp", false, fp32_error, make<PersistentEngine>),
      kind_of("warp_v4", "v4 on an emulated warp", false, fp32_error,
              make<LaneEngine<RegisterWeights, false>, 1>),
      kind_of("warp_v4_tables", "the same, places looked up", false, fp32_error,
              make<LaneEngine<RegisterWeights, true>, 1>),
      kind_of("warp_v5", "v5 on three emulated warps", true, fp32_error,
              make<LaneEngine<MemoryWeights, false>, 3>),
      kind_of("warp_v6", "v6: sixteen streams a warp", true, tf32_error, make<TensorEngine, 1>)};
  return all;
}

}  // namespace ladder::gpu
