"""The layout checks find what they are for: a small house without fault passes, and each offence planted in it fails its check."""

import pathlib
import shutil
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
GUARD = "#ifndef {0}_H\n#define {0}_H\n{1}\n#endif\n"
HOUSE = {
    "HACKING.md": "| folder | our headers | libraries |\n|---|---|---|\n| schema/base | | |\n| daemon | schema/base | |\n",
    "README.md": "A house.\n",
    "schema/base/number.h": GUARD.format("NUMBER", "/* Half of it. */\nint number_half(int number);"),
    "schema/base/number.c": '#include "schema/base/number.h"\n\nint number_half(int number)\n{\n\treturn number / 2;\n}\n',
    "daemon/main.c": '#include "schema/base/number.h"\n\nint main(void)\n{\n\treturn number_half(0);\n}\n',
}


def function(head, lines=1):
    return head + "\n{\n" + "\t;\n" * lines + "}\n"


OFFENCES = [
    ("budget.sh", "no file is over 500 lines", {"daemon/long.c": "\n" * 501}),
    ("budget.sh", "no function is over 70 lines", {"daemon/long.c": function("static void endless(void)", 71)}),
    ("budget.sh", "every prototype in a header is documented", {"schema/base/bare.h": GUARD.format("BARE", "\nint bare(void);")}),
    ("budget.sh", "nothing is left for someone else to do", {"daemon/later.c": "/* TO" + "DO: all of it */\n"}),
    ("includes.sh", "schema/base includes only what the table allows", {"schema/base/up.c": '#include "daemon/top.h"\n', "daemon/top.h": ""}),
    ("includes.sh", "daemon includes only what the table allows", {"daemon/wet.c": "#include <sqlite3.h>\n"}),
    ("structure.py", "no header is over 150 lines", {"schema/base/long.h": "\n" * 151}),
    ("structure.py", "no function takes more than 5 parameters", {"daemon/wide.c": function("static void wide(int a, int b, int c, int d, int e, int (*f)(int, int))")}),
    ("structure.py", "no files depend on each other in a circle",
     {"daemon/hen.h": '#include "daemon/egg.h"\n', "daemon/egg.h": '#include "daemon/hen.h"\n'}),
    ("structure.py", "no files depend on each other in a circle",  # by calls, without an include
     {"daemon/hen.c": function("void hen(void)").replace("\t;", "\tegg();"), "daemon/egg.c": function("void egg(void)").replace("\t;", "\then();")}),
    ("structure.py", "no struct, enum or union has the name of another",
     {"daemon/one.c": "struct pair {\n\tint a;\n};\n", "daemon/two.c": "struct pair {\n\tint b;\n};\n"}),
    ("structure.py", "what a header declares, the file of its name defines", {"daemon/other.h": "/* Half of it. */\nint number_half(int number);\n"}),
    ("structure.py", "every export is used outside its file", {"daemon/alone.c": function("void alone(void)")}),
    ("structure.py", "comments end before column 100", {"daemon/wide.c": "/* short\n * " + 98 * "x" + " */\n"}),
    ("structure.py", "no message ends with a full stop", {"daemon/stop.c": 'static void stop(void)\n{\n\terror_set(error, -1, "it failed.");\n}\n'}),
]


def judge(folder, check, more):
    """The sentences that `check` says "not ok" of."""
    for name, text in {**HOUSE, **more}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for name in ("worker", "cli", "examples", "tests/layout"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    script = shutil.copy(HERE / check, folder / "tests" / "layout")
    command = [sys.executable, script] if check.endswith(".py") else [script]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert lines[0].startswith("1..") and len(lines) > 1
    return [line.split(" - ", 1)[1] for line in lines if line.startswith("not ok")]


@pytest.mark.parametrize("check", ["budget.sh", "includes.sh", "structure.py"])
def test_a_house_without_fault_passes(tmp_path, check):
    assert judge(tmp_path, check, {}) == []


@pytest.mark.parametrize("check, sentence, offence", OFFENCES, ids=lambda value: value if isinstance(value, str) else "")
def test_an_offence_fails_its_check_alone(tmp_path, check, sentence, offence):
    assert judge(tmp_path, check, offence) == [sentence]


def commits(folder, *messages):
    """What the check of commits prints in a repository whose first commit is the last before the rule."""
    def git(*words):
        return subprocess.run(["git", "-C", folder, "-c", "user.name=a", "-c", "user.email=a@b", *words], check=True, capture_output=True, text=True).stdout.strip()

    git("init", "-q")
    git("commit", "-q", "--allow-empty", "-m", "Before the rule")
    text = (HERE / "commits.sh").read_text()
    rule = next(line for line in text.splitlines() if line.startswith("rule="))
    script = folder / "tests" / "layout" / "commits.sh"
    script.parent.mkdir(parents=True)
    script.write_text(text.replace(rule, "rule=" + git("rev-parse", "HEAD")))
    for message in messages:
        git("commit", "-q", "--allow-empty", "-m", message)
    done = subprocess.run(["sh", script], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1], done.stderr


def test_commits_say_where_what_and_why(tmp_path):
    assert commits(tmp_path, "cli: a word\n\nBecause it was missing.", "schema/api, cli: two rooms\n\nOne reason.")[0].startswith("ok 1")


@pytest.mark.parametrize("message, complaint", [
    ("cli: a word", "no body"),
    ("A word in the line\n\nBecause.", "not \"room: what\""),
    ("cli: a word.\n\nBecause.", "full stop"),
    (f"cli: {'a' * 56}\n\nBecause.", "61 characters"),
])
def test_a_commit_that_says_too_little_or_too_much_is_named(tmp_path, message, complaint):
    verdict, stderr = commits(tmp_path, message)
    assert verdict.startswith("not ok 1") and complaint in stderr
