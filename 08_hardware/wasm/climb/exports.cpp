#include "08_hardware/wasm/climb/exports.hpp"

#include <string>

#include "08_hardware/wasm/climb/climb.hpp"

// The one climber of a module; it is never taken down.
namespace {

using ladder::Matrix;

constexpr int most_steps = 1024;
constexpr int bos = ladder::climb_vocab_size - 1;
constexpr int longest = 30;  // letters of a name that stages 01 and 02 draw

struct State {
  std::string text;
  std::vector<ladder::Tokens> names;
  ladder::Counting counting{names};
  ladder::Descent descent;
  Matrix table;
  std::unique_ptr<ladder::Learner> learner;
  double losses[most_steps];
  ladder::Xorshift32 random{0};
  ladder::Tokens drawn;
};

State& state() {
  static State* const only = new State;
  return *only;
}

ladder::NextLogits logits_of(int stage, std::size_t table) {
  State& s = state();
  if (stage > 2) return s.learner->next_logits();
  s.table = stage == 1 ? Matrix(s.counting.probabilities().array().log()) : s.descent.logits[table];
  return ladder::table_logits(s.table);
}

}  // namespace

char* climb_text(std::size_t size) {
  state().text.resize(size);
  return state().text.data();
}

std::size_t climb_names() {
  State& s = state();
  s.learner.reset();
  s.names = ladder::parse_names(s.text);
  s.text = std::string();
  count_begin();
  return s.names.size();
}

void count_begin() {
  State& s = state();
  std::destroy_at(&s.counting);
  std::construct_at(&s.counting, s.names);
}

std::size_t count_more(std::size_t names) {
  state().counting.more(names);
  return state().counting.counted();
}
const double* count_table() { return state().counting.counts().data(); }
double count_nll() { return state().counting.nll(); }

int descend(int rows, double lr, int steps) {
  State& s = state();
  const Matrix counts = ladder::count_pairs(s.names, ladder::climb_vocab_size);
  s.descent = ladder::descend(counts, {.lr = lr, .per_row = rows != 0}, steps);
  return static_cast<int>(s.descent.losses.size()) - 1;
}
const double* descent_losses() { return state().descent.losses.data(); }
std::size_t descent_count() { return state().descent.steps.size(); }
int descent_step(std::size_t i) { return state().descent.steps[i]; }
const double* descent_table(std::size_t i) {
  State& s = state();
  s.table = ladder::softmax_rows(s.descent.logits[i]);
  return s.table.data();
}
double descent_optimum() { return state().descent.optimum; }
int descent_diverged() { return state().descent.diverged; }

std::size_t learn_begin(int stage, std::uint64_t seed, int steps) {
  State& s = state();
  s.learner.reset();
  if (stage == 4) s.learner = ladder::mlp_learner(s.names, seed, steps);
  if (stage == 6) s.learner = ladder::gpt_learner(s.names, seed, steps);
  return s.learner ? s.learner->parameter_count() : 0;
}

int learn(int steps) {
  State& s = state();
  int made = 0;
  while (made < steps && made < most_steps && s.learner->steps() < s.learner->planned()) {
    s.losses[made++] = s.learner->step();
  }
  return made;
}
const double* learn_losses() { return state().losses; }
double learn_nll() { return state().learner->nll(); }

void climb_seed(std::uint64_t seed) { state().random = ladder::Xorshift32(seed); }

int climb_draw(int stage, std::size_t table, double temperature) {
  State& s = state();
  const int block = stage > 2 ? s.learner->block_size() : longest;
  s.drawn = ladder::sample_name(logits_of(stage, table), bos, block, temperature, s.random);
  return static_cast<int>(s.drawn.size());
}
const int* climb_drawn() { return state().drawn.data(); }
