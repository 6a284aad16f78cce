#include "08_hardware/sme2/engines.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "08_hardware/sme2/kernels/decode.hpp"
#include "08_hardware/sme2/kernels/streams.hpp"

namespace ladder {

namespace sme2 {

namespace {

// A score is a power of 2 if its query has been multiplied by this: once, here.
const float query_scale = std::numbers::log2e_v<float> / std::sqrt(static_cast<float>(head_dim));

// to[j][column + i] = w[i][j] · scale
template <int outs, int ins, int columns>
void turn(const float (&w)[outs][ins], float (&to)[ins][columns], int column = 0, float scale = 1) {
  for (int i = 0; i < outs; ++i) {
    for (int j = 0; j < ins; ++j) to[j][column + i] = w[i][j] * scale;
  }
}

// What both have.
template <class Weights>
Weights turned(const MicroGpt& model) {
  Weights weights{};
  std::copy_n(model.wte[0], vocab_size * n_embd, weights.wte[0]);
  std::copy_n(model.wpe[0], block_size * n_embd, weights.wpe[0]);
  turn(model.attn_wo, weights.wo);
  turn(model.mlp_fc1, weights.fc1);
  turn(model.mlp_fc2, weights.fc2);
  turn(model.lm_head, weights.lm_head);
  weights.final_norm = model.final_norm;
  return weights;
}

}  // namespace

/// \returns the weights as streams.hpp wants them
StreamsWeights streams_weights(const MicroGpt& model) {
  auto weights = turned<StreamsWeights>(model);
  turn(model.attn_wq, weights.wq, 0, query_scale);
  turn(model.attn_wk, weights.wkv);
  turn(model.attn_wv, weights.wkv, n_embd);
  return weights;
}

/// \returns the weights as decode.hpp wants them
DecodeWeights decode_weights(const MicroGpt& model) {
  auto weights = turned<DecodeWeights>(model);
  turn(model.attn_wq, weights.qkv, 0, query_scale);
  turn(model.attn_wk, weights.qkv, n_embd);
  turn(model.attn_wv, weights.qkv, 2 * n_embd);
  return weights;
}

}  // namespace sme2

namespace {

class ManyStreams : public Engine {
 public:
  explicit ManyStreams(const MicroGpt& model)
      : Engine(sme2::n_streams), weights_(sme2::streams_weights(model)) {}

  void forward(std::span<const Place> places, std::span<float> logits) override {
    for (std::size_t s = 0; s < places.size(); ++s) {
      state_.token[s] = places[s].token;
      state_.position[s] = places[s].position;
    }
    sme2::read_tokens(weights_, state_);
    for (std::size_t s = 0; s < places.size(); ++s) {
      for (std::size_t i = 0; i < vocab_size; ++i) {
        logits[s * vocab_size + i] = state_.logits[i][s];
      }
    }
  }

 protected:
  void prepare() override {
    std::fill_n(state_.token, sme2::n_streams, bos_token);
    std::fill_n(state_.position, sme2::n_streams, 0);
    std::copy(random_.begin(), random_.end(), state_.random);
  }

  void write(std::span<std::uint8_t> tokens) override {
    sme2::write_tokens(weights_, state_, std::numbers::log2e_v<float> / temperature_,
                       static_cast<int>(tokens.size() / sme2::n_streams), tokens.data());
  }

 private:
  sme2::StreamsWeights weights_;
  sme2::StreamsState state_ = {};
};

class OneStream : public Engine {
 public:
  explicit OneStream(const MicroGpt& model) : weights_(sme2::decode_weights(model)) {}

  void forward(std::span<const Place> places, std::span<float> logits) override {
    sme2::read_token(weights_, state_, places[0].token, places[0].position);
    std::copy_n(state_.logits, vocab_size, logits.begin());
  }

 private:
  sme2::DecodeWeights weights_;
  sme2::DecodeState state_ = {};
};

}  // namespace

std::unique_ptr<Engine> make_streams_sme2(const MicroGpt& model) {
  return std::make_unique<ManyStreams>(model);
}

std::unique_ptr<Engine> make_decode_sme2(const MicroGpt& model) {
  return std::make_unique<OneStream>(model);
}

}  // namespace ladder
