#!/bin/sh
# cppcheck over the whole tree. What is no slip is listed, with the reason, in cppcheck.suppressions.
set -eu
exec cppcheck -j "$(nproc)" --enable=warning,performance,portability --std=c11 --quiet --error-exitcode=1 -I . \
	--library=tests/ci/cppcheck.cfg --suppressions-list=tests/ci/cppcheck.suppressions schema daemon worker cli tests
