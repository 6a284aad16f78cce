# WebAssembly modules: C++ sources that a browser runs, compiled by clang 19 or newer with wasi-libc.
# The rest of the ladder may be built by any compiler. Debian's packages are
set(LADDER_WASM_PACKAGES
  "clang-19 lld-19 wasi-libc libc++-19-dev-wasm32 libc++abi-19-dev-wasm32 libclang-rt-19-dev-wasm32")
include_guard(DIRECTORY) # for its variables; what it finds is found once

find_program(LADDER_WASM_CXX DOC "clang++ for wasm32-wasi, 19 or newer" NAMES clang++-22 clang++-21
  clang++-20 clang++-19 clang++)
mark_as_advanced(LADDER_WASM_CXX)
set(LADDER_WASM_FLAGS --target=wasm32-wasi -std=c++20 -msimd128 -mbulk-memory -msign-ext
  -mnontrapping-fptoint -ffp-contract=fast -fno-math-errno -fno-trapping-math -Wall -Wextra)

# LADDER_WASM_WORKS: a compiler without the libraries is as good as none; a small module tells.
if(LADDER_WASM_CXX AND NOT LADDER_WASM_PROBED STREQUAL LADDER_WASM_CXX)
  file(WRITE "${CMAKE_BINARY_DIR}/wasm_probe/probe.cpp"
    "#include <vector>\n#if __clang_major__ < 19\n#error \"too old\"\n#endif\n"
    "extern \"C\" [[clang::export_name(\"f\")]] int f(int n) { return std::vector<int>(n)[0]; }\n")
  execute_process(COMMAND "${LADDER_WASM_CXX}" ${LADDER_WASM_FLAGS} -fno-exceptions
    -mexec-model=reactor probe.cpp -o probe.wasm WORKING_DIRECTORY "${CMAKE_BINARY_DIR}/wasm_probe"
    RESULT_VARIABLE status OUTPUT_QUIET ERROR_QUIET)
  if(status EQUAL 0)
    set(works ON)
  else()
    set(works OFF)
  endif()
  set(LADDER_WASM_WORKS ${works} CACHE INTERNAL "LADDER_WASM_CXX makes modules")
  # What fails is tried again: somebody may install what was missing.
  if(works)
    set(LADDER_WASM_PROBED "${LADDER_WASM_CXX}" CACHE INTERNAL "The compiler that this is known of")
  endif()
endif()
if(NOT LADDER_WASM_CXX OR NOT LADDER_WASM_WORKS)
  message(STATUS "no WebAssembly modules: they need ${LADDER_WASM_PACKAGES}")
endif()

# ladder_wasm_module(09_trainer_wasm OUTPUT 09_trainer.wasm FAST … SMALL … THROWING … BESIDE …)
#
#   OUTPUT    the module, in build/<preset>/wasm/
#   FAST      sources for speed
#   LEAN      sources for speed that are as fast if they are not written out at length (-Os)
#   SMALL     sources for size; none of these has exceptions
#   THROWING  sources for size that are shared with programs that have exceptions. In the module a
#             throw is the end, and whoever calls makes sure that it does not come to that. What of
#             these sources nobody calls is left out, with the libraries that it would need.
#   LEARNING  sources for speed, of the stages that learn: with Eigen, and with exceptions like THROWING
#   BESIDE    files that are copied into the folder of the module
#   RELAXED   (no value) with the instructions of relaxed SIMD, which not every browser has
#
# The target of this name is part of ALL where there is such a compiler; else there is none.
function(ladder_wasm_module name)
  cmake_parse_arguments(wasm "RELAXED" "OUTPUT" "FAST;LEAN;SMALL;THROWING;LEARNING;BESIDE" ${ARGN})
  if(NOT LADDER_WASM_CXX OR NOT LADDER_WASM_WORKS OR LADDER_SANITIZE) # sanitizers see native code
    return()
  endif()
  set(folder "${CMAKE_BINARY_DIR}/wasm")
  set(flags ${LADDER_WASM_FLAGS} "-I${LADDER_ROOT}" $<$<BOOL:${LADDER_WERROR}>:-Werror>)
  if(wasm_RELAXED)
    list(APPEND flags -mrelaxed-simd)
  endif()
  # Of libraries the headers alone.
  set(fmt "$<TARGET_PROPERTY:fmt::fmt,INTERFACE_INCLUDE_DIRECTORIES>")
  set(utf8proc "$<TARGET_PROPERTY:utf8proc::utf8proc,INTERFACE_INCLUDE_DIRECTORIES>")
  set(eigen "$<TARGET_PROPERTY:Eigen3::Eigen,INTERFACE_INCLUDE_DIRECTORIES>")
  set(objects "")
  foreach(kind IN ITEMS FAST LEAN SMALL THROWING LEARNING)
    set(flags_of_FAST -O2 -fno-exceptions -fno-rtti)
    set(flags_of_LEAN -Os -fno-exceptions -fno-rtti)
    set(flags_of_SMALL -Oz -fno-exceptions -fno-rtti)
    set(flags_of_THROWING -Oz)
    set(flags_of_LEARNING -O2 -DNDEBUG -fno-rtti)
    foreach(source IN LISTS wasm_${kind})
      string(MAKE_C_IDENTIFIER "${source}" object)
      set(object "${CMAKE_CURRENT_BINARY_DIR}/${name}/${object}.o")
      get_filename_component(source "${source}" ABSOLUTE)
      add_custom_command(OUTPUT "${object}" DEPENDS "${source}" DEPFILE "${object}.d"
        COMMAND "${LADDER_WASM_CXX}" ${flags} ${flags_of_${kind}}
          "$<$<BOOL:${fmt}>:-idirafter$<JOIN:${fmt},;-idirafter>>"
          "$<$<BOOL:${eigen}>:-idirafter$<JOIN:${eigen},;-idirafter>>"
          "$<$<BOOL:${utf8proc}>:-idirafter$<JOIN:${utf8proc},;-idirafter>>"
          -MD -MF "${object}.d" -c "${source}" -o "${object}"
        COMMENT "Building ${source} for WebAssembly" COMMAND_EXPAND_LISTS VERBATIM)
      list(APPEND objects "${object}")
    endforeach()
  endforeach()
  # (The order counts: of a function that several files have, the first one's is taken.)
  file(MAKE_DIRECTORY "${folder}" "${CMAKE_CURRENT_BINARY_DIR}/${name}")
  set(made "${folder}/${wasm_OUTPUT}")
  set(stack "")
  if(wasm_LEARNING)
    set(stack "-Wl,-z,stack-size=1048576") # Eigen keeps up to 128 KB of a product there; 64 is the rule
  endif()
  add_custom_command(OUTPUT "${made}" DEPENDS ${objects}
    COMMAND "${LADDER_WASM_CXX}" --target=wasm32-wasi -mexec-model=reactor -Wl,-s -Wl,--gc-sections
      -Wl,--compress-relocations ${stack} ${objects} -o "${made}"
    COMMENT "Linking ${wasm_OUTPUT}" VERBATIM)
  add_custom_target(${name} ALL DEPENDS "${made}")
  # Several modules may have the same file beside them: it is copied once.
  foreach(file IN LISTS wasm_BESIDE)
    get_filename_component(file "${file}" ABSOLUTE)
    get_filename_component(copy "${file}" NAME)
    if(NOT TARGET wasm_${copy})
      add_custom_command(OUTPUT "${folder}/${copy}" DEPENDS "${file}"
        COMMAND "${CMAKE_COMMAND}" -E copy "${file}" "${folder}/${copy}" VERBATIM)
      add_custom_target(wasm_${copy} DEPENDS "${folder}/${copy}")
    endif()
    add_dependencies(${name} wasm_${copy})
  endforeach()
endfunction()
