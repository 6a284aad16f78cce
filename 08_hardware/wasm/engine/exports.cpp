#include "08_hardware/wasm/engine/exports.hpp"

#include <algorithm>
#include <cmath>

#include "07_fast_inference/judge/reference.hpp"
#include "07_fast_inference/many_streams/integer_model.hpp"
#include "07_fast_inference/model/gains.hpp"
#include "07_fast_inference/one_stream/one_stream_engines.hpp"
#include "07_fast_inference/one_stream/widths.hpp"

namespace ladder {
inline namespace LADDER_WIDTH {
std::unique_ptr<Engine> tables_of_width(const MicroGpt& model);   ///< make_tables() in four lanes
std::unique_ptr<Engine> streams_of_width(const MicroGpt& model);  ///< make_streams() likewise
}  // namespace LADDER_WIDTH
}  // namespace ladder

// The one model of a module, and its engines.
namespace {

using namespace ladder;

std::unique_ptr<Engine> make_int8(const MicroGpt& model) {
  return std::make_unique<IntegerEngine>(model, 8, wasm_kernel());
}

struct Kind {
  const char* name;
  EngineMaker make;
};

const Kind kinds[] = {{"one", tables_of_width},
                      {"streams", streams_of_width},
                      {"int8", make_int8},
                      {"loops", make_loops}};
constexpr std::size_t kinds_there_are = std::size(kinds);

constexpr std::size_t weights_there_are = offsetof(MicroGpt, final_norm) / sizeof(float);

struct State {
  MicroGpt model;
  std::unique_ptr<Engine> engines[kinds_there_are];  // each made when it is asked for
  Engine* writer;
  std::unique_ptr<Reference> reference;
  float numbers[weights_there_are + 3 * n_embd];
  std::uint8_t letters[block_size];
  Logits logits;
  float attention[n_head][block_size];
  std::vector<std::uint8_t> tokens;  // of a call of run()
};

// (Never taken down: a module has no end.)
State& state() {
  static State* const only = new State;
  return *only;
}

Engine& engine(int kind) {
  std::unique_ptr<Engine>& made = state().engines[kind];
  if (!made) made = kinds[kind].make(state().model);
  return *made;
}

}  // namespace

float* numbers() { return state().numbers; }
std::size_t weight_count() { return weights_there_are; }

int load(int gains) {
  const std::span<const float> all(state().numbers);
  MicroGpt model;
  std::copy_n(all.data(), weights_there_are, model.wte[0]);
  model.final_norm = gains != 0;
  bool finite = std::all_of(all.begin(), all.begin() + weights_there_are,
                            [](float value) { return std::isfinite(value); });
  if (gains != 0) {
    const auto gain = [&](std::size_t i) {
      return all.subspan(weights_there_are + i * n_embd).first<n_embd>();
    };
    for (auto* matrix : {&model.attn_wq, &model.attn_wk, &model.attn_wv}) {
      finite = fold_gain(gain(0), *matrix) && finite;
    }
    finite = fold_gain(gain(1), model.mlp_fc1) && finite;
    finite = fold_gain(gain(2), model.lm_head) && finite;
  }
  if (!finite) return 0;
  for (auto& made : state().engines) made = nullptr;
  state().writer = nullptr;
  state().model = model;
  state().reference = std::make_unique<Reference>(model);
  return 1;
}

int relaxed() {
#ifdef __wasm_relaxed_simd__
  return 1;
#else
  return 0;
#endif
}

int kind_count() { return kinds_there_are; }
const char* kind_name(int kind) { return kinds[kind].name; }
int streams(int kind) { return engine(kind).streams(); }

std::uint8_t* letters() { return state().letters; }

void next(int kind, int count) {
  for (int position = 0; position <= count; ++position) {
    const int token = position == 0 ? bos_token : state().letters[position - 1];
    state().logits = engine(kind).logits(token, position);
    state().reference->logits(token, position);
  }
  for (int head = 0; head < n_head; ++head) {
    const auto& weights = state().reference->attention()[static_cast<std::size_t>(head)];
    std::copy(weights.begin(), weights.end(), state().attention[head]);
  }
}

const float* logits() { return state().logits.data(); }
const float* attention() { return state().attention[0]; }

void start(int kind, std::uint64_t seed, float temperature, int count) {
  const std::vector<int> beginning(state().letters, state().letters + count);
  state().writer = &engine(kind);
  state().writer->start(seed, temperature, 0, beginning);
  state().tokens.assign(static_cast<std::size_t>(state().writer->streams()), 0);
}

int name() {
  int length = 0;
  while (length < block_size) {
    state().writer->generate(state().tokens);
    if (state().tokens[0] == bos_token) break;
    state().letters[length++] = state().tokens[0];
  }
  return length;
}

int run(int tokens) {
  constexpr std::size_t steps = 256;
  state().tokens.resize(steps * static_cast<std::size_t>(state().writer->streams()));
  int written = 0;
  for (; written < tokens; written += static_cast<int>(state().tokens.size())) {
    state().writer->generate(state().tokens);
  }
  return written;
}
