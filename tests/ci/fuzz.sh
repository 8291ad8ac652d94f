#!/bin/sh
# fuzz.sh BUILD SECONDS: every fuzzer of BUILD for so long, two at a time, from its corpus and the same seed on, so that a run can be
# repeated; FUZZ_SEED=0 takes another each time. What it finds stays in BUILD/findings.
set -eu
build=$1 seconds=$2
mkdir -p "$build/findings"

fuzz() { # target
	grown=$(mktemp -d)
	"$build/tests/fuzz/fuzz_$1" -seed="${FUZZ_SEED:-1}" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
		-artifact_prefix="$build/findings/$1-" "$grown" "tests/fuzz/corpus/$1" >"$build/fuzz_$1.log" 2>&1 && found=0 || found=1
	rm -rf "$grown"
	if [ "$found" -eq 0 ]; then
		echo "fuzz $1: $(sed -n 's/^stat::number_of_executed_units: *//p' "$build/fuzz_$1.log") runs"
	else
		tail -n 60 "$build/fuzz_$1.log"
	fi
	return "$found"
}

if [ $# -gt 2 ]; then
	fuzz "$3"
else
	ls tests/fuzz/corpus | xargs -P 2 -n 1 "$0" "$build" "$seconds"
fi
