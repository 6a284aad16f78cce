// The timetable: no unit is taken twice at a time, and nothing is used before it is there.
#include <map>
#include <regex>
#include <set>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "common/files.hpp"

using namespace ladder;

namespace {

using Timetable = std::map<std::string, int>;

std::string source() {
  return read_file(std::string(LADDER_ROOT) + "/08_hardware/fpga/rtl/timetable.sv");
}

Timetable timetable() {
  const std::string text = source();
  Timetable minutes;
  const std::regex line(R"(localparam int (\w+) = (\d+);)");
  for (std::sregex_iterator i(text.begin(), text.end(), line), end; i != end; ++i) {
    minutes[(*i)[1]] = std::stoi((*i)[2]);
  }
  return minutes;
}

// The same for one stream alone, whose token jumps from a place of the belt to after() it.
Timetable alone() {
  const Timetable together = timetable();
  const std::string text = source();
  std::map<int, int> jumps;
  const std::regex line(R"((\w+) ([+-]) (\d+): +after = (\w+) ([+-]) (\d+);)");
  for (std::sregex_iterator i(text.begin(), text.end(), line), end; i != end; ++i) {
    const auto place = [&](std::size_t name) {
      const int steps = std::stoi((*i)[name + 2]);
      return together.at((*i)[name]) + ((*i)[name + 1] == "+" ? steps : -steps);
    };
    jumps[place(1)] = place(4);
  }
  REQUIRE(jumps.size() == 6);
  std::map<int, int> cycle_of;  // of a place; those that are jumped over have none
  for (int place = 1, cycle = 1; place <= together.at("Last"); ++cycle) {
    cycle_of[place] = cycle;
    place = jumps.count(place) != 0 ? jumps[place] : place + 1;
  }
  Timetable minutes;
  for (const auto& [name, place] : together) {
    // Slots of the engine are announced two cycles before; the others have a station of their own.
    const bool own =
        name.starts_with("Norm") || name == "Powers" || name == "Sample" || name == "Last";
    minutes[name] = own ? cycle_of.at(place) : cycle_of.at(place - 2) + 2;
  }
  return minutes;
}

// Slots that are different even when the next stream's are laid over them.
bool all_different(const std::vector<int>& slots, int interval) {
  std::set<int> taken;
  for (const int slot : slots) taken.insert(slot % interval);
  return taken.size() == slots.size();
}

}  // namespace

TEST_CASE("interleaved streams never need a unit at the same time") {
  auto at = timetable();
  REQUIRE(at.size() == 30);
  std::vector<int> engine = {at["Key0"],   at["Key1"],    at["Query0"],  at["Query1"],
                             at["Score0"], at["Score1"],  at["Value0"],  at["Value1"],
                             at["Mix0"],   at["Attend0"], at["Attend1"], at["Mix1"]};
  for (int i = 0; i < 8; ++i) {
    engine.push_back(at["Up"] + i);
    engine.push_back(at["Down" + std::to_string(i)]);
  }
  for (int i = 0; i < 4; ++i) engine.push_back(at["Head"] + i);
  CHECK(engine.size() == 32);
  CHECK(all_different(engine, at["Interval"]));

  std::vector<int> vectors;  // norm: squares, scaling; softmax: exp, weights; sampler
  for (const char* norm : {"Norm1", "Norm2", "Norm3"}) {
    vectors.insert(vectors.end(), {at[norm], at[norm] + 10});
  }
  for (int head = 0; head < 4; ++head) {
    vectors.insert(vectors.end(), {at["Powers"] + 2 + head, at["Powers"] + 13 + head});
  }
  for (const int later : {1, 2, 5, 6, 12}) vectors.push_back(at["Sample"] + later);
  CHECK(all_different(vectors, at["Interval"]));
  CHECK(at["Last"] == 4 * at["Interval"]);
}

TEST_CASE("every step of the timetable comes after what it needs") {
  auto at = GENERATE(timetable(), alone());
  INFO((at["Last"] == 144 ? "interleaved" : "alone"));
  CHECK(at["Norm2"] >= at["Norm1"] + 12);
  for (const char* row : {"Key0", "Key1", "Query0", "Query1", "Value0", "Value1"}) {
    CHECK(at[row] >= at["Norm2"] + 13);
  }
  CHECK(at["Score0"] >= at["Query1"] + 5);
  CHECK(at["Score0"] - 1 >= at["Key1"] + 6);  // written, and read a cycle before the slot
  CHECK(at["Powers"] >= at["Score1"] + 5);
  CHECK(at["Attend0"] >= at["Powers"] + 17);
  CHECK(at["Attend1"] >= at["Powers"] + 19);
  CHECK(at["Attend0"] - 1 >= at["Value1"] + 6);
  CHECK(at["Mix0"] >= at["Attend1"] + 5);
  CHECK(at["Norm3"] >= at["Mix1"] + 5);
  CHECK(at["Up"] >= at["Norm3"] + 13);
  for (int row = 0; row < 8; ++row) {
    CHECK(at["Down" + std::to_string(row)] >= at["Up"] + row / 2 * 2 + 1 + 5);
  }
  CHECK(at["Head"] >= at["Down7"] + 5);
  CHECK(at["Sample"] >= at["Head"] + 3 + 7);
  CHECK(at["Last"] == at["Sample"] + 16);
}

TEST_CASE("h1 and h2 of any streams share their place on the bench") {
  auto at = timetable();
  const int interval = at["Interval"];
  const int first_comes = at["Norm2"] + 12;
  const int second_comes = at["Norm3"] + 12;
  const int to_second = (second_comes - first_comes) % interval;  // some stream's h2 after an h1
  CHECK(to_second > 0);
  CHECK(at["Value1"] - first_comes <= to_second);  // the last to ask for h1
  CHECK(at["Up"] + 7 - second_comes <= interval - to_second);
}
