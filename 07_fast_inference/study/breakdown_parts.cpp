#include "07_fast_inference/study/breakdown_parts.hpp"

#include <Eigen/Dense>

#include "07_fast_inference/many_streams/integer_model.hpp"
#include "07_fast_inference/one_stream/head.hpp"
#include "07_fast_inference/one_stream/one_stream_engines.hpp"
#include "07_fast_inference/one_stream/rows.hpp"
#include "common/timing.hpp"

namespace ladder {
namespace {

// What the compiler cannot know to be 0: it ties a part's input to its last result.
float no_number = 0;
int no_index = 0;

int tied(int index, float result) { return index + (static_cast<int>(result) & no_index); }
Sixteen tied(const Sixteen& x, Lanes result) {
  Sixteen y = x;
  for (Lanes& part : y.part) part += result * splat(no_number);
  return y;
}

// The compiler may not leave out what nobody reads.
template <class T>
[[gnu::always_inline]] inline void keep(const T& x) {
  asm volatile("" : : "m"(x));
}

// Cycles of `step(place)`, the median of some rounds over all places.
template <class Step>
double cycles(const std::vector<Place>& places, int rounds, Step&& step) {
  asm volatile("" : "+m"(no_number), "+m"(no_index));
  std::vector<double> measured;
  for (int round = 0; round < rounds; ++round) {
    const double hertz = measure_clock_hertz(), start = thread_cpu_seconds();
    for (const Place place : places) step(place);
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

// The parts of columns.cpp and tables.cpp, which have the last four but for fc1 in common.
class VectorParts {
 public:
  VectorParts(const MicroGpt& m, const std::vector<Place>& places, const BenchOptions& options)
      : m_(m), rows_(m), fc2_(m.mlp_fc2), places_(places), rounds_(options.rounds) {
    for (int b = 0; b < 4; ++b) {
      fc1_[b] = make_diagonals([&](int i, int j) { return m.mlp_fc1[16 * b + i][j]; });
    }
    for (int o = 0; o < 3; ++o) qkv_[o] = fc1_[o];  // any sixteen rows take as long
    wo_[0] = make_diagonals([&](int i, int j) { return m.attn_wo[i][head_row(j)]; });
    head_.scale(m, log2_e / options.temperature);
    std::fill(past_, past_ + block_size, &rows_.at(0, 0));
  }

  Cycles columns() {
    Cycles result = shared();
    const Sixteen base = Sixteen::load(m_.wte[0]);
    Sixteen x = base;
    result[Part::embedding] = run([&](Place at) __attribute__((always_inline)) {
      x = Sixteen::load(m_.wte[tied(at.token, x.part[0][0])]) + Sixteen::load(m_.wpe[at.position]);
      keep(x);
    });
    result[Part::norms] =
        2 * run([&](Place) __attribute__((always_inline)) {
          x = tied(base, splat(1 / std::sqrt(dot(x, x)[0] / n_embd + norm_epsilon)));
        });
    result[Part::qkv] = run([&](Place) __attribute__((always_inline)) {
      Sums<3, 2> sums;
      sums.multiply(qkv_, x);
      x = tied(base, sums.total(0).part[0] + sums.total(1).part[0] + sums.total(2).part[0]);
      for (int o = 0; o < 3; ++o) keep(sums.total(o));
    });
    return result;
  }

  // What columns does up to attention is one look-up here, and the norm runs beside fc1.
  Cycles tables() {
    Cycles result = shared();
    float last = 0;
    result[Part::embedding] = run([&](Place at) __attribute__((always_inline)) {
      last = rows_.at(tied(at.token, last), at.position).query[0];
      keep(last);
    });
    return result;
  }

 private:
  template <class Step>
  double run(Step&& step) {
    return cycles(places_, rounds_, step);
  }

  Cycles shared() {
    Cycles result;
    const Sixteen base = Sixteen::load(m_.wte[0]);
    Sixteen x = base;
    result[Part::attention] = run([&](Place at) __attribute__((always_inline)) {
      const Row& row = rows_.at(tied(at.token, x.part[0][0]), at.position);
      past_[at.position] = &row;
      Sums<1, 4> mixed;
      mixed.multiply(wo_, rows_.attend(past_, at.position).mean());
      x = mixed.total(0);
      keep(x);
    });
    result[Part::mlp] = run([&](Place) __attribute__((always_inline)) {
      Sums<4, 1> up;
      up.multiply(fc1_, x);
      Lanes hidden[DownProjection::inputs];
      for (int i = 0; i < DownProjection::inputs; ++i) {
        hidden[i] = max(up.part[i / Sixteen::parts][0].part[i % Sixteen::parts], Lanes{});
      }
      const Sixteen down = fc2_.multiply(hidden);
      keep(down);
      x = tied(base, down.part[Sixteen::parts - 1]);
    });
    Logits32 logits = head_.multiply(base);
    result[Part::head] = run([&](Place) __attribute__((always_inline)) {
      logits = head_.multiply_safely(x);
      Lanes all = logits.part[0];
      for (int i = 1; i < Logits32::parts; ++i) all = max(all, logits.part[i]);
      x = tied(base, all);
    });
    std::uint32_t random = 1;
    result[Part::draw] = run([&](Place) __attribute__((always_inline)) {
      const float u = next_uniform(random);
      const int token = draw(logits, u);
      logits.part[0] += splat(static_cast<float>(token) * no_number);
    });
    return result;
  }

  const MicroGpt& m_;
  Rows rows_;
  Diagonals fc1_[4], qkv_[3], wo_[1];
  DownProjection fc2_;
  Head head_;
  const std::vector<Place>& places_;
  int rounds_;
  const Row* past_[block_size];
};

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
  const auto run = [&](auto&& step) { return cycles(places, rounds, step); };
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
  const auto vectors = std::make_unique<VectorParts>(model, places, options);
  return {vectors->columns(), vectors->tables()};
}

Cycles time_while_running(Engine& engine, const BenchOptions& options) {
  auto* const timed = dynamic_cast<TimesParts*>(&engine);
  if (timed == nullptr) return {};
  // Few in a round: the counter goes on while another program has the core.
  const auto tokens = std::size_t{2'000}, streams = static_cast<std::size_t>(engine.streams());
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
      rounds[i].push_back(part / static_cast<double>(tokens / streams * streams));
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
