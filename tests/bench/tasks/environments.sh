#!/bin/bash
# environments.sh DIR makes three Python environments in DIR: tasks (the runner and Optuna), smac and hebo, as requirements/ pins them.
# Needs python3 3.11 with venv, the network and 9 GB: torch brings its own libraries.
set -eu
where=${1:?usage: environments.sh DIR}
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$where"
for name in tasks smac hebo; do
	[ -x "$where/$name/bin/python" ] || python3 -m venv "$where/$name"
	"$where/$name/bin/pip" install -q -r "$here/requirements/$name.txt"
done
"$where/hebo/bin/pip" install -q --no-deps hebo==0.3.6
"$where/tasks/bin/python" -c 'import onnxruntime, optuna, torch'
"$where/smac/bin/python" -c 'import smac'
"$where/hebo/bin/python" -c 'from hebo.optimizers.hebo import HEBO'
