#include <filesystem>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "common/command_line.hpp"
#include "common/error.hpp"
#include "common/test_support.hpp"

using namespace ladder;
using Catch::Matchers::ContainsSubstring;

namespace {

Options parse(std::vector<const char*> arguments) {
  Options options;
  CommandLine cli("04_mlp", "A stage.", options,
                  {Flag::data, Flag::held_out, Flag::seed, Flag::steps, Flag::samples,
                   Flag::temperature, Flag::weights, Flag::compare});
  arguments.insert(arguments.begin(), "04_mlp");
  cli.parse(static_cast<int>(arguments.size()), arguments.data());
  return options;
}

template <class Exception = UsageError>
std::string complaint(const std::vector<const char*>& arguments) {
  return message_of<Exception>([&] { parse(arguments); });
}

}  // namespace

TEST_CASE("without arguments the defaults stand") {
  const Options options = parse({});
  CHECK(options.data.empty());
  CHECK_FALSE(options.held_out);
  CHECK(options.seed == 42);
  CHECK(options.samples == 10);
  CHECK(options.temperature == 1);
  CHECK_FALSE(options.quiet);
}

TEST_CASE("every option is read") {
  const Options options =
      parse({"--data", "d.txt", "--held-out", "--seed", "18446744073709551615", "--steps=77",
             "--samples", "3", "--temperature", "0.5", "--weights", "w.safetensors", "--quiet"});
  CHECK(options.data == "d.txt");
  CHECK(options.held_out);
  CHECK(options.seed == 18446744073709551615u);
  CHECK(options.steps == 77);
  CHECK(options.samples == 3);
  CHECK(options.temperature == 0.5);
  CHECK(options.weights == "w.safetensors");
  CHECK(options.quiet);
  CHECK_FALSE(parse({"--corpus"}).held_out);
}

TEST_CASE("a stage's own default gives way to --corpus") {
  Options options;
  options.held_out = true;
  CommandLine cli("06", "A stage.", options, {Flag::held_out});
  const char* arguments[] = {"06", "--corpus"};
  CHECK(cli.parse(2, arguments));
  CHECK_FALSE(options.held_out);
}

TEST_CASE("what makes no sense is a usage error that names the option and points to --help") {
  const std::vector<std::vector<const char*>> wrong = {
      {"--seed", "-1"},
      {"--seed", "x"},
      {"--seed", "18446744073709551616"},
      {"--seed", "1.5"},
      {"--steps", "0"},
      {"--steps", "-5"},
      {"--steps", "1e99"},
      {"--samples", "-1"},
      {"--samples", "many"},
      {"--samples", "1000001"},
      {"--samples", "0x10"},
      {"--samples", "1_000"},
      {"--samples", "0b11"},
      {"--samples", "1e3"},
      {"--samples", ""},
      {"--temperature", "1e4"},
      {"--temperature", "0x1p0"},
      {"--temperature", "nan"},
      {"--temperature", "-nan"},
      {"--temperature", "inf"},
      {"--temperature", "-1"},
      {"--data"},
      {"--json"},
      {"--seed", "1", "--seed", "2"},
  };
  for (const auto& arguments : wrong) {
    CAPTURE(arguments);
    const std::string message = complaint(arguments);
    CHECK_THAT(message, ContainsSubstring(arguments.front()));
    CHECK_THAT(message, ContainsSubstring("04_mlp --help"));
    CHECK(message.find('\n') == std::string::npos);
  }
  CHECK_THAT(complaint({"--sed", "1"}), ContainsSubstring("--sed"));
  CHECK_THAT(complaint({"names.txt"}), ContainsSubstring("names.txt"));
}

TEST_CASE("a leading zero is no octal number") {
  CHECK(parse({"--steps", "0100"}).steps == 100);
  CHECK(parse({"--samples", "010"}).samples == 10);
  CHECK(parse({"--seed", "0017"}).seed == 17);
  CHECK(parse({"--temperature", "00.50"}).temperature == 0.5);
}

TEST_CASE("text that is no number is called so, and not out of range") {
  CHECK_THAT(complaint({"--steps", "many"}), ContainsSubstring("'many' is not a whole number"));
  CHECK_THAT(complaint({"--steps", "-5"}), ContainsSubstring("'-5' is out of range"));
  CHECK_THAT(complaint({"--steps", "99999999999999999999"}), ContainsSubstring("out of range"));
  CHECK_THAT(complaint({"--temperature", "warm"}), ContainsSubstring("'warm' is not a number"));
  CHECK_THAT(complaint({"--temperature", "-1"}), ContainsSubstring("'-1' is out of range"));
}

TEST_CASE("temperature 0 is a temperature, and beginnings and names to score are read") {
  CHECK(parse({"--temperature", "0"}).temperature == 0);
  CHECK(parse({"--start", "ma"}).start == "ma");
  CHECK(parse({"--score", "emma", "ava", "--quiet"}).score ==
        std::vector<std::string>{"emma", "ava"});
  CHECK(parse({"--score", "-"}).score == std::vector<std::string>{"-"});
}

TEST_CASE("an option without effect is a usage error") {
  CHECK_THAT(complaint({"--samples", "0", "--start", "a"}),
             ContainsSubstring("--start has no effect"));
  CHECK_THAT(complaint({"--samples", "0", "--temperature", "2"}),
             ContainsSubstring("--temperature has no effect"));
  CHECK_THAT(complaint({"--data", "-", "--score", "-"}), ContainsSubstring("standard input"));

  const auto with_replay = [](std::vector<const char*> arguments) {
    Options options;
    CommandLine cli("06", "A stage.", options, {Flag::data, Flag::seed});
    bool replay = false;
    cli.app.add_flag("--replay", replay);
    cli.mode("--replay", {"--data", "--quiet"});
    arguments.insert(arguments.begin(), "06");
    return message_of<UsageError>(
        [&] { cli.parse(static_cast<int>(arguments.size()), arguments.data()); });
  };
  CHECK(with_replay({"--replay", "--quiet", "--data", "x"}).empty());
  CHECK(with_replay({"--json", "/dev/null", "--seed", "1"}).empty());
  CHECK(with_replay({"--replay", "--json", "/dev/null"}) ==
        "--json has no effect with --replay; leave one of them out");
  CHECK_FALSE(with_replay({"--seed", "1", "--replay"}).empty());
}

TEST_CASE("an option whose value may be left out is a mode only without it") {
  const auto with_list = [](std::vector<const char*> arguments) {
    Options options;
    CommandLine cli("06", "A stage.", options, {Flag::data, Flag::seed});
    std::string list;
    cli.app.add_option("--list", list)->expected(0, 1);
    cli.mode("--list", {"--data"});
    arguments.insert(arguments.begin(), "06");
    return message_of<UsageError>(
        [&] { cli.parse(static_cast<int>(arguments.size()), arguments.data()); });
  };
  CHECK(with_list({"--list", "--data", "x"}).empty());
  CHECK(with_list({"--list", "--seed", "1"}) ==
        "--seed has no effect with --list; leave one of them out");
  CHECK(with_list({"--seed", "1", "--list", "names"}).empty());
  CHECK(with_list({"--list=names", "--seed", "1"}).empty());
}

TEST_CASE("a flag that a program does not offer is no option of it") {
  Options options;
  CommandLine cli("01", "A stage.", options, {Flag::seed});
  const char* arguments[] = {"01", "--steps", "3"};
  CHECK_THROWS_AS(cli.parse(3, arguments), UsageError);
}

TEST_CASE("files that cannot be used are noticed before the training") {
  const TemporaryDirectory directory;
  const std::string nowhere = directory.file("none/results.json");
  CHECK_THAT(complaint<Error>({"--json", nowhere.c_str()}), ContainsSubstring("cannot write"));
  CHECK_THAT(complaint<Error>({"--compare", nowhere.c_str()}), ContainsSubstring("no such file"));
  const std::string broken = directory.write("broken.json", "{}");
  CHECK_THAT(complaint<Error>({"--compare", broken.c_str()}), ContainsSubstring("broken.json"));
  const std::string fine = directory.file("results.json");
  CHECK(parse({"--json", fine.c_str()}).json == fine);
  CHECK_FALSE(std::filesystem::exists(fine));
}

TEST_CASE("make_dataset() follows the protocol") {
  std::vector<Tokens> names;
  for (int i = 0; i < 20; ++i) names.push_back({i});
  Options options;
  CHECK(make_dataset(options, names).train == names);
  options.held_out = true;
  CHECK(make_dataset(options, names).held_out.size() == 2);
  options.seed = 43;
  CHECK(make_dataset(options, names).held_out == split_held_out(names, 43).held_out);
}
