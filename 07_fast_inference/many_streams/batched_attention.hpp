#pragma once
/// \file
/// Attention of many streams, each at a position of its own: used by the engines of many streams.

#include "07_fast_inference/one_stream/rows.hpp"

namespace ladder {
inline namespace LADDER_WIDTH {

/// Each stream looks back as far as its name is long, and a processor that has to guess the end of
/// every such loop often guesses wrong. So the work of all streams is cut into pieces that are
/// alike, a stream and as many positions as have their scores in one vector, and one loop goes over
/// the list of them all.
template <int streams>
class BatchedAttention {
 public:
  /// Every past begins as rows that exist: what lies beyond a position is read, and weighs nothing.
  void start(const Rows& rows) {
    for (const Row*& row : past_) row = &rows.at(bos_token, 0);
    for (const Row*& row : now_) row = &rows.at(bos_token, 0);
    for (int t = 0; t < block_size; ++t) {
      for (int i = 0; i < most_lanes; ++i) position_of_lane_[t][i] = t + i / n_head;
    }
  }

  /// Where stream `s` stood at the last attend().
  [[gnu::always_inline]] const Row& row(int s) const { return *now_[s]; }

  /// \param token, position  (streams) what each stream reads
  /// \param mixed  (n_embd, streams) the heads' results, in the order of head_row()
  /// \param x  (n_embd, streams) of the rows, what attention adds to
  template <int vectors>
  [[gnu::always_inline]] void attend(const Rows& rows, const int (&token)[streams],
                                     const int (&position)[streams],
                                     Lanes (&mixed)[n_embd][vectors], Lanes (&x)[n_embd][vectors]) {
    static_assert(vectors * lanes == streams);
    add_up(rows, token, position);
    // A stream's numbers lie in a row; from here on they are needed lane by lane. There a division
    // does for as many streams as a vector has lanes.
    for (int v = 0; v < vectors; ++v) {
      Lanes share[n_head];
      totals(v * lanes, share);
      for (Lanes& each : share) each = 1 / each;
      for (int part = 0; part < n_embd; part += lanes) {
        Lanes square[lanes];
        for (int i = 0; i < lanes; ++i) square[i] = load(sum_[v * lanes + i] + part);
        transpose(square);
        for (int i = 0; i < lanes; ++i) mixed[part + i][v] = square[i] * share[i % n_head];
        for (int i = 0; i < lanes; ++i) square[i] = load(row(v * lanes + i).residual + part);
        transpose(square);
        for (int i = 0; i < lanes; ++i) x[part + i][v] = square[i];
      }
    }
  }

  /// The same, a stream after the other, for the kernel that runs everywhere.
  /// \param result  (streams, n_embd) the heads' results, lanes as head_row() says
  [[gnu::always_inline]] void attend(const Rows& rows, const int (&token)[streams],
                                     const int (&position)[streams],
                                     float (&result)[streams][n_embd]) {
    add_up(rows, token, position);
    for (int s = 0; s < streams; ++s) {
      float total[n_head] = {};
      for (int i = 0; i < lanes; ++i) total[i % n_head] += total_[s][i];
      for (int i = 0; i < n_embd; ++i) result[s][i] = sum_[s][i] / total[i % n_head];
    }
  }

  /// The same for a kernel that goes on stream by stream: the division is of four numbers each.
  /// \param result  (streams, n_embd) the heads' results, lanes as head_row() says
  [[gnu::always_inline]] void attend_by_rows(const Rows& rows, const int (&token)[streams],
                                             const int (&position)[streams],
                                             float (&result)[streams][n_embd]) {
    using Heads [[gnu::vector_size(4 * n_head)]] = float;
    add_up(rows, token, position);
    for (int s = 0; s < streams; ++s) {
      Lanes total = load(total_[s]);
      if constexpr (lanes > 8) total += xor_lanes<8 % lanes>(total);
      if constexpr (lanes > 4) total += xor_lanes<4 % lanes>(total);
      Heads heads;
      std::memcpy(&heads, &total, sizeof heads);
      heads = 1 / heads;
      const Lanes share = [&]<int... l>(std::integer_sequence<int, l...>)
          __attribute__((always_inline)) {
        return __builtin_shufflevector(heads, heads, (l % n_head)...);
      }
      (std::make_integer_sequence<int, lanes>());
      (Sixteen::load(sum_[s]) * share).store(result[s]);
    }
  }

 private:
  static constexpr int group = lanes / n_head;  // positions whose scores share a vector
  static constexpr int most_pieces = block_size / group;
  using Piece = std::uint16_t;  // where its first row stands in past_
  using Pieces [[gnu::vector_size(2 * most_pieces)]] = Piece;

  // Σ 2^score · value and Σ 2^score of every stream, the latter still to be added up over its
  // lanes.
  [[gnu::always_inline]] void add_up(const Rows& rows, const int (&token)[streams],
                                     const int (&position)[streams]) {
    Piece pieces[streams * block_size];
    int count = 0;
    IntLanes lane;
    for (int i = 0; i < lanes; ++i) lane[i] = i;
    for (int s = 0; s < streams; ++s) {
      const Row* row = &rows.at(token[s], position[s]);
      now_[s] = past_[s * block_size + position[s]] = row;
      Sixteen::load(row->sum).store(sum_[s]);
      store(total_[s], from_bits(bits(load(row->total)) & (lane < n_head)));
      count = list(pieces, count, s, position[s]);
    }
    if (!can_start(rows)) [[unlikely]]
      return add_up_all(position);
    for (int i = 0; i < count; ++i) look_at(pieces[i], position);
  }

  // Σ 2^score of `lanes` streams from s on, a stream in each lane. Of two streams, one keeps half
  // of the lanes of a vector and the other the other half, until four vectors are left.
  [[gnu::always_inline]] void totals(int s, Lanes (&total)[n_head]) const {
    Lanes sum[lanes];
    for (int i = 0; i < lanes; ++i) sum[i] = load(total_[s + i]);
    const auto fold = [&](auto w) __attribute__((always_inline)) {
      for (int i = 0; i < w; ++i) sum[i] = add_two<w>(sum[i], sum[i + w]);
    };
    if constexpr (lanes > 8) fold(std::integral_constant<int, 8 % lanes>());
    if constexpr (lanes > 4) fold(std::integral_constant<int, 4>());
    for (int h = 0; h < n_head; ++h) total[h] = sum[h];
    transpose(total);
  }

  // Whether the sums in the rows hold for every stream.
  [[gnu::always_inline]] bool can_start(const Rows& rows) const {
    bool all = rows.bounded();
    for (int s = 0; s < streams; ++s) all &= past_[s * block_size] == &rows.at(bos_token, 0);
    return all;
  }

  // Writes down all pieces a stream can have from position 1 on; the next stream's overwrite those
  // that are too many.
  [[gnu::always_inline]] static int list(Piece (&pieces)[streams * block_size], int count, int s,
                                         int position) {
    Pieces of_stream;
    for (int i = 0; i < most_pieces; ++i) of_stream[i] = static_cast<Piece>(1 + i * group);
    of_stream += static_cast<Piece>(s * block_size);
    std::memcpy(pieces + count, &of_stream, sizeof of_stream);
    return count + ((position > 0 ? position - 1 : 0) + group - 1) / group;
  }

  // Adds the values of a piece's positions, weighted, to its stream's sums.
  [[gnu::always_inline]] void look_at(Piece piece, const int (&position)[streams]) {
    const int s = piece / block_size, first = piece % block_size;
    const Row* const* past = past_ + piece;
    const Sixteen q = Sixteen::load(now_[s]->query);
    Lanes product[group];
    for (int i = 0; i < group; ++i) {
      const Sixteen key = Sixteen::load(past[i]->key);
      product[i] = q.part[0] * key.part[0];
      for (int p = 1; p < Sixteen::parts; ++p) product[i] += q.part[p] * key.part[p];
    }
    if constexpr (lanes > 8) {
      product[0] = add_two<8 % lanes>(product[0], product[2 % group]);
      product[1 % group] = add_two<8 % lanes>(product[1 % group], product[3 % group]);
    }
    if constexpr (lanes > 4) product[0] = add_two<4>(product[0], product[1 % group]);
    IntLanes at;
    std::memcpy(&at, position_of_lane_[first], sizeof at);
    const Lanes weight = from_bits(bits(exp2(product[0])) & (at < position[s]));
    Sixteen sum = Sixteen::load(sum_[s]);
    unroll<group>([&](auto i) __attribute__((always_inline)) {
      const Lanes own = repeat<i>(weight);
      const Sixteen value = Sixteen::load(past[i]->value);
      for (int p = 0; p < Sixteen::parts; ++p) sum.part[p] += own * value.part[p];
    });
    sum.store(sum_[s]);
    store(total_[s], load(total_[s]) + weight);
  }

  // Any model, any first token.
  [[gnu::always_inline]] void add_up_all(const int (&position)[streams]) {
    for (int s = 0; s < streams; ++s) {
      Rows::attend_to_all(past_ + s * block_size, position[s]).mean().store(sum_[s]);
      for (int i = 0; i < lanes; ++i) total_[s][i] = i < n_head;
    }
  }

  // Lanes l without bit w get a's sum over l and l ^ w, those with it get b's.
  template <int w>
  [[gnu::always_inline]] static Lanes add_two(Lanes a, Lanes b) {
    return [&]<int... l>(std::integer_sequence<int, l...>) __attribute__((always_inline)) {
      return __builtin_shufflevector(a, b, (l & w ? lanes + l : l)...) +
             __builtin_shufflevector(a, b, (l & w ? lanes + (l ^ w) : l ^ w)...);
    }
    (std::make_integer_sequence<int, lanes>());
  }

  // The four lanes of position i, everywhere.
  template <int i>
  [[gnu::always_inline]] static Lanes repeat(Lanes x) {
    return [&]<int... l>(std::integer_sequence<int, l...>) __attribute__((always_inline)) {
      return __builtin_shufflevector(x, x, (i * n_head + l % n_head)...);
    }
    (std::make_integer_sequence<int, lanes>());
  }

  // (The same whatever `lanes` is: files compiled for different machines share it.)
  static constexpr int most_lanes = 16;
  const Row* past_[streams * block_size +
                   most_lanes / n_head];  // keys and values so far, (streams, block_size)
  const Row* now_[streams];
  alignas(64) float sum_[streams][n_embd];
  alignas(64) float total_[streams][most_lanes];
  alignas(
      64) int position_of_lane_[block_size][most_lanes];  // when a piece begins at this position
};

}  // namespace LADDER_WIDTH
}  // namespace ladder
