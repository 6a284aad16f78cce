#include "08_hardware/fpga/simulator/chip.hpp"

#include <verilated.h>
#include <verilated_fst_c.h>

#include "08_hardware/fpga/model/roms.hpp"
#include "Vchip.h"
#include "Vchip___024root.h"
#include "common/error.hpp"
#include "common/files.hpp"

namespace ladder {

struct Chip::Circuit {
  VerilatedContext context;
  std::unique_ptr<Vchip> pins;
  std::unique_ptr<VerilatedFstC> trace;
};

namespace {

// Words of up to 2048 bits as Verilator keeps them: 32 bits a piece.
template <class Words>
void load(Words& words, const Rom& rom) {
  for (std::size_t i = 0; i < rom.words.size(); ++i) {
    for (std::size_t part = 0; part < rom.words[i].size(); part += 2) {
      words[i][part / 2] = static_cast<std::uint32_t>(rom.words[i][part]) |
                           static_cast<std::uint32_t>(rom.words[i][part + 1]) << 16;
    }
  }
}

// And numbers of 16 bits with a sign, of such words.
template <std::size_t words>
std::vector<std::int64_t> numbers_of(const VlWide<words>& wires) {
  std::vector<std::int64_t> numbers;
  for (std::size_t i = 0; i < words; ++i) {
    numbers.push_back(static_cast<std::int16_t>(wires[i]));
    numbers.push_back(static_cast<std::int16_t>(wires[i] >> 16));
  }
  return numbers;
}

void append(std::vector<std::int64_t>& all, const std::vector<std::int64_t>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

}  // namespace

Chip::Chip(const FixedModel& model) : circuit_(std::make_unique<Circuit>()) {
  circuit_->context.traceEverOn(true);
  circuit_->pins = std::make_unique<Vchip>(&circuit_->context);
  circuit_->pins->clk = 0;
  circuit_->pins->rst = 1;
  circuit_->pins->eval();  // reads the memories' files
  Vchip___024root& root = *circuit_->pins->rootp;
  if (package_of(model) != read_file(std::string(LADDER_ROOT) + "/08_hardware/fpga/rtl/model.sv")) {
    throw Error(
        "these weights need other shifts than the circuit has: write them with 08_fpga_roms "
        "--package 08_hardware/fpga/rtl/model.sv, and build again");
  }
  const auto roms = roms_of(model);
  load(root.chip__DOT__matrices__DOT__weight_rom__DOT__words, roms[0]);
  load(root.chip__DOT__embed__DOT__wte__DOT__words, roms[1]);
  load(root.chip__DOT__embed__DOT__wpe__DOT__words, roms[2]);
}

Chip::~Chip() {
  if (circuit_->trace) circuit_->trace->close();
}

void Chip::reset(const ChipSettings& settings) {
  Vchip& pins = *circuit_->pins;
  pins.rst = 1;
  pins.interleaved = settings.interleaved;
  pins.greedy = settings.greedy;
  pins.teach = settings.teach;
  pins.inverse_temperature = settings.inverse_temperature;
  for (std::size_t s = 0; s < settings.states.size(); ++s) pins.seeds[s] = settings.states[s];
  cycle();
  pins.rst = 0;
}

void Chip::cycle() {
  Vchip& pins = *circuit_->pins;
  pins.out_ready = reader_ready;
  pins.in_valid = feed.has_value();
  if (feed) {
    pins.in_token = static_cast<std::uint8_t>(feed->token);
    pins.in_position = static_cast<std::uint8_t>(feed->position);
  }
  // 1. The wires settle; what they say before the clock's edge is what counts in this cycle.
  pins.clk = 0;
  pins.eval();
  if (circuit_->trace) circuit_->trace->dump(10 * cycles_);
  token.reset();
  logits.reset();
  if (pins.out_valid && pins.out_ready && !pins.rst) {
    token = ChipToken{pins.out_stream, pins.out_token, pins.out_end != 0};
  }
  if (pins.logits_valid) {
    logits.emplace();
    logits->stream = pins.logits_stream;
    for (std::size_t i = 0; i < vocab_size; ++i) {
      logits->sums[i] = static_cast<std::int32_t>(pins.logits[i]);
    }
  }
  fed = pins.in_valid && pins.in_ready;
  feed_stream = pins.in_stream;
  if (fed) feed.reset();

  // 2. The edge: every register takes what stands before it.
  pins.clk = 1;
  pins.eval();
  if (circuit_->trace) circuit_->trace->dump(10 * cycles_ + 5);
  ++cycles_;
}

void Chip::trace(const std::string& file) {
  circuit_->trace = std::make_unique<VerilatedFstC>();
  circuit_->pins->trace(circuit_->trace.get(), 99);
  circuit_->trace->open(file.c_str());
  if (!circuit_->trace->isOpen()) throw Error("cannot write " + file);
}

int Chip::asked_stream() const { return circuit_->pins->in_stream; }

bool Chip::on_belt(int cycle) const {
  const auto& on = circuit_->pins->rootp->chip__DOT__when__DOT__on;
  const auto bit = static_cast<std::size_t>(cycle - 1);
  return (on[bit / 32] >> (bit % 32) & 1) != 0;
}

std::vector<std::int64_t> Chip::inside(std::string_view name) const {
  const Vchip___024root& root = *circuit_->pins->rootp;
  if (name == "embedding") return numbers_of(root.chip__DOT__x0);
  if (name == "x1") return numbers_of(root.chip__DOT__normed);
  if (name == "h1" || name == "h2") return numbers_of(root.chip__DOT__bench__DOT__h);
  const auto on_shelf = [&root](std::size_t first, std::size_t last) {
    std::vector<std::int64_t> all;
    for (std::size_t place = first; place <= last; ++place) {
      append(all, numbers_of(root.chip__DOT__bench__DOT__shelf_low[place]));
      append(all, numbers_of(root.chip__DOT__bench__DOT__shelf_high[place]));
    }
    return all;
  };
  if (name == "u") return on_shelf(0, 3);
  if (name == "q") return on_shelf(4, 4);
  if (name == "a") return on_shelf(5, 5);
  if (name == "x3") return on_shelf(6, 6);
  if (name == "x2") return numbers_of(root.chip__DOT__x2);
  if (name == "results") return numbers_of(root.chip__DOT__results);
  std::vector<std::int64_t> all;
  for (std::size_t head = 0; head < n_head; ++head) {
    if (name == "s") {
      for (std::size_t t = 0; t < block_size; ++t) {
        all.push_back(static_cast<std::int32_t>(root.chip__DOT__softmax__DOT__score[head][t]));
      }
    } else if (name == "w") {
      append(all, numbers_of(head % 2 == 0 ? root.chip__DOT__softmax__DOT__of_even[head / 2]
                                           : root.chip__DOT__softmax__DOT__of_odd[head / 2]));
    } else {
      for (const std::int64_t p : numbers_of(root.chip__DOT__softmax__DOT__power[head])) {
        all.push_back(p & 0xFFFF);
      }
    }
  }
  return all;
}

}  // namespace ladder
