#!/bin/sh
# Prints the value of Rosenbrock's function at --x=… --y=… as loss=….
for word in "$@"; do
	case $word in
	--x=*) x=${word#--x=} ;;
	--y=*) y=${word#--y=} ;;
	esac
done
awk -v x="$x" -v y="$y" 'BEGIN { printf "loss=%.9g\n", (1 - x) ^ 2 + 100 * (y - x * x) ^ 2 }'
