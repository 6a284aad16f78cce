#include "08_hardware/wasm/inside/exports.hpp"

#include "08_hardware/wasm/inside/inside.hpp"

namespace {

// The one model of a module; it is never taken down.
struct State {
  ladder::Inside inside;
  unsigned char letters[ladder::Gpt::block_size];
};

State& state() {
  static State* const only = new State;
  return *only;
}

const ladder::Look& look(std::size_t i) { return state().inside.looks()[i]; }
ladder::Parameter& parameter(std::size_t i) { return *state().inside.gpt().parameters()[i]; }
std::size_t size_of(Eigen::Index extent) { return static_cast<std::size_t>(extent); }

}  // namespace

double inside_look(std::size_t length) {
  const unsigned char* const letters = state().letters;
  state().inside.look(ladder::Tokens(letters, letters + length));
  return state().inside.loss();
}
unsigned char* inside_letters() { return state().letters; }

std::size_t inside_count() { return state().inside.looks().size(); }
const char* inside_name(std::size_t i) { return look(i).name.c_str(); }
std::size_t inside_rows(std::size_t i) { return size_of(look(i).value.rows()); }
std::size_t inside_columns(std::size_t i) { return size_of(look(i).value.cols()); }
const double* inside_value(std::size_t i) { return look(i).value.data(); }
const double* inside_gradient(std::size_t i) { return look(i).gradient.data(); }

std::size_t inside_parameter_count() { return state().inside.gpt().parameters().size(); }
const char* inside_parameter_name(std::size_t i) { return parameter(i).name.c_str(); }
std::size_t inside_parameter_rows(std::size_t i) { return size_of(parameter(i).value.rows()); }
std::size_t inside_parameter_columns(std::size_t i) { return size_of(parameter(i).value.cols()); }
double* inside_parameter_value(std::size_t i) { return parameter(i).value.data(); }
const double* inside_parameter_gradient(std::size_t i) { return parameter(i).grad.data(); }
