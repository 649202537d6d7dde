"""How a lesson is built: its parts in their order, length, pictures, links, claims, equations, spelling."""

import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from nasedu.classroom import Prediction
from tools.lessons.glossary import SPELLING, named_otherwise, read_glossary, spelled_otherwise
from tools.lessons.source import read_source
from tools.prose import faults_of

PARTS: tuple[tuple[str, str], ...] = (
    ("the title", r"\A# \d\d · \S"),
    ("**What you will be able to do.**", r"\*\*What you will be able to do\.\*\*"),
    ("**How long.**", r"\*\*How long\.\*\*"),
    ("**What you need first.**", r"\*\*What you need first\.\*\*"),
    ("a prediction: Predict(...)", r"\bPredict\(|\.record\("),
    ("the first step: ## 1 · ...", r"^## 1 · \S"),
    ("## Exercises", r"^## Exercises$"),
    ("## What we have seen", r"^## What we have seen$"),
    ("## Where it comes from", r"^## Where it comes from$"),
    ("## Where to go next", r"^## Where to go next$"),
)
WITHIN: tuple[tuple[str, str], ...] = (
    ("a reveal of the prediction", r"\bReveal\(|\.reveal\("),
    ("a question on the way: Quiz(...)", r"\bQuiz\("),
)
"""What stands somewhere between the first step and the exercises."""

MOST_LINES, MOST_COLUMNS = 10, 80
"""Of a cell. Longer lines have to be scrolled sideways in a window of 1,250 pixels next to the list of files."""

LEAST_WORDS, MOST_WORDS, MOST_FOLDED = 1800, 3000, 800
MOST_WORDS_OF_00 = 1800
"""Words of prose that a reader sees, exercises included, and words inside `<details>`."""

BEFORE_THE_FIRST_MOVE = 400
"""Words before the first thing that a reader can move; buttons of a prediction or quiz do not count."""

LONGEST_SENTENCE = 25
LEAST_CLAIMS = 3
STEPS_PER_PICTURE = 3
NO_NOTEBOOK_SHOWS = re.compile(r"\bclear_output\b|\btqdm\b|\binteract\(|^[ \t]*[!%]", re.M)
PLAYERS = (
    "AcquisitionExplorer AdaptationPlayer AlphaPlayer Canvas EpisodeViewer Explorer LiveStudy PathSampler Player Race "
    "ScoreScatter TaskMap"
)
MOVES = rf"\b(?:{'|'.join(PLAYERS.split())})\("
FOLDED = re.compile(r"<details>.*?</details>", re.S)
NO_WORDS = re.compile(r"\$\$.*?\$\$|```.*?```|\]\([^)]*\)|<!--.*?-->", re.S)
LISTED = re.compile(r"\s*(?:(?P<number>\d{1,9})[.)]|(?P<sign>[-+*#]))\s+\S")
EQUATION = re.compile(r"<!-- equation: ([\w-]+) -->\s*\$\$(.+?)\$\$", re.S)
TEXTS = re.compile(r'"([^"\n]*)"')
PICTURE = re.compile(r"image/(?:png|svg\+xml)|<svg\b|<img\b|widget-view")


@dataclass(frozen=True)
class Measure:
    """Count the words of a lesson; the exercises' prompts are prose, too.

    Attributes:
        words: words that a reader sees.
        folded: words inside `<details>`.
        before: words before the first thing to move; None if nothing moves.
    """

    words: int
    folded: int
    before: int | None


def complaints(source: Path) -> list[str]:
    """Return what is wrong with the form of a source; the built notebook is not looked at."""
    notebook = read_source(source)
    text = source.read_text(encoding="utf-8")
    plain = "\n".join(cell.source for cell in notebook.cells)
    return [
        *order(plain),
        *cells(notebook),
        *length(source),
        *long_sentences(source),
        *lists(notebook),
        *claims(text),
        *answers(source),
        *equations(plain),
        *links(notebook, source.parent.parent),
        *spelling(source),
    ]


def order(text: str) -> Iterator[str]:
    """Find parts that are missing, or stand where another should."""
    last, before = -1, "the beginning"
    places = {}
    for name, pattern in PARTS:
        found = re.search(pattern, text, re.M)
        if not found:
            yield f"a part is missing: {name}"
            continue
        places[name] = found.start()
        if found.start() < last:
            yield f"{name} stands before {before}"
        last, before = found.start(), name
    begin, end = places.get("the first step: ## 1 · ...", 0), places.get("## Exercises", len(text))
    for name, pattern in WITHIN:
        if not re.search(pattern, text[begin:end]):
            yield f"{name} is missing between the first step and the exercises"


def cells(notebook: Any) -> Iterator[str]:
    """Find code cells that are too long, or that do what a saved notebook cannot show."""
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        lines = code_lines(cell.source)
        if lines > MOST_LINES:
            yield f"cell {number} has {lines} lines of code; at most {MOST_LINES}: move some into nasedu and show it"
        for line in cell.source.splitlines():
            if len(line) > MOST_COLUMNS and not line.startswith("#"):
                yield f"cell {number} has a line of {len(line)} characters; at most {MOST_COLUMNS}: {line[:60]}..."
        if wrong := NO_NOTEBOOK_SHOWS.search(cell.source):
            yield f"cell {number} uses {wrong[0].strip()!r}, which a saved notebook cannot show"
        if "NBVAL_" in cell.source:
            yield f'cell {number}: mark it with `# %% tags=["nbval-check-output"]` instead of a comment'


def code_lines(code: str) -> int:
    """Return how many lines there are to understand: no blank lines, comments and imports."""
    return sum(
        1 for line in code.splitlines() if line.strip() and not line.lstrip().startswith(("#", "import ", "from "))
    )


def measure(source: Path) -> Measure:
    """Count the words of a lesson: seen, folded, and before the first thing to move."""
    notebook = read_source(source)
    seen = folded = 0
    before = None
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            seen += _words(FOLDED.sub(" ", cell.source))
            folded += sum(_words(text) for text in FOLDED.findall(cell.source))
        elif before is None and re.search(MOVES, cell.source):
            before = seen
    return Measure(seen + sum(_words(exercise.prompt) for exercise in _exercises(source)), folded, before)


def _words(markdown: str) -> int:
    return len(NO_WORDS.sub(" ", markdown).split())


def length(source: Path) -> Iterator[str]:
    """Find a lesson that is too long or too short, and one in which nothing moves early enough."""
    found = measure(source)
    least, most = (0, MOST_WORDS_OF_00) if source.stem.startswith("00") else (LEAST_WORDS, MOST_WORDS)
    if not least <= found.words <= most:
        yield f"it has {found.words:,} words, exercises included; {least:,} to {most:,}: fold or delete what is aside"
    if found.folded > MOST_FOLDED:
        yield f"{found.folded:,} words are folded; at most {MOST_FOLDED:,}"
    if found.before is None or found.before > BEFORE_THE_FIRST_MOVE:
        yield f"the first thing to move comes after {found.before} words; at most {BEFORE_THE_FIRST_MOVE}"


def long_sentences(source: Path) -> Iterator[str]:
    """Find sentences that a reader of English as a second language has to read twice, and words to avoid."""
    told = {
        f"cell {number}": cell.source.partition("## Where it comes from")[0]
        for number, cell in enumerate(read_source(source).cells)
        if cell.cell_type == "markdown"
    }
    for exercise in _exercises(source):
        told[f"the exercise {exercise.name}"] = "\n\n".join([exercise.prompt, exercise.praise, *exercise.hints])
    for question in _questions(source):
        told[f"the question {question.question[:30]!r}"] = "\n\n".join(
            [question.question, *getattr(question, "why", {}).values()]
        )
    for place, text in told.items():
        plain = re.sub(r"\$[^$]*\$", "x", NO_WORDS.sub(" ", text))
        yield from (f"{place} {fault}" for fault in faults_of(plain, LONGEST_SENTENCE))


def lists(notebook: Any) -> Iterator[str]:
    """Find lines of prose that Markdown takes for a list or heading, since they happen to begin like one."""
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            yield from (f"cell {number} {fault}" for fault in accidental_lists(cell.source))


def accidental_lists(markdown: str) -> Iterator[str]:
    """Find lines such as "2017. Section 4" or "+ 2" within a paragraph or an item of a list.

    The numbers of a list are 1, 2, 3; a list with "+" and a heading stand after an empty line. GitHub or JupyterLab
    make a list or heading of other such lines, too.
    """
    before, last = "", 0
    for line in re.sub(r"```.*?```|\$\$.*?\$\$", "", markdown, flags=re.S).splitlines():
        mark = LISTED.match(line)
        number = int(mark["number"] or 0) if mark else 0
        in_paragraph = bool(before.strip()) and not LISTED.match(before)
        if mark and (number not in (0, 1, last + 1) or (in_paragraph and mark["sign"] in ("+", "#"))):
            yield f"has a line that Markdown takes for a list or heading: {line.strip()[:60]!r}; break it elsewhere"
        before, last = line, number or last


def claims(text: str) -> Iterator[str]:
    found = len(re.findall(r"\b(?:claim|asserted)\(", text))
    if found < LEAST_CLAIMS:
        yield f'it asserts {found} claims; at least {LEAST_CLAIMS}: claim(f"sentence with {{number}}", condition)'


def answers(source: Path) -> Iterator[str]:
    """Find answers of predictions in the code of a `Reveal`, which is read before the prediction: compute them."""
    choices = {choice for one in _questions(source) if isinstance(one, Prediction) for choice in one.choices}
    for number, cell in enumerate(read_source(source).cells):
        told = set(TEXTS.findall(cell.source)) if cell.cell_type == "code" and "Reveal(" in cell.source else set()
        for choice in sorted(told & choices):
            yield f"cell {number} tells the answer {choice!r}: compute it, as nasedu.classroom.answers does"


def equations(text: str) -> Iterator[str]:
    """Find tags of equations that nobody checks, and tags that are followed by no equation."""
    from tools.lessons.equations import EQUATIONS

    tagged, written = re.findall(r"<!-- equation: ([\w-]+) -->", text), dict(EQUATION.findall(text))
    for name in tagged:
        if name not in written:
            yield f"after the tag of the equation {name!r} there is no $$...$$"
        elif name not in EQUATIONS:
            yield f"the equation {name!r} has no entry in tools.lessons.equations"


def links(notebook: Any, folder: Path) -> Iterator[str]:
    """Find links to files that do not exist, or to headings that a page does not have."""
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            for target in broken_links(cell.source, folder, "\n".join(c.source for c in notebook.cells)):
                yield f"cell {number} links to {target}, which does not exist"


def broken_links(markdown: str, folder: Path, page: str) -> Iterator[str]:
    for target in re.findall(r"\]\(([^)\s]+)\)", markdown):
        if re.match(r"https?:|mailto:|data:|attachment:", target):
            continue
        name, _, heading = target.partition("#")
        path = folder / name
        if name and not path.exists():
            yield target
            continue
        if heading and heading.lower() not in _anchors(path.read_text(encoding="utf-8") if name else page):
            yield target


def _anchors(page: str) -> set[str]:
    """Return what headings are called in links; JupyterLab and GitHub write blanks as hyphens."""
    return {re.sub(r"\s", "-", heading.strip().lower()) for heading in re.findall(r"^#+ (.+)$", page, re.M)}


def spelling(source: Path) -> Iterator[str]:
    """Find what the glossary spells otherwise. Where papers are listed, their own titles may stand."""
    glossary = read_glossary(SPELLING)
    notebook = read_source(source)
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            found = named_otherwise(cell.source, glossary)
        else:
            found = spelled_otherwise(cell.source.partition("## Where it comes from")[0], glossary)
        yield from (f"cell {number} says {words}" for words in found)
    for exercise in _exercises(source):
        for words in spelled_otherwise("\n".join([exercise.prompt, exercise.praise, *exercise.hints]), glossary):
            yield f"the exercise {exercise.name} says {words}"


def pictures(notebook: Any) -> list[str]:
    """Find three steps in a row without a figure or widget, in an executed notebook."""
    steps: list[tuple[str, bool]] = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for heading in re.findall(r"^## (.+)$", cell.source, re.M):
                steps.append((heading, False))
        elif steps and any(PICTURE.search(str(output.get("data", ""))) for output in cell.outputs):
            steps[-1] = (steps[-1][0], True)
    steps = [step for step in steps if re.match(r"\d+ · ", step[0])]
    bare = []
    for first in range(len(steps) - STEPS_PER_PICTURE + 1):
        stretch = steps[first : first + STEPS_PER_PICTURE]
        if not any(shown for _, shown in stretch):
            bare.append(f"from {stretch[0][0]!r} to {stretch[-1][0]!r} there is no figure and no widget")
    return bare


def spoilers(notebook: Any) -> list[str]:
    """Find outputs directly above the `Reveal` of a prediction: they answer what it covers, in an executed notebook.

    The code cells above it are looked at, as far as the next text. Claims belong into the widget, as `asserted`;
    figures, too, as `show`.
    """
    found, above = [], list[int]()
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            above = []
            continue
        shown = [str(output.get("data", {}).get("text/plain", "")) for output in cell.outputs]
        if any(not text.startswith(("Reveal: ", "Predict: ")) for text in shown):
            above.append(number)
        if any(text.startswith("Reveal: ") for text in shown):
            found += [f"cell {told} tells what the Reveal of cell {number} covers: asserted, show=" for told in above]
            above = []
    return found


def _exercises(source: Path) -> tuple[Any, ...]:
    return tuple(getattr(_module(source), "exercises", ()))


def _questions(source: Path) -> list[Any]:
    """Return the predictions and quizzes of a lesson."""
    return [one for one in vars(_module(source)).values() if hasattr(one, "choices") and hasattr(one, "question")]


def _module(source: Path) -> Any:
    """Return the module of a lesson's exercises; an empty one if there is none."""
    try:
        return importlib.import_module(f"nasedu.classroom.lessons.lesson_{source.stem[:2]}.exercises")
    except ModuleNotFoundError:
        return SimpleNamespace()
