"""Pages of the manual from the texts that are there already, as scdoc: `study STUDY_FILE.md`, `sql MIGRATION… VIEWS`."""

import pathlib
import re
import sqlite3
import sys


def escape(text):
    return re.sub(r"([\\*_#|`\[\]<>~+-])", r"\\\1", text)


def inline(text):
    """Code is underlined, strong words are bold, of a link the words stay."""
    text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", text)
    parts = re.split(r"(`[^`]+`|\*\*[^*]+\*\*)", text)
    return "".join(f"_{escape(part[1:-1])}_" if part[:1] == "`" else f"*{escape(part[2:-2])}*" if part[:2] == "**" else escape(part)
                   for part in parts)


def cells_of(line):
    """A bar in code, or behind a backslash, divides no cells."""
    return [cell.strip().replace("\\|", "|") for cell in re.findall(r"((?:`[^`]*`|\\\||[^|`])*)\|", line.strip()[1:])]


def entry(head, row):
    """A row too wide for a terminal: what it is about, its properties, and the last cell as the words."""
    properties = [f"{escape(name)} {inline(cell)}" for name, cell in zip(head[1:-1], row[1:-1]) if cell not in ("", "–")]
    return f"*{escape(row[0].strip('`'))}*" + (f" ({'; '.join(properties)})" if properties else "") + f"\n\t{inline(row[-1])}"


def table(lines):
    head, _, *body = map(cells_of, lines)
    if len(head) > 3:
        return "\n\n".join(entry(head, row) for row in body)
    out = []
    for number, row in enumerate([head, *body] if any(head) else body):
        cells = [f"*{escape(cell)}*" if number == 0 and any(head) and cell else inline(cell) for cell in row]
        mark = "[" if number == 0 else " "
        out += [("|" if at == 0 else ":") + mark + " " + cell for at, cell in enumerate(cells)]
    return "\n".join(out)


def block(text):
    """One paragraph, heading, table or listing of Markdown."""
    lines = text.split("\n")
    heading = re.match(r"(#+) (.*)", text)
    if heading and len(heading[1]) == 2:
        return "# " + heading[2].upper()
    if heading:
        return "## " + heading[2].replace("`", "")
    if lines[0].startswith("|"):
        return table(lines)
    if lines[0].startswith("```"):
        return "\n".join(["```", *lines[1:-1], "```"])
    if lines[0].startswith("- "):
        return "\n".join("- " + inline(item.replace("\n  ", " ")) for item in re.split(r"^- ", text, flags=re.M)[1:])
    return inline(text)


def blocks(text):
    for part in re.split(r"(^```.*?^```$)", text, flags=re.M | re.S):
        if part.startswith("```"):
            yield part
        else:
            yield from (piece.strip("\n") for piece in re.split(r"\n\n+|(?<=\n)(?=#)|(?<=[^|]\n)(?=\|)", part) if piece.strip())


def study(path):
    text = pathlib.Path(path).read_text(encoding="utf-8")
    body = text.split("\n", 1)[1]
    print("kre-study(5)\n\n# NAME\n\nkre-study - the study file of kre-search\n\n# DESCRIPTION\n")
    print("\n\n".join(block(piece) for piece in blocks(body)))
    print("\n# SEE ALSO\n\n*kre-search*(1), *kre-worker*(1), *kre-sql*(7)")


def columns(sources):
    """view → its columns; nothing where this Python's SQLite is too old for them."""
    database = sqlite3.connect(":memory:")
    try:
        for source in sources:
            database.executescript(source)
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'view'")]
        return {name: [row[1] for row in database.execute(f'PRAGMA table_info("{name}")')] for name in names}
    except sqlite3.Error:
        return {}


def sql(*paths):
    sources = [pathlib.Path(path).read_text(encoding="utf-8") for path in paths]
    known = columns(sources)
    print("kre-sql(7)\n\n# NAME\n\nkre-sql - the history of kre-search in SQL\n\n# DESCRIPTION\n")
    print("All studies and trials are in one file, _kre-runs/trials.db_, for *sqlite3*(1) and every other reader of SQLite, also while the "
          "daemon\nworks. Optuna's tables (studies, trials, trial\\_params, trial\\_values and others) hold what Optuna reads; those that begin "
          "with kre\\_\nhold runs, reports and scores. The views are for people.\n\n```\n"
          "sqlite3 -box kre-runs/trials.db 'select * from leaderboard limit 10'\n```\n\n# VIEWS\n")
    for name, comment in re.findall(r"^CREATE VIEW (\w+) AS\n((?:-- .*\n)+)", sources[-1], re.M):
        words = " ".join(line[3:] for line in comment.splitlines())
        print(f"*{escape(name)}* ({', '.join(map(escape, known.get(name, ['…'])))})\n\t{inline(words)}\n")
    print("# TABLES\n\nTimes that end in \\_us are microseconds since 1970.\n\n```")
    print("\n\n".join(source.strip().expandtabs(4) for path, source in zip(paths, sources[:-1]) if "optuna" not in path))
    print("```\n\n# SEE ALSO\n\n*kre-search*(1), *sqlite3*(1)")


if __name__ == "__main__":
    {"study": study, "sql": sql}[sys.argv[1]](*sys.argv[2:])
