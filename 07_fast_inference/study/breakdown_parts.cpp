#include "07_fast_inference/study/breakdown_parts.hpp"

#include <Eigen/Dense>

#include "07_fast_inference/many_streams/integer_model.hpp"
#include "07_fast_inference/one_stream/one_stream_engines.hpp"
#include "07_fast_inference/study/vector_parts.hpp"
#include "common/timing.hpp"

namespace ladder {

namespace {

// What the compiler cannot know to be 0: it ties a part's input to its last result.
float no_number = 0;
int no_index = 0;

int tied(int index, float result) { return index + (static_cast<int>(result) & no_index); }

// Cycles a place of `run(places)`, the median of some rounds.
template <class Run>
double cycles(const std::vector<Place>& places, int rounds, Run&& run) {
  std::vector<double> measured;
  for (int round = 0; round < rounds; ++round) {
    const double hertz = measure_clock_hertz(), start = thread_cpu_seconds();
    run(places);
    const double seconds = thread_cpu_seconds() - start;
    measured.push_back(seconds / static_cast<double>(places.size()) *
                       (hertz + measure_clock_hertz()) / 2);
  }
  return median(std::move(measured));
}

using DynamicMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using DynamicVector = Eigen::VectorXf;

template <int rows, int columns>
DynamicMatrix matrix(const float (&weights)[rows][columns]) {
  return Eigen::Map<const DynamicMatrix>(weights[0], rows, columns);
}

}  // namespace

std::vector<Place> places_of_names(const MicroGpt& model, const BenchOptions& options) {
  std::vector<std::uint8_t> tokens(1 << 14);
  const auto engine = make_tables(model);
  engine->start(options.seed, options.temperature);
  engine->generate(tokens);
  std::vector<Place> places = {{}};
  for (const int token : tokens) places.push_back(next_place(places.back(), token));
  return places;
}

// As eigen_dynamic.cpp.
Cycles time_eigen(const MicroGpt& m, const std::vector<Place>& places, int rounds) {
  const DynamicMatrix wte = matrix(m.wte), wpe = matrix(m.wpe), wq = matrix(m.attn_wq),
                      wk = matrix(m.attn_wk), wv = matrix(m.attn_wv), wo = matrix(m.attn_wo),
                      fc1 = matrix(m.mlp_fc1), fc2 = matrix(m.mlp_fc2), lm_head = matrix(m.lm_head);
  DynamicMatrix keys = wpe, values = wpe;
  const DynamicVector base = wte.row(0);
  DynamicVector x = base;
  const auto run = [&](auto&& step) {
    asm volatile("" : "+m"(no_number), "+m"(no_index));
    return cycles(places, rounds, [&](const std::vector<Place>& all) {
      for (const Place place : all) step(place);
    });
  };
  const auto norm = [](const DynamicVector& v) -> DynamicVector {
    return v / std::sqrt(v.squaredNorm() / static_cast<float>(v.size()) + norm_epsilon);
  };
  Cycles result;
  result[Part::embedding] =
      run([&](Place at) { x = wte.row(tied(at.token, x[0])) + wpe.row(at.position); });
  result[Part::norms] = 3 * run([&](Place) { x = norm(x); });
  result[Part::qkv] = run([&](Place at) {
    const DynamicVector query = wq * x;
    keys.row(at.position) = wk * x;
    values.row(at.position) = wv * x;
    x = base + query * no_number;
  });
  result[Part::attention] = run([&](Place at) {
    const int length = at.position + 1;
    DynamicVector mixed(n_embd);
    for (int h = 0; h < n_embd; h += head_dim) {
      DynamicVector weights = keys.block(0, h, length, head_dim) * x.segment(h, head_dim) /
                              std::sqrt(static_cast<float>(head_dim));
      weights = (weights.array() - weights.maxCoeff()).exp();
      weights /= weights.sum();
      mixed.segment(h, head_dim) = values.block(0, h, length, head_dim).transpose() * weights;
    }
    x = base + wo * mixed * no_number;
  });
  result[Part::mlp] = run([&](Place) { x = base + fc2 * (fc1 * x).cwiseMax(0.0f) * no_number; });
  DynamicVector logits = lm_head * base;
  result[Part::head] = run([&](Place) {
    logits = lm_head * x;
    x[0] += logits[0] * no_number;
  });
  std::uint32_t random = 1;
  result[Part::draw] = run([&](Place) {
    const std::span<const float, vocab_size> row(logits.data(), vocab_size);
    logits[0] += static_cast<float>(sample_token(row, 1, next_uniform(random))) * no_number;
  });
  return result;
}

double Cycles::sum() const {
  double sum = 0;
  for (const auto& part : *this) sum += part.value_or(0);
  return sum;
}

std::array<Cycles, 2> time_vectors(const MicroGpt& model, const std::vector<Place>& places,
                                   const BenchOptions& options) {
  const auto parts = make_vector_parts(model, options.temperature);
  const auto time = [&](Part part, bool looks_up) {
    return cycles(places, options.rounds,
                  [&](const std::vector<Place>& all) { parts->run(part, looks_up, all); });
  };
  Cycles columns, tables;
  for (const Part part : {Part::attention, Part::mlp, Part::head, Part::draw}) {
    columns[part] = tables[part] = time(part, false);
  }
  // What columns does up to attention is one look-up in tables, whose norm runs beside fc1.
  for (const Part part : {Part::embedding, Part::norms, Part::qkv}) {
    columns[part] = time(part, false);
  }
  tables[Part::embedding] = time(Part::embedding, true);
  return {columns, tables};
}

Cycles time_while_running(Engine& engine, const BenchOptions& options) {
  auto* const timed = dynamic_cast<TimesParts*>(&engine);
  if (timed == nullptr) return {};
  // Few in a round: the counter goes on while another program has the core.
  const auto tokens = std::size_t{2'000}, streams = static_cast<std::size_t>(engine.streams());
  const std::size_t written = tokens / streams * streams;
  engine.start(options.seed, options.temperature);
  std::vector<double> rounds[part_count];
  for (int round = -1; round < options.rounds; ++round) {
    PartTicks ticks{};
    const double hertz = measure_clock_hertz();
    const Stopwatch watch;
    const std::uint64_t first_tick = PartClock<false>::now();
    timed->time_parts(tokens / streams, ticks);
    const auto all_ticks = static_cast<double>(PartClock<false>::now() - first_tick);
    const double seconds = watch.seconds();
    if (round < 0) continue;  // warms caches and branch predictors
    // The counter has a clock of its own, and it never stops, as that on the wall.
    const double cycles_per_tick = seconds * (hertz + measure_clock_hertz()) / 2 / all_ticks;
    for (std::size_t i = 0; i < part_count; ++i) {
      const double part = static_cast<double>(ticks[i]) * cycles_per_tick;
      rounds[i].push_back(part / static_cast<double>(written));
    }
  }
  Cycles result;
  for (std::size_t i = 0; i < part_count; ++i) {
    if (const double part = median(rounds[i]); part > 0) result.at(i) = part;
  }
  return result;
}

Cycles time_integers(const MicroGpt& model, int bits, const BenchOptions& options, double whole) {
  IntegerEngine engine(model, bits, all_kernels(bits).back());
  engine.start(options.seed, options.temperature);
  engine.shares(1000);  // warms caches and branch predictors
  std::vector<double> rounds[integer_parts];
  for (int round = 0; round < options.rounds; ++round) {
    const auto shares = engine.shares(1000);
    for (std::size_t i = 0; i < integer_parts; ++i) rounds[i].push_back(shares[i]);
  }
  Cycles result;
  constexpr Part part_of[integer_parts] = {Part::attention, Part::norms, Part::mlp, Part::head,
                                           Part::draw};
  for (std::size_t i = 0; i < integer_parts; ++i) {
    if (const double share = median(rounds[i]); share > 0) result[part_of[i]] = share * whole;
  }
  return result;
}

}  // namespace ladder
