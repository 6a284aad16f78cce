#include "08_hardware/sme2/cases.hpp"

#include <vector>

#include <fmt/format.h>

#include "08_hardware/sme2/engines.hpp"
#include "08_hardware/sme2/gradients.hpp"
#include "08_hardware/sme2/kernels/decode.hpp"
#include "08_hardware/sme2/kernels/streaming.hpp"

// The marks. An emulator's log names the function that each instruction belongs to.
extern "C" {

/// From here on instructions count.
[[gnu::noinline]] void ladder_count_begins() { asm volatile(""); }
/// And here the case ends.
[[gnu::noinline]] void ladder_count_ends() { asm volatile(""); }

}  // extern "C"

namespace ladder::sme2 {

namespace {

template <class Work>
void count(const char* what, int width, const char* how, Work&& work, std::size_t tokens = 1) {
  const std::uint64_t before = times_entered();
  ladder_count_begins();
  work();
  ladder_count_ends();
  fmt::print("{}\t{}\t{}\t{}\t{}\n", what, width, how, times_entered() - before, tokens);
}

void count_matrices(int width) {
  constexpr int streams = 64;
  const auto size = static_cast<std::size_t>(width);
  const std::vector<float> w(size * size), x(size * streams);
  std::vector<float> y(size * streams), d_w(size * size);
  const auto both = [&](const char* what, const Product& product) {
    count(what, width, "SME2", [&] { multiply(product); });
    count(what, width, "NEON", [&] { multiply_plainly(product); });
  };
  const Index n = width;
  count("vector", width, "SME2",
        [&] { multiply_vector(w.data(), x.data(), y.data(), n, n, false); });
  count("vector", width, "NEON",
        [&] { multiply_vector_plainly(w.data(), x.data(), y.data(), n, n, false); });
  both("streams", {w.data(), n, x.data(), streams, y.data(), streams, n, streams, n, false});
  both("position", {x.data(), n, x.data(), n, d_w.data(), n, n, n, 1, true});
  both("name", {x.data(), n, x.data(), n, d_w.data(), n, n, n, block_size, true});
}

void count_gradients(int width) {
  Gradients gradients(width, block_size);
  count("gradients", width, "each position", [&] { gradients.add(Way::each_position); });
  count("gradients", width, "each matrix", [&] { gradients.add(Way::each_matrix); });
  count("gradients", width, "once", [&] { gradients.add(Way::once); });
  count("gradients", width, "NEON", [&] { gradients.add_plainly(); });
}

// A few tokens of each stream first, so that streams stand at different positions.
void count_engine(const char* name, Engine& engine, std::size_t steps) {
  std::vector<std::uint8_t> tokens(static_cast<std::size_t>(engine.streams()) * steps);
  engine.start(42, 1);
  engine.generate(tokens);
  count(
      "engine", n_embd, name, [&] { engine.generate(tokens); }, tokens.size());
}

}  // namespace

void run_cases(const MicroGpt& model) {
  fmt::print("lanes\t{}\t\t0\t1\n", lanes());
  count("nothing", 0, "", [] {});
  for (const int width : {16, 32, 64, 128}) count_matrices(width);
  for (const int width : {16, 32, 64, 128}) count_gradients(width);
  count_engine("streams_sme2", *make_streams_sme2(model), 32);
  count_engine("one_sme2", *make_decode_sme2(model), 256);
}

}  // namespace ladder::sme2
