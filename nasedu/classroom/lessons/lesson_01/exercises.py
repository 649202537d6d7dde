"""The exercises of lesson 01, search spaces."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np

from nasedu.classroom.counterexamples import against, fresh, fresh_names, show, whole
from nasedu.classroom.exercise import Exercise
from nasedu.classroom.multiple_choice import MultipleChoice
from nasedu.classroom.own_numbers import in_words, own_numbers
from nasedu.classroom.prediction import Prediction
from nasedu.classroom.reading import unreadable
from nasedu.core import Architecture

different = Prediction(
    "Five operations on six edges make 15,625 cells with different names. How many different networks are these?",
    ("all of them", "more than half", "fewer than half"),
)

smooth = Prediction(
    "How much do the scores of two neighbours differ, compared with two strangers?",
    ("more than 0.9 times as much", "between 0.4 and 0.8 times as much", "less than 0.2 times as much"),
)

smaller = Prediction(
    "Draw ten random networks and keep the best. In which space is this one better, on average over 16 tasks?",
    ("in the whole space", "in the smaller space with 3 × 3 alone"),
)

one_behind_a_door = MultipleChoice(
    "At the start of some space two choices are open. The first leads to a single architecture, the second to 999. How "
    "often does `sample` give the single one?",
    ("in 1 of 1,000 draws", "in 1 of 2 draws", "it depends on how deep the others are"),
    right="in 1 of 2 draws",
    why={
        "in 1 of 1,000 draws": "So it would be in a fair draw, where each architecture is as likely as every other. A "
        "walk draws choices.",
        "in 1 of 2 draws": "At each state every open choice is as likely as every other, however much lies behind it.",
        "it depends on how deep the others are": "This walk has ended before it could matter what comes after the "
        "other choice.",
    },
)


# ---------------------------------------------------------------------- 1, predict


@own_numbers(widths=[(4, 8, 16, 32, 64, 128)[-n:] for n in range(2, 7)], most=(2, 3, 4, 5))
def how_many(widths: tuple[int, ...] = (16, 32), most: int = 3) -> Exercise:
    number = len(widths)
    by_depth = [number**layers for layers in range(most + 1)]
    right = sum(by_depth)
    listed = f"{', '.join(map(str, widths[:-1]))} or {widths[-1]}"
    sentences = {
        by_depth[-1]: f"{by_depth[-1]} are the networks of exactly {in_words(most)} hidden layers. Shorter ones are "
        "members, too: stop is open everywhere.",
        right - 1: f"{right - 1} forgets the shortest network of all: stop at once, and the input goes straight into "
        "the last layer.",
        number * most: f"{number * most} adds {in_words(number)} widths for each of {in_words(most)} layers. But every "
        "width of the first may be followed by every width of the second: the numbers multiply.",
        number ** (most + 1): f"{number ** (most + 1)} counts one layer more or a network that does not end: after "
        f"{in_words(most)} layers only stop is open.",
        right - by_depth[-1]: f"{right - by_depth[-1]} stops at {in_words(most - 1)} hidden layers; {in_words(most)} "
        "are allowed.",
    }

    def objection(answer: Any) -> str:
        if (given := whole(answer)) is None:
            return f"Give a whole number; {show(answer)} is none."
        if given == right:
            return ""
        return sentences.get(given, f"It is not {given}: write all of them down, shortest first.")

    return Exercise(
        name="how_many",
        kind="predict",
        prompt=(
            f"**Exercise 1, predict.** A space offers dense layers of {listed} units, at most {in_words(most)} of "
            "them. `stop` is open at any point, also before the first layer. How many architectures does it "
            "hold? Count by hand, then compare: "
            f'`spaces.load("mlp", task, widths={widths}, activations=("relu",)'
            f"{'' if most == 3 else f', depth={most}'}).size()`."
        ),
        stub="how_many = ...",
        solved=f"how_many = {' + '.join(map(str, by_depth))}",
        hints=(
            "How many networks have no hidden layer? One hidden layer? Two?",
            f"Each further layer has {in_words(number)} times as many networks, and networks of all lengths are "
            "members."
            if number > 2
            else "Each further layer doubles the number, and networks of all lengths are members.",
            f"One of no layer, {in_words(number)} of one layer, {in_words(number**2)} of two layers, and so on.",
        ),
        why_wrong=objection,
        wrong={
            f"how_many = {by_depth[-1]}": f"exactly {in_words(most)} hidden layers",
            f"how_many = {right - 1}": "the shortest network of all",
            f"how_many = {number * most}": "the numbers multiply",
            f"how_many = {number ** (most + 1)}": "only stop is open",
            f"how_many = {right - by_depth[-1]}": f"{in_words(most)} are allowed",
            "how_many = 'fifteen'": "Give a whole number",
        },
        praise=f"{' + '.join(map(str, by_depth))}, just as the sum over the choices.",
    )


# ---------------------------------------------------------------------- 2, count


def count_reference(leads_to: Mapping[str, Sequence[str]], state: str) -> int:
    """Return the number of complete walks from a state."""
    return sum(count_reference(leads_to, after) for after in leads_to[state]) if leads_to[state] else 1


def _processes() -> Iterator[tuple[dict[str, list[str]], str]]:
    """Yield small decision processes made by hand, and random ones: each state leads only to later ones."""
    yield {"a": []}, "a"
    yield {"a": ["b", "b"], "b": []}, "a"
    yield {"a": ["b"], "b": ["c", "c"], "c": []}, "a"
    yield {"a": ["c", "c"], "b": ["a"], "c": []}, "b"
    yield {"a": ["b", "b"], "b": ["c", "c"], "c": []}, "b"
    rng = fresh()
    for states in rng.integers(5, 9, size=12):
        names = fresh_names(rng, states)
        leads_to: dict[str, list[str]] = {name: [] for name in names[-2:]}
        for place, name in enumerate(names[:-2]):
            leads_to[name] = [names[i] for i in rng.integers(place + 1, states, size=rng.integers(1, 4))]
        yield {name: leads_to[name] for name in rng.permutation(names).tolist()}, names[int(rng.integers(2))]


def _count_walks_objection(answer: Any) -> str:
    found = against("count", answer, count_reference, _processes())
    if found and _remembers(answer):
        return "It counts well once, and then goes by numbers of an earlier dictionary: forget them between two calls."
    return found


def _remembers(answer: Any) -> bool:
    """Return whether a function counts a process correctly only until another process has used the same states."""
    first, second = f"first {fresh().integers(10**6)}", f"second {fresh().integers(10**6)}"

    def counted(state: str, ways: int) -> Any:
        try:
            return answer({state: [f"{state} end"] * ways, f"{state} end": []}, state)
        except Exception:  # a student's function may raise anything; then it is another mistake
            return None

    return [counted(first, 2), counted(second, 3), counted(first, 3)] == [2, 3, 2]


count = Exercise(
    name="count",
    kind="code",
    prompt=(
        "**Exercise 2, code.** Count architectures without a list. The dictionary `leads_to` has for each state the "
        'states that its choices lead to: `{"a": ["b", "b", "c"], "b": ["c"], "c": []}`. A state that leads nowhere is '
        'a complete network. Return the number of architectures that go on from `state`; here `"a"` has 3.'
    ),
    stub="def count(leads_to, state):\n    return ...",
    solved=(
        "def count(leads_to, state):\n"
        "    if not leads_to[state]:\n"
        "        return 1\n"
        "    return sum(count(leads_to, after) for after in leads_to[state])"
    ),
    hints=(
        "The function may call itself: what goes on from a state goes on from one of those that it leads to.",
        "A complete network counts as 1. Everything else is a sum over `leads_to[state]`.",
        "sum(count(leads_to, after) for after in leads_to[state]), and 1 where that list is empty.",
        "Nothing needs to be remembered here. If you want to, write a function of `state` inside this one, and put "
        "`@cache` on that: another dictionary has other numbers (and `cache` takes no dictionaries).",
    ),
    why_wrong=_count_walks_objection,
    wrong={
        ("return 1", "return 0"): "A complete network has no choice left, and is one architecture, not none.",
        ("return sum", "return 1 + sum"): "That counts unfinished networks, too: only where nothing is left to choose "
        "there is one to count.",
        (
            "in leads_to[state]",
            "in set(leads_to[state])",
        ): "Two choices may lead to one state, and are two architectures all the same.",
        "def count(leads_to, state):\n    return len(leads_to[state]) or 1": "That looks at the first choice alone: "
        "each of the states it leads to may go on in several ways.",
        "def count(leads_to, state, seen=None):\n"
        "    seen = [] if seen is None else seen\n"
        "    if state in seen:\n"
        "        return 0\n"
        "    seen.append(state)\n"
        "    return sum(count(leads_to, after, seen) for after in leads_to[state]) if leads_to[state] else 1": "You "
        "count a state only when you reach it first. Each way to it is an architecture of its own.",
        "def count(leads_to, state):\n    return len(leads_to)": "That is how many states there are. Count the ways "
        "from this one to an end.",
        ("leads_to[state])", "leads_to[state][:1])"): "You follow the first choice alone: add up all of them.",
        ("return sum", "sum"): "is there a return?",
        "def count(leads_to, state, known={}):\n"
        "    if state not in known:\n"
        "        known[state] = sum(count(leads_to, s) for s in leads_to[state]) if leads_to[state] else 1\n"
        "    return known[state]": "forget them between two calls",
        "count = 3": "keep the line that begins with def",
    },
    also_right=(
        "def count(leads_to, state):\n"
        "    open_states, found = [state], 0\n"
        "    while open_states:\n"
        "        after = leads_to[open_states.pop()]\n"
        "        open_states += after\n"
        "        found += not after\n"
        "    return found",
    ),
    survivors={"renamed": "the names of the states mean nothing"},
    praise="A handful of lines, and they count a space of 10^18 as well, once each state's number is remembered.",
)


# ---------------------------------------------------------------------- 3, a space of one's own

WIDTHS = ("16", "32", "64")
MOST_STATES = 15


@cache
def alternating_reference() -> tuple[Architecture, ...]:
    """Return every architecture that exercise 3 asks for, shortest first."""
    found: list[Architecture] = [()]
    for architecture in found:
        if len(architecture) < 3:
            found += [(*architecture, width) for width in WIDTHS if architecture[-1:] != (width,)]
    return tuple((*architecture, "stop") for architecture in found if architecture)


class Twice(Exception):
    """A choice is open twice in one state."""


def _walks(space: Any) -> tuple[list[Architecture], int]:
    """Return every walk of an answer, shortest first, and the number of its states; walks end after six choices."""
    states, done = {}, []
    open_walks: list[tuple[Architecture, Any]] = [((), space.start())]
    for architecture, state in open_walks:
        states[repr(state)] = True
        choices = list(space.choices(state))
        if len(set(choices)) < len(choices):
            raise Twice(f"choices({show(state)}) names a choice twice: {show(choices)}. Each is open once.")
        if not choices or len(architecture) == 6:
            done.append(architecture)
        else:
            open_walks += [((*architecture, choice), space.step(state, choice)) for choice in choices]
        if len(open_walks) > 500:
            break
    return done, len(states)


def _alternating_objection(answer: Any) -> str:
    if not callable(answer):
        return "Alternating is a class: keep the line that begins with class."
    space = answer()
    try:
        found, states = _walks(space)
    except Twice as twice:
        return str(twice)
    objection = _wrong_walk(found) or _wrong_network(space)
    if objection:
        return objection
    if states > MOST_STATES:
        return (
            f"The architectures are right, but there are {states} states, and {MOST_STATES} are enough: keep in the "
            "state only what the future depends on (how many layers there are, and the last width), not all layers."
        )
    return ""


def _wrong_walk(found: Sequence[Architecture]) -> str:
    """Return a sentence on the shortest architecture that is extra or missing; empty if there is none."""
    if not all(isinstance(choice, str) for walk in found for choice in walk):
        return 'Choices are strings, so that people and files can read them: "16" instead of 16.'
    wanted = alternating_reference()
    for walk in sorted({*found, *wanted} - ({*found} & {*wanted}), key=lambda walk: (len(walk), walk)):
        if walk in wanted:
            return f"{walk} is missing: a width may come back, only not directly after itself, in up to three layers."
        return f"{walk} can be built in your space, and should not. {_why_no_member(walk)}"
    return ""


def _why_no_member(walk: Architecture) -> str:
    layers = [choice for choice in walk if choice != "stop"]
    if not layers:
        return "Before the first layer stop is not open."
    if len(layers) > 3:
        return "After three layers only stop is open: the state has to know how many there are."
    if any(a == b for a, b in pairwise(layers)):
        return "Two layers of one width follow each other: the state has to know the last width."
    return "An architecture ends in stop, and stop is its end: after it no choice is open."


def _wrong_network(space: Any) -> str:
    for walk in alternating_reference():
        got = space.build(walk)
        wanted = [64, *map(int, walk[:-1]), 10]
        if not isinstance(got, list | tuple) or list(got) != wanted:
            return f"build({walk}) should give {wanted}; yours gives {show(got)}."
    return ""


_STUB = """\
class Alternating:
    def start(self):
        return ...

    def choices(self, state):
        return ...

    def step(self, state, choice):
        return ...

    def build(self, architecture):
        return ..."""

_SOLVED = """\
class Alternating:
    def start(self):
        return (0, "")

    def choices(self, state):
        layers, last = state
        if last == "stop":
            return ()
        widths = [w for w in ("16", "32", "64") if layers < 3 and w != last]
        return (*widths, "stop") if layers > 0 else tuple(widths)

    def step(self, state, choice):
        return (state[0] + 1, choice)

    def build(self, architecture):
        return [64, *map(int, architecture[:-1]), 10]"""


alternating = Exercise(
    name="Alternating",
    kind="code",
    methods=("start", "choices", "step", "build"),
    prompt=(
        "**Exercise 3, code.** Write a space of your own: one to three hidden layers of 16, 32 or 64 units, and *no "
        'width directly after itself*. Choices are `"16"`, `"32"`, `"64"` and `"stop"`. `stop` is open after the first '
        "layer, and ends every architecture. `build` gives the widths from 64 pixels to 10 outputs, without torch: "
        '`("16", "64", "stop")` becomes `[64, 16, 64, 10]`. A state is plain data (a number, a text, a tuple), and at '
        f"most {MOST_STATES} different states may come up."
    ),
    stub=_STUB,
    solved=_SOLVED,
    hints=(
        "On what does it depend which choices are open? Exactly that is the state.",
        'The state is a pair, such as (0, "") at the start: how many layers there are, and the last choice.',
        "choices: nothing after stop; the widths other than the last one while there are fewer than three layers; and "
        "stop, if there is a layer.",
        "step: one layer more, and the choice as the last one. build: [64, *map(int, architecture[:-1]), 10].",
    ),
    why_wrong=_alternating_objection,
    wrong={
        ('(*widths, "stop")', '(*widths, "stop", "stop")'): "names a choice twice",
        (" and w != last", ""): "Two layers of one width follow each other",
        ('(*widths, "stop") if layers > 0 else tuple(widths)', '(*widths, "stop")'): "stop is not open",
        ("layers < 3 and ", ""): "After three layers only stop is open",
        ("layers < 3", "layers < 2"): "is missing",
        (", 10]", "]"): "should give [64, 16, 10]",
        ('("16", "32", "64")', "(16, 32, 64)"): "Choices are strings",
        _SOLVED.replace("layers, last = state", 'layers, last = len(state), (*state, "")[len(state) - 1]')
        .replace('return (0, "")', "return ()")
        .replace("(state[0] + 1, choice)", "(*state, choice)"): "only what the future depends on",
        "Alternating = ('16', '32')": "keep the line that begins with class",
    },
    praise="21 architectures from a handful of states. Make it a `nasedu.Space`, with a task's input_shape and a build "
    "that returns a network, and every controller of this course can walk it.",
)


# ---------------------------------------------------------------------- 4, refute a claim


@cache
def _chains() -> Any:
    from nasedu import spaces, tasks

    return spaces.load("chain-cnn", tasks.load("digits"))


@cache
def _cells() -> Any:
    from nasedu import spaces, tasks

    return spaces.load("cell-201", tasks.load("digits"))


def _outputs(space: Any, architecture: Architecture, seed: int) -> "np.ndarray[Any, Any]":
    """Return the outputs of a network with fresh weights for eight random images: float64, (8, 10)."""
    import torch

    from nasedu.trainers.single.initialise import initialise

    network = space.build(architecture).double().eval()
    initialise(network, torch.Generator().manual_seed(seed))
    images = np.random.default_rng(seed).random((8, *space.input_shape))
    with torch.no_grad():
        answers: np.ndarray[Any, Any] = network(torch.from_numpy(images)).numpy()
    return answers


def _as_architecture(answer: Any) -> Architecture:
    return tuple(answer) if isinstance(answer, list) else answer


def _twins_objection(answer: Any) -> str:
    if not isinstance(answer, tuple | list) or len(answer) != 2 or any(isinstance(a, str) for a in answer):
        return "Give a pair: (one, other), two architectures, each a tuple of choices."
    pair = [_as_architecture(a) for a in answer]
    for name, architecture in zip(("first", "second"), pair, strict=True):
        if objection := unreadable(_chains(), architecture):
            return f"The {name} one: {objection}"
    if pair[0] == pair[1]:
        return "These are one architecture, written twice. The two must differ in at least one choice."
    sizes = [_chains().measure("parameters", architecture) for architecture in pair]
    if sizes[0] != sizes[1]:
        return (
            f"The first has {sizes[0]:,} parameters, the second {sizes[1]:,}: these are two networks. Look for a layer "
            "that has no weights and, where it stands, does nothing."
        )
    for seed in map(int, fresh().integers(2**31, size=3)):
        gap = float(np.abs(_outputs(_chains(), pair[0], seed) - _outputs(_chains(), pair[1], seed)).max())
        if gap > 1e-9:
            return (
                "Both have as many parameters, but with the same weights and the same image their answers differ by "
                f"{gap:.2g}."
            )
    return ""


twins = Exercise(
    name="twins",
    kind="refute",
    prompt=(
        "**Exercise 4, refute.** *Two different architectures are two different networks.* This is wrong for chains, "
        "too. Find `twins = (one, other)`: two different architectures of the space of section 1 that give the same "
        "answers to every image. The check gives both the same random weights and images."
    ),
    stub="twins = ...",
    solved=(
        'one = ("conv3-16", "pool3/2", "conv3-16", "pool2", "stop")\n'
        'other = ("conv3-16", "pool3/2", "conv3-16", "pool2", "gap", "stop")\n'
        "twins = (one, other)"
    ),
    hints=(
        "Which layers of this space have no weights? The two networks must have equally many.",
        "Pooling always shrinks the image. Global average pooling, gap, replaces each channel by the mean of its "
        "pixels: when does that change nothing?",
        "The mean of a single pixel is that pixel. How can 8 pixels a side become one? The drawing shows the shapes.",
        "pool3/2 makes 3 of 8 pixels, pool2 makes 1 of 3; between them must stand a convolution.",
    ),
    why_wrong=_twins_objection,
    wrong={
        'twins = ("conv3-16", "stop")': "Give a pair",
        'twins = (("conv3-16", "stop"), ("conv3-16", "gap"))': "The second one: ",
        'twins = (("conv3-16", "stop"), ("conv3-16", "stop"))': "one architecture, written twice",
        'twins = (("conv1-16", "stop"), ("conv3-16", "stop"))': "these are two networks",
        'twins = (("conv3-16", "pool2", "conv3-16", "stop"), ("conv3-16", "conv3-16", "pool2", "stop"))': (
            "their answers differ by"
        ),
    },
    praise="After the last pooling a single pixel is left, and its mean is itself. The space counts both; a search may "
    "pay for both.",
)


# ---------------------------------------------------------------------- 5, choose

CONVOLUTIONS = 3


def _dead_objection(answer: Any) -> str:
    cell = _as_architecture(answer)
    if objection := unreadable(_cells(), cell):
        return objection
    convolutions = sum(operation.startswith("nor_conv") for operation in cell)
    for seed in map(int, fresh().integers(2**31, size=3)):
        answers = _outputs(_cells(), cell, seed)
        gap = float(np.abs(answers - answers[0]).max())
        if gap > 1e-9:
            return (
                f"The answers of this network still depend on its image (between two images they differ by {gap:.2g}): "
                "some way leads from node 0 to node 3 without a none on it."
            )
    if convolutions < CONVOLUTIONS:
        return f"This network sees nothing, but its cell has {convolutions} convolutions; {CONVOLUTIONS} are possible."
    return ""


dead_cell = Exercise(
    name="dead_cell",
    kind="choose",
    prompt=(
        "**Exercise 5, choose.** Choose a cell of `cell-201` with three convolutions (`nor_conv_3x3` or "
        "`nor_conv_1x1`) whose network gives *every* image the same answers. The order of the edges: 0→1; 0→2, 1→2; "
        "0→3, 1→3, 2→3."
    ),
    stub="dead_cell = ...",
    solved='dead_cell = ("nor_conv_3x3", "nor_conv_3x3", "nor_conv_3x3", "none", "none", "none")',
    hints=(
        "The output is the sum of what arrives at node 3. When is that sum zero?",
        "Put `none` on edges until no way leads from node 0 to node 3. Three edges are enough for a cut.",
        "Cut all edges that leave node 0, or all that enter node 3; the other three are free.",
    ),
    why_wrong=_dead_objection,
    wrong={
        'dead_cell = ("none",) * 6': "has 0 convolutions",
        'dead_cell = ("nor_conv_3x3",) * 6': "still depend on its image",
        'dead_cell = ("none", "none", "none", "none", "nor_conv_3x3")': "is not complete in the space",
        'dead_cell = ("conv3", "conv3", "conv3", "none", "none", "none")': "no operation for the edge",
    },
    praise="A cut through the graph: three convolutions, trained with care, and nothing reaches them or leaves them.",
)

exercises = (how_many, count, alternating, twins, dead_cell)
