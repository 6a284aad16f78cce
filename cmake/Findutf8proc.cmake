# utf8proc::utf8proc. Before 2.10, which Debian 12 and Homebrew had long, utf8proc comes without a file
# for CMake; so its header and its library are looked for as well. (Installed beside the ladder's own
# package, which needs it for the same.)
find_package(utf8proc CONFIG QUIET)
if(NOT TARGET utf8proc::utf8proc)
  find_path(UTF8PROC_INCLUDE_DIR utf8proc.h)
  find_library(UTF8PROC_LIBRARY utf8proc)
  mark_as_advanced(UTF8PROC_INCLUDE_DIR UTF8PROC_LIBRARY)
  if(UTF8PROC_INCLUDE_DIR AND UTF8PROC_LIBRARY)
    add_library(utf8proc::utf8proc UNKNOWN IMPORTED)
    set_target_properties(utf8proc::utf8proc PROPERTIES IMPORTED_LOCATION "${UTF8PROC_LIBRARY}"
      INTERFACE_INCLUDE_DIRECTORIES "${UTF8PROC_INCLUDE_DIR}")
  endif()
endif()
set(utf8proc_FOUND FALSE)
if(TARGET utf8proc::utf8proc)
  set(utf8proc_FOUND TRUE)
endif()
