"""Files of studies on machines that have never seen their paths: fetched once, kept, checked."""

import contextlib
import fcntl
import hashlib
import os
import pathlib
import signal
import subprocess

from support.network import join
from support.programs import PATIENCE_S, PROGRAMS, run, wait_until

BYTES = bytes((i * 31 + i // 256) % 256 for i in range(1500000))
SHA256 = hashlib.sha256(BYTES).hexdigest()
SAY = "import hashlib, os, sys; path = os.environ['KRE_FILE_TRAIN']; assert path == sys.argv[1]; print('size=%d' % os.path.getsize(path)); " \
    "print('where: ' + path, file=sys.stderr); print('hash=%d' % int(hashlib.sha256(open(path, 'rb').read()).hexdigest()[:8], 16))"


def start(home, folder, trials=1):
    """The study of a file in a folder that is moved away once it has begun."""
    folder.mkdir()
    (folder / "train.csv").write_bytes(BYTES)
    (folder / "s.yaml").write_text("\n".join([
        "name: s", "command:", "- python3", "- -c", "- " + quoted(SAY), "- ${file:train}", "metric: {name: hash, goal: maximize}",
        'report: {stdout: "name=value"}', "files: {train: train.csv}", "method: random", f"budget: {{trials: {trials}}}",
        "parameters: {x: {min: 0.0, max: 1.0}}"]))
    run("kre-search", "start", folder / "s.yaml", "--detach", home=home, check=True)


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def worker(address, folder, *options, cache=None):
    return [PROGRAMS["kre-worker"], str(address), "--home", folder / "worker", "--cache", cache or folder / "cache", "--allow-command", "python3",
            "--until-finished", *options]


def work(*arguments, **options):
    return subprocess.run(worker(*arguments, **options), capture_output=True, text=True, timeout=PATIENCE_S, stdin=subprocess.DEVNULL, check=False)


def cached(folder):
    return sorted(path.name for path in pathlib.Path(folder).glob("*/*"))


def where(folder, number=0):
    return (folder / "worker" / "runs" / "s" / f"{number}-0-0" / "stderr.log").read_text().split("where: ")[1].strip()


def expect_complete(client, trials=1):
    (headline,) = client.call("study.list")["studies"]
    assert headline["counts"]["COMPLETE"] == trials, headline
    assert headline["best"]["value"] == int(SHA256[:8], 16)


@contextlib.contextmanager
def somebody_else_fetches(folder):
    part = folder / "cache" / SHA256[:2] / (SHA256 + ".part")
    part.parent.mkdir(parents=True)
    with open(part, "ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def test_a_path_that_is_nowhere_is_fetched_under_its_own_name(daemon, home, tmp_path):
    start(home, tmp_path / "owner", trials=2)
    (tmp_path / "owner").rename(tmp_path / "gone")
    done = work(join(home, "--uses", "1"), tmp_path)
    assert done.returncode == 0, done.stderr
    expect_complete(daemon.client(), 2)
    assert cached(tmp_path / "cache") == [SHA256]
    assert where(tmp_path).endswith("/runs/s/0-0-0/files/0/train.csv")
    assert done.stderr.count("fetching 'train'") == 1


def test_where_the_content_is_the_same_nothing_is_fetched(daemon, home, tmp_path):
    start(home, tmp_path / "owner")
    done = work(daemon.socket, tmp_path)
    assert done.returncode == 0, done.stderr
    expect_complete(daemon.client())
    assert where(tmp_path) == str(tmp_path / "owner" / "train.csv") and not (tmp_path / "cache").exists()


def test_an_edited_file_changes_no_study(daemon, home, tmp_path):
    start(home, tmp_path / "owner")
    edited = bytearray(BYTES)
    edited[7] ^= 1
    (tmp_path / "owner" / "train.csv").write_bytes(edited)
    done = work(daemon.socket, tmp_path)
    assert done.returncode == 0, done.stderr
    expect_complete(daemon.client())
    assert "train.csv is no longer what the study has as 'train': its own copy is used" in done.stderr


def test_two_workers_of_a_machine_fetch_once(daemon, home, tmp_path):
    start(home, tmp_path / "owner", trials=4)
    (tmp_path / "owner").rename(tmp_path / "gone")
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    both = [subprocess.Popen(worker(daemon.socket, tmp_path / name, "--slots", "2", cache=tmp_path / "cache"), stderr=subprocess.PIPE,
                             stdin=subprocess.DEVNULL, text=True) for name in ("a", "b")]
    for process in both:
        assert process.wait(PATIENCE_S) == 0, process.stderr.read()
    expect_complete(daemon.client(), 4)
    assert cached(tmp_path / "cache") == [SHA256]


def test_what_was_fetched_in_part_is_gone_on_with(daemon, home, tmp_path):
    start(home, tmp_path / "owner")
    (tmp_path / "owner").rename(tmp_path / "gone")
    part = tmp_path / "cache" / SHA256[:2] / (SHA256 + ".part")
    part.parent.mkdir(parents=True)
    part.write_bytes(BYTES[:1000001])
    done = work(daemon.socket, tmp_path)
    assert done.returncode == 0, done.stderr
    expect_complete(daemon.client())
    assert cached(tmp_path / "cache") == [SHA256]


def test_a_cache_that_is_wrong_is_not_believed(daemon, home, tmp_path):
    start(home, tmp_path / "owner")
    (tmp_path / "owner").rename(tmp_path / "gone")
    part = tmp_path / "cache" / SHA256[:2] / (SHA256 + ".part")
    part.parent.mkdir(parents=True)
    part.write_bytes(bytes(1000))
    assert work(daemon.socket, tmp_path).returncode == 1  # it is said, and gone
    assert cached(tmp_path / "cache") == []
    done = work(daemon.socket, tmp_path)
    assert done.returncode == 0, done.stderr
    expect_complete(daemon.client())


def test_what_nobody_has_is_said(daemon, home, tmp_path):
    start(home, tmp_path / "owner")
    (tmp_path / "owner").rename(tmp_path / "gone")
    os.remove(home / "blobs" / SHA256[:2] / SHA256)
    done = work(daemon.socket, tmp_path)
    assert done.returncode == 1
    assert "file 'train' of the study is not on this worker" in done.stderr and "the daemon has no such file" in done.stderr


def test_the_cache_has_a_bound_and_keeps_what_is_in_use(daemon, home, tmp_path):
    start(home, tmp_path / "owner")
    (tmp_path / "owner").rename(tmp_path / "gone")
    other = tmp_path / "cache" / "00" / ("0" * 64)
    other.parent.mkdir(parents=True)
    other.write_bytes(bytes(1000))
    os.utime(other, (1000, 1000))
    done = work(daemon.socket, tmp_path, "--cache-gb", "0.000001")
    assert done.returncode == 0, done.stderr
    expect_complete(daemon.client())
    assert cached(tmp_path / "cache") == [SHA256]


def test_a_worker_that_is_told_to_end_while_it_waits_hands_its_run_back(daemon, home, tmp_path):
    start(home, tmp_path / "owner")
    (tmp_path / "owner").rename(tmp_path / "gone")
    with somebody_else_fetches(tmp_path):
        process = subprocess.Popen(worker(daemon.socket, tmp_path), stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        client = daemon.client()
        wait_until(lambda: client.call("study.get", study="s")["counts"]["RUNNING"] == 1, "the run to begin")
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
    assert "lost: the worker was stopped" in process.stderr.read()
    assert daemon.client(role="worker").call("trial.ask")["run"]["attempt"] == 1


def test_status_says_what_is_on_its_way(daemon, home, tmp_path):
    start(home, tmp_path / "owner")
    (tmp_path / "owner").rename(tmp_path / "gone")
    client = daemon.client()
    with somebody_else_fetches(tmp_path):
        process = subprocess.Popen(worker(daemon.socket, tmp_path), stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        wait_until(lambda: [each.get("fetching") for each in client.call("study.get", study="s")["workers"]] == ["train"], "the file to be named")
        assert "fetching train 0 %" in run("kre-search", "status", "s", home=home, check=True).stdout
    assert process.wait(PATIENCE_S) == 0
    assert all("fetching" not in each for each in client.call("study.get", study="s")["workers"])
    expect_complete(client)


def test_a_path_among_the_parameters_is_that_of_the_fetched_file(daemon, home, tmp_path):
    folder = tmp_path / "owner"
    folder.mkdir()
    (folder / "start.bin").write_bytes(BYTES)
    spec = ["name: s", "command: [sh, -c, 'echo size=$(wc -c <\"${1#--init=}\")', sh, '${args}']", "metric: {name: size, goal: maximize}",
            'report: {stdout: "name=value"}', f"files: {{start: {folder}/start.bin}}", "method: random", "budget: {trials: 1}",
            f"parameters: {{init: {{value: {folder}/start.bin}}}}"]
    (folder / "s.yaml").write_text("\n".join(spec))
    run("kre-search", "start", folder / "s.yaml", "--detach", home=home, check=True)
    folder.rename(tmp_path / "gone")
    done = work(daemon.socket, tmp_path, "--allow-command", "sh")
    assert done.returncode == 0, done.stderr
    (headline,) = daemon.client().call("study.list")["studies"]
    assert headline["best"]["value"] == len(BYTES), headline


def test_check_warns_of_paths_that_are_no_files_of_the_study(home, tmp_path):
    for name in ("rows.json", "start.bin", "words.txt"):
        (tmp_path / name).write_text("[]")
    (tmp_path / "s.yaml").write_text(f"""
name: s
files: {{train: rows.json, start: start.bin}}
fixed: {{lexicon: {tmp_path}/words.txt}}
parameters: {{init: {{values: [none, {tmp_path}/start.bin]}}}}
""")
    done = run("kre-search", "check", tmp_path / "s.yaml", home=home, check=True)
    assert f"warning: lexicon: {tmp_path}/words.txt is no file of the study" in done.stderr
    assert "init" not in done.stderr


LOOK = "import os, pathlib, sys; folder = pathlib.Path(os.environ['KRE_FILE_ENCODER']); assert str(folder) == sys.argv[1] == sys.argv[2]; " \
    "print('where: %s' % folder, file=sys.stderr); found = sorted(str(p.relative_to(folder)) for p in folder.glob('**/*') if p.is_file() and '.cache' not in p.parts); " \
    "assert found == ['config.json', 'deep/er/weights', 'vocab.txt'], found; print('size=%d' % len((folder / 'vocab.txt').read_text()))"


def begin_with_a_folder(home, folder):
    """A study whose file is a folder, with a file behind a link, a hidden one, and folders below."""
    encoder = folder / "encoder"
    (encoder / "deep" / "er").mkdir(parents=True)
    (encoder / ".cache").mkdir()
    (encoder / ".cache" / "left").write_text("over")
    (encoder / "config.json").write_text("{}")
    (encoder / "deep" / "er" / "weights").write_bytes(BYTES)
    (folder / "words").write_text("관계 추출")
    (encoder / "vocab.txt").symlink_to("../words")
    (folder / "s.yaml").write_text("\n".join([
        "name: s", "command:", "- python3", "- -c", "- " + quoted(LOOK), "- ${file:encoder}", f"- {encoder}", "metric: {name: size, goal: maximize}",
        'report: {stdout: "name=value"}', "files: {encoder: encoder}", "method: random", "budget: {trials: 1}",
        "parameters: {x: {min: 0.0, max: 1.0}}"]))
    run("kre-search", "start", folder / "s.yaml", "--detach", home=home, check=True)
    return encoder


def test_a_folder_that_is_nowhere_is_fetched_and_stays_together(daemon, home, tmp_path):
    (tmp_path / "owner").mkdir()
    begin_with_a_folder(home, tmp_path / "owner")
    (tmp_path / "owner").rename(tmp_path / "gone")
    done = work(join(home, "--uses", "1"), tmp_path)
    assert done.returncode == 0, done.stderr
    (headline,) = daemon.client().call("study.list")["studies"]
    assert headline["best"]["value"] == 5
    assert where(tmp_path).endswith("/runs/s/0-0-0/files/0/encoder")


def test_a_folder_that_is_here_is_used_where_it_is(daemon, home, tmp_path):
    (tmp_path / "owner").mkdir()
    encoder = begin_with_a_folder(home, tmp_path / "owner")
    done = work(daemon.socket, tmp_path)
    assert done.returncode == 0, done.stderr
    assert where(tmp_path) == str(encoder)


def test_a_folder_of_which_one_file_was_changed_is_put_together_from_both_places(daemon, home, tmp_path):
    (tmp_path / "owner").mkdir()
    encoder = begin_with_a_folder(home, tmp_path / "owner")
    (encoder / "config.json").write_text('{"changed": true}')
    done = work(daemon.socket, tmp_path)
    assert done.returncode == 0, done.stderr
    folder = pathlib.Path(where(tmp_path))
    assert folder != encoder and (folder / "config.json").read_text() == "{}"


def test_an_empty_folder_and_a_name_that_leads_up_are_refused(home, tmp_path):
    (tmp_path / "nothing").mkdir()
    for files, sentence in (("{encoder: nothing}", "nothing is a folder without files"), ("{../x: s.yaml}", "a file of a folder is called FOLDER/NAME"),
                            ("{a: s.yaml, a/b: s.yaml}", "the folder of a/b has the same name")):
        (tmp_path / "s.yaml").write_text(f"name: s\ncommand: ['true']\nmetric: {{name: f1}}\nfiles: {files}\nparameters: {{x: {{min: 0.0, max: 1.0}}}}\n")
        done = run("kre-search", "start", tmp_path / "s.yaml", "--detach", home=home)
        assert done.returncode == 3 and sentence in done.stderr, done.stderr
