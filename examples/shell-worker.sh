#!/bin/sh
# A worker in shell: takes runs of a study until it hands out no more. Usage: shell-worker.sh STUDY
set -u
study=$1
kre_search=${KRE_SEARCH:-kre-search}

# Stands for a training program: prints the score after epoch $1.
score() {
	awk -v epoch="$1" -v rate="$KRE_PARAM_rate" -v layers="$KRE_PARAM_layers" \
		'BEGIN { printf "%.6f", (1 - (log(rate) + 2) ^ 2 / 20 - (layers - 3) ^ 2 / 30) * epoch / (epoch + 1) }'
}

# A lease lasts a while; whoever computes longer renews it now and then.
keep_lease() { while sleep 10 && "$kre_search" renew "$KRE_RUN" "$KRE_LEASE" --quiet; do :; done; }

one_run() {
	keep_lease >/dev/null 2>&1 &
	supervisor=$!
	state=complete
	for epoch in 1 2 3 4 5; do
		value=$(score "$epoch")
		"$kre_search" report "$KRE_RUN" "$KRE_LEASE" "$epoch" "$value" --quiet
		case $? in
		0) ;;
		10) state=pruned && break ;;    # this point is not worth finishing
		*) state=lost && break ;;       # somebody else has the run now
		esac
	done
	kill "$supervisor" 2>/dev/null
	[ "$state" = lost ] || "$kre_search" tell "$KRE_RUN" "$KRE_LEASE" "$value" --state "$state" --quiet
}

while :; do
	run=$("$kre_search" ask "$study" --wait --format shell --quiet)
	code=$?
	[ "$code" -eq 0 ] || break
	eval "$run"
	one_run
done
[ "$code" -eq 8 ] # the study is finished
