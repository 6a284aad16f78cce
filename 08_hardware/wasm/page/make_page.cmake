# Makes the folder that is the page: cmake -D FROM=08_hardware/wasm -D TO=… -D MODULES=… -D ROOT=… -D PYTHON=… -P
# this file. MODULES has what was built for the browser; what is missing there the page does without, and says so.
file(REMOVE_RECURSE "${TO}")
file(MAKE_DIRECTORY "${TO}/modules" "${TO}/data")
file(COPY "${FROM}/page/" DESTINATION "${TO}" FILES_MATCHING PATTERN "*.html" PATTERN "*.css" PATTERN "*.mjs")
foreach(room IN ITEMS inside climb)
  if(EXISTS "${FROM}/${room}")
    file(COPY "${FROM}/${room}" DESTINATION "${TO}" FILES_MATCHING PATTERN "*.css" PATTERN "*.mjs"
      PATTERN "check*.mjs" EXCLUDE PATTERN "test*.mjs" EXCLUDE)
  endif()
endforeach()
foreach(folder IN LISTS MODULES)
  file(GLOB modules "${folder}/*.wasm" "${folder}/*.mjs")
  file(COPY ${modules} DESTINATION "${TO}/modules")
endforeach()
file(COPY "${ROOT}/common/data/microgpt.safetensors" "${ROOT}/book/results/ladder.json" DESTINATION "${TO}/data")
file(COPY_FILE "${ROOT}/common/data/ssa2018.txt" "${TO}/data/names.txt")
file(TOUCH "${TO}/.nojekyll") # GitHub Pages then takes the files as they are
foreach(made IN ITEMS "glossary;book/glossary.md;glossary.json" "native;book/results/speed.json;native.json")
  list(GET made 0 what)
  list(GET made 1 source)
  list(GET made 2 file)
  execute_process(COMMAND "${PYTHON}" "${FROM}/page/make_data.py" ${what} "${ROOT}/${source}" "${TO}/data/${file}"
    COMMAND_ERROR_IS_FATAL ANY)
endforeach()
