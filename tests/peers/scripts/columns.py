"""FILE: what pandas makes of an exported table."""

import json
import sys

import pandas

table = pandas.read_csv(sys.argv[1])
print(json.dumps({"rows": len(table), "value": str(table["value"].dtype), "params_n": str(table["params_n"].dtype),
                  "state": sorted(set(table["state"]))}))
