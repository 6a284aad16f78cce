// What the stages that learn ask of the libraries beyond common/wasm/freestanding.cpp.
#include <cstdlib>
#include <new>

extern "C" {
// Eigen asks the C library for memory. Here that is the C++ library's, so that only one of them
// takes new pages of WebAssembly's memory (freestanding.cpp counts on that).
void* malloc(std::size_t size) { return operator new(size); }
void free(void* memory) { operator delete(memory); }

// Of the class behind std::shared_ptr, what describes it; nobody asks.
extern const void* const _ZTVN10__cxxabiv121__vmi_class_type_infoE[3];
const void* const _ZTVN10__cxxabiv121__vmi_class_type_infoE[3] = {};
}
