#include <cmath>
#include <limits>
#include <numeric>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>

#include "common/error.hpp"
#include "common/python_random.hpp"

using namespace ladder;

// The numbers of this file are CPython 3.11's, for each seed s:
//   python3 -c "import random as r; s = 42
//   r.seed(s); print([r.random().hex() for _ in range(3)])
//   r.seed(s); print([r.getrandbits(k) for k in (32, 1, 8, 17, 31)])
//   r.seed(s); print([r.gauss(1.5, 0.25).hex() for _ in range(4)])
//   r.seed(s); x = list(range(12)); r.shuffle(x); print(x)
//   r.seed(s); print([r.choices(range(5), [1, .5, 0, 3, 2.25])[0] for _ in range(16)])"
// Seeds above 2^32 have two words, of which neither may be lost.
namespace {

struct Known {
  std::uint64_t seed;
  std::vector<double> random;
  std::vector<std::uint32_t> bits;
  std::vector<double> gauss;
  std::vector<int> shuffled;
  std::vector<std::size_t> choices;
};

const std::vector<Known> known = {
    {0u,
     {0x1.b0580f98a7dbep-1, 0x1.84129978f9c1ap-1, 0x1.aeaa51052e978p-2},
     {3626764237, 0, 194, 116686, 903170602},
     {0x1.bc4510b04f8b0p+0, 0x1.269e76de7fedfp+0, 0x1.547f8ef8b89b8p+0, 0x1.97b6549852df1p+0},
     {1, 9, 8, 5, 10, 2, 3, 7, 4, 0, 11, 6},
     {4, 4, 3, 3, 3, 3, 4, 3, 3, 3, 4, 3, 3, 4, 3, 3}},
    {1u,
     {0x1.132d8f91b7584p-3, 0x1.b1e2d5b3584f8p-1, 0x1.870d778409f13p-1},
     {577090037, 1, 216, 105154, 1640193506},
     {0x1.d2719e76808c0p+0, 0x1.dcc3b783ac90ap+0, 0x1.843ed88c7c62fp+0, 0x1.4f11b781ad980p+0},
     {7, 11, 0, 8, 5, 6, 3, 10, 4, 1, 9, 2},
     {0, 4, 4, 3, 3, 3, 3, 4, 0, 0, 4, 3, 4, 0, 3, 4}},
    {42u,
     {0x1.4762f307200c5p-1, 0x1.99c6b5eeb2060p-6, 0x1.19a1491f589dcp-2},
     {2746317213, 0, 6, 97196, 590620971},
     {0x1.76c7395ab2bf7p+0, 0x1.74ef25bccdca4p+0, 0x1.78e0336fc29cep+0, 0x1.aced4d2567ed8p+0},
     {7, 5, 2, 8, 9, 6, 11, 3, 4, 0, 1, 10},
     {3, 0, 3, 3, 4, 4, 4, 0, 3, 0, 1, 3, 0, 1, 3, 3}},
    {4294967295u,
     {0x1.454d9227a7013p-1, 0x1.a0274a3720bf8p-3, 0x1.36f8c1616ef77p-1},
     {2728839433, 1, 52, 28225, 1304309850},
     {0x1.638ba902368fbp+0, 0x1.5f9408dedb51cp+0, 0x1.5685354a8c53cp+0, 0x1.5ed358b5d3357p+0},
     {0, 6, 1, 5, 8, 2, 7, 4, 11, 3, 9, 10},
     {3, 1, 3, 3, 3, 3, 4, 4, 3, 4, 3, 1, 4, 0, 4, 4}},
    {4294967296u,
     {0x1.ced31cb3df170p-4, 0x1.abdb5477a4f26p-2, 0x1.1139c02ebd380p-6},
     {485306839, 0, 106, 122515, 35812237},
     {0x1.b27cadd9b6562p+0, 0x1.ab64537ca7d8ep+0, 0x1.d78cf95f8a0b6p+0, 0x1.8935145f651bfp+0},
     {11, 10, 7, 3, 9, 2, 4, 8, 0, 6, 5, 1},
     {0, 3, 0, 3, 4, 3, 3, 3, 0, 4, 4, 3, 3, 3, 4, 1}},
    {1234567890123u,
     {0x1.a522dfaf660e0p-1, 0x1.9d9e359f7a764p-3, 0x1.459b903b7ed25p-1},
     {3532746698, 1, 51, 81652, 1365697542},
     {0x1.92eba5ee8158ep+0, 0x1.5965dd72d514fp+0, 0x1.53257be972530p+0, 0x1.4c816fa3245f1p+0},
     {4, 0, 8, 10, 5, 7, 1, 2, 6, 9, 3, 11},
     {4, 1, 3, 3, 1, 3, 3, 1, 4, 4, 0, 4, 3, 4, 3, 4}},
    {18446744073709551615u,
     {0x1.659799fd7f980p-6, 0x1.5a35a94f333d8p-2, 0x1.b21c0274c09a4p-3},
     {93740670, 0, 86, 81100, 455196712},
     {0x1.b9982f5a30558p+0, 0x1.87f2b68e33eefp+0, 0x1.94ef1f75d3e6fp+0, 0x1.d5edd897a4755p+0},
     {1, 8, 6, 9, 2, 11, 4, 7, 10, 5, 3, 0},
     {0, 3, 1, 3, 4, 3, 4, 4, 4, 4, 3, 4, 0, 3, 3, 3}},
};

}  // namespace

TEST_CASE("random() and getrandbits() are Python's") {
  for (const Known& python : known) {
    CAPTURE(python.seed);
    PythonRandom uniform(python.seed);
    for (const double number : python.random) CHECK(uniform.random() == number);
    PythonRandom bits(python.seed);
    const int widths[] = {32, 1, 8, 17, 31};
    for (std::size_t i = 0; i < 5; ++i) CHECK(bits.getrandbits(widths[i]) == python.bits[i]);
  }
}

TEST_CASE("gauss() is Python's, the number kept for the next call included") {
  for (const Known& python : known) {
    CAPTURE(python.seed);
    PythonRandom random(python.seed);
    for (const double number : python.gauss) {
      const double ours = random.gauss(1.5, 0.25);
#ifdef __GLIBC__
      CHECK(ours == number);
#else  // another library's log, sin and cos may round the last bit the other way
      CHECK_THAT(ours, Catch::Matchers::WithinULP(number, 4));
#endif
    }
  }
}

TEST_CASE("a kept gauss() takes the mu and sigma of its own call") {
  // r.seed(42); a = r.gauss(0, 1); b = r.gauss(10, 2)
  PythonRandom random(42), unit(42);
  CHECK(random.gauss(0, 1) == unit.gauss(0, 1));
  CHECK(random.gauss(10, 2) == 10 + unit.gauss(0, 1) * 2);
}

TEST_CASE("shuffle() is Python's") {
  for (const Known& python : known) {
    CAPTURE(python.seed);
    std::vector<int> items(12);
    std::iota(items.begin(), items.end(), 0);
    PythonRandom(python.seed).shuffle(items);
    CHECK(items == python.shuffled);
  }
  std::vector<int> none, one = {7};
  PythonRandom random(42);
  random.shuffle(none);
  random.shuffle(one);
  CHECK(one == std::vector{7});
  CHECK(random.random() == 0x1.4762f307200c5p-1);  // nothing was drawn
}

TEST_CASE("choice() is Python's choices()") {
  const double weights[] = {1, 0.5, 0, 3, 2.25};
  for (const Known& python : known) {
    CAPTURE(python.seed);
    PythonRandom random(python.seed);
    for (const std::size_t choice : python.choices) CHECK(random.choice(weights) == choice);
  }
}

// u = r.Random(42).random(); r.seed(42); r.choices([0, 1], [u, 1 - u])
TEST_CASE("choice() on the very edge between two weights takes the second, as bisect_right does") {
  const double u = 0x1.4762f307200c5p-1;
  CHECK(PythonRandom(42).choice(std::vector{u, 1 - u}) == 1);
}

TEST_CASE("choice() refuses weights that Python refuses") {
  PythonRandom random(1);
  CHECK_THROWS_AS(random.choice({}), Error);
  CHECK_THROWS_AS(random.choice(std::vector{0.0, 0.0}), Error);
  CHECK_THROWS_AS(random.choice(std::vector{1.0, -2.0}), Error);
  CHECK_THROWS_AS(random.choice(std::vector{1.0, std::nan("")}), Error);
  CHECK_THROWS_AS(random.choice(std::vector{1.0, HUGE_VAL}), Error);
  CHECK(random.choice(std::vector{5.0}) == 0);
}

TEST_CASE("the generator goes on beyond its 624 words as Python's does") {
  // r.seed(42); [r.random() for _ in range(2000)][-1]
  PythonRandom random(42);
  for (int i = 0; i < 1999; ++i) random.random();
  CHECK(random.random() == 0x1.3501bc70293b8p-2);

  // r.seed(42); x = list(range(1000)); r.shuffle(x); print(x[:8], r.random().hex())
  std::vector<int> items(1000);
  std::iota(items.begin(), items.end(), 0);
  PythonRandom shuffler(42);
  shuffler.shuffle(items);
  items.resize(8);
  CHECK(items == std::vector{776, 507, 895, 922, 33, 483, 85, 750});
  CHECK(shuffler.random() == 0x1.a2526e39aa1aep-2);
}
