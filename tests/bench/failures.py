"""failures.py BUILD [KILLS [PARTITIONS]]: 100 times (or KILLS) the daemon or a worker is killed with kill -9, in turn, and 100 times (or
PARTITIONS) a worker's host is cut off, every fourth time until its leases are lost; meanwhile workers report all the time, over TLS.

Then the file is asked: is every report there that was acknowledged, has every run that is complete all of its reports, and is no trial
complete twice? The partitions need root, for network namespaces. A worker here is kre-worker with a shell script, or a client of the wire
(this program, as "client LINE LOG NAME") which notes down what the daemon acknowledged.
"""
import itertools
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

BENCH = pathlib.Path(__file__).resolve()
sys.path.insert(0, str(BENCH.parents[1]))
STEPS, LEASE_S, WORKERS, CLIENT_WAITS_S = 10, 2, 3, 3
# A pause without a program of its own: nothing ever comes from that pipe.
TRAINER = """\
exec 9<> <(:)
for step in $(seq 1 %d); do
	read -r -t 0.03 _ <&9
	echo "{\\"step\\": $step, \\"f1\\": 0.$step}" >&"$KRE_REPORT_FD"
done
""" % STEPS


# ---- a client of the wire ----

class Client:
    """Asks, reports and tells until it is killed; comes back with its session, and goes on with its run."""

    def __init__(self, line, log, name):
        from support.network import Caller
        self.come = lambda: Caller(line, session=self.session, name=name)
        self.log = open(log, "a", buffering=1)
        self.session = self.run = None
        self.asked = self.step = 0

    def work(self, caller):
        if self.run is None:
            self.run = caller.call("trial.ask", id=f"ask-{os.getpid()}-{self.asked}", study="s", commands=["bash"])["run"]
            self.step = 0
        if self.run is None:
            return
        claim = {"run": self.run["run"], "lease": self.run["lease"]}
        while self.step < STEPS:
            if caller.call("trial.report", **claim, step=self.step + 1, value=self.step / STEPS)["stop"] == "lost":  # it was not kept
                return self.forget()
            self.step += 1
            self.log.write(f"report {claim['run']} {self.step}\n")
        caller.call("trial.tell", **claim, state="complete", value=0.5)
        self.log.write(f"tell {claim['run']} 0\n")
        self.forget()

    def forget(self):
        self.run, self.asked = None, self.asked + 1

    def live(self):
        from support.programs import Refused
        while True:
            try:
                caller = self.come()
                caller.socket.settimeout(CLIENT_WAITS_S)
                self.session = caller.hello["session"]
                while True:
                    self.work(caller)
            except Refused:  # the lease is another's
                self.forget()
            except OSError:
                time.sleep(0.05)


# ---- what is asked of the file ----

def acknowledged(folder):
    return [line.split() for log in folder.glob("client*.log") for line in log.read_text().splitlines()]


def judge(daemon, folder):
    """Reports that were acknowledged and are lost, trials that are complete twice, and how many there were."""
    notes = acknowledged(folder)
    states = dict(daemon.sql("select run_id, state from kre_runs"))  # in this order: work goes on meanwhile
    reports = set(daemon.sql("select run_id, step from kre_reports"))
    lost = [note for note in notes if note[0] == "report" and (int(note[1]), int(note[2])) not in reports]
    untold = [note for note in notes if note[0] == "tell" and states[int(note[1])] != "complete"]
    complete = {run for run, state in states.items() if state == "complete"}
    by_programs, = daemon.sql("select count(*) from kre_runs where state = 'complete' and worker like 'w%'")[0]
    short = sum(not {(run, step) for step in range(1, STEPS + 1)} <= reports for run in complete)
    twice = daemon.sql("select trial_id, fold from kre_runs where state = 'complete' group by 1, 2 having count(*) > 1")
    print(f"  reports acknowledged {sum(note[0] == 'report' for note in notes)}, lost {len(lost)}; results acknowledged "
          f"{sum(note[0] == 'tell' for note in notes)}, lost {len(untold)}; runs complete {len(complete)} ({by_programs} by kre-worker), with reports missing {short}; "
          f"trials complete twice {len(twice)}; runs lost {sum(state == 'lost' for state in states.values())}", flush=True)
    return not (lost or untold or short or twice) and by_programs > 0


# ---- the team ----

class Team:
    def __init__(self, folder, hosts=None):
        from support.programs import PROGRAMS, Daemon, run
        self.programs, self.folder, self.hosts, self.home = PROGRAMS, folder, hosts, folder / "kre-runs"
        self.home.mkdir(mode=0o700)
        within = (lambda words: hosts.command(1, *words)) if hosts else list
        self.daemon = Daemon(self.home, f"--lease-s={LEASE_S}", within=within).start()
        (folder / "train.sh").write_text(TRAINER)
        (folder / "study.yaml").write_text(
            "name: s\nmetric: {name: f1, goal: maximize}\nbudget: {trials: 1000000}\nretries: 99\nmethod: random\n"
            f"parameters: {{x: {{min: 0.0, max: 1.0}}}}\ncommand: [bash, {folder}/train.sh]\n")
        run("kre-search", "start", folder / "study.yaml", "--detach", home=self.home, check=True)
        address = hosts.address(1) if hosts else "127.0.0.1"
        places = ["--port=7373" if hosts else "--port=0"], []  # the second line is for the same door
        self.lines = [run("kre-search", "join", f"--host={address}", *place, home=self.home, check=True).stdout.strip() for place in places]
        self.serial = itertools.count()
        self.processes = {}

    def start(self, place, host, command):
        number = next(self.serial)
        words = [self.programs["kre-worker"], self.lines[0], "--home", self.folder / f"worker{number}", f"--name=w{host}", "--allow-command=bash",
                 "--grace-s=1"] if command == "worker" else [sys.executable, BENCH, "client", self.lines[1], self.folder / f"client{number}.log", f"c{host}"]
        self.processes[place] = (host, command, subprocess.Popen(
            self.hosts.command(host, *words) if self.hosts else words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=open(self.folder / f"{command}{number}.err", "wb")))

    def kill(self, place):
        host, command, process = self.processes[place]
        process.kill()
        process.wait()
        return host, command

    def count(self, table="kre_reports", where="1"):
        return self.daemon.sql(f"select count(*) from {table} where {where}")[0][0]

    def leave(self):
        for place in self.processes:
            self.kill(place)
        self.daemon.stop()


def await_more(team, count, **what):
    from support.programs import wait_until
    before = team.count(**what)
    wait_until(lambda: team.count(**what) >= before + count, f"{count} more of {what or 'the reports'}")


def kills(folder, count):
    team = Team(folder)
    try:
        kill_all(team, count)
        return judge(team.daemon, folder)
    finally:
        team.leave()


def kill_all(team, count):
    for place in range(WORKERS):
        team.start(place, 1, "worker")
        team.start(WORKERS + place, 1, "client")
    places = itertools.cycle(range(2 * WORKERS))
    for i in range(count):
        await_more(team, 20)
        if i % 2 == 0:
            team.daemon.kill()
            team.daemon.start()
        else:
            place = next(places)
            team.start(place, *team.kill(place))
        if i % 10 == 9:  # else the daemon is never there for as long as a lease
            await_more(team, 1, table="kre_runs", where="state = 'lost'")
    await_more(team, 20)


def await_loss(team, host):
    """Nobody there has a run any more: what they had is another's."""
    from support.programs import wait_until
    wait_until(lambda: team.count("kre_runs", f"state = 'leased' and worker in ('w{host}', 'c{host}')") == 0, f"the leases of host {host} to end")


def partitions(folder, count):
    from support.hosts import Hosts
    hosts = Hosts(3).start()
    try:
        team = Team(folder, hosts)
        try:
            cut_all(team, count)
            return judge(team.daemon, folder)
        finally:
            team.leave()
    finally:
        hosts.stop()


def cut_all(team, count):
    for host in (2, 3):
        team.start(f"worker{host}", host, "worker")
        team.start(f"client{host}", host, "client")
    for i in range(count):
        host = 2 + i // 2 % 2
        await_more(team, 10)
        team.hosts.cut(host)
        if i % 4 == 3:
            await_loss(team, host)
        else:
            await_more(team, 5)  # of the other host
        team.hosts.mend(host)
    await_more(team, 20)


def main():
    if sys.argv[1] == "client":
        return Client(*sys.argv[2:]).live()
    os.environ["KRE_BUILD"] = str(pathlib.Path(sys.argv[1]).resolve())
    good = True
    for what, number, default in ((kills, 2, 100), (partitions, 3, 100)):
        count = int(sys.argv[number]) if len(sys.argv) > number else default
        folder, began = pathlib.Path(tempfile.mkdtemp()), time.monotonic()
        try:
            good &= what(folder, count)
            print(f"{count} {what.__name__} in {time.monotonic() - began:.0f} s: {'nothing was lost' if good else 'SOMETHING WAS LOST'}", flush=True)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
