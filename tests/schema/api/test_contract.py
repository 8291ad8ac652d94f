"""PROTOCOL.md's tables, held against the tables that read and write the wire."""

import json
import os
import pathlib
import re
import subprocess

from support.programs import ROOT

PAGE = (ROOT / "schema" / "api" / "PROTOCOL.md").read_text(encoding="utf-8").split("# The trainer's side")[0]
BUILD = pathlib.Path(os.environ.get("KRE_BUILD", ROOT / "build"))
CONTRACT = json.loads(subprocess.run([BUILD / "tests" / "schema" / "api" / "print_contract"], capture_output=True, check=True).stdout)


def sections():
    """method → the text under the heading that names it, without its examples."""
    found = {}
    for heading, text in re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S):
        for method in heading.split(", "):
            found[method] = re.sub(r"```wire.*?```", "", text, flags=re.S)
    return found


SECTIONS = sections()


def with_linked(text):
    """The text, and that of the methods it refers to for more."""
    linked = [other for name, other in SECTIONS.items() if re.search(r"[`\[]%s[`\]]" % re.escape(name), text)]
    return "\n".join([text, *linked])


def quoted(text):
    return set(re.findall(r"`\"?([\w.]+)\"?`", text))


def flat(fields):
    """Fields with those of their parts in the place of these; a map's own key is no key of the wire."""
    for field in fields:
        if field["part"]:
            yield from flat(field["fields"])
        else:
            yield field


def keys(fields):
    for field in flat(fields):
        yield field["key"]
        inner = field["fields"]
        if field["map"]:
            inner = inner[1:] if len(inner) > 2 else []
        yield from keys(inner)


def words(fields):
    for field in flat(fields):
        yield from field["words"]
        yield from words(field["fields"])


def rows(text, title):
    """First and second cells of the table whose head begins with `title`; the first as its names."""
    for table in re.findall(r"^\| %s \|.*?\n\|[-|]+\|\n((?:\|.*\n)+)" % title, text, re.M):
        for line in table.splitlines():
            first, second = line.strip("|").split("|")[:2]
            yield re.findall(r"`([\w.]+)`", first), second.strip()


def test_every_method_has_its_section():
    assert set(CONTRACT) - set(SECTIONS) == set()
    assert len(CONTRACT) >= 20


def test_every_key_and_word_of_the_wire_is_explained():
    for method, contract in CONTRACT.items():
        told = quoted(with_linked(SECTIONS[method]))
        for key in [*keys(contract["params"]), *keys(contract["result"])]:
            assert key in told, f"{method}: `{key}` is not explained"
        for word in [*words(contract["params"]), *words(contract["result"])]:
            assert word in told or word == "", f"{method}: the word `{word}` is not explained"


def test_parameters_are_required_or_have_their_default_as_the_page_says():
    checked = 0
    for method, contract in CONTRACT.items():
        fields = {field["key"]: field for field in flat(contract["params"])}
        listed = [(name, second) for names, second in rows(SECTIONS[method], "param") for name in names]
        for name, second in listed:
            assert name in fields, f"{method} takes no `{name}`"
            field = fields[name]
            assert (second == "required") == (field["presence"] == "required"), f"{method}: `{name}`"
            literal = re.fullmatch(r"`\"(.*)\"`|(\d+|false|true)", second)
            if literal:
                default = literal.group(1) if literal.group(1) is not None else json.loads(literal.group(2))
                assert field["default"] == default, f"{method}: `{name}` is {field.get('default')!r} by default"
            checked += 1
        if listed:
            assert {name for name, _ in listed} == set(fields), method
    assert checked >= 25


def test_results_have_the_keys_that_the_page_lists():
    checked = 0
    for method, contract in CONTRACT.items():
        known = set(keys(contract["result"]))
        for title in ["result", "headline", "trial", "run"]:
            for names, _ in rows(SECTIONS[method], title):
                assert set(names) <= known, f"{method} has no {set(names) - known}"
                checked += 1
    assert checked >= 30
