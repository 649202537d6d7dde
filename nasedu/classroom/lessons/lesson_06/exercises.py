"""The exercises of lesson 06, evolution and swarms."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from nasedu.classroom.claims import Interval
from nasedu.classroom.counterexamples import SCALES, against, fresh, show, whole
from nasedu.classroom.exercise import Exercise
from nasedu.classroom.multiple_choice import MultipleChoice
from nasedu.classroom.own_numbers import in_words, own_numbers
from nasedu.classroom.prediction import Prediction
from nasedu.classroom.refuting import no_number, no_task, not_behind

who_dies = Prediction(
    "A reward comes from one noisy training. In one evolution the oldest member dies, in another the worst one. "
    "Each asks 100 networks on four unlike tasks. Which one finds better networks?",
    ("the one in which the oldest dies", "the one in which the worst dies", "no clear difference on most tasks"),
)


def which_death(leads: Mapping[str, Interval]) -> str:
    """Return the choice of `who_dies` that fits the leads of ageing over elitism (in regret), one for each task."""
    ageing, elitism = clear(leads.values())
    half = len(leads) / 2
    return who_dies.choices[0 if ageing > half else 1 if elitism > half else 2]


def clear(leads: Iterable[Interval]) -> tuple[int, int]:
    """Return how many leads are clearly above 0, and how many clearly below."""
    known = list(leads)
    return sum(lead.low > 0 for lead in known), sum(lead.high < 0 for lead in known)


parent_chance = MultipleChoice(
    "A population has 10 members. A tournament draws 5 of them, with replacement. How probable is it that the best "
    "member of all becomes the parent?",
    ("0.10", "0.41", "0.50"),
    right="0.41",
    why={
        "0.10": "That is one draw. The tournament draws five times, and one hit is enough.",
        "0.41": "Each draw misses the best with probability 0.9. Five draws miss it with 0.9 to the power of 5, 0.59.",
        "0.50": "Five draws of ten would be one half without replacement. Here a member can be drawn twice.",
    },
)


# ---------------------------------------------------------------------- 1, tournament selection


def tournament_reference(rewards: Sequence[float], numbers: Sequence[float]) -> int:
    """Return the place of the best member drawn; on a tie, the first drawn."""
    drawn = [int(u * len(rewards)) for u in numbers]
    return max(drawn, key=lambda place: rewards[place])


def _tournament_guess(got: Any, rewards: Sequence[float], numbers: Sequence[float]) -> str:
    drawn = [int(u * len(rewards)) for u in numbers]
    if (place := whole(got)) is None:
        return "Return a place in the list, a whole number from 0."
    if place not in drawn:
        return "This member was not drawn. Only those that were drawn compete."
    if rewards[place] == max(rewards[one] for one in drawn):
        return "Both have this reward. On a tie, the one that was drawn first wins."
    return "This member was drawn, but another one that was drawn has a higher reward."


def _tournament_objection(answer: Any) -> str:
    rng = fresh()
    cases: list[tuple[Any, ...]] = [([0.2, 0.9, 0.5], [0.1, 0.8]), ([0.5, 0.5], [0.9, 0.1]), ([0.4, 0.3], [0.9])]
    cases += [([0.1, 0.2, 0.3], [u]) for u in (0.3, 0.66, 0.7)]
    cases += [([0.2, 0.2, 0.2], [0.4, 0.1, 0.9]), ([-0.1, -0.3], [0.1, 0.6])]
    for scale in SCALES * 5:
        rewards = (scale * rng.choice([-0.1, 0.1, 0.11, 0.11], int(rng.integers(2, 7)))).tolist()
        cases.append((rewards, np.round(rng.uniform(0, 0.99, int(rng.integers(1, 6))), 2).tolist()))
    return against("tournament", answer, tournament_reference, cases, guess=_tournament_guess)


tournament = Exercise(
    name="tournament",
    kind="code",
    prompt=(
        "**Exercise 1, write a tournament.** `rewards` has the reward of each member. `numbers` are random numbers "
        "from 0 to 1, 1 excluded, one for each draw. The number u draws the member at the place `int(u * n)`, where n "
        "is the number of members. `tournament` returns the place of the best member that was drawn. On a tie, it "
        "returns the first drawn."
    ),
    stub="def tournament(rewards, numbers):\n    ...",
    solved=(
        "def tournament(rewards, numbers):\n"
        "    drawn = [int(u * len(rewards)) for u in numbers]\n"
        "    return max(drawn, key=lambda place: rewards[place])"
    ),
    hints=(
        "First make a list of the places that are drawn. A place may be in it twice.",
        "`max(places, key=...)` returns the place for which the key is largest; on a tie, the first one.",
        "The key of a place is `rewards[place]`.",
    ),
    why_wrong=_tournament_objection,
    wrong={
        (
            "max(drawn, key=lambda place: rewards[place])",
            "max(rewards[place] for place in drawn)",
        ): "That is the reward of the winner. Return its place in the list.",
        (
            "max(drawn, key=lambda place: rewards[place])",
            "max(range(len(drawn)), key=lambda draw: rewards[drawn[draw]])",
        ): "That is the number of the draw. Return the place of the member that it drew.",
        ("max(drawn", "max(range(len(rewards))"): "All members compete here. Only those that were drawn compete.",
        (
            "max(drawn",
            "min(drawn",
        ): "That is the worst of those that were drawn: another one that was drawn has a higher reward.",
        ("max(drawn", "max(drawn[:1]"): "That is the first drawn, whatever its reward.",
        ("max(drawn", "max(drawn[::-1]"): "On a tie, the one that was drawn first wins. Yours is the last of them.",
        ("max(drawn", "max(sorted(drawn)"): "On a tie, the one that was drawn first wins. Yours has the lowest place.",
        (
            "int(u * len(rewards))",
            "round(u * (len(rewards) - 1))",
        ): "Your numbers draw other members: u draws the one at int(u * n), where n is their number.",
        "def tournament(rewards, numbers):\n    return 'the best'": "a whole number from 0",
        ("return max", "max"): "is there a return?",
    },
    also_right=(
        "def tournament(rewards, numbers):\n"
        "    best = None\n"
        "    for u in numbers:\n"
        "        place = int(u * len(rewards))\n"
        "        if best is None or rewards[place] > rewards[best]:\n"
        "            best = place\n"
        "    return best",
    ),
    survivors={"argument 2 without repetitions": "who is drawn twice competes once"},
    praise="The size of the tournament is the pressure: with one draw there is no selection at all.",
)


# ---------------------------------------------------------------------- 2, the off-by-one in ageing


def ageing_reference(members: Sequence[float], child: float, size: int) -> list[float]:
    """Return the members after a birth, oldest first: if there are more than `size` now, the oldest is gone."""
    grown = [*members, child]
    return grown[1:] if len(grown) > size else grown


def _ageing_guess(got: Any, *_: Any) -> str:
    return "" if isinstance(got, list | tuple) else "Return the list of those that live."


def _ageing_objection(answer: Any) -> str:
    rng = fresh()
    cases: list[tuple[Any, ...]] = [([], 0.5, 1), ([0.4], 0.5, 1), ([0.4], 0.5, 2), ([0.8, 0.1], 0.5, 2)]
    for scale in SCALES * 4:
        size = int(rng.integers(1, 9))
        count = int(rng.integers(max(size - 2, 0), size + 1))
        *members, child = (scale * rng.integers(-2, 9, count + 1) / 8).tolist()
        cases.append((members, child, size))
    return against("ageing", answer, ageing_reference, cases, guess=_ageing_guess)


ageing = Exercise(
    name="ageing",
    kind="code",
    prompt=(
        "**Exercise 2, find the mistake.** `members` are the rewards of those that live, the oldest first. A `child` "
        "joins, and at most `size` may live. With this function, a population of 10 never has more than 9 members. "
        "With `size` 1 nobody lives at all. Mend it."
    ),
    stub=(
        "def ageing(members, child, size):\n"
        "    members = [*members, child]\n"
        "    if len(members) >= size:\n"
        "        members = members[1:]\n"
        "    return members"
    ),
    solved=(
        "def ageing(members, child, size):\n"
        "    members = [*members, child]\n"
        "    if len(members) > size:\n"
        "        members = members[1:]\n"
        "    return members"
    ),
    hints=(
        "Take `size` 1, nobody alive, and one child. What should the list be, and what is it?",
        "When the child is in the list already, how many members are still allowed?",
        "As many as `size`. Somebody dies only if there are more.",
    ),
    why_wrong=_ageing_objection,
    wrong={
        ("len(members) > size", "len(members) > size + 1"): "There are too many now, and nobody died.",
        ("members[1:]", "members[:-1]"): "The newcomer died. The oldest has to go, and that is the first of the list.",
        ("[*members, child]", "[child, *members]"): "The newcomer is the youngest: it stands at the end.",
        ("members[1:]", "sorted(members)[1:]"): "You sorted them by reward. They stay in the order of their age.",
        (
            "members = members[1:]",
            "members.remove(min(members))",
        ): "The worst died. That is elitism; in ageing evolution the oldest dies, whatever its reward.",
        (
            "    if len(members) > size:\n        members = members[1:]",
            "    members = members[1:]",
        ): "Somebody always dies, also where there was room.",
        ("members[1:]", "members[2:]"): "Two died. One birth needs one place.",
        ("[*members, child]", "list(members)"): "The newcomer is missing.",
        ("\n    return members", ""): "is there a return?",
    },
    also_right=(
        "def ageing(members, child, size):\n    return [*members, child][-size:]",
        "from collections import deque\n\n\n"
        "def ageing(members, child, size):\n    return deque([*members, child], maxlen=size)",
    ),
    praise="One member more or less is easily overlooked: nothing fails, the search is only a little worse.",
)


# ---------------------------------------------------------------------- 3, a mutation that cannot reach everything


@own_numbers(slots=range(4, 20), first=("a", "b"))
def reachable(slots: int = 6, first: str = "a") -> Exercise:
    every, right, children = 2**slots, 2 ** (slots - 1), slots * (slots - 1) // 2
    start, other = first * slots, "b" if first == "a" else "a"
    sentences = {
        every: f"{every:,} are all networks. But count the {other}'s: each mutation changes their number by -2, 0 or "
        "2.",
        every - 1: f"{every - 1:,} are all others. But count the {other}'s: each mutation changes their number by -2, "
        "0 or 2.",
        children: f"{children} are the children of the first network. Their children have children, too.",
        children + 1: f"{children + 1} are the first network and its children. Their children have children, too.",
        right - 1: f"{right - 1:,} omits the first network itself: two mutations can lead back to it.",
    }

    def objection(answer: Any) -> str:
        if (number := whole(answer)) is None:
            return f"Give a whole number; {show(answer)} is none."
        return (
            "" if number == right else sentences.get(number, f"It is not {number}: what stays even, whatever mutates?")
        )

    return Exercise(
        name="reachable",
        kind="predict",
        prompt=(
            f"**Exercise 3, predict.** A network has {in_words(slots)} slots, each with *a* or *b*: {every:,} "
            "networks. A mutation picks two different slots, and changes both: *a* becomes *b*, *b* becomes *a*. The "
            f"population begins with `{start}`. How many of the {every:,} networks can appear in this evolution, the "
            "first one included?"
        ),
        stub="reachable = ...",
        solved=f"reachable = {right}",
        hints=(
            f"Write down the children of `{start}`, and then some of their children. What do all of them share?",
            f"Count the {other}'s in each of them.",
            f"The number of {other}'s stays even. How many of the {every:,} networks have an even number of {other}'s?",
        ),
        why_wrong=objection,
        wrong={
            f"reachable = {every}": "are all networks",
            f"reachable = {every - 1}": "are all others",
            f"reachable = {children}": "are the children of the first network",
            f"reachable = {children + 1}": "and its children",
            f"reachable = {right - 1}": "omits the first network itself",
            "reachable = 'half'": "Give a whole number",
            f"reachable = {right + 5}": "what stays even",
        },
        praise="Half of the space does not exist for this search, and nothing on the screen says so. Test your "
        "mutation.",
    )


# ---------------------------------------------------------------------- 4, refute

SEEDS = 40
LARGE = 100


def _refutation_objection(answer: Any) -> str:
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        return "Give a pair: (task, evaluations)."
    task, evaluations = answer
    if refused := no_task(task) or no_number(evaluations, 10, 100):
        return refused
    large = {f"a population of {LARGE}": ("regularized-evolution", {"population": LARGE})}
    return not_behind(task, large, {"one of 10": "regularized-evolution"}, evaluations, SEEDS)


refutation = Exercise(
    name="refutation",
    kind="refute",
    prompt=(
        "**Exercise 4, refute.** *A larger population is more diverse, so it finds better networks.* Give a task "
        "(see `table.tasks`) and a number of evaluations (10 to 100) that refute it: "
        "`refutation = (task, evaluations)`. The check races `regularized-evolution` with a population of "
        f"{LARGE} and of 10, on {SEEDS} new seeds. It accepts if the larger population ends with more regret, by more "
        "than three standard errors."
    ),
    stub="refutation = ...",
    solved='refutation = ("same/digits", 80)',
    hints=(
        "Race some tasks yourself, as in section 5.",
        f"What does a population of {LARGE} do with its first {LARGE} evaluations?",
        "Take a number of evaluations at which the small population has had children for a long time.",
    ),
    why_wrong=_refutation_objection,
    wrong={
        'refutation = "same/digits"': "Give a pair",
        'refutation = ("imagenet", 50)': "has no task 'imagenet'",
        'refutation = ("same/digits", 500)': "from 10 to 100",
        'refutation = ("same/digits", 10)': "must lie above 0",
    },
    praise="As long as the founders are drawn, evolution is random search. A population belongs to a budget.",
    survivors={
        'refutation = ("same/digits", 79)': "one network fewer: a counter-example as good as this one",
        'refutation = ("same/digits", 81)': "one network more: a counter-example as good as this one",
    },
)

exercises = (tournament, ageing, reachable, refutation)
