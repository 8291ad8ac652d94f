#!/usr/bin/python3
"""The shape of the house: what depends on what, and how large things are. TAP on stdout, offenders on stderr; with --figures the
figures behind the verdicts as a table.

A stem is a file without .c or .h. It depends on another when it includes its header or names a function that only the other
defines."""

import collections
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROOMS = ("schema", "daemon", "worker", "cli")
HEADER_LINES, PARAMETERS, COMMENT_COLUMNS = 150, 5, 100

# What tests come in by: faults of memory, and a clock that they move.
TEST_DOORS = {"fake_clock_init", "fake_clock_advance", "memory_fault_after", "memory_fault_happened", "memory_hook_malloc", "memory_hook_calloc",
              "memory_hook_realloc"}

# A library calls these, with as many parameters as it likes.
CALLED_BY_OTHERS = {"choose_protocol", "on_message"}


def sources():
    return sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.[ch]"))


def name_of(path):
    return str(path.relative_to(ROOT))


def stem_of(name):
    return re.sub(r"\.[ch]$", "", name)


def without_comments(text):
    """The code with comments and the insides of strings blanked, line by line."""
    pattern = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]) if match[0][0] == "/" else '""' + "\n" * match[0].count("\n"), text)


def read():
    raw = {name_of(path): path.read_text(encoding="utf-8") for path in sources()}
    return raw, {name: without_comments(text) for name, text in raw.items()}


def functions():
    """(file, name, signature, lines, is static) of every function, by universal-ctags."""
    files = [name_of(path) for path in sources() if path.suffix == ".c"]
    out = subprocess.run(["ctags", "--languages=C", "--c-kinds=f", "--fields=+neSf", "-o", "-", "-L", "-"], input="\n".join(files),
                         cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for line in out.splitlines():
        if line.startswith("!"):
            continue
        name, file, *rest = line.split("\t")
        fields = dict(part.split(":", 1) for part in rest if ":" in part and not part.startswith("/"))
        yield file, name, fields.get("signature", "()"), int(fields.get("end", fields["line"])) - int(fields["line"]), "file" in fields


def includes(raw):
    edges = collections.defaultdict(set)
    for name, text in raw.items():
        for included in re.findall(r'^#\s*include "([^"]+)"', text, re.M):
            if included in raw and stem_of(included) != stem_of(name):
                edges[stem_of(name)].add(stem_of(included))
    return edges


def dependencies(raw, code):
    edges = includes(raw)
    owner, local = collections.defaultdict(set), collections.defaultdict(set)
    for file, name, _, _, static in functions():
        local[file].add(name)
        if not static and name != "main":
            owner[name].add(stem_of(file))
    for name, text in code.items():
        if name.endswith(".c"):
            for word in set(re.findall(r"\b([a-z_][a-z0-9_]*)\(", text)) - local[name]:
                if len(owner.get(word, ())) == 1:
                    (target,) = owner[word]
                    if target != stem_of(name):
                        edges[stem_of(name)].add(target)
    return edges


def circles(edges):
    """Strongly connected components of more than one stem (Tarjan 1972), largest first."""
    index, low, stack, on, found = {}, {}, [], set(), []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        on.add(node)
        for target in edges.get(node, ()):
            if target not in index:
                visit(target)
                low[node] = min(low[node], low[target])
            elif target in on:
                low[node] = min(low[node], index[target])
        if low[node] == index[node]:
            component = set()
            while node not in component:
                component.add(stack.pop())
            on.difference_update(component)
            if len(component) > 1:
                found.append(sorted(component))

    sys.setrecursionlimit(10000)
    for node in sorted(edges):
        if node not in index:
            visit(node)
    return sorted(found, key=len, reverse=True)


def parameter_count(signature):
    inside = signature.strip()[1:-1].strip()
    depth, count = 0, 0 if inside in ("", "void") else 1
    for character in inside:
        depth += character in "([" or 0
        depth -= character in ")]"
        count += character == "," and depth == 0
    return count


def tags_twice(code):
    places = collections.defaultdict(list)
    for name, text in code.items():
        for match in re.finditer(r"^(?:typedef )?(?:struct|enum|union) ([a-z_0-9]+) \{", text, re.M):
            places[match[1]].append(f"{name}:{text.count(chr(10), 0, match.start()) + 1}")
    return [f"{tag}: {', '.join(where)}" for tag, where in sorted(places.items()) if len(where) > 1]


def prototypes(text):
    for match in re.finditer(r"^(?!static|typedef|extern|#|return|struct [a-z_0-9]+ \{)[a-z][^;{}=#]*?\b([a-z_][a-z0-9_]*)\([^;{}]*\);", text, re.M):
        yield match[1]


def unused(code):
    """Functions that nothing in the rooms calls: only tests do, or nobody."""
    words = {name: set(re.findall(r"\b[a-z_][a-z0-9_]*\b", text)) for name, text in code.items()}
    for file, name, _, _, static in functions():
        if static or name == "main" or name in TEST_DOORS:
            continue
        own = code.get(stem_of(file) + ".h", "").count(name) > 1 or len(re.findall(rf"\b{name}\b", code[file])) > 1
        if not own and not any(name in seen for other, seen in words.items() if stem_of(other) != stem_of(file)):
            yield f"{file}: {name}"


def elsewhere(code):
    """Prototypes whose function another stem than the header's defines."""
    owners = collections.defaultdict(set)
    for file, name, _, _, static in functions():
        if not static:
            owners[name].add(stem_of(file))
    for name, text in code.items():
        for function in prototypes(text) if name.endswith(".h") else ():
            if owners[function] and stem_of(name) not in owners[function]:
                yield f"{name}: {function} is defined in {', '.join(owners[function])}"


def stops(raw):
    """Sentences for people that end in a full stop."""
    for name, text in raw.items():
        for match in re.finditer(r'error_set\((?:[^;"]|"(?:\\.|[^"\\])*")*?"((?:\\.|[^"\\])*)"\s*(?:,|\))', text):
            if match[1].endswith(".") and not match[1].endswith(".."):
                yield f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {match[1]}"


def wide_comments(raw):
    """Lines of comments that stand on lines of their own; not tables and drawings, which have two blanks in a row or strokes."""
    for name, text in raw.items():
        inside = False
        for number, line in enumerate(text.split("\n"), 1):
            inside = inside or (re.match(r"\s*/\*", line) and not line.endswith("\\"))
            prose = not re.search("  |[─│└┌├▶═]", line.strip())
            ends = "*/" not in line or line.endswith("*/")
            if inside and prose and ends and len(line.expandtabs(8)) > COMMENT_COLUMNS:
                yield f"{name}:{number}: {len(line.expandtabs(8))} columns"
            inside = inside and "*/" not in line


def figures(raw, code):
    found = list(functions())
    lengths = sorted(lines for *_, lines, _ in found)
    wheels = circles(dependencies(raw, code))
    lines = sum(text.count("\n") for text in raw.values())
    asserts = sum(len(re.findall(r"\bassert\(", text)) for text in code.values())
    tests = sum(path.read_text(encoding="utf-8").count("\n") for path in (ROOT / "tests").rglob("*.[chps]*")
                if path.suffix in (".c", ".h", ".py", ".sh") and path.name != "golden.h")
    return [
        ("function lines, median / max", f"{lengths[len(lengths) // 2]} / {lengths[-1]}"),
        ("longest .c / .h", " / ".join(str(max(text.count(chr(10)) for name, text in raw.items() if name.endswith(end))) for end in (".c", ".h"))),
        ("include and call circles (stems, largest)", f"{len(wheels)} ({sum(map(len, wheels))}, {max(map(len, wheels), default=0)})"),
        ("asserts per 1,000 lines", f"{asserts * 1000 / lines:.2f}"),
        ("most parameters", str(max(parameter_count(signature) for _, _, signature, _, _ in found))),
        ("lines of tests / of code", f"{tests / lines:.2f}"),
        ("tags that stand twice", str(len(tags_twice(code)))),
        ("exports that nothing uses", str(len(list(unused(code))))),
        ("prototypes of another file's function", str(len(list(elsewhere(code))))),
    ]


def main():
    raw, code = read()
    if "--figures" in sys.argv:
        for what, value in figures(raw, code):
            print(f"{what:45} {value}")
        return
    checks = [
        (f"no header is over {HEADER_LINES} lines", [f"{n}: {t.count(chr(10))} lines" for n, t in raw.items() if n.endswith(".h") and t.count("\n") > HEADER_LINES]),
        (f"no function takes more than {PARAMETERS} parameters", [f"{f}: {n} takes {parameter_count(s)}" for f, n, s, _, _ in functions() if parameter_count(s) > PARAMETERS and n not in CALLED_BY_OTHERS]),
        ("no files depend on each other in a circle", [" ".join(circle) for circle in circles(dependencies(raw, code))]),
        ("no struct, enum or union has the name of another", tags_twice(code)),
        ("what a header declares, the file of its name defines", list(elsewhere(code))),
        ("every export is used outside its file", list(unused(code))),
        ("no message ends with a full stop", list(stops(raw))),
        (f"comments end before column {COMMENT_COLUMNS}", list(wide_comments(raw))),
    ]
    print(f"1..{len(checks)}")
    for number, (sentence, offenders) in enumerate(checks, 1):
        for offender in offenders:
            print(offender, file=sys.stderr)
        print(f"{'not ok' if offenders else 'ok'} {number} - {sentence}")


main()
