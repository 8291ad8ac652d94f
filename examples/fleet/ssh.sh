#!/bin/sh
# ssh.sh HOST...: a worker on every host, each until the studies are finished. kre-search has to be installed there, nothing else;
# the hosts have to reach this machine. The address goes through ssh's stdin: no argument and no file shows it. Ctrl-C ends all of
# them: it revokes their line, which reaches workers that ssh does not; what they had is handed out again. A second one does not wait.
set -eu
[ $# -gt 0 ] || { echo "usage: $0 HOST..." >&2; exit 2; }
search=${KRE_SEARCH:-kre-search}
made=$($search join --name ssh --json)
id=$(printf '%s\n' "$made" | sed 's/.*"id":"\([0-9a-f]*\)".*/\1/')
line=$(printf '%s\n' "$made" | sed 's/.*"address":"\([^"]*\)".*/\1/')
revoke() { $search revoke "$id" --quiet || true; }
trap revoke EXIT
trap 'trap - EXIT INT TERM; revoke; wait; exit 130' INT TERM
for host; do
	printf '%s\n' "$line" | ${KRE_SSH:-ssh -o ServerAliveInterval=10} "$host" kre-worker --until-finished --grace-s=10 - 2>&1 | sed "s/^/$host: /" &
done
wait
