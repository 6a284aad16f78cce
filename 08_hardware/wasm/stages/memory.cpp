// Eigen asks the C library for memory. Here that is the C++ library's, so that only one of them
// takes new pages of WebAssembly's memory (common/wasm/freestanding.cpp counts on that).
#include <cstddef>
#include <cstring>
#include <new>

extern "C" {
void* malloc(std::size_t size) { return operator new(size + sizeof(std::size_t) * 0); }
void free(void* memory) { operator delete(memory); }
}
