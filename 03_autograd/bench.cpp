#include "03_autograd/bench.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "03_autograd/scalar_microgpt.hpp"
#include "common/machine.hpp"
#include "common/random.hpp"
#include "common/results.hpp"
#include "common/terminal.hpp"
#include "common/timing.hpp"
#include "common/tokenizer.hpp"

namespace ladder {

void run_bench(const Options& options) {
  const Tokenizer tokenizer = Tokenizer::canonical();
  // Six letters and an end: the canonical corpus has 7.1 predictions a name.
  const Tokens name = tokenizer.encode("andrea");

  ScalarTape tape;
  Random random(options.seed);
  ScalarMicroGpt model(tape, tokenizer.vocab_size(), [&] { return 0.08 * random.normal(); });
  const std::size_t parameters = model.parameter_count();
  std::size_t nodes = 0;

  const auto forward = [&] {
    const Value loss = model.loss(name, tokenizer.bos());
    nodes = tape.size() - parameters;
    return loss;
  };
  const auto train_step = [&] {
    tape.backward(forward());
    constexpr double lr = 0.01;
    for (std::uint32_t i = 0; i < parameters; ++i) {
      const Value parameter(&tape, i);
      parameter.set_data(parameter.data() - lr * parameter.grad());
    }
    tape.zero_grad();
    tape.rewind(parameters);
  };
  constexpr int rounds = 30, calls = 20;
  const double forward_us = 1e6 * median_seconds(rounds, calls, [&] {
                              forward();
                              tape.rewind(parameters);
                            });
  const double step_us = 1e6 * median_seconds(rounds, calls, train_step);

  fmt::print(
      "microGPT (width 16, {} parameters) on the scalar tape, in double, one name of {} letters\n",
      with_commas(parameters), name.size());
  fmt::print("  nodes                          {:>9}\n", with_commas(nodes));
  fmt::print("  forward                        {:>9.1f} µs\n", forward_us);
  fmt::print("  forward, backward and update   {:>9.1f} µs, {:.1f} ns a node\n", step_us,
             1e3 * step_us / static_cast<double>(nodes));
  fmt::print("median of {} rounds of {}, thread CPU time; {}\n", rounds, calls,
             machine_description());
  if (!options.json.empty()) {
    const nlohmann::json row = {{"engine", "scalar tape"},
                                {"width", ScalarMicroGpt::n_embd},
                                {"batch", 1},
                                {"optimizer", "SGD"},
                                {"nodes", nodes},
                                {"us_forward", forward_us},
                                {"us_per_step", step_us},
                                {"floor_us_per_step", nullptr}};
    write_json(options.json, measurement_json("03_autograd", nlohmann::json::array({row})));
  }
}

}  // namespace ladder
