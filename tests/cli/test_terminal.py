"""What people and programs see beside the answers: terminals of all kinds, pipes that end early, errors as JSON."""

import json
import os
import pty
import signal
import subprocess

import pytest

from support.programs import PROGRAMS, run, wait_until

SLOW = """
name: slow
metric: {{name: v, goal: maximize}}
method: random
budget: {{trials: 3}}
parameters: {{a: {{min: 0.0, max: 1.0}}}}
report: {{stdout: "name=value"}}
command: [sh, -c, 'echo v=1; mkdir -p {folder}/first; while ! [ -e {folder}/go ]; do sleep 0.05; done']
"""


class Screen:
    """A terminal in which a command runs, and all that was written to it."""

    def __init__(self, words, home, term):
        self.text = b""
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.environ.update(TERM=term, KRE_HOME=str(home))
            os.execv(PROGRAMS["kre-search"], ["kre-search", *map(str, words)])

    def read(self):
        """Whether there was anything more."""
        try:
            some = os.read(self.terminal, 65536)
        except OSError:
            return False
        self.text += some
        return bool(some)

    def wait_for(self, words):
        while words not in self.text:
            assert self.read(), self.text

    def type(self, keys):
        os.write(self.terminal, keys)

    def end(self):
        """Its exit code, once everything was read."""
        while self.read():
            pass
        os.close(self.terminal)
        return os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])


def picture(text):
    """The lines that a terminal shows after what was written: as much of one as the live view needs."""
    lines, row, column = [""], 0, 0
    at = 0
    while at < len(text):
        if text[at] == "\x1b":
            end = at + 2
            while not text[end].isalpha():
                end += 1
            number, letter = text[at + 2:end], text[end]
            if letter == "A":
                row -= int(number)
            elif letter == "J":
                lines[row:] = [lines[row][:column]]
            at = end + 1
            continue
        if text[at] == "\r":
            column = 0
        elif text[at] == "\n":
            row += 1
            lines.extend([""] * (row + 1 - len(lines)))
        else:
            lines[row] = lines[row][:column].ljust(column) + text[at] + lines[row][column + 1:]
            column += 1
        at += 1
    return lines


@pytest.fixture
def slow(tmp_path):
    path = tmp_path / "slow.yaml"
    path.write_text(SLOW.format(folder=tmp_path))
    return path


def test_a_dumb_terminal_gets_no_escapes(tmp_path, home, slow):
    (tmp_path / "go").touch()
    screen = Screen(["start", slow, "--workers", 1], home, "dumb")
    assert screen.end() == 0
    assert b"\x1b" not in screen.text and b"slow  finished" in screen.text


def test_ctrl_c_leaves_a_clean_terminal(tmp_path, home, slow):
    screen = Screen(["start", slow, "--workers", 1, "--name", "other"], home, "xterm")
    screen.wait_for(b"step 0")
    screen.type(b"\x03")
    screen.wait_for(b"handed back")
    assert screen.end() == 130
    assert screen.text.count(b"\x1b[3") + screen.text.count(b"\x1b[2m") <= screen.text.count(b"\x1b[0m")
    lines = picture(screen.text.decode())
    assert not [line for line in lines if "0/3 trials" in line or "step 0" in line]
    assert "stopping: runs are handed back (again: at once)" in lines  # from its first column on, where the ^C was
    assert lines[-2:] == ["the same command goes on", ""]


@pytest.mark.parametrize("words", [["help"], ["studies"], ["trials"], ["export"], ["export", "--format", "json"], ["show", 0], ["completion"]])
def test_a_reader_that_has_had_enough_is_no_error(daemon, home, words):
    client = daemon.client()
    client.call("study.create", spec={"name": "s", "method": "random", "metric": {"name": "f1", "goal": "maximize"},
                                      "parameters": {"x": {"min": 0.0, "max": 1.0}}})
    run_ = client.call("trial.ask", study="s")["run"]
    client.call("trial.tell", run=run_["run"], lease=run_["lease"], state="complete", value=1)
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([PROGRAMS["kre-search"], *map(str, words), "--home", home], stdout=write, stderr=subprocess.PIPE, text=True,
                          stdin=subprocess.DEVNULL, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_nohup_started_goes_on_when_the_terminal_is_gone(tmp_path, home, slow):
    """The search, and who follows a log."""
    begin = ["nohup", PROGRAMS["kre-search"], "--home", home]
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([*begin, "start", slow, "--workers", "1"], **quiet) as search:
        wait_until(lambda: (tmp_path / "first").exists(), "the first trial to run")
        with subprocess.Popen([*begin, "logs", "0", "-f"], **quiet) as following:
            assert following.stdout.readline() == b"v=1\n"
            following.send_signal(signal.SIGHUP)
            search.send_signal(signal.SIGHUP)
            (tmp_path / "go").touch()
            assert following.wait(60) == 0
        assert b"slow  finished" in search.communicate(timeout=60)[0] and search.returncode == 0


def test_a_full_disk_is_one(home):
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([PROGRAMS["kre-search"], "help"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1 and "could not write the results" in done.stderr


def verbs():
    return run("kre-search", "completion", "words", "--", "", check=True).stdout.split()


@pytest.mark.parametrize("words", [["--nosuch"], ["--nosuch=1"], ["--home"], [*"abcdefgh", "--color", "pink"], ["\udcff", "--limit", "x"]])
def test_every_error_of_every_verb_is_json_where_json_was_asked_for(home, words):
    for verb in [*verbs(), "nosuch", ""]:
        for line in ([verb, *words, "--json"], ["--json", verb, *words]):
            if line[-1] == "--home" or "--home" not in line:
                check_error([word for word in line if word], home)


@pytest.mark.parametrize("words", [["show", "s", "99"], ["best", "nobody"], ["delete", "s"], ["export", "--format", "db"], ["check", "absent.yaml"],
                                   ["start", "absent.yaml"], ["tell", "7", "8", "0.5"], ["ask", "nobody"], ["enqueue", "s", "x=fast"],
                                   ["importance", "s", "--metric", "nobody"], ["help", "nosuch"], [], ["ask"], ["daemon", "dance"], ["show", "s", "-1"]])
def test_so_is_every_refusal(daemon, home, words):
    client = daemon.client()
    client.call("study.create", spec={"name": "s", "method": "random", "metric": {"name": "f1", "goal": "maximize"},
                                      "parameters": {"x": {"min": 0.0, "max": 1.0}}})
    client.call("study.pause", study="s")
    check_error([*words, "--json"], home)


def test_so_are_complaints_about_a_study_file_and_an_interrupt(tmp_path, home, slow):
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("name: w\nmethod: tpee\n")
    for verb in ("check", "start"):
        assert f"{wrong}:1: `parameters` is missing" == check_error([verb, wrong, "--json"], home)
    with subprocess.Popen([PROGRAMS["kre-search"], "start", slow, "--workers", "1", "--json", "--home", home], text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        wait_until(lambda: (tmp_path / "first").exists(), "the first trial to run")
        process.send_signal(signal.SIGINT)
        _, remarks = process.communicate(timeout=60)
    assert json.loads(remarks) == {"error": "interrupted; the study can go on", "exit": 130}


def check_error(words, home):
    done = run("kre-search", *words, home=home)
    (line,) = done.stderr.splitlines()
    error = json.loads(line)
    assert done.returncode != 0 and error["exit"] == done.returncode and error["error"], words
    return error["error"]
