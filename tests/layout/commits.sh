#!/bin/sh
# Commits as CONTRIBUTING in HACKING.md wants them: "room: what" in at most 60 characters, and a body that says why. Looked at are those
# since the last release, or since this is the rule; in a shallow clone, or without git, there is nothing to look at. TAP.
set -eu
cd "$(dirname "$0")/../.."
rule=f40feb805f425ada8db8c093dd8e8ec9036bc371 # the last commit before the rule

skip() { echo "1..0 # SKIP $1"; exit 0; }
[ "$(git rev-parse --show-prefix --is-shallow-repository 2>/dev/null | tr -d '\n')" = false ] || skip "no whole clone"
git merge-base --is-ancestor "$rule" HEAD 2>/dev/null || skip "another history"
since=$(git describe --abbrev=0 --match 'v*' 2>/dev/null) && git merge-base --is-ancestor "$rule" "$since" || since=$rule

offenders=$(git log --no-merges --format='%h%x09%s%x09%b%x00' "$since..HEAD" | tr '\n\000' ' \n' | awk -F'\t' 'NF > 1 {
	sub(/^ /, "", $1)
	if (length($2) > 60) print $1 ": " length($2) " characters: " $2
	if ($2 !~ /^[a-z0-9_\/*{}, -]+: [^ ].*[^. ]$/) print $1 ": not \"room: what\" without a full stop: " $2
	if ($3 ~ /^ *$/) print $1 ": no body: " $2
}')
[ -z "$offenders" ] || echo "$offenders" >&2
echo 1..1
[ -z "$offenders" ] && echo "ok 1 - every commit says where, what and why" || echo "not ok 1 - every commit says where, what and why"
