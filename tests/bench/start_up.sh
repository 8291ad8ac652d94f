#!/bin/sh
# start_up.sh BENCH_STORE KRE_SEARCHD KRE_SEARCH: how long the store takes to read a file of 10,000 trials, and kre-searchd from its
# start on that file to the first answer that kre-search gets.
set -eu
store=$1 daemon=$2 client=$3
home=$(mktemp -d)
child=
trap '[ -z "$child" ] || kill -9 "$child"; rm -rf "$home"' EXIT
"$store" make "$home/trials.db"
"$store" walk "$home/trials.db"

now_ms() { echo $(($(date +%s%N) / 1000000)); }
for round in 1 2 3; do
	start=$(now_ms)
	"$daemon" --home "$home" --log-level=error &
	child=$!
	while [ ! -S "$home/daemon.sock" ]; do kill -0 "$child"; sleep 0.005; done
	"$client" --home "$home" status >/dev/null
	echo "start $round: $(($(now_ms) - start)) ms to the first answer"
	kill "$child"
	wait "$child" || true
	child=
done
