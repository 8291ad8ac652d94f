"""What runs take of their machines, and what the machines have, as people see it."""

import json

from support.programs import run


def test_what_a_run_took_and_the_machines_of_the_workers_are_shown(daemon, home):
    client = daemon.client(hello=False)
    client.call("hello", protocol=1, role="admin", name="box", machine={"threads": 6, "memory_mb": 64000})
    client.call("study.create", spec={"name": "s", "method": "random", "metric": {"name": "f1", "goal": "maximize"},
                                      "parameters": {"x": {"min": 0.0, "max": 1.0}}, "command": ["true"]})
    held, idle = (client.call("trial.ask", study="s")["run"] for _ in range(2))
    claim = {"run": held["run"], "lease": held["lease"]}
    client.call("lease.renew", leases=[claim], load=3.25)
    client.call("trial.tell", **claim, state="complete", value=0.5, usage={"cpu_s": 118, "peak_mb": 640.25, "wall_s": 62})
    client.call("trial.tell", run=idle["run"], lease=idle["lease"], state="complete", value=0.5)
    shown = run("kre-search", "show", "0", home=home, check=True).stdout
    assert "    took 1m02s, 1m58s of processor time, at most 640 MB\n" in shown
    (told,) = json.loads(run("kre-search", "show", "0", "--json", home=home, check=True).stdout)["runs"]
    assert told["usage"] == {"cpu_s": 118, "peak_mb": 640.25, "wall_s": 62}
    assert "took" not in run("kre-search", "show", "1", home=home, check=True).stdout
    assert [line.split()[-4:] for line in run("kre-search", "status", "s", home=home, check=True).stdout.splitlines() if "64.0" in line] == [
        ["6", "64.0", "GB", "3.25"]]
    assert daemon.sql("select cpu_s, peak_mb from runs order by number") == [(118, 640), (None, None)]
