"""A daemon whose sampler takes its time: others go on, kill -9 at any instant loses nothing, and it stops cleanly."""

import random
import signal

from support.programs import PATIENCE_S, Client, Daemon

SPEC = {
    "name": "thinks",
    "sampler": {"name": "gp", "n_startup_trials": 4},
    "metric": {"name": "f1", "goal": "maximize"},
    "seed": 3,
    "parameters": {name: {"min": 0.0, "max": 1.0} for name in "abcdef"},
}


def fill(client, count):
    """Finished trials that no sampler had to think about."""
    chance = random.Random(1)
    for number in range(count):
        client.call("trial.enqueue", study="thinks", params={name: chance.random() for name in "abcdef"})
        run = client.call("trial.ask", study="thinks")["run"]
        client.call("trial.tell", run=run["run"], lease=run["lease"], state="complete", value=chance.random())


def test_a_daemon_killed_while_it_thinks_has_forgotten_nothing_that_it_said(home):
    daemon = Daemon(home, "--lease-s=60").start()
    chance = random.Random(7)
    clients = [Client(daemon.socket, name=f"w{i}") for i in range(2)]
    clients[0].call("study.create", spec=SPEC)
    fill(clients[0], 40)
    told = {}
    for turn in range(20):
        for client in clients:
            client.send("trial.ask", {"study": "thinks"}, 1000 + turn)
        if turn % 2:
            heard = {}
            if chance.random() < 0.5:  # one answer is out, the other suggestion is under way
                heard[0] = clients[0].read()["result"]["run"]["run"]
            daemon.kill()
            daemon.start()
            clients = [Client(daemon.socket, name=f"w{i}", session=client.hello["session"]) for i, client in enumerate(clients)]
            for client in clients:
                client.send("trial.ask", {"study": "thinks"}, 1000 + turn)
        for i, client in enumerate(clients):
            run = client.read()["result"]["run"]
            if turn % 2 and i in heard:
                assert run["run"] == heard[i]
            assert run["number"] not in told
            told[run["number"]] = chance.random()
            client.call("trial.tell", run=run["run"], lease=run["lease"], state="complete", value=told[run["number"]])
    daemon.kill()
    daemon.start()
    try:
        kept = dict(daemon.sql("select t.number, v.value from trials t join trial_values v using (trial_id) where t.number >= 40"))
        assert kept == told and sorted(told) == list(range(40, 80))
        assert daemon.sql("select count(*) from trials where state <> 'COMPLETE'") == [(0,)]
        assert daemon.sql("pragma integrity_check") == [("ok",)]
    finally:
        daemon.stop()


def test_questions_of_one_connection_are_answered_in_order_also_when_some_take_long(daemon):
    client = daemon.client()
    client.call("study.create", spec=SPEC)
    fill(client, 40)
    wanted = []
    for i in range(4):
        for method, params in [("study.importance", {"study": "thinks", "method": "fanova"}), ("study.list", {}),
                               ("trial.ask", {"study": "thinks"}), ("study.get", {"study": "thinks"})]:
            wanted.append(100 + len(wanted))
            client.send(method, params, wanted[-1])
    replies = [client.read() for _ in wanted]
    assert [reply["id"] for reply in replies] == wanted
    assert all("result" in reply for reply in replies)
    numbers = [reply["result"]["run"]["number"] for reply in replies if "run" in reply["result"]]
    assert numbers == [40, 41, 42, 43]


def test_a_daemon_told_to_stop_while_it_thinks_ends_with_code_0_and_goes_on_later(home):
    daemon = Daemon(home).start()
    client = Client(daemon.socket)
    client.call("study.create", spec=SPEC)
    fill(client, 60)
    for turn in range(4):
        others = [Client(daemon.socket) for _ in range(3)]
        for other in others:
            other.send("study.importance", {"study": "thinks", "method": "fanova"}, 1)
        client.send("trial.ask", {"study": "thinks"}, 1000 + turn)
        daemon.process.send_signal(signal.SIGTERM)
        assert daemon.process.wait(PATIENCE_S) == 0, daemon.output()
        daemon.start()
        client = Client(daemon.socket, session=client.hello["session"])
    try:
        run = client.call("trial.ask", study="thinks", id=1003)["run"]
        assert run is not None
        assert "Sanitizer" not in daemon.output()
    finally:
        assert daemon.stop() == 0
