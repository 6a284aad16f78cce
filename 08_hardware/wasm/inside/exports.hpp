#pragma once
/// \file
/// What the module offers to the tab *Look inside*: one Inside behind functions of plain numbers.
/// inside.mjs wraps them; a page need not know this file. Addresses are of the module's memory,
/// which moves in JavaScript whenever it grows: make views of it after each call.

#include <cstddef>

#include "common/wasm/exports.hpp"

/// Runs a name through the model (Inside::look()). \param length  of letters() that are the name:
/// at most 15. \returns the loss, mean nats a prediction
LADDER_EXPORT(inside_look) double inside_look(std::size_t length);
/// Room for a name's letters, as tokens: one byte each, 0 to 25.
LADDER_EXPORT(inside_letters) unsigned char* inside_letters();

/// How many matrices the last inside_look() made.
LADDER_EXPORT(inside_count) std::size_t inside_count();
/// Of the matrix `i`: its name, ending with a 0.
LADDER_EXPORT(inside_name) const char* inside_name(std::size_t i);
LADDER_EXPORT(inside_rows) std::size_t inside_rows(std::size_t i);        ///< likewise
LADDER_EXPORT(inside_columns) std::size_t inside_columns(std::size_t i);  ///< likewise
/// Its numbers, row by row.
LADDER_EXPORT(inside_value) const double* inside_value(std::size_t i);
/// The gradient of the loss at each of them.
LADDER_EXPORT(inside_gradient) const double* inside_gradient(std::size_t i);

/// How many tensors the model has.
LADDER_EXPORT(inside_parameter_count) std::size_t inside_parameter_count();
/// Of the tensor `i`: its name in a weights file, ending with a 0.
LADDER_EXPORT(inside_parameter_name) const char* inside_parameter_name(std::size_t i);
/// How many rows it has.
LADDER_EXPORT(inside_parameter_rows) std::size_t inside_parameter_rows(std::size_t i);
/// How many columns it has.
LADDER_EXPORT(inside_parameter_columns) std::size_t inside_parameter_columns(std::size_t i);
/// Its numbers, row by row, to be read and written: the weights are what stands here.
LADDER_EXPORT(inside_parameter_value) double* inside_parameter_value(std::size_t i);
/// The gradient of the last inside_look()'s loss at each of them.
LADDER_EXPORT(inside_parameter_gradient) const double* inside_parameter_gradient(std::size_t i);
