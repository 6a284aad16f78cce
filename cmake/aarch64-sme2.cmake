# A toolchain file: programs for 64-bit ARM by clang 19, which knows SME2, with the libraries of Debian's
# g++-aarch64-linux-gnu. (g++ 14 knows SME2 too, but translates functions wrongly that change the mode and
# are inlined.)
include("${CMAKE_CURRENT_LIST_DIR}/aarch64-linux-gnu.cmake")
set(CMAKE_CXX_COMPILER clang++-19)
set(CMAKE_CXX_COMPILER_TARGET aarch64-linux-gnu)
set(CMAKE_EXE_LINKER_FLAGS_INIT "-static -fuse-ld=lld-19")
