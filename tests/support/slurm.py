"""A real Slurm of two nodes on this machine, in a folder of its own: munged, slurmctld and two slurmd, with free ports and no accounting."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess

from support.programs import PATIENCE_S, wait_until

CONFIGURATION = """\
ClusterName=kretest
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge/munge.sock,cred_expire=5
CredType=cred/munge
SlurmctldPort={ports[0]}
SlurmctldPidFile={folder}/slurmctld.pid
SlurmctldLogFile={folder}/log/slurmctld.log
SlurmdPidFile={folder}/slurmd.%n.pid
SlurmdLogFile={folder}/log/slurmd.%n.log
SlurmdSpoolDir={folder}/spool/%n
StateSaveLocation={folder}/state
ProctrackType=proctrack/linuxproc
TaskPlugin={task_plugin}
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=2,bf_interval=2
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
ReturnToService=2
KillWait=5
JobRequeue=1
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
SlurmdParameters=config_overrides
NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[1]} CPUs=2 RealMemory=1000
NodeName=n2 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[2]} CPUs=2 RealMemory=1000
PartitionName=low Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP PriorityTier=1 PreemptMode=REQUEUE GraceTime=3
PartitionName=high Nodes=n1,n2 MaxTime=INFINITE State=UP PriorityTier=9 PreemptMode=OFF
"""


def missing():
    """Why there can be no Slurm here, or an empty string."""
    for program in ("slurmctld", "slurmd", "sbatch"):
        if not shutil.which(program, path=PATH):
            return f"{program} is not installed (slurm-wlm)"
    return "" if shutil.which("munged", path=PATH) else "munged is not installed (munge)"


PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Slurm:
    """start(), then commands by run(); stop() leaves no process behind."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.processes = []
        self.environment = dict(os.environ, PATH=PATH, SLURM_CONF=str(self.folder / "slurm.conf"))

    def start(self):
        root = os.geteuid() == 0
        for name in ("munge", "state", "log", "spool/n1", "spool/n2"):
            (self.folder / name).mkdir(parents=True)
        (self.folder / "munge").chmod(0o711)
        key = self.folder / "munge" / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)
        (self.folder / "slurm.conf").write_text(CONFIGURATION.format(
            folder=self.folder, host=socket.gethostname(), ports=free_ports(3),
            user="root" if root else os.environ["USER"], task_plugin="task/affinity" if root else "task/none"))
        munge = self.folder / "munge"
        self._spawn("munged", "--foreground", *(["--force"] if root else []), f"--key-file={key}",
                    f"--socket={munge}/munge.sock", f"--pid-file={munge}/munged.pid",
                    f"--log-file={munge}/munged.log", f"--seed-file={munge}/munged.seed", "--num-threads=1")
        wait_until((munge / "munge.sock").exists, "munged's socket")
        conf = self.environment["SLURM_CONF"]
        self._spawn("slurmctld", "-D", "-c", "-f", conf)
        for node in ("n1", "n2"):
            self._spawn("slurmd", "-D", "-N", node, "-f", conf)
        wait_until(lambda: self.run("sinfo", "-h", "-p", "low", "-t", "idle", "-o", "%D", check=False).strip() == "2",
                   "two idle nodes")
        return self

    def _spawn(self, *command):
        log = open(self.folder / "log" / f"{command[0]}-{len(self.processes)}.out", "wb")
        self.processes.append(subprocess.Popen(command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log,
                                               stderr=log, start_new_session=True))
        log.close()

    def run(self, *command, check=True, input=None):
        """What a command of Slurm prints."""
        done = subprocess.run(command, env=self.environment, text=True, input=input, timeout=PATIENCE_S,
                              stdin=None if input is not None else subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        assert not check or done.returncode == 0, f"{command}: {done.stderr}"
        return done.stdout

    def states(self):
        """The states of all jobs that Slurm still knows, by name of task: {"7_1": "RUNNING"}."""
        lines = self.run("squeue", "-h", "-r", "-t", "all", "-o", "%i %T").split("\n")
        return dict(line.split() for line in lines if line)

    def log(self):
        return "\n".join(path.read_text(errors="replace") for path in sorted((self.folder / "log").iterdir()))

    def stop(self):
        self.run("scancel", "-u", "root" if os.geteuid() == 0 else os.environ["USER"], check=False)
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
        for process in reversed(self.processes):
            try:
                process.wait(PATIENCE_S / 6)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
