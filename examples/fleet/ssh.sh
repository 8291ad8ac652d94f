#!/bin/sh
# ssh.sh HOST...: a worker on every host, each until the studies are finished. kre-search has to be installed there, nothing else;
# the hosts have to reach this machine. The address goes through ssh's stdin: no argument and no file shows it. Ctrl-C ends all of them.
set -eu
[ $# -gt 0 ] || { echo "usage: $0 HOST..." >&2; exit 2; }
line=$(${KRE_SEARCH:-kre-search} join --name ssh)
trap 'kill $(jobs -p) 2>/dev/null || true; wait' INT TERM EXIT
for host; do
	printf '%s\n' "$line" | ${KRE_SSH:-ssh -o ServerAliveInterval=10} "$host" kre-worker --until-finished --grace-s=10 - 2>&1 | sed "s/^/$host: /" &
done
wait
