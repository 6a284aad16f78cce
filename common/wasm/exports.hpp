#pragma once
/// \file
/// How a module of WebAssembly offers a function.

/// \def LADDER_EXPORT
/// A function that JavaScript sees under its own name.
#if defined(__wasm__)
#define LADDER_EXPORT(name) extern "C" [[clang::export_name(#name)]]
#else
#define LADDER_EXPORT(name) extern "C"
#endif
