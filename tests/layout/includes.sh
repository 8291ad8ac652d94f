#!/bin/sh
# Who may include whom: the table in HACKING.md, enforced. TAP on stdout, offending lines on stderr.
set -eu
cd "$(dirname "$0")/../.."

table() { # prints "folder|headers|libraries" for each row of the table
	awk -F'|' '/^\| folder \| our headers/ {inside = 1; getline; next}
		inside && !/^\|/ {exit}
		inside {gsub(/^ +| +$/, "", $2); print $2 "|" $3 "|" $4}' HACKING.md
}

library_of() { # the library a system header belongs to; empty for libc
	case $1 in
	cjson/*) echo cJSON ;;
	yaml.h) echo libyaml ;;
	uv.h | uv/*) echo libuv ;;
	openssl/*) echo OpenSSL ;;
	sqlite3.h) echo sqlite3 ;;
	cblas.h | lapacke.h | openblas*) echo OpenBLAS ;;
	utf8proc.h) echo utf8proc ;;
	uthash.h | utlist.h) echo uthash ;;
	esac
}

check_folder() { # folder, allowed folders, allowed libraries
	find "$1" -maxdepth 2 -name '*.[ch]' | while read -r file; do
		room=$(dirname "$file")
		owner=$room
		while [ "$owner" != . ] && ! echo "$rooms" | grep -qx "$owner"; do owner=$(dirname "$owner"); done
		[ "$owner" = "$1" ] || continue
		grep -o '^# *include *["<][^">]*' "$file" | sed 's/.*["<]/& /; s/^.*include *//' | tr -d ' ' | while read -r include; do
			name=$(echo "$include" | cut -c2-)
			case $include in
			'"'*)
				folder=$(dirname "$name")
				while [ "$folder" != . ] && ! echo "$rooms" | grep -qx "$folder"; do folder=$(dirname "$folder"); done
				case " $1 $2 " in *" $folder "*) ;; *) echo "$file includes \"$name\"" ;; esac ;;
			'<'*)
				library=$(library_of "$name")
				[ -z "$library" ] && continue
				case " $3 " in *" $library "*) ;; *) echo "$file includes <$name>" ;; esac ;;
			esac
		done
	done
}

rooms=$(table | cut -d'|' -f1)
echo "1..$(echo "$rooms" | wc -l)"
number=0
table | while IFS='|' read -r folder headers libraries; do
	number=$((number + 1))
	offences=$(check_folder "$folder" "$headers" "$libraries")
	if [ -z "$offences" ]; then
		echo "ok $number - $folder includes only what the table allows"
	else
		echo "$offences" >&2
		echo "not ok $number - $folder includes only what the table allows"
	fi
done
