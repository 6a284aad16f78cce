#include "07_fast_inference/study/vector_parts.hpp"

#include <algorithm>

#include "07_fast_inference/one_stream/head.hpp"
#include "07_fast_inference/one_stream/rows.hpp"

namespace ladder {
inline namespace LADDER_WIDTH {
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

class PartsOfWidth : public VectorParts {
 public:
  PartsOfWidth(const MicroGpt& m, float temperature) : m_(m), rows_(m), fc2_(m.mlp_fc2) {
    for (int b = 0; b < 4; ++b) {
      fc1_[b] = make_diagonals([&](int i, int j) { return m.mlp_fc1[16 * b + i][j]; });
    }
    for (int o = 0; o < 3; ++o) qkv_[o] = fc1_[o];  // any sixteen rows take as long
    wo_[0] = make_diagonals([&](int i, int j) { return m.attn_wo[i][head_row(j)]; });
    head_.scale(m, log2_e / temperature);
    std::fill(past_, past_ + block_size, &rows_.at(0, 0));
  }

  void run(Part part, bool looks_up, std::span<const Place> places) override {
    asm volatile("" : "+m"(no_number), "+m"(no_index));
    if (part == Part::embedding) return looks_up ? look_up(places) : embed(places);
    if (part == Part::norms) return norm(places);
    if (part == Part::qkv) return project(places);
    if (part == Part::attention) return attend(places);
    if (part == Part::mlp) return mlp(places);
    if (part == Part::head) return head(places);
    if (part == Part::draw) return draw_tokens(places);
  }

 private:
  void embed(std::span<const Place> places) {
    Sixteen x = Sixteen::load(m_.wte[0]);
    for (const Place at : places) {
      x = Sixteen::load(m_.wte[tied(at.token, x.part[0][0])]) + Sixteen::load(m_.wpe[at.position]);
      keep(x);
    }
  }

  void look_up(std::span<const Place> places) {
    float last = 0;
    for (const Place at : places) {
      last = rows_.at(tied(at.token, last), at.position).query[0];
      keep(last);
    }
  }

  // Both that stand before attention and the MLP: two of them, one after another.
  void norm(std::span<const Place> places) {
    const Sixteen base = Sixteen::load(m_.wte[0]);
    Sixteen x = base;
    for (std::size_t i = 0; i < 2 * places.size(); ++i) {
      x = tied(base, splat(1 / std::sqrt(dot(x, x)[0] / n_embd + norm_epsilon)));
    }
    keep(x);
  }

  void project(std::span<const Place> places) {
    const Sixteen base = Sixteen::load(m_.wte[0]);
    Sixteen x = base;
    for (std::size_t i = 0; i < places.size(); ++i) {
      Sums<3, 2> sums;
      sums.multiply(qkv_, x);
      x = tied(base, sums.total(0).part[0] + sums.total(1).part[0] + sums.total(2).part[0]);
      for (int o = 0; o < 3; ++o) keep(sums.total(o));
    }
  }

  void attend(std::span<const Place> places) {
    Sixteen x = Sixteen::load(m_.wte[0]);
    for (const Place at : places) {
      const Row& row = rows_.at(tied(at.token, x.part[0][0]), at.position);
      past_[at.position] = &row;
      Sums<1, 4> mixed;
      mixed.multiply(wo_, rows_.attend(past_, at.position).mean());
      x = mixed.total(0);
      keep(x);
    }
  }

  void mlp(std::span<const Place> places) {
    const Sixteen base = Sixteen::load(m_.wte[0]);
    Sixteen x = base;
    for (std::size_t i = 0; i < places.size(); ++i) {
      Sums<4, 1> up;
      up.multiply(fc1_, x);
      Lanes hidden[DownProjection::inputs];
      for (int v = 0; v < DownProjection::inputs; ++v) {
        hidden[v] = max(up.part[v / Sixteen::parts][0].part[v % Sixteen::parts], Lanes{});
      }
      const Sixteen down = fc2_.multiply(hidden);
      keep(down);
      x = tied(base, down.part[Sixteen::parts - 1]);
    }
  }

  void head(std::span<const Place> places) {
    const Sixteen base = Sixteen::load(m_.wte[0]);
    Sixteen x = base;
    for (std::size_t i = 0; i < places.size(); ++i) {
      const Logits32 logits = head_.multiply_safely(x);
      Lanes all = logits.part[0];
      for (int p = 1; p < Logits32::parts; ++p) all = max(all, logits.part[p]);
      x = tied(base, all);
    }
    keep(x);
  }

  void draw_tokens(std::span<const Place> places) {
    Logits32 logits = head_.multiply(Sixteen::load(m_.wte[0]));
    std::uint32_t random = 1;
    for (std::size_t i = 0; i < places.size(); ++i) {
      const int token = draw(logits, next_uniform(random));
      logits.part[0] += splat(static_cast<float>(token) * no_number);
    }
    keep(logits);
  }

  const MicroGpt& m_;
  Rows rows_;
  Diagonals fc1_[4], qkv_[3], wo_[1];
  DownProjection fc2_;
  Head head_;
  const Row* past_[block_size];
};

}  // namespace

/// make_vector_parts() of this width.
std::unique_ptr<VectorParts> vector_parts_of_width(const MicroGpt& model, float temperature) {
  return std::make_unique<PartsOfWidth>(model, temperature);
}

}  // namespace LADDER_WIDTH
}  // namespace ladder
