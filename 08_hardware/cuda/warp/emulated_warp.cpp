#include "08_hardware/cuda/warp/emulated_warp.hpp"

#include <fmt/format.h>

#include "08_hardware/cuda/warp/tf32.hpp"

namespace ladder::gpu {

void RaceCheck::watch(const void* begin, std::size_t bytes) {
  begin_ = static_cast<const char*>(begin);
  cells_.assign(bytes, {});
}

bool RaceCheck::watches(const void* address) const {
  const char* at = static_cast<const char*>(address);
  return begin_ != nullptr && at >= begin_ && at < begin_ + cells_.size();
}

void RaceCheck::touch(const void* address, int lane, bool writes) {
  const auto byte = static_cast<std::size_t>(static_cast<const char*>(address) - begin_);
  Cell& cell = cells_[byte];
  const std::uint32_t bit = 1u << lane;
  const auto fail = [&](const char* did, int other) {
    throw std::logic_error(
        fmt::format("lanes {} and {} meet at byte {} of shared memory, which one "
                    "of them {}: no barrier is between",
                    lane, other, byte, did));
  };
  if (cell.written == epoch_ && cell.writer != lane) fail("wrote", cell.writer);
  if (cell.read != epoch_) cell.readers = 0;
  if (writes) {
    const std::uint32_t others = cell.readers & ~bit;
    if (others != 0) fail("read", std::countr_zero(others));
    cell.written = epoch_;
    cell.writer = lane;
  } else {
    cell.read = epoch_;
    cell.readers |= bit;
  }
}

int shared_wavefronts(const std::array<const void*, warp_lanes>& addresses, std::uint32_t active) {
  constexpr std::size_t banks = 32, word_bytes = 4;
  std::array<std::vector<std::uintptr_t>, banks> words;
  std::size_t most = 0;
  for (std::size_t i = 0; i < warp_lanes; ++i) {
    if ((active >> i & 1) == 0) continue;
    const std::uintptr_t word = reinterpret_cast<std::uintptr_t>(addresses[i]) / word_bytes;
    auto& wanted = words[word % banks];
    if (std::find(wanted.begin(), wanted.end(), word) == wanted.end()) wanted.push_back(word);
    most = std::max(most, wanted.size());
  }
  return static_cast<int>(most);
}

EmulatedWarp::Int EmulatedWarp::lane() const {
  Int result;
  for (std::size_t i = 0; i < warp_lanes; ++i) result.lane[i] = static_cast<int>(i);
  return result;
}

std::uint32_t EmulatedWarp::bits_of(const Mask& mask) {
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < warp_lanes; ++i) bits |= std::uint32_t{mask.lane[i]} << i;
  return bits;
}

void EmulatedWarp::note_shuffle() {
  if (lockstep.active != ~0u) {
    throw std::logic_error("all lanes are wanted here, and some are switched off");
  }
  ++lockstep.issue().shuffles;
}

void EmulatedWarp::note_access(const void* base, std::size_t size, const Int& index, bool writes) {
  Tally& tally = lockstep.issue();
  ++tally.memory;
  if (!races_.watches(base)) return;
  std::array<const void*, warp_lanes> addresses{};
  for_active([&](std::size_t i) {
    const auto offset =
        static_cast<std::ptrdiff_t>(index.lane[i]) * static_cast<std::ptrdiff_t>(size);
    addresses[i] = static_cast<const char*>(base) + offset;
    if (!races_.watches(addresses[i])) {
      throw std::logic_error(fmt::format("lane {} leaves the shared memory", i));
    }
    races_.touch(addresses[i], static_cast<int>(i), writes);
  });
  tally.wavefronts += static_cast<std::uint64_t>(shared_wavefronts(addresses, lockstep.active));
}

void EmulatedWarp::multiply_tf32(Float (&c)[4], const Float (&a)[4], const Float (&b)[2]) {
  note_shuffle();
  constexpr std::size_t rows = 16, columns = 8, depth = 8;
  float left[rows][depth], right[depth][columns];
  for (std::size_t i = 0; i < warp_lanes; ++i) {
    const std::size_t g = i / 4, t = i % 4;
    for (std::size_t r = 0; r < 4; ++r) {
      left[g + 8 * (r % 2)][t + 4 * (r / 2)] = to_tf32(a[r].lane[i]);
    }
    for (std::size_t r = 0; r < 2; ++r) right[t + 4 * r][g] = to_tf32(b[r].lane[i]);
  }
  for (std::size_t i = 0; i < warp_lanes; ++i) {
    const std::size_t g = i / 4, t = i % 4;
    for (std::size_t r = 0; r < 4; ++r) {
      float& sum = c[r].lane[i];
      for (std::size_t k = 0; k < depth; ++k) {
        sum = std::fma(left[g + 8 * (r / 2)][k], right[k][2 * t + r % 2], sum);
      }
    }
  }
}

}  // namespace ladder::gpu
