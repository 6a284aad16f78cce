# The book: its checks (ctest -L book) and the targets that make it.
#
#   book      fills listings, numbers, outputs and links into book/*.md and the READMEs
#   results   measures anew what the book's numbers come from (minutes, on a quiet machine)
#   figures   draws charts and diagrams (needs node)
#   docs      the site: book and API, in build/<preset>/book/html/ (needs doxygen)
#   print     the book on one page, and as PDF where there is Chromium
include_guard(GLOBAL)

find_package(Python3 COMPONENTS Interpreter QUIET)
find_program(LADDER_DOXYGEN doxygen)
find_program(LADDER_NODE node)
find_program(LADDER_NPM npm)
mark_as_advanced(LADDER_DOXYGEN LADDER_NODE LADDER_NPM)

set(book_tools "${LADDER_ROOT}/book/tools")
set(book_build "${CMAKE_BINARY_DIR}/book")
set(book_bin --bin "${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")

# A test of the book. Without Python it is skipped, and says what to install.
function(ladder_book_test name)
  if(Python3_FOUND)
    add_test(NAME "book/${name}" COMMAND ${ARGN})
  else()
    add_test(NAME "book/${name}" COMMAND "${CMAKE_COMMAND}" -E echo "install python3")
    set_tests_properties("book/${name}" PROPERTIES SKIP_REGULAR_EXPRESSION "install python3")
  endif()
  set_tests_properties("book/${name}" PROPERTIES LABELS book SKIP_RETURN_CODE 4 TIMEOUT 300)
endfunction()

if(BUILD_TESTING AND NOT LADDER_SANITIZE) # once is enough
  foreach(check IN ITEMS listings numbers outputs commands links figures)
    ladder_book_test(${check}
      "${Python3_EXECUTABLE}" "${book_tools}/book.py" check ${check} ${book_bin})
  endforeach()
  ladder_book_test(tools "${Python3_EXECUTABLE}" "${book_tools}/test_tools.py")
  ladder_book_test(site "${Python3_EXECUTABLE}" "${book_tools}/build_site.py" --check
    --out "${book_build}/site_test" --node "${book_build}/node")
endif()

if(NOT Python3_FOUND)
  return()
endif()
set(book_py "${Python3_EXECUTABLE}" "${book_tools}/book.py")

add_custom_target(book COMMAND ${book_py} fill ${book_bin} USES_TERMINAL
  COMMENT "Filling the book")
add_custom_target(results
  COMMAND ${book_py} results ${book_bin}
  COMMAND ${book_py} fill ${book_bin} USES_TERMINAL
  COMMENT "Measuring what the book's numbers come from")
if(TARGET ladder)
  add_dependencies(book ladder)
  add_dependencies(results ladder)
endif()

# What npm installs lies in the build folder, so that nothing is written beside the sources.
set(node_stamp "${book_build}/node/installed")
if(LADDER_NPM AND LADDER_NODE)
  add_custom_command(OUTPUT "${node_stamp}"
    DEPENDS "${LADDER_ROOT}/book/package.json" "${LADDER_ROOT}/book/package-lock.json"
    COMMAND "${CMAKE_COMMAND}" -E make_directory "${book_build}/node"
    COMMAND "${CMAKE_COMMAND}" -E copy "${LADDER_ROOT}/book/package.json"
      "${LADDER_ROOT}/book/package-lock.json" "${book_build}/node"
    COMMAND "${CMAKE_COMMAND}" -E chdir "${book_build}/node"
      "${LADDER_NPM}" ci --no-audit --no-fund --loglevel=error
    COMMAND "${CMAKE_COMMAND}" -E touch "${node_stamp}"
    COMMENT "Installing vega, vega-lite and mathjax")
  add_custom_target(book_node DEPENDS "${node_stamp}")
  add_custom_target(figures
    COMMAND ${book_py} diagrams
    COMMAND "${Python3_EXECUTABLE}" "${book_tools}/figures.py" "${LADDER_NODE}" "${book_build}/node"
    COMMAND ${book_py} fill ${book_bin}
    COMMENT "Drawing the figures")
  add_dependencies(figures book_node)
else()
  add_custom_target(figures COMMAND "${CMAKE_COMMAND}" -E echo
    "charts are drawn by node: install nodejs and npm" COMMAND "${CMAKE_COMMAND}" -E false)
endif()

add_custom_target(docs COMMAND "${Python3_EXECUTABLE}" "${book_tools}/build_site.py"
  --out "${book_build}" --node "${book_build}/node" USES_TERMINAL COMMENT "Building the site")
add_custom_target(print COMMAND "${Python3_EXECUTABLE}" "${book_tools}/print_book.py"
  --site "${book_build}" USES_TERMINAL COMMENT "Printing the book")
add_dependencies(print docs)
if(TARGET book_node)
  add_dependencies(docs book_node)
endif()
