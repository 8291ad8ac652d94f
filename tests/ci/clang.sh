#!/bin/sh
# clang.sh BUILD: everything by clang, the fuzzers too, under ASan and UBSan; a warning is an error.
set -eu
build=$1
rm -rf "$build"
CC=clang meson setup "$build" -Dfuzz=true -Dwerror=true -Db_sanitize=address,undefined -Db_lundef=false
ninja -C "$build"
