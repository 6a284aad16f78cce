#include "09_fast_training/wasm/exports.hpp"

#include "09_fast_training/wasm/kernels_simd128.hpp"
#include "09_fast_training/wasm/session.hpp"

// The one session of a module; it is never taken down.
namespace {

using ladder::NamedTensor;

constexpr int most_steps = 1024;

struct State {
  ladder::Session session{ladder::simd128_float()};
  ladder::AlignedArray<unsigned char> input;
  ladder::Xorshift32 random{0};
  ladder::Tokens drawn;
  std::vector<NamedTensor> tensors;
  double losses[most_steps];
  bool diverged = false;
};

State& state() {
  static State* const only = new State;
  return *only;
}

ladder::Session& session() { return state().session; }

ladder::Pace pace_of(double lr, int batch, int steps, int merge) {
  return {.lr = lr,
          .batch_size = batch < 0 ? 0 : static_cast<std::size_t>(batch),
          .steps = steps,
          .merge = merge != 0};
}

std::string_view given(std::size_t size) {
  return {reinterpret_cast<const char*>(state().input.data()), size};
}

}  // namespace

unsigned char* input(std::size_t size) {
  if (size > ladder::max_word_list_bytes) return nullptr;
  // Grown, or given back if a large file was in it.
  if (size > state().input.size() || state().input.size() > size + 65536) {
    state().input = ladder::AlignedArray<unsigned char>();
    state().input = ladder::AlignedArray<unsigned char>(size);
  }
  return state().input.data();
}

const char* error() { return session().error(); }

int set_names(std::size_t size) {
  const bool taken = session().set_names(given(size));
  if (taken) state().tensors.clear();
  return taken;
}

const char32_t* letters() { return session().words().letters.data(); }
std::size_t letter_count() { return session().words().letters.size(); }
std::size_t train_count() { return session().dataset().train.size(); }
std::size_t held_out_count() { return session().dataset().held_out.size(); }
std::size_t too_long_count() { return session().words().too_long; }

int restart(std::uint64_t seed, double lr, int batch, int steps, int merge, double beta1,
            double beta2) {
  if (!session().restart(seed, pace_of(lr, batch, steps, merge),
                         {.beta1 = beta1, .beta2 = beta2})) {
    return 0;
  }
  state().diverged = false;
  state().tensors = ladder::named_tensors(session().model().shape());
  return 1;
}

int set_pace(double lr, int batch, int steps, int merge) {
  return session().set_pace(pace_of(lr, batch, steps, merge));
}

int step(int count) {
  int made = 0;
  while (made < count && made < most_steps && !state().diverged) {
    const ladder::StepResult result = session().step();
    if (result == ladder::StepResult::finished) break;
    state().losses[made++] = session().loss();
    state().diverged = result == ladder::StepResult::diverged;
  }
  return made;
}

const double* losses() { return state().losses; }
int diverged() { return state().diverged; }
int steps_made() { return static_cast<int>(session().steps()); }
double first_loss() { return session().first_loss(); }
double held_out_nll() { return session().running() ? session().held_out_nll() : 0; }

void sample_seed(std::uint64_t seed) { state().random = ladder::Xorshift32(seed); }

int sample(double temperature, std::size_t start) {
  ladder::Tokens& name = state().drawn;
  const std::string_view beginning = given(start);
  name.clear();
  for (const char letter : beginning) name.push_back(static_cast<unsigned char>(letter));
  if (!session().sample(temperature, state().random, name)) return -1;
  return static_cast<int>(name.size());
}

const int* drawn() { return state().drawn.data(); }

std::size_t tensor_count() { return state().tensors.size(); }
const char* tensor_name(std::size_t tensor) { return state().tensors[tensor].name.c_str(); }
std::size_t tensor_offset(std::size_t tensor) { return state().tensors[tensor].offset; }
std::size_t tensor_rows(std::size_t tensor) { return state().tensors[tensor].rows; }
std::size_t tensor_columns(std::size_t tensor) { return state().tensors[tensor].columns; }
std::size_t parameter_count() {
  return session().running() ? ladder::TensorOffsets(session().model().shape()).size : 0;
}

const float* numbers(int kind) {
  if (!session().running()) return nullptr;
  ladder::FastModel<float>& model = session().model();
  switch (kind) {
    case 0:
      return model.parameters().data();
    case 1:
      return model.gradient().data();
    case 2:
      return model.mean().data();
    case 3:
      return model.square().data();
    default:
      return nullptr;
  }
}

int set_weights(std::size_t count) {
  const auto* const weights = reinterpret_cast<const float*>(state().input.data());
  if (!session().set_weights(weights, count)) return 0;
  state().diverged = false;
  return 1;
}
