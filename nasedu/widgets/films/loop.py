"""Shows the loop of a search, four steps for each trial: ask, train, tell, record. Lesson 03."""

from collections.abc import Sequence

from nasedu.core import Architecture, BadValue
from nasedu.core.palette import BLUE, ORANGE, RED
from nasedu.core.themes import GREY, INK
from nasedu.widgets.film import Film, Frame
from nasedu.widgets.films.plot import Plot
from nasedu.widgets.svg import box, curve, dot, path, text

WIDTH, HEIGHT = 640, 400
LINES = {
    "ask": "architecture = controller.ask()",
    "train": "score = train(architecture)",
    "tell": "controller.tell(architecture, score)",
    "record": "record.append((architecture, score))",
}
"""The lines of the loop, as lesson 03 writes them."""

Record = Sequence[tuple[Architecture, float]]
CONTROLLER, TRAINER = 356, 526  # the left edges of the two boxes
BOX_WIDTH, BOX_TOP, BOX_HEIGHT = 104, 40, 46


def loop(record: Record, *, title: str = "") -> Film:
    """Return a film of a search: for each trial, one frame for each line of the loop.

        Player(films.loop([(("conv3-8", "stop"), 0.79), (("stop",), 0.49)]))

    Args:
        record: (architecture, score) of each trial, in the order asked.
        title: replaces "The loop, line by line".

    Raises:
        BadValue: no trial.
    """
    record = list(record)
    if not record:
        raise BadValue("this film shows at least one trial; given an empty record: run the loop first")
    scores = [score for _, score in record]
    edge = max((max(scores) - min(scores)) * 0.06, 0.005)
    plot = Plot(50, 212, 574, 146, (0, len(record) + 1), (min(scores) - edge, max(scores) + edge))
    frames = [_frame(plot, record, number, verb) for number in range(len(record)) for verb in LINES]
    head = (*_box(CONTROLLER, "controller"), *_box(TRAINER, "trainer"), *plot.axes("trial", "record: score"))
    return Film(frames, WIDTH, HEIGHT, head, title or "The loop, line by line")


def _frame(plot: Plot, record: Record, number: int, verb: str) -> Frame:
    recorded = number + (verb == "record")
    heading = text(10, 24, f"Trial {number + 1}: {verb}", size=17, bold=True)
    picture = (
        heading,
        *_code(verb),
        *_message(verb, *record[number]),
        *_dots(plot, record, recorded, verb == "record"),
    )
    return Frame(picture, _words(record, number, verb), _rows(record, recorded))


def _code(verb: str) -> list[str]:
    """Draw the four lines, with a frame around the current one."""
    parts = []
    for row, (name, line) in enumerate(LINES.items()):
        y = 58 + 27 * row
        now = name == verb
        parts.append(box(8, y - 17, 322, 25, "none", line=ORANGE if now else "none", stroke=2.5, round=4))
        words = text(16, y, line, size=14, fill=INK if now else GREY)
        parts.append(words.replace("<text ", '<text font-family="monospace" ', 1))
    return parts


def _box(left: float, name: str) -> list[str]:
    middle = left + BOX_WIDTH / 2
    return [
        box(left, BOX_TOP, BOX_WIDTH, BOX_HEIGHT, "none", line=GREY, stroke=1.5, round=6),
        text(middle, BOX_TOP + 29, name, size=15, anchor="middle", bold=True),
    ]


def _message(verb: str, architecture: Architecture, score: float) -> list[str]:
    """Draw what goes from one box to the other, or the box that works; below the code, what it is."""
    left, right, y = CONTROLLER + BOX_WIDTH + 6, TRAINER - 6, BOX_TOP + BOX_HEIGHT / 2
    named = " ".join(architecture)
    said = {"ask": f"architecture: {named}", "record": f"record: {named}, {score:.3f}"}
    drawn = {
        "ask": path(f"M{left} {y}H{right}m-9 -6l9 6l-9 6", ORANGE, 3),
        "train": box(TRAINER, BOX_TOP, BOX_WIDTH, BOX_HEIGHT, "none", line=ORANGE, stroke=3, round=6),
        "tell": path(f"M{right} {y}H{left}m9 -6l-9 6l9 6", ORANGE, 3),
    }
    return [drawn.get(verb, ""), text(16, 170, said.get(verb, f"score: {score:.3f}"), size=16, bold=True)]


def _dots(plot: Plot, record: Record, recorded: int, new: bool) -> list[str]:
    """Draw a dot for each recorded trial, and the best so far; a ring around one that is new."""
    scores = [score for _, score in record[:recorded]]
    best = [max(scores[: number + 1]) for number in range(recorded)]
    across = [(number + 1, min(number + 2, recorded)) for number in range(recorded)]
    steps = [plot.at(x, height) for sides, height in zip(across, best, strict=True) for x in sides]
    line = curve(steps, INK, 1.5).replace("<path ", '<path stroke-dasharray="4 3" ', 1)
    dots = [dot(*plot.at(number + 1, score), 5, BLUE) for number, score in enumerate(scores)]
    x, y = plot.at(recorded, scores[-1] if scores else 0)
    ring = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="9" fill="none" stroke="{RED}" stroke-width="2.5"/>'
    return [line, *dots, ring if new else ""]


def _words(record: Record, number: int, verb: str) -> str:
    architecture, score = record[number]
    best = max(range(number + 1), key=lambda place: record[place][1])
    said = {
        "ask": f"the controller names {' '.join(architecture)}",
        "train": f"the trainer trains it: score {score:.3f}",
        "tell": f"the controller is told the score {score:.3f}",
        "record": f"it is written down; the best so far is trial {best + 1} with {record[best][1]:.3f}",
    }
    return f"Trial {number + 1} of {len(record)}, {verb}: {said[verb]}."


def _rows(record: Record, recorded: int) -> tuple[tuple[str, ...], ...]:
    """Return the last eight recorded trials as a table."""
    shown = range(max(recorded - 8, 0), recorded)
    body = [(str(place + 1), f"{record[place][1]:.3f}", " ".join(record[place][0])) for place in shown]
    return (("trial", "score", "architecture"), *body)
