# Puts playwright-core, as package-lock.json names it, into TO: cmake -D FROM=… -D TO=… -D NPM=… -P this file.
# Without a network there is none, and the tests in a browser are skipped; nothing else needs it.
file(SHA256 "${FROM}/package-lock.json" wanted)
if(EXISTS "${TO}/installed")
  file(READ "${TO}/installed" installed)
endif()
if(installed STREQUAL wanted)
  return()
endif()
file(MAKE_DIRECTORY "${TO}")
file(COPY "${FROM}/package.json" "${FROM}/package-lock.json" DESTINATION "${TO}")
execute_process(COMMAND "${NPM}" ci --no-audit --no-fund --loglevel=error --fetch-retries=1 --fetch-timeout=20000
  WORKING_DIRECTORY "${TO}" RESULT_VARIABLE status OUTPUT_QUIET ERROR_QUIET)
if(status EQUAL 0)
  file(WRITE "${TO}/installed" "${wanted}")
else()
  message(STATUS "npm could not fetch playwright-core, so the live page is not tested in a browser")
endif()
