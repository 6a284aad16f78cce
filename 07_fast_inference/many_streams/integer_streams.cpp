// Integers where they pay: matrices of 16-bit or 8-bit weights, many streams in the lanes of a
// vector. The instructions that multiply them are not the same on any two kinds of machine, so the
// kernel is chosen when the program runs. Here is the one that runs everywhere.
#include <algorithm>
#include <cmath>

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

#include "07_fast_inference/many_streams/integer_model.hpp"
#include "07_fast_inference/many_streams/many_streams_engines.hpp"
#include "07_fast_inference/one_stream/widths.hpp"

namespace ladder {
namespace {

// Output i of W x, with its bias.
template <int outs, int words, std::size_t columns>
int dot(const PackedMatrix<outs, words>& w, int i, const int (&x)[columns], int bits) {
  int sum = w.bias[i];
  const int room = IntegerModel::room_of(bits);
  const std::size_t a_word = static_cast<std::size_t>(32 / room);
  for (std::size_t j = 0; j < columns; ++j) {
    // Up to the top of the word, and down again with its sign.
    const auto up = static_cast<std::uint32_t>(w.word[i / 4][j / a_word][i % 4])
                    << (32 - room * (static_cast<int>(j % a_word) + 1));
    sum += (static_cast<std::int32_t>(up) >> (32 - room)) * x[j];
  }
  return sum;
}

// To the integers of this many bits, saturated, the offset of bytes added.
template <std::size_t n>
void quantise(const float (&x)[n], float scale, int bits, int (&integers)[n]) {
  for (std::size_t i = 0; i < n; ++i) {
    const float rounded = std::nearbyint(x[i] * scale);
    integers[i] = bits == 16 ? static_cast<int>(std::clamp(rounded, -32768.0f, 32767.0f))
                             : static_cast<int>(std::clamp(rounded + 128, 0.0f, 255.0f));
  }
}

int hidden_number(int sum, const IntegerModel& m) {
  if (m.bits == 16) return std::max(sum >> 16, 0);
  const int word = std::clamp(sum, -32768, 32767);
  return std::clamp((word * m.hidden_factor + (1 << 14)) >> 15, 0, 127);
}

// What RMSNorm divides x by.
float root_mean_square(const float (&x)[n_embd]) {
  float squares = 0;
  for (const float value : x) squares += value * value;
  return std::sqrt(squares / n_embd + norm_epsilon);
}

// Logits of one stream's next token, from the heads' result.
void pass(const IntegerModel& m, const float (&mixed)[n_embd], const Row& row, float* logits) {
  float x[n_embd];
  int in[n_embd], hidden[n_hidden];
  quantise(mixed, m.attention_scale, 16, in);
  for (int i = 0; i < n_embd; ++i) {
    x[i] = row.residual[i] + static_cast<float>(dot(m.wo, i, in, 16)) * m.wo.unit;
  }
  quantise(x, m.normed_scale / root_mean_square(x), m.bits, in);
  for (int i = 0; i < n_hidden; ++i) hidden[i] = hidden_number(dot(m.fc1, i, in, m.bits), m);
  for (int i = 0; i < n_embd; ++i) {
    x[i] += static_cast<float>(dot(m.fc2, i, hidden, m.bits)) * m.fc2.unit;
  }
  quantise(x, m.last_scale / (m.final_norm ? root_mean_square(x) : 1), 16, in);
  for (int i = 0; i < vocab_size; ++i) {
    logits[i] = static_cast<float>(dot(m.head, i, in, 16)) * m.head.unit;
  }
}

void portable_forward(IntegerStreams& s, float* logits) {
  float mixed[IntegerStreams::streams][n_embd];
  s.attention.attend(s.rows, s.states.token, s.states.position, mixed);
  for (int i = 0; i < IntegerStreams::streams; ++i) {
    pass(s.model, mixed[i], s.attention.row(i), logits + i * vocab_size);
  }
}

void portable_generate(IntegerStreams& s, std::uint8_t* tokens, std::size_t steps) {
  const float temperature = log2_e / s.temperature_factor;
  for (; steps > 0; --steps) {
    float logits[IntegerStreams::streams][vocab_size];
    portable_forward(s, logits[0]);
    for (int i = 0; i < IntegerStreams::streams; ++i) {
      const int token = sample_token(logits[i], temperature, next_uniform(s.states.random[i]));
      s.states.place(i, next_place({s.states.token[i], s.states.position[i]}, token));
      *tokens++ = static_cast<std::uint8_t>(token);
    }
  }
}

}  // namespace

IntegerStreams::IntegerStreams(const MicroGpt& m, int bits) : model(m, bits), rows(m) {
  attention.start(rows);
}

IntegerKernel portable_kernel(int) {
  return {"portable", portable_forward, portable_generate, nullptr};
}

#if defined(__aarch64__)
// Every Apple Silicon has it; other systems tell.
static bool has_dot_product() {
#if defined(__APPLE__)
  return true;
#elif defined(__linux__)
  return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
#else
  return false;
#endif
}
#endif

std::vector<IntegerKernel> all_kernels(int bits) {
  std::vector<IntegerKernel> all = {portable_kernel(bits)};
#if defined(__x86_64__)
  const int most_lanes = all_widths().back()->lanes;
  if (most_lanes >= 8) all.push_back(avx2_kernel(bits));
  if (most_lanes >= 16) all.push_back(avx512_kernel(bits));
#elif defined(__aarch64__)
  all.push_back(neon_kernel(bits));
  if (bits == 8 && has_dot_product()) all.push_back(dot_product_kernel());
#elif defined(__wasm__)
  if (bits == 8) all.push_back(wasm_kernel());
#endif
  return all;
}

IntegerEngine::IntegerEngine(const MicroGpt& model, int bits, IntegerKernel kernel)
    : Engine(IntegerStreams::streams), model_(model), streams_(model, bits), kernel_(kernel) {}

std::size_t IntegerEngine::precomputed_bytes() const { return sizeof streams_.rows; }

void IntegerEngine::forward(std::span<const Place> places, std::span<float> logits) {
  for (std::size_t i = 0; i < places.size(); ++i) {
    streams_.states.place(static_cast<int>(i), places[i]);
  }
  kernel_.forward(streams_, logits.data());
}

void IntegerEngine::prepare() {
  for (std::size_t i = 0; i < places_.size(); ++i) {
    streams_.states.place(static_cast<int>(i), {});
    streams_.states.random[i] = random_[i];
  }
  streams_.temperature_factor = log2_e / temperature_;
  streams_.safe_squares = safe_squares(model_, streams_.temperature_factor);
}

void IntegerEngine::write(std::span<std::uint8_t> tokens) {
  kernel_.generate(streams_, tokens.data(), tokens.size() / IntegerStreams::streams);
}

std::array<double, integer_parts> IntegerEngine::shares(std::size_t steps) {
  std::array<double, integer_parts> shares{};
  std::uint64_t ticks[integer_parts] = {}, total = 0;
  if (kernel_.timed != nullptr) kernel_.timed(streams_, steps, ticks);
  for (const std::uint64_t part : ticks) total += part;
  for (std::size_t i = 0; total > 0 && i < integer_parts; ++i) {
    shares[i] = static_cast<double>(ticks[i]) / static_cast<double>(total);
  }
  return shares;
}

std::unique_ptr<Engine> make_streams_int16(const MicroGpt& model) {
  return std::make_unique<IntegerEngine>(model, 16, all_kernels(16).back());
}

std::unique_ptr<Engine> make_streams_int8(const MicroGpt& model) {
  return std::make_unique<IntegerEngine>(model, 8, all_kernels(8).back());
}

}  // namespace ladder
