#!/bin/sh
# loop_turns.sh LIBLOOP_TURNS BENCH_REPORTS KRE_SEARCHD: how long the turns of the daemon's loop are while the Gaussian process thinks.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
TMPDIR=$folder LOOP_TURNS=$folder/turns LD_PRELOAD=$1 "$2" "$3" 4 4 gp 100 0
cat "$folder/turns.kre-searchd"
