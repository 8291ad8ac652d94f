#!/bin/sh
# Who may include whom: the table in HACKING.md, enforced. TAP on stdout, offending lines on stderr.
set -eu
cd "$(dirname "$0")/../.."

{ cat HACKING.md; echo '--- includes'; grep -rHo --include='*.[ch]' '^# *include *["<][^">]*' schema daemon worker cli; } | awk -F'|' '
function room_of(path) { # the innermost room that a path lies in
	while (!(path in headers) && sub("/[^/]*$", "", path)) ;
	return path in headers ? path : ""
}

function library_of(name) { # that a system header belongs to; empty for libc
	for (pattern in libraries_of)
		if (name ~ pattern) return libraries_of[pattern]
	return ""
}

function offend(room, sentence) { print sentence > "/dev/stderr"; offences[room]++ }

BEGIN {
	libraries_of["^cjson/"] = "cJSON"; libraries_of["^yaml\\.h$"] = "libyaml"; libraries_of["^uv(\\.h$|/)"] = "libuv"
	libraries_of["^openssl/"] = "OpenSSL"; libraries_of["^sqlite3\\.h$"] = "sqlite3"
	libraries_of["^(cblas|lapacke)\\.h$|^openblas"] = "OpenBLAS"; libraries_of["^utf8proc\\.h$"] = "utf8proc"
	libraries_of["^ut(hash|list)\\.h$"] = "uthash"
}

/^--- includes$/ { in_files = 1; next }
/^\| folder \| our headers/ { in_table = 1; next }
in_table && !/^\|/ { in_table = 0 }
in_table && !/^\|-/ {
	gsub(/^ +| +$/, "", $2)
	order[++rooms] = $2; headers[$2] = " " $2 " " $3 " "; libraries[$2] = " " $4 " "
}

in_files {
	file = $0; sub(/:.*/, "", file)
	name = $0; sub(/^[^:]*:# *include */, "", name)
	kind = substr(name, 1, 1); name = substr(name, 2)
	room = room_of(file)
	if (kind == "\"" && index(headers[room], " " room_of(name) " ") == 0) offend(room, file " includes \"" name "\"")
	library = kind == "<" ? library_of(name) : ""
	if (library != "" && index(libraries[room], " " library " ") == 0) offend(room, file " includes <" name ">")
}

END {
	print "1.." rooms
	for (i = 1; i <= rooms; i++)
		print (offences[order[i]] ? "not ok " : "ok ") i " - " order[i] " includes only what the table allows"
}'
