// Four floats, as everywhere where there are no wider vectors; but only what the module needs, and
// once: the forward pass alone and the one before a backward pass are the same code.
#include "09_fast_training/wasm/kernels_simd128.hpp"

#include "09_fast_training/fast/pass.hpp"
#include "09_fast_training/fast/update.hpp"

namespace ladder {
namespace {

constexpr int width = 16;
constexpr Variant variant;

double run(const Pass<float>& given, bool backward) {
  Pass<float> pass = given;
  pass.gains = false;  // known to the compiler, which leaves their code out
  FastPass<float, width, variant> model(pass);
  model.forward();
  if (!backward) return model.cost<false>();
  const double nats = model.cost<true>();
  model.backward();
  return nats;
}

constexpr Kernels<float> kernels = {
    .workspace_size = [](const Pass<float>& pass) { return Workspace<float, width>(pass).size; },
    .forward = [](const Pass<float>& pass) { return run(pass, false); },
    .forward_backward = [](const Pass<float>& pass) { return run(pass, true); },
    .adam =
        [](float* parameters, const float* gradient, float* m, float* v, std::size_t size,
           const AdamStep& step) {
          adam_update<float, variant>(parameters, gradient, m, v, size, step);
        },
    .sgd = [](float* parameters, const float* gradient, std::size_t size,
              double lr) { sgd_update(parameters, gradient, size, lr); },
    .peak = nullptr};

}  // namespace

const Kernels<float>& simd128_float() { return kernels; }

}  // namespace ladder
