#!/bin/sh
# Installs with apt whatever is missing to build kre-search; with the word "tests", also what its tests need; with the word "ci",
# also what .ci/run needs.
# As root, or as a user with sudo. Asks nothing, and does nothing when everything is there.
set -eu

build="gcc libc6-dev meson ninja-build pkg-config libsqlite3-dev libuv1-dev libssl-dev libcjson-dev libopenblas-dev
	liblapacke-dev libyaml-dev libutf8proc-dev sqlite3 scdoc"
tests="libcmocka-dev universal-ctags python3 python3-pytest python3-optuna python3-sklearn python3-venv python3-yaml python3-prometheus-client git
	iproute2 libfaketime munge slurm-wlm"
# prometheus-client: its parsers judge what `kre-search metrics` prints.
ci="clang libclang-rt-14-dev clang-format-14 clang-tidy-14 cppcheck lcov"

wanted=$build
[ "${1-}" = tests ] && wanted="$build $tests"
[ "${1-}" = ci ] && wanted="$build $tests $ci"

missing=
for package in $wanted; do
	dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

root=
if [ "$(id -u)" -ne 0 ]; then
	root=sudo
	command -v sudo >/dev/null || {
		echo "install.sh: needs root or sudo to install:$missing" >&2
		exit 1
	}
fi
echo "Installing with apt:$missing" >&2
$root apt-get update -qq -o DPkg::Lock::Timeout=300 >&2
# shellcheck disable=SC2086 # a list of words
$root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y -o DPkg::Lock::Timeout=300 --no-install-recommends $missing >&2
