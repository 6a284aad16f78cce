# Which instructions the compiler may use: LADDER_MARCH, as a flag of ladder_flags. LADDER_FLAGS_TEXT is
# what results say about the flags.
set(march "${LADDER_MARCH}")
if(NOT march OR (march STREQUAL "native" AND NOT LADDER_NATIVE))
  set(march "")
endif()
if(march)
  include(CheckCXXCompilerFlag)
  string(MAKE_C_IDENTIFIER "LADDER_HAS_MARCH_${march}" has_march)
  check_cxx_compiler_flag("-march=${march}" ${has_march})
  if(${has_march})
    target_compile_options(ladder_flags INTERFACE "-march=${march}")
    # clang 19 finds fault with what it takes `native` for on a Xeon behind a hypervisor.
    if(march STREQUAL "native" AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
      check_cxx_compiler_flag(-Winvalid-feature-combination LADDER_KNOWS_FEATURE_COMBINATIONS)
      if(LADDER_KNOWS_FEATURE_COMBINATIONS)
        target_compile_options(ladder_flags INTERFACE -Wno-invalid-feature-combination)
      endif()
    endif()
  elseif(march STREQUAL "native")
    set(march "") # some compilers for ARM have no such word
  else()
    message(FATAL_ERROR "${CMAKE_CXX_COMPILER} ${CMAKE_CXX_COMPILER_VERSION} does not know "
      "-march=${march}. LADDER_MARCH can be native, OFF, or a level that this compiler knows: "
      "on x86-64 that is x86-64-v2, x86-64-v3 or x86-64-v4.")
  endif()
endif()

# The compiler obeys the last -march, so the reader of a result should see it last.
set(LADDER_FLAGS_TEXT "${CMAKE_BUILD_TYPE}")
if(CMAKE_CXX_FLAGS)
  string(APPEND LADDER_FLAGS_TEXT " ${CMAKE_CXX_FLAGS}")
endif()
if(LADDER_SANITIZE)
  string(APPEND LADDER_FLAGS_TEXT " -fsanitize=${LADDER_SANITIZE}")
endif()
if(march)
  string(APPEND LADDER_FLAGS_TEXT " -march=${march}")
endif()
