#!/bin/bash
# Runs every test: installs what they need, builds with AddressSanitizer and UBSan, runs the rooms' tests (meson) and the
# whole-program tests (pytest). The last line is "N passed, N failed"; the exit code is 0 when nothing failed.
set -u
cd "$(dirname "$0")/.." || exit 1
build=${KRE_TEST_BUILD:-build-tests}
log=$build/tests.log

examples/install.sh tests || exit 1
if [ ! -f "$build/build.ninja" ]; then
	meson setup "$build" -Db_sanitize=address,undefined -Db_lundef=false || exit 1
fi
ninja -C "$build" || { echo "0 passed, 1 failed"; exit 1; }

export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export KRE_BUILD=$PWD/$build PYTHONDONTWRITEBYTECODE=1

meson test -C "$build" --print-errorlogs 2>&1 | tee "$log"
count() { grep -oE "^$1: +[0-9]+" "$log" | grep -oE '[0-9]+$' || echo 0; }
passed=$(count Ok)
failed=$(($(count Fail) + $(count Timeout) + $(count 'Unexpected Pass')))

/usr/bin/python3 -m pytest -p no:cacheprovider -q tests --durations=5 2>&1 | tee "$log"
summary=$(tail -n 1 "$log")
number() { echo "$summary" | grep -oE "[0-9]+ $1" | grep -oE '^[0-9]+' || echo 0; }
passed=$((passed + $(number passed)))
failed=$((failed + $(number failed) + $(number error)))
[ "$(number passed)" -gt 0 ] || failed=$((failed + 1))

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
