"""What runs leave on other machines comes to the daemon, after their results, and from there to whoever fetches it."""

import hashlib
import json
import subprocess

from support.network import join
from support.programs import PATIENCE_S, PROGRAMS, run

PROGRAM = r"""
import json, os, pathlib
folder, x = pathlib.Path(os.environ['KRE_RUN_DIR']), json.load(open(os.environ['KRE_PARAMS']))['x']
(folder / 'model').mkdir()
(folder / 'model' / 'weights').write_text('weights %d ' % x * 100000)
(folder / 'oof.csv').write_text('id,label\n%d\n' % x)
(folder / 'other.bin').write_text('nobody wants it')
(folder / 'model' / 'link').symlink_to('/etc/hostname')
print('this was said')
if x == 3:
    raise SystemExit('it failed')
print('f1=%d' % x)
"""


def write(folder, keep):
    folder.mkdir(exist_ok=True)
    (folder / "program.py").write_text(PROGRAM)
    (folder / "s.yaml").write_text(f"""
name: s
command: [python3, {folder}/program.py]
metric: {{name: f1, goal: maximize}}
report: {{stdout: "name=value"}}
method: grid
keep: {keep}
retries: 0
parameters: {{x: {{values: [1, 2, 3]}}}}
""")
    return folder / "s.yaml"


def start(home, folder, keep="{models: best 1}"):
    run("kre-search", "start", write(folder, keep), "--detach", home=home, check=True)


def work(address, home, *options):
    return subprocess.run([PROGRAMS["kre-worker"], str(address), "--home", home, "--allow-command", "python3", "--until-finished", *options],
                          capture_output=True, text=True, timeout=PATIENCE_S, stdin=subprocess.DEVNULL, check=False)


def kept(client, number):
    return [each["name"] for each in client.call("trial.artifacts", study="s", number=number)["artifacts"] if each["kept"]]


def by_x(client):
    return {trial["params"]["x"]: trial["number"] for trial in client.call("trial.list", study="s")["trials"]}


def test_what_is_kept_comes_from_a_worker_elsewhere_and_is_fetched(daemon, home, tmp_path):
    start(home, tmp_path / "owner")
    done = work(join(home), tmp_path / "worker")
    assert done.returncode == 0, done.stderr
    client = daemon.client()
    numbers = by_x(client)
    assert kept(client, numbers[2]) == ["model/weights", "oof.csv"]
    assert kept(client, numbers[1]) == ["oof.csv"]
    assert kept(client, numbers[3]) == ["stderr.log", "stdout.log"]
    fetched = run("kre-search", "fetch", "s", numbers[2], "--to", tmp_path / "here", home=home, check=True)
    assert fetched.stdout.splitlines() == [str(tmp_path / "here" / "model" / "weights"), str(tmp_path / "here" / "oof.csv")]
    assert (tmp_path / "here" / "model" / "weights").read_text() == "weights 2 " * 100000
    one = json.loads(run("kre-search", "fetch", "s", numbers[3], "stderr.log", "--json", home=home, cwd=tmp_path, check=True).stdout)
    assert [each["path"] for each in one["files"]] == [f"s-{numbers[3]}/stderr.log"]
    assert "it failed" in (tmp_path / one["files"][0]["path"]).read_text()
    shown = run("kre-search", "show", "s", numbers[2], home=home, check=True).stdout
    assert f"kept by the daemon (kre-search fetch s {numbers[2]}):" in shown and "model/weights  1000000 bytes" in shown
    missing = run("kre-search", "fetch", "s", numbers[1], "model/weights", home=home)
    assert missing.returncode != 0 and "the daemon keeps no such file" in missing.stderr


def test_the_daemons_own_workers_leave_everything_where_it_is(daemon, home, tmp_path):
    start(home, tmp_path / "owner")
    assert work(daemon.socket, home).returncode == 0
    client = daemon.client()
    assert kept(client, by_x(client)[2]) == []
    assert (home / "runs" / "s" / f"{by_x(client)[2]}-0-0" / "model" / "weights").exists()
    refused = run("kre-search", "fetch", "s", 0, home=home)
    assert refused.returncode != 0 and "is in the folder that 'kre-search show' names" in refused.stderr


def test_a_worker_with_another_home_brings_what_is_wanted(daemon, home, tmp_path):
    start(home, tmp_path / "owner", "{models: all, oof: none, logs: all}")
    assert work(daemon.socket, tmp_path / "worker").returncode == 0
    client = daemon.client()
    for x, number in by_x(client).items():
        assert kept(client, number) == (["stderr.log", "stdout.log"] if x == 3 else ["model/weights", "stderr.log", "stdout.log"])


def test_what_is_there_already_is_not_brought_again(daemon, home, tmp_path):
    start(home, tmp_path / "owner", "{models: all}")
    content = b"weights 1 " * 100000
    path = home / "blobs" / hashlib.sha256(content).hexdigest()[:2] / hashlib.sha256(content).hexdigest()
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    inode = path.stat().st_ino
    assert work(daemon.socket, tmp_path / "worker").returncode == 0
    client = daemon.client()
    assert "model/weights" in kept(client, by_x(client)[1]) and path.stat().st_ino == inode


def test_the_workers_of_start_bring_everything_before_they_end(daemon, home, tmp_path):
    study = write(tmp_path / "owner", "{models: all}")
    study.write_text(study.read_text().replace("[1, 2, 3]", "[1, 2]"))
    program = tmp_path / "owner" / "program.py"
    program.write_text(PROGRAM.replace("100000", "4000000"))
    line = join(home, "--role", "admin")
    run("kre-search", "start", study, "--connect", line, "--workers", 1, home=tmp_path / "elsewhere", check=True)
    client = daemon.client()
    assert [kept(client, number) for number in by_x(client).values()] == [["model/weights", "oof.csv"]] * 2
