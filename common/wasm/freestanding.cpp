// What the module has instead of the C library's memory and the C++ library's last words: those
// bring along an allocator for all purposes, printf, a demangler and imports of a system's, and are
// larger than a trainer.
#include <bit>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>

namespace {

// Memory comes in blocks of 2^k bytes. A block that is given back waits in the list of its size for
// the next of that size; so a run that begins anew takes what the one before had.
struct Block {
  Block* next;  // in its list, while nobody has it
};

// Stands before what the caller gets.
struct alignas(16) Owner {
  Block* block;
  unsigned size;  // k
};

constexpr std::size_t page = 65536;

Block* free_blocks[32];
std::uintptr_t next_new, end_of_memory;

// A block from memory that nobody had.
Block* new_block(std::size_t bytes) {
  if (end_of_memory == 0) end_of_memory = next_new = __builtin_wasm_memory_size(0) * page;
  if (end_of_memory - next_new < bytes) {
    const std::size_t pages = (bytes - (end_of_memory - next_new) + page - 1) / page;
    if (__builtin_wasm_memory_grow(0, pages) == SIZE_MAX) __builtin_trap();  // no memory is left
    end_of_memory += pages * page;
  }
  auto* const block = reinterpret_cast<Block*>(next_new);
  next_new += bytes;
  return block;
}

void* take(std::size_t bytes, std::size_t alignment) {
  const std::size_t needed = bytes + sizeof(Owner) + alignment;
  if (needed < bytes || needed > (std::size_t{1} << 31)) __builtin_trap();
  const auto size = static_cast<unsigned>(std::bit_width(needed - 1));
  Block*& waiting = free_blocks[size];
  Block* const block = waiting ? waiting : new_block(std::size_t{1} << size);
  if (block == waiting) waiting = block->next;
  const std::uintptr_t first = reinterpret_cast<std::uintptr_t>(block) + sizeof(Owner);
  const std::uintptr_t payload = (first + alignment - 1) / alignment * alignment;
  *(reinterpret_cast<Owner*>(payload) - 1) = {block, size};
  return reinterpret_cast<void*>(payload);
}

void give_back(void* memory) {
  if (memory == nullptr) return;
  const Owner owner = *(static_cast<Owner*>(memory) - 1);
  owner.block->next = free_blocks[owner.size];
  free_blocks[owner.size] = owner.block;
}

}  // namespace

void* operator new(std::size_t size) { return take(size, 1); }
void* operator new[](std::size_t size) { return take(size, 1); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return take(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return take(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { give_back(memory); }
void operator delete[](void* memory) noexcept { give_back(memory); }
void operator delete(void* memory, std::size_t) noexcept { give_back(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { give_back(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { give_back(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { give_back(memory); }

/// \cond
// Where libc++ gives up (a vector longer than memory).
#if !defined(_LIBCPP_VERBOSE_ABORT_NOEXCEPT)  // before libc++ 20 it promised nothing
#define _LIBCPP_VERBOSE_ABORT_NOEXCEPT
#endif
void std::__libcpp_verbose_abort(const char*, ...) _LIBCPP_VERBOSE_ABORT_NOEXCEPT {
  __builtin_trap();
}
void std::terminate() noexcept { __builtin_trap(); }
// Stands in the tables of classes whose objects nobody makes.
extern "C" void __cxa_pure_virtual() { __builtin_trap(); }
/// \endcond

// Where shared code throws: a module looks for what could be wrong beforehand, so nobody gets here,
// and nobody asks of which class an exception is.
extern "C" {
void* __cxa_allocate_exception(std::size_t) noexcept;
void __cxa_free_exception(void*) noexcept;
[[noreturn]] void __cxa_throw(void*, void*, void (*)(void*));
extern const void* const _ZTVN10__cxxabiv117__class_type_infoE[3];
extern const void* const _ZTVN10__cxxabiv120__si_class_type_infoE[3];

void* __cxa_allocate_exception(std::size_t) noexcept { __builtin_trap(); }
void __cxa_free_exception(void*) noexcept {}
void __cxa_throw(void*, void*, void (*)(void*)) { __builtin_trap(); }
const void* const _ZTVN10__cxxabiv117__class_type_infoE[3] = {};
const void* const _ZTVN10__cxxabiv120__si_class_type_infoE[3] = {};
}

// WebAssembly copies by one instruction; the C library's loops are 3 KB.
extern "C" {
void* memcpy(void* to, const void* from, std::size_t size) {
  return __builtin_memcpy(to, from, size);
}
void* memmove(void* to, const void* from, std::size_t size) {
  return __builtin_memmove(to, from, size);
}
void* memset(void* to, int byte, std::size_t size) { return __builtin_memset(to, byte, size); }
}
