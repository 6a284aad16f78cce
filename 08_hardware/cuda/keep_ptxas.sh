#!/bin/sh
# keep_ptxas.sh COMMAND…: runs a compiler; what ptxas says of registers and spills goes into OBJECT.ptxas, where a test
# reads it, and the rest of what is said to the reader.
object=""
before=""
for word; do
  [ "$before" = -o ] && object=$word
  before=$word
done
said=$object.said
"$@" 2>"$said"
status=$?
pattern='^ptxas info|^ +[0-9]+ bytes stack frame|^$'
grep -E "$pattern" "$said" >"$object.ptxas"
grep -vE "$pattern" "$said" >&2
rm -f "$said"
exit "$status"
