// Sixty-four names at once: a stream in each lane, a row for each channel. Every matrix is a sum of
// outer products; everything else is lane by lane, and never crosses lanes. So nothing depends on
// how long a vector is, not even the order of a sum.
#include "08_hardware/sme2/kernels/streams.hpp"

#include "08_hardware/sme2/kernels/lane_math.hpp"
#include "08_hardware/sme2/kernels/outer_products_streaming.hpp"
#include "08_hardware/sme2/kernels/streaming.hpp"

namespace ladder::sme2 {

namespace {

// C (m, streams) = Wᵀ X, or C += …
template <int ins, int outs>
[[gnu::always_inline]] inline void project(const float (&w)[ins][outs], const Streams (&x)[ins],
                                           Streams* c, bool add = false) __arm_streaming
    __arm_inout("za") {
  outer_products({w[0], outs, x[0], n_streams, c[0], n_streams, outs, n_streams, ins, add});
}

// x (n_embd, streams) = wte[token] + wpe[position]. The sums are rows of a stream, and rows of a
// channel are wanted: a tile of ZA is written row by row and read column by column.
void embed(const StreamsWeights& w, StreamsState& s) __arm_streaming __arm_inout("za") {
  const int lanes = static_cast<int>(svcntw());
  for (int first = 0; first < n_streams; first += lanes) {
    for (int channel = 0; channel < n_embd; channel += lanes) {
      const svbool_t channels = svwhilelt_b32(channel, n_embd);
      for (int r = 0; r < lanes; ++r) {
        const svfloat32_t token = svld1(channels, w.wte[s.token[first + r]] + channel);
        const svfloat32_t position = svld1(channels, w.wpe[s.position[first + r]] + channel);
        svwrite_hor_za32_m(0, static_cast<uint32_t>(r), channels,
                           svadd_x(channels, token, position));
      }
      for (int c = 0; c < lanes && channel + c < n_embd; ++c) {
        svst1_ver_za32(0, static_cast<uint32_t>(c), svptrue_b32(), s.x[channel + c] + first);
      }
    }
  }
}

// normed = x / √(mean of x² + ε), stream by stream.
void norm(const Streams (&x)[n_embd], Streams (&normed)[n_embd]) __arm_streaming
    __arm_preserves("za") {
  const int lanes = static_cast<int>(svcntw());
  const svbool_t all = svptrue_b32();
  for (int v = 0; v < n_streams; v += lanes) {
    svfloat32_t squares = svdup_f32(0);
    for (const Streams& channel : x) {
      const svfloat32_t value = svld1(all, channel + v);
      squares = svmla_x(all, squares, value, value);
    }
    const svfloat32_t factor = norm_factor(all, squares, n_embd, norm_epsilon);
    for (int i = 0; i < n_embd; ++i) {
      svst1(all, normed[i] + v, svmul_x(all, svld1(all, x[i] + v), factor));
    }
  }
}

void relu(Streams (&x)[n_hidden]) __arm_streaming __arm_preserves("za") {
  const int lanes = static_cast<int>(svcntw());
  const svbool_t all = svptrue_b32();
  for (Streams& channel : x) {
    for (int v = 0; v < n_streams; v += lanes) {
      svst1(all, channel + v, svmax_x(all, svld1(all, channel + v), 0.0f));
    }
  }
}

// One head of `lanes` streams, from stream v on, which look back `oldest` steps at most.
void attend(StreamsState& s, int head, int v, svint32_t position, int oldest) __arm_streaming
    __arm_preserves("za") {
  const svbool_t all = svptrue_b32();
  const int first = head * head_dim;
  float scores[block_size][n_streams];
  svfloat32_t largest = svdup_f32(-1e30f);
  const svfloat32_t q0 = svld1(all, s.query[first] + v), q1 = svld1(all, s.query[first + 1] + v),
                    q2 = svld1(all, s.query[first + 2] + v),
                    q3 = svld1(all, s.query[first + 3] + v);
  for (int age = 0; age <= oldest; ++age) {
    const Streams* key = s.past[(s.now - age) & (block_size - 1)] + first;
    svfloat32_t score = svmul_x(all, q0, svld1(all, key[0] + v));
    score = svmla_x(all, score, q1, svld1(all, key[1] + v));
    score = svmla_x(all, score, q2, svld1(all, key[2] + v));
    score = svmla_x(all, score, q3, svld1(all, key[3] + v));
    svst1(all, scores[age], score);
    largest = svmax_m(svcmpge(all, position, age), largest, score);
  }
  svfloat32_t total = svdup_f32(0), m0 = total, m1 = total, m2 = total, m3 = total;
  for (int age = 0; age <= oldest; ++age) {
    const Streams* value = s.past[(s.now - age) & (block_size - 1)] + n_embd + first;
    const svbool_t seen = svcmpge(all, position, age);
    const svfloat32_t weight = exp2(all, svsub_x(all, svld1(all, scores[age]), largest));
    total = svadd_m(seen, total, weight);
    m0 = svmla_m(seen, m0, weight, svld1(all, value[0] + v));
    m1 = svmla_m(seen, m1, weight, svld1(all, value[1] + v));
    m2 = svmla_m(seen, m2, weight, svld1(all, value[2] + v));
    m3 = svmla_m(seen, m3, weight, svld1(all, value[3] + v));
  }
  const svfloat32_t share = svdiv_x(all, svdup_f32(1), total);
  svst1(all, s.mixed[first] + v, svmul_x(all, m0, share));
  svst1(all, s.mixed[first + 1] + v, svmul_x(all, m1, share));
  svst1(all, s.mixed[first + 2] + v, svmul_x(all, m2, share));
  svst1(all, s.mixed[first + 3] + v, svmul_x(all, m3, share));
}

// The whole model.
void pass(const StreamsWeights& w, StreamsState& s) __arm_streaming __arm_inout("za") {
  // 1. Embeddings.
  embed(w, s);
  if (!w.final_norm) norm(s.x, s.x);
  // 2. Attention; keys and values go to where they are kept, and x is added to.
  norm(s.x, s.normed);
  project(w.wq, s.normed, s.query);
  project(w.wkv, s.normed, s.past[s.now]);
  const int lanes = static_cast<int>(svcntw());
  for (int v = 0; v < n_streams; v += lanes) {
    const svint32_t position = svld1(svptrue_b32(), s.position + v);
    const int oldest = svmaxv(svptrue_b32(), position);
    for (int head = 0; head < n_head; ++head) attend(s, head, v, position, oldest);
  }
  project(w.wo, s.mixed, s.x, true);
  // 3. The MLP.
  norm(s.x, s.normed);
  project(w.fc1, s.normed, s.hidden);
  relu(s.hidden);
  project(w.fc2, s.hidden, s.x, true);
  // 4. Logits.
  if (w.final_norm) norm(s.x, s.x);
  project(w.lm_head, s.x, s.logits);
  s.now = (s.now + 1) % block_size;
}

// Uniform in [0, 1), as next_uniform() of every lane.
svfloat32_t uniforms(std::uint32_t* random) __arm_streaming __arm_preserves("za") {
  const svbool_t all = svptrue_b32();
  svuint32_t state = svld1(all, random);
  state = sveor_x(all, state, svlsl_x(all, state, 13));
  state = sveor_x(all, state, svlsr_x(all, state, 17));
  state = sveor_x(all, state, svlsl_x(all, state, 5));
  svst1(all, random, state);
  return svmul_x(all, svcvt_f32_x(all, svlsr_x(all, state, 8)), 0x1p-24f);
}

// The first token whose running sum exceeds u times the total, of every stream, and its next place.
void draw(StreamsState& s, float factor, std::uint8_t* tokens) __arm_streaming
    __arm_preserves("za") {
  const int lanes = static_cast<int>(svcntw());
  const svbool_t all = svptrue_b32();
  for (int v = 0; v < n_streams; v += lanes) {
    svfloat32_t largest = svld1(all, s.logits[0] + v);
    for (const Streams& token : s.logits) largest = svmax_x(all, largest, svld1(all, token + v));
    svfloat32_t total = svdup_f32(0);
    for (Streams& token : s.logits) {
      const svfloat32_t above = svsub_x(all, svld1(all, token + v), largest);
      total = svadd_x(all, total, exp2(all, svmul_x(all, above, factor)));
      svst1(all, token + v, total);  // the running sum, from here on
    }
    const svfloat32_t threshold = svmul_x(all, uniforms(s.random + v), total);
    svint32_t drawn = svdup_s32(0);
    for (int t = 0; t < bos_token; ++t) {
      const svbool_t passed = svcmple(all, svld1(all, s.logits[t] + v), threshold);
      drawn = svadd_m(passed, drawn, 1);
    }
    svst1b(all, reinterpret_cast<std::int8_t*>(tokens + v), drawn);
    const svint32_t next = svadd_x(all, svld1(all, s.position + v), 1);
    const svbool_t ends =
        svorr_z(all, svcmpeq(all, drawn, bos_token), svcmpeq(all, next, block_size));
    svst1(all, s.token + v, svsel(ends, svdup_s32(bos_token), drawn));
    svst1(all, s.position + v, svsel(ends, svdup_s32(0), next));
  }
}

[[gnu::noinline]] __arm_new("za") __arm_locally_streaming
    void enter_to_read(const StreamsWeights& weights, StreamsState& state) {
  pass(weights, state);
}

[[gnu::noinline]] __arm_new("za") __arm_locally_streaming
    void enter_to_write(const StreamsWeights& weights, StreamsState& state, float factor, int steps,
                        std::uint8_t* tokens) {
  for (int step = 0; step < steps; ++step) {
    pass(weights, state);
    draw(state, factor, tokens + step * n_streams);
  }
}

}  // namespace

void read_tokens(const StreamsWeights& weights, StreamsState& state) {
  count_entry();
  enter_to_read(weights, state);
}

void write_tokens(const StreamsWeights& weights, StreamsState& state, float factor, int steps,
                  std::uint8_t* tokens) {
  count_entry();
  enter_to_write(weights, state, factor, steps, tokens);
}

}  // namespace ladder::sme2
