#!/bin/sh
# The size budget and the documented headers of HACKING.md. TAP on stdout, offenders on stderr.
set -eu
cd "$(dirname "$0")/../.."
sources() { find schema daemon worker cli -name "$1"; }

long_files() {
	sources '*.[ch]' | xargs wc -l | awk '$2 != "total" && $1 > 500 {print $2 ": " $1 " lines"}'
}

long_functions() {
	ctags --languages=C --c-kinds=f --fields=+ne -o - $(sources '*.c') | awk -F'\t' '!/^!/ {
		start = end = 0
		for (i = 4; i <= NF; i++) { if ($i ~ /^line:/) start = substr($i, 6); if ($i ~ /^end:/) end = substr($i, 5) }
		if (end - start > 70) print $2 ": " $1 ": " end - start " lines" }'
}

# A prototype is documented when a comment stands above its block of consecutive lines.
undocumented() {
	sources '*.h' | xargs awk '
		FNR == 1 {documented = 0; comment = 0}
		/^\/\*/ {comment = 1}
		comment {documented = 1; if (/\*\//) comment = 0; next}
		/^$/ {documented = 0; next}
		/^[a-z].*\(.*/ && !/^(typedef|static|struct [a-z_]+ \{|enum|return)/ && !documented {print FILENAME ":" FNR ": " $0}'
}

unfinished() {
	grep -rnE 'TODO|FIXME|\bXXX\b' --include='*.[ch]' --include='*.sql' --include='*.py' --include='*.sh' --include='*.md' \
		schema daemon worker cli examples README.md || true
}

number=0
verdict() { # sentence, offenders
	number=$((number + 1))
	if [ -z "$2" ]; then echo "ok $number - $1"; else echo "$2" >&2; echo "not ok $number - $1"; fi
}

echo 1..4
verdict "no file is over 500 lines" "$(long_files)"
verdict "no function is over 70 lines" "$(long_functions)"
verdict "every prototype in a header is documented" "$(undocumented)"
verdict "nothing is left for someone else to do" "$(unfinished)"
