"""Checks the sentences of docstrings, error messages and pages: short, plain, and a verb first.

    python -m tools.prose                      # everything
    python -m tools.prose nasedu/spaces README.md

Many readers learned English at school. `../docs/SPELLING.md` has the spellings; here is how a sentence is built.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
_DOCS = ("HOSTING", "INSTRUCTORS", "OWN_EXERCISES", "TEACHING_PLANS")
PAGES = ("README.md", "CONTRIBUTING.md", *(f"docs/{name}.md" for name in _DOCS))

LONGEST = 30
"""Words of a sentence at most; about 25 is what we aim at."""

_WORDS = """
accept adapt add advance allow answer append apply arrange ask assemble assert average await begin bound bring build
call cancel change check choose classify clear close collect colour combine compare complete compress compute confine
connect continue convert copy count cover create cross cut decide define delete derive descend describe deserialise
digest display distribute divide do download draw drop embed encode end enter enumerate estimate evaluate exchange
execute expand explain export extend extract fail fetch fill find finish fit fold follow forget format forward freeze
gather generate get give go grade grant group handle hide hold identify ignore import initialise insert inspect
install interleave interpolate interrupt invert iterate join judge keep kill label lay learn leave let limit list load
locate lock log look make map mark mask measure merge meta-train mix move multiply mutate name narrow normalise note
number observe offer open order pack pad parse pass perform pick place plan play plot predict prepare present press
print process propose prune put raise rank rasterise read rebuild receive recombine recompute record recover reduce
refer refuse register release remember remove rename render repeat replace replay report reserve reset resolve restore
restrict resume retrain return reveal rewrite rotate round run sample save scale score seal search seed select send
separate serialise serve set share shift show shuffle shut simulate skip solve sort spell split stack standardise
start state step stop store sum summarise switch take tell test tidy time trace track train transform translate
traverse try tune turn undo unpack update upgrade use validate verify visit wait walk warn weigh widen wrap write
yield
"""
VERBS = frozenset(_WORDS.split())
"""With which a public function's docstring may begin: "Return the ...", "Train each ..."."""

AVOIDED = {
    r"\bwhoever\b": "anyone who",
    r"\banew\b": "again",
    r"\bso many\b": "n, or a number",
    r"\bof equals\b": "on a tie",
    r"\bis left out\b": "is omitted",
    r"\bare left out\b": "are omitted",
    r"\bhardly any\b": "few, or almost none",
    r"\bthe same rope\b": "the same budget",
    r"\bhad their day\b": "no longer used",
    r"\bbeside (?:random|cold|its rivals|the (?:same|cold|random|rivals|baselines?))": "compared with",
}
"""Words that cost a reader a second look, and what to write in their place."""


def complaints(path: Path) -> list[str]:
    """Return what is wrong with the sentences of a Python file or a Markdown page, a line each."""
    texts = _python(path) if path.suffix == ".py" else _page(path)
    return [f"{path}:{line}: {fault}" for line, fault in texts]


def faults_of(text: str, longest: int = LONGEST) -> Iterator[str]:
    """Yield each fault of some prose: a sentence of more words than `longest`, a word to avoid."""
    for pattern, instead in AVOIDED.items():
        for found in re.finditer(pattern, text, re.I):
            yield f"says {found[0]!r}; write {instead!r}"
    for sentence in sentences(text):
        words = len(sentence.split())
        if words > longest:
            yield f"a sentence of {words} words; at most {longest}: {' '.join(sentence.split()[:8])} ..."


def sentences(text: str) -> list[str]:
    """Return the sentences of a docstring or page, without its code, tables and references."""
    text = re.sub(r"```.*?```", " ", text, flags=re.S)
    text = re.sub(r"(?m)^(?:    |\t)(?!\s*\w+(?:, \w+)*: ).*$", _argument_or_code, text)
    text = re.sub(
        r"(?m)^\|.*$|^\s*[-*\d.]+ |^ *\w+\.py  .*$|^#.*$|^\s*(?:Args|Returns|Raises|Attributes|Yields):\s*$", ". ", text
    )
    text = re.sub(r"`[^`]*`", "code", text)
    text = re.sub(r"\([^()]*\)", " ", text)
    text = re.sub(r"(?m)^\s*\*?\w+(?:, \*?\w+)*: ", ". ", text)
    return [part for part in re.split(r"[.!?:;](?:\s|$)|\n\s*\n", text) if part.strip()]


def _argument_or_code(line: re.Match[str]) -> str:
    """Return a line that continues an Args section; drop an indented line that is code."""
    return line[0] if re.match(r"\s{8,}[a-zA-Z`\"(]", line[0]) and not re.search("=|->", line[0]) else ". "


def _python(path: Path) -> Iterator[tuple[int, str]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module):
            text = ast.get_docstring(node)
            if not text:
                continue
            line = node.body[0].lineno
            yield from ((line, fault) for fault in faults_of(text))
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                first = re.match(r"[*`]*([A-Za-z-]+)", text)
                if first and first[1].lower() not in VERBS and not text.startswith("See "):
                    yield (
                        line,
                        f"{node.name}: the docstring begins with {first[1]!r}, which is no verb in tools.prose.VERBS",
                    )
        elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            for argument in node.exc.args:
                text = "".join(
                    n.value for n in ast.walk(argument) if isinstance(n, ast.Constant) and isinstance(n.value, str)
                )
                yield from ((node.lineno, fault) for fault in faults_of(text) if fault.startswith("says"))


def _page(path: Path) -> Iterator[tuple[int, str]]:
    for fault in faults_of(path.read_text(encoding="utf-8")):
        yield 1, fault


def files_of(arguments: list[str]) -> list[Path]:
    """Return the files that are named, in named folders too; without names, everything."""
    places = [Path(argument) for argument in arguments] or [ROOT / "nasedu", *(ROOT / page for page in PAGES)]
    return [file for place in places for file in (sorted(place.rglob("*.py")) if place.is_dir() else [place])]


if __name__ == "__main__":
    found = [complaint for file in files_of(sys.argv[1:]) for complaint in complaints(file)]
    print("\n".join(found))
    sys.exit(f"{len(found)} complaints" if found else 0)
