// v1 and v2 on the device: a kernel an operation (inference/v1_launch_per_op.hpp), one after
// another or as a graph that was captured once.
#include <algorithm>
#include <memory>
#include <vector>

#include "08_hardware/cuda/device/check.cuh"
#include "08_hardware/cuda/device/engines.hpp"
#include "08_hardware/cuda/inference/v1_launch_per_op.hpp"

namespace ladder::gpu {
namespace {

template <class Op>
__global__ void operation(int threads, Op op) {
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (i < threads) op(i);
}

__global__ void nothing() {}

// Seconds of the host are not asked: what a launch costs the device's line of work is.
class GraphRun {
 public:
  GraphRun() = default;
  ~GraphRun() {
    if (run_ != nullptr) (void)cudaGraphExecDestroy(run_);
  }
  GraphRun(const GraphRun&) = delete;
  GraphRun& operator=(const GraphRun&) = delete;

  // Captures what f puts into the stream, which does not run it.
  template <class F>
  void capture(const Stream& stream, F&& f) {
    cudaGraph_t graph = nullptr;
    check(cudaStreamBeginCapture(stream.get(), cudaStreamCaptureModeThreadLocal),
          "cudaStreamBeginCapture");
    f();
    check(cudaStreamEndCapture(stream.get(), &graph), "cudaStreamEndCapture");
    const cudaError_t made = cudaGraphInstantiate(&run_, graph, 0);
    check(cudaGraphDestroy(graph), "cudaGraphDestroy");
    check(made, "cudaGraphInstantiate");
  }

  void launch(const Stream& stream) const {
    check(cudaGraphLaunch(run_, stream.get()), "cudaGraphLaunch");
  }

 private:
  cudaGraphExec_t run_ = nullptr;
};

class OpsEngine : public DeviceEngine {
 public:
  OpsEngine(const MicroGpt& model, bool graph) : graph_(graph), final_norm_(model.final_norm) {
    model_.upload(&model, 1);
    if (graph_) {
      run_.capture(stream_, [this] { enqueue(); });
    }
  }

  void forward(std::span<const Place> places, std::span<float> logits) override {
    run(places[0]);
    check(cudaMemcpy(logits.data(), between_.data()->logits, vocab_size * sizeof(float),
                     cudaMemcpyDeviceToHost),
          "logits");
  }

  double time_tokens(int steps) override {
    watch_.start(stream_.get());
    for (int i = 0; i < steps; ++i) (void)next_token();
    return watch_.stop(stream_.get());
  }

 protected:
  void prepare() override {
    Between start{};
    start.random = random_[0];
    start.scale = log2_of_e / temperature_;
    between_.upload(&start, 1);
  }

  void write(std::span<std::uint8_t> tokens) override {
    for (std::uint8_t& token : tokens) token = static_cast<std::uint8_t>(next_token());
  }

 private:
  int next_token() {
    run(places_[0]);
    places_[0] = next_place(places_[0], *drawn_);
    return *drawn_;
  }

  // A token: the place goes there, the drawn token comes back.
  void run(Place place) {
    *fed_ = place;
    if (graph_) {
      run_.launch(stream_);
    } else {
      enqueue();
    }
    stream_.wait();
  }

  void enqueue() {
    static_assert(sizeof(Place) == 2 * sizeof(int));
    Between* b = between_.data();
    check(cudaMemcpyAsync(&b->token, fed_.get(), sizeof(Place), cudaMemcpyHostToDevice,
                          stream_.get()),
          "feed");
    const auto launch = [this](int threads, const auto& op) {
      constexpr int block = 64;
      operation<<<(threads + block - 1) / block, block, 0, stream_.get()>>>(threads, op);
      check_launch("operation");
    };
    launch_token(launch, model_.data(), final_norm_, b);
    check(cudaMemcpyAsync(drawn_.get(), &b->drawn, sizeof(int), cudaMemcpyDeviceToHost,
                          stream_.get()),
          "drawn");
  }

  bool graph_, final_norm_;
  Stream stream_;
  DeviceArray<MicroGpt> model_;
  DeviceArray<Between> between_;
  PinnedValue<Place> fed_;
  PinnedValue<int> drawn_;
  GraphRun run_;
  DeviceStopwatch watch_;
};

// The median of many rounds of f, each of `count` launches.
template <class F>
double microseconds_each(const Stream& stream, int count, F&& f) {
  constexpr int rounds = 101;
  std::vector<double> seconds;
  DeviceStopwatch watch;
  for (int i = -10; i < rounds; ++i) {  // the first ones warm up
    watch.start(stream.get());
    for (int j = 0; j < count; ++j) f();
    const double once = watch.stop(stream.get()) / count;
    if (i >= 0) seconds.push_back(once);
  }
  std::sort(seconds.begin(), seconds.end());
  return 1e6 * seconds[rounds / 2];
}

}  // namespace

std::unique_ptr<DeviceEngine> make_ops(const MicroGpt& model, bool graph) {
  return std::make_unique<OpsEngine>(model, graph);
}

LaunchCosts measure_launches(bool final_norm) {
  const Stream stream;
  const auto empty = [&] {
    nothing<<<1, 64, 0, stream.get()>>>();
    check_launch("nothing");
  };
  LaunchCosts costs;
  costs.kernels = launches_a_token(final_norm);
  GraphRun graph;
  graph.capture(stream, [&] {
    for (int i = 0; i < costs.kernels; ++i) empty();
  });
  costs.kernel_us = microseconds_each(stream, 100, empty);
  costs.kernel_wait_us = microseconds_each(stream, 20, [&] {
    empty();
    stream.wait();
  });
  costs.graph_us = microseconds_each(stream, 20, [&] {
    graph.launch(stream);
    stream.wait();
  });
  return costs;
}

}  // namespace ladder::gpu
