# Is there an nvcc? Then CUDA becomes a language of this build, and no_cuda_because is empty; else it says why not.
option(LADDER_CUDA "Compile for CUDA where there is an nvcc" ON)
set(LADDER_CUDA_ARCHITECTURES "" CACHE STRING
  "What to compile for, for example 80;90; empty: all that nvcc knows of ours")
set(no_cuda_because "")
if(NOT LADDER_CUDA)
  set(no_cuda_because "this build was asked for none (LADDER_CUDA is OFF)")
elseif(LADDER_SANITIZE)
  set(no_cuda_because "sanitizers watch this processor only, and built this")
else()
  # CUDA's own packages put nvcc where no PATH looks.
  find_program(LADDER_NVCC nvcc HINTS ENV CUDACXX
    PATHS ENV CUDA_PATH ENV CUDA_HOME /usr/local/cuda /opt/cuda PATH_SUFFIXES bin)
  mark_as_advanced(LADDER_NVCC)
  if(LADDER_NVCC AND NOT CMAKE_CUDA_COMPILER AND NOT DEFINED ENV{CUDACXX})
    set(ENV{CUDACXX} "${LADDER_NVCC}")
  endif()
  include(CheckLanguage)
  check_language(CUDA)
  if(NOT CMAKE_CUDA_COMPILER)
    set(no_cuda_because "this was built without nvcc (CUDA's toolkit, 12 or later, has it)")
  else()
    execute_process(COMMAND "${CMAKE_CUDA_COMPILER}" --list-gpu-arch OUTPUT_VARIABLE known ERROR_QUIET)
    set(architectures "${LADDER_CUDA_ARCHITECTURES}")
    if(NOT architectures)
      foreach(architecture IN ITEMS 80 86 89 90 100 120)
        if(known MATCHES "compute_${architecture}\n")
          list(APPEND architectures ${architecture}-real)
        endif()
      endforeach()
      list(APPEND architectures 80-virtual) # what the driver translates for all others
    endif()
    set(CMAKE_CUDA_ARCHITECTURES ${architectures})
    enable_language(CUDA)
    if(NOT DEFINED CMAKE_CUDA20_STANDARD_COMPILE_OPTION) # CMake 3.25 has not heard of it
      set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
      set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION -std=c++20)
    endif()
    find_package(CUDAToolkit QUIET)
    if(CMAKE_CUDA_COMPILER_VERSION VERSION_LESS 12.0)
      set(no_cuda_because "nvcc ${CMAKE_CUDA_COMPILER_VERSION} knows no C++20 (12.0 does)")
    elseif(NOT TARGET CUDA::cudart_static)
      set(no_cuda_because "CUDA's toolkit lacks its runtime, libcudart_static")
    endif()
  endif()
endif()

# ladder_cuda_objects(NAME SOURCES…): an object library of code for the device. Not with the house's flags: those are
# the host's. What ptxas says of registers is kept beside each object.
function(ladder_cuda_objects name)
  add_library(${name} OBJECT ${ARGN})
  target_include_directories(${name} PRIVATE "${LADDER_ROOT}")
  target_compile_options(${name} PRIVATE
    $<$<COMPILE_LANGUAGE:CUDA>:-Xptxas=-v;-Xcompiler=-Wall,-Wextra>
    $<$<AND:$<COMPILE_LANGUAGE:CUDA>,$<BOOL:${LADDER_WERROR}>>:-Werror=all-warnings;-Xcompiler=-Werror>)
  set(launcher "${LADDER_ROOT}/08_hardware/cuda/keep_ptxas.sh" ${CMAKE_CUDA_COMPILER_LAUNCHER})
  set_target_properties(${name} PROPERTIES UNITY_BUILD OFF CUDA_STANDARD 20 CUDA_COMPILER_LAUNCHER "${launcher}")
endfunction()
