#!/bin/sh
# coverage.sh BUILD: which share of the lines of each room the tests run, and whether every tree keeps its floor. Without sanitizers,
# whose tests tests/run.sh runs, as counters in every loop make both slow.
set -eu
floors="schema 92 daemon 93 worker 91 cli 87" # per cent; a little below what was reached when they were set

run() {
	rm -rf "$1"
	meson setup "$1" -Db_coverage=true >/dev/null
	KRE_TEST_BUILD=$1 tests/run.sh >"$1/coverage.log" 2>&1 || { tail -n 60 "$1/coverage.log"; return 1; }
}

judge() {
	lcov --quiet --capture --directory "$1" --base-directory "$1" --output-file "$1/coverage.info" --ignore-errors gcov,source 2>"$1/lcov.log"
	awk -F: -v root="$PWD/" -v floors="$floors" '
		/^SF:/ {path = substr($2, length(root) + 1); split(path, part, "/"); tree = part[1]
		        room = (path ~ "/.*/") ? part[1] "/" part[2] : part[1]}
		/^DA:/ {split($2, count, ","); lines[room]++; lines_of_tree[tree]++
		        if (count[2] > 0) {hit[room]++; hit_of_tree[tree]++}}
		END {
			n = split(floors, floor, " ")
			for (room in lines) for (i = 1; i < n; i += 2) if (index(room "/", floor[i] "/") == 1)
				printf "  %-22s %5.1f %% of %5d lines\n", room, 100 * hit[room] / lines[room], lines[room] | "sort"
			close("sort")
			for (i = 1; i < n; i += 2) {
				share = lines_of_tree[floor[i]] ? 100 * hit_of_tree[floor[i]] / lines_of_tree[floor[i]] : 0
				printf "%-24s %5.1f %%, floor %d %%\n", floor[i], share, floor[i + 1]
				low += share < floor[i + 1]
			}
			exit low > 0
		}' "$1/coverage.info"
}

run "$1"
judge "$1"
