#!/bin/sh
# From a fresh clone to a finished study: installs what is missing, builds, writes a corpus of generated Korean sentences,
# searches for the best linear relation extractor with two workers, and shows what was found. Run it again at any time: it goes
# on where it was, or shows the result again.
set -eu
cd "$(dirname "$0")/.."
start_s=$(date +%s)
say() { printf '\n== %s (%s s)\n' "$1" "$(($(date +%s) - start_s))"; }

say 'Packages'
examples/install.sh
say 'Build'
[ -f build/build.ninja ] || meson setup --buildtype=release build
ninja -C build --quiet

say 'Corpus'
corpus=build/quickstart/corpus.json
mkdir -p build/quickstart
[ -f "$corpus" ] || build/kre-train corpus --rows=3000 --seed=7 --noise=0.08 --out="$corpus"

say 'Search'
build/kre-search start examples/quickstart.yaml --workers 2 "$@"

say 'The best five, straight from the trial file'
sqlite3 -box kre-runs/trials.db "select rank, number, round(value, 4) as f1, duration, parameters from leaderboard where study = 'quickstart' limit 5"
say 'The best trial, class by class'
build/kre-search best quickstart --classes
say 'Done'
