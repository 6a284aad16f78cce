#!/usr/bin/env bash
# Two hosts on one machine: two network namespaces, each with a name and an address of its own, and
# a cable between them. Nothing but TCP leads from one to the other, as between two machines.
#
#   two_hosts.sh [mpirun's options] PROGRAM [options]     one process on each; needs root
#
# RANKS=4 starts two on each, and so on. RATE=1gbit lets no more than that through the cable, as
# tc's token bucket does.
set -euo pipefail

space() { echo "ladder_$1_${2##*.}"; } # PID, address

# on PID ADDRESS COMMAND…: what ssh would do.
on() {
  local name address=$2
  name=$(space "$1" "$2")
  shift 2
  exec ip netns exec "$name" unshare --uts sh -c "hostname $address; exec $*"
}
if [ "${1:-}" = on ]; then
  shift
  on "$@"
fi

first=10.77.0.1
second=10.77.0.2
clean_up() {
  for host in $first $second; do ip netns del "$(space $$ "$host")" 2>/dev/null || true; done
}
trap clean_up EXIT
each=$((${RANKS:-2} / 2))
trap 'exit 130' INT TERM

for host in $first $second; do ip netns add "$(space $$ "$host")"; done
ip link add ladder netns "$(space $$ $first)" type veth peer name ladder netns "$(space $$ $second)"
for host in $first $second; do
  ip -n "$(space $$ "$host")" address add "$host/24" dev ladder
  ip -n "$(space $$ "$host")" link set ladder up
  [ -z "${RATE:-}" ] || tc -n "$(space $$ "$host")" qdisc add dev ladder root tbf rate "$RATE" \
    burst 64kb latency 50ms
  ip -n "$(space $$ "$host")" link set lo up
done

# Each host believes that it has this machine's cores to itself, and would bind its first process to
# the first of them: all hosts' to the same one.
self=$(readlink -f "$0")
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
"$self" on $$ $first mpirun --mca plm_rsh_agent "'$self on $$'" --mca btl self,tcp --bind-to none \
  --host "$first:$each,$second:$each" -np $((2 * each)) "$(printf '%q ' "$@")"
