"""The exercises of lesson 04, tabular Q-learning."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

import numpy as np

from nasedu.classroom.claims import Interval
from nasedu.classroom.counterexamples import SCALES, against, fresh, fresh_names, largest, same, show, whole
from nasedu.classroom.exercise import Exercise, Part
from nasedu.classroom.multiple_choice import MultipleChoice
from nasedu.classroom.own_numbers import in_words, own_numbers
from nasedu.classroom.prediction import Prediction
from nasedu.classroom.refuting import no_number, no_task, not_behind

spread = Prediction(
    "A network has six slots, each as important as the others. A table learns from 100 networks, as MetaQNN was "
    "published. How far apart are its values of the three choices for the first slot?",
    ("as far apart as the choices truly are", "about half as far", "not apart at all"),
)

real = Prediction(
    "On `what/digits`, does one method end clearly ahead of all others after 100 networks, random search included?",
    ("MetaQNN", "q-learning with the return", "none of them"),
)


def how_far(apart: float, truth: float) -> str:
    """Return the choice of `spread` that is closest to a measured distance."""
    return spread.choices[int(np.abs(np.array([1, 0.5, 0]) - apart / truth).argmin())]


def who_leads(gains: Mapping[str, Interval]) -> str:
    """Return the choice of `real` that fits the leads of q-learning with the return over each other method."""
    if min(lead.low for lead in gains.values()) > 0:
        return real.choices[1]
    return real.choices[0 if gains["MetaQNN"].high < 0 else 2]


one_backup = MultipleChoice(
    "An entry of the table is 0.2. The best value in the next state is 0.6, the discount is 1, the step size 0.5. "
    "What is the entry after the backup?",
    ("0.6", "0.5", "0.4"),
    right="0.4",
    why={
        "0.6": "That is the target. With a step size of 1 the entry would become it; here it goes half of the way.",
        "0.5": "That adds half of the target to what was there. Half of the distance to it is added.",
        "0.4": "The distance is 0.6 less 0.2, and half of it is gone: 0.2 + 0.5 · 0.4.",
    },
)


# ---------------------------------------------------------------------- 1, predict


@own_numbers(replay=range(5, 13), layers=range(2, 7))
def backups(replay: int = 8, layers: int = 3) -> Exercise:
    steps = layers + 1
    right = replay * steps
    sentences = {
        steps: f"{steps} is one backup for each step of the newest network. But its trajectory is not the only one "
        f"that is learned from: {replay - 1} of the stored ones are gone through again.",
        replay: f"{replay} is the number of trajectories. Each has a backup for every step that was taken, and a "
        f"network of {in_words(layers)} layers and stop was {in_words(steps)} steps.",
        right - steps: f"{right - steps} counts the {replay - 1} replayed trajectories only: the newest one is learned "
        "from, too.",
        right + steps: f"{right + steps} counts {replay} replayed trajectories and the newest one; the {replay} are "
        "meant with the newest among them.",
        replay * layers: f"{replay * layers} has no step for stop, and stop is a choice as well: multiply trajectories "
        "by steps.",
    }

    def objection(answer: Any) -> str:
        if (number := whole(answer)) is None:
            return f"Give a whole number; {show(answer)} is none."
        if number == right:
            return ""
        return sentences.get(number, f"It is not {number}: multiply trajectories by steps.")

    return Exercise(
        name="backups",
        kind="predict",
        prompt=(
            f"**Exercise 1, predict.** A controller with `replay={replay}` is told the reward of a network. It has "
            f"stored many others. Each of these networks, this one too, has {in_words(layers)} layers and then stop. "
            "How many backups does the table make now? (`list(controller.updates(architecture, reward))` has them "
            "all.)"
        ),
        stub="backups = ...",
        solved=f"backups = {replay} * {steps}",
        hints=(
            "A trajectory has one step for each choice. Is stop a choice?",
            f"With `replay={replay}`, {in_words(replay)} trajectories are gone through after each network, the newest "
            "one being the first.",
            f"{in_words(replay).capitalize()} trajectories of {in_words(steps)} steps each.",
        ),
        why_wrong=objection,
        wrong={
            f"backups = {replay}": "is the number of trajectories",
            f"backups = {right - steps}": "the newest one is learned from, too",
            f"backups = {replay + 1} * {steps}": "with the newest among them",
            f"backups = {replay * layers}": "stop is a choice as well",
            f"backups = {right + 1}": "multiply trajectories by steps",
            "backups = 'many'": "Give a whole number",
        }
        | ({f"backups = {steps}": "not the only one"} if steps != replay else {}),
        praise=f"{in_words(replay).capitalize()} trajectories of {in_words(steps)} steps: replay makes {right} small "
        "corrections out of a single training.",
    )


# ---------------------------------------------------------------------- 2, the update


def q_update_reference(old: float, following: Sequence[float], reward: float, alpha: float, gamma: float) -> float:
    """Return the new value by the published update: the target is reward plus gamma times the best next value."""
    target = reward + gamma * max(following, default=0.0)
    return old + alpha * (target - old)


def _update_objection(answer: Any) -> str:
    rng = fresh()
    cases: list[tuple[Any, ...]] = [(0.5, [], 0.8, 0.1, 0.9), (0.5, [0.7, 0.6], 0.0, 0.1, 0.9)]
    cases += [(0.5, [-0.7, -0.6], 0.1, 0.1, 0.9), (0.5, [0.7, 0.2], 0.1, 0.25, 1.0)]
    for scale in SCALES * 3:
        following = (scale * np.round(rng.uniform(-1, 1, rng.integers(0, 4)), 2)).tolist()
        old, reward = (scale * np.round(rng.uniform(0.1, 0.9, 2), 2)).tolist()
        cases.append((old, following, reward, *np.round(rng.uniform(0.1, 0.9, 2), 2).tolist()))
    try:
        return against("q_update", answer, q_update_reference, cases, scale=lambda *case: largest(case[:3]))
    except (ValueError, IndexError, ZeroDivisionError) as error:
        if not _ends(answer):
            raise
        return f"An empty list ended it ({error}): nothing follows the last choice, and nothing is worth 0."


def _ends(answer: Any) -> bool:
    """Return whether an answer ends in an error for an empty list of next values, and not for a longer list."""
    answer(0.5, [0.7, 0.6], 0.0, 0.1, 0.9)
    try:
        answer(0.5, [], 0.8, 0.1, 0.9)
    except (ValueError, IndexError, ZeroDivisionError):
        return True
    return False


q_update = Exercise(
    name="q_update",
    kind="code",
    prompt=(
        "**Exercise 2, write the update.** `q_update` takes the `old` value of a choice, the `reward` of this step, "
        "`alpha` and `gamma`. The list `following` holds the values of the choices in the next state. It is empty "
        "after the last choice. `q_update` returns the new value by the published rule, "
        "$Q + \\alpha\\,(r + \\gamma \\max_{c} Q(s', c) - Q)$."
    ),
    stub="def q_update(old, following, reward, alpha, gamma):\n    ...",
    solved=(
        "def q_update(old, following, reward, alpha, gamma):\n"
        "    target = reward + gamma * max(following, default=0)\n"
        "    return old + alpha * (target - old)"
    ),
    hints=(
        "Write the target first: what this step brought, and what the next state promises.",
        "`max` of an empty list is an error; `max(following, default=0)` is not.",
        "The new value lies a share alpha of the way from the old value to the target.",
    ),
    why_wrong=_update_objection,
    wrong={
        (
            "default=0",
            "default=old",
        ): "You forgot that the last state has no future: after it, nothing is worth anything.",
        (", default=0", ""): "nothing follows the last choice",
        ("old + alpha", "old - alpha"): "That moves away from the target: the difference is target minus old.",
        (
            "old + alpha * (target - old)",
            "target",
        ): "That is the target itself: move only a share alpha of the way to it.",
        (
            "(target - old)",
            "target",
        ): "That adds a share of the target and keeps all of the old value: what counts is the difference.",
        (
            "old + alpha * (target - old)",
            "alpha * old + (1 - alpha) * target",
        ): "alpha and 1 - alpha have changed places: the new value goes a share alpha of the way.",
        ("max(following, default=0)", "sum(following)"): "What follows is the best choice, not all of them together.",
        (
            "max(following, default=0)",
            "(sum(following) / max(len(following), 1))",
        ): "What follows is the best choice, and not the mean of all.",
        (
            "max(following, default=0)",
            "max(0, *following, 0)",
        ): "All values that follow may be below 0: then the best of them counts, and no 0.",
        ("max(following, default=0)", "min(following, default=0)"): "What follows is the best choice, and you take the "
        "worst.",
        ("gamma * ", ""): "What follows is discounted: gamma is missing.",
        (
            "reward + gamma * max(following, default=0)",
            "gamma * (reward + max(following, default=0))",
        ): "gamma discounts what follows. The reward of this step counts in full.",
        ("reward + ", ""): "The reward of this very step is missing.",
        ("return old", "old"): "is there a return?",
    },
    also_right=(
        ("old + alpha * (target - old)", "(1 - alpha) * old + alpha * target"),
        ("max(following, default=0)", "(max(following) if following else 0)"),
    ),
    survivors={
        "argument 2 sorted": "the largest value has no place",
        "argument 2 reversed": "the largest value has no place",
        "argument 2 without repetitions": "the largest value counts once",
    },
    praise="This one line is the whole of Q-learning; everything else is what to try and what to try again.",
)


# ---------------------------------------------------------------------- 3, mend a pass over a trajectory

Table = Mapping[str, Mapping[str, float]]


def learn_reference(
    q: Table, path: Sequence[Sequence[str]], reward: float, alpha: float
) -> dict[str, dict[str, float]]:
    """Return the table after one pass from the last step backwards; a target is the best value of the next state."""
    table = {state: dict(row) for state, row in q.items()}
    target = reward
    for state, choice in reversed(path):
        table[state][choice] += alpha * (target - table[state][choice])
        target = max(table[state].values())
    return table


def _draw_pass(rng: np.random.Generator, steps: int, scale: float) -> tuple[Any, ...]:
    """Draw a table of two to four choices in each state, and a path: names and order of the rows tell nothing."""
    states, choices = fresh_names(rng, steps), fresh_names(rng, int(rng.integers(2, 5)))
    q = {
        state: dict(zip(choices, (scale * rng.random(len(choices))).round(8).tolist(), strict=True)) for state in states
    }
    path = [[state, str(rng.choice(choices))] for state in rng.permutation(states).tolist()]
    return q, path, float(scale * np.round(rng.uniform(0, 1), 2)), float(rng.choice([0.1, 0.2, 0.3, 0.8]))


def _pass_guess(got: Any, q: Table, path: Sequence[Sequence[str]], reward: float, alpha: float) -> str:
    rows = isinstance(got, dict) and all(isinstance(row, dict) for row in got.values())
    return "" if rows else "Return the table: for each state a dictionary with the value of each choice."


def _pass_objection(answer: Any) -> str:
    rng = fresh()
    cases = [_draw_pass(rng, steps, scale) for steps in (1, 2, 3, 4) for scale in SCALES]
    return against("learn", answer, learn_reference, cases, guess=_pass_guess)


def _towards_objection(answer: Any) -> str:
    """Look at paths of one step: there, the direction of the walk does not matter."""
    rng = fresh()
    return against("learn", answer, learn_reference, [_draw_pass(rng, 1, 1.0) for _ in range(5)])


def _backwards_objection(answer: Any) -> str:
    """Look whether the walk goes backwards, with the right sign or the wrong one."""
    rng = fresh()
    for case in [_draw_pass(rng, steps, 1.0) for steps in (2, 3, 4)]:
        q, path, reward, alpha = case
        walks = [learn_reference(q, path, reward, sign * alpha) for sign in (1, -1)]
        got = answer(*deepcopy(case))
        if not any(same(got, walk) for walk in walks):
            return "The walk does not go backwards."
    return ""


learn = Exercise(
    name="learn",
    kind="code",
    prompt=(
        "**Exercise 3, find the sign error.** This function makes one pass over a trajectory with the published target "
        "and gamma 1. `q` has a row of values for each state. `path` is a list of (state, choice) in the order they "
        "were taken. `reward` came at the end. There are two mistakes: the values run away from their targets, and the "
        "reward enters the walk at the wrong end. Mend both."
    ),
    stub=(
        "def learn(q, path, reward, alpha):\n"
        "    target = reward\n"
        "    for state, choice in path:\n"
        "        q[state][choice] += alpha * (q[state][choice] - target)\n"
        "        target = max(q[state].values())\n"
        "    return q"
    ),
    solved=(
        "def learn(q, path, reward, alpha):\n"
        "    target = reward\n"
        "    for state, choice in reversed(path):\n"
        "        q[state][choice] += alpha * (target - q[state][choice])\n"
        "        target = max(q[state].values())\n"
        "    return q"
    ),
    hints=(
        "Take a path of one step, q = 0, reward 1, alpha 0.5. What should the new value be, and what is it here?",
        "Which of the states on the path is the one right before the reward?",
        "`reversed(path)`, and target minus old value.",
    ),
    why_wrong=_pass_objection,
    wrong={
        (
            "+= alpha * (target - q[state][choice])",
            "= alpha * q[state][choice] + (1 - alpha) * target",
        ): "The two shares have changed places: alpha is how far the value moves, 1 - alpha what it keeps.",
        (
            "reversed(path)",
            "path",
        ): "The sign is mended. But look at the direction: the reward is known at the end of the "
        "walk, and the first step is no neighbour of it.",
        (
            "(target - q[state][choice])",
            "(q[state][choice] - target)",
        ): "The direction is mended, the sign is not: this value moves away from its target.",
        "def learn(q, path, reward, alpha):\n"
        "    target = reward\n"
        "    for state, choice in path:\n"
        "        q[state][choice] -= alpha * (target - q[state][choice])\n"
        "        target = max(q[state].values())\n"
        "    return q": "Both mistakes are still in it: the sign of the step, and the direction of the walk.",
        (
            "reversed(path)",
            "sorted(path, reverse=True)",
        ): "You sort the path by the names of its states. Take it as it is, from its end to its start.",
        (
            "max(q[state].values())",
            "q[state][choice]",
        ): "The target of the step before is the *best* value of this state, and not that of the choice taken.",
        (
            "        target = max(q[state].values())\n",
            "",
        ): "Each step has the reward as its target here. Before the last step, it is the best value of the next state.",
        ("target = max", "target = reward + max"): "The reward came once, at the end. You give it to each step.",
        (
            "max(q[state].values())",
            "min(q[state].values())",
        ): "The target is the best value of the next state, and not the worst.",
        "def learn(q, path, reward, alpha):\n"
        "    target = reward\n"
        "    for state, choice in reversed(path):\n"
        "        best = max(q[state].values())\n"
        "        q[state][choice] += alpha * (target - q[state][choice])\n"
        "        target = best\n"
        "    return q": "The best value of a state is taken *after* its update: so the reward gets to the first step.",
        ("+= alpha *", "="): "That is only the difference: the value moves by a share alpha of it.",
        ("\n    return q", ""): "is there a return?",
        "def learn(q, path, reward, alpha):\n    return q": "The table is as it was: nothing was learned.",
    },
    also_right=(
        "def learn(q, path, reward, alpha):\n"
        "    for place in range(len(path) - 1, -1, -1):\n"
        "        state, choice = path[place]\n"
        "        last = place == len(path) - 1\n"
        "        target = reward if last else max(q[path[place + 1][0]].values())\n"
        "        q[state][choice] = (1 - alpha) * q[state][choice] + alpha * target\n"
        "    return q",
        "import pandas as pd\n\n\n"
        "def learn(q, path, reward, alpha):\n"
        "    q, target = {state: pd.Series(row) for state, row in q.items()}, reward\n"
        "    for state, choice in path[::-1]:\n"
        "        q[state][choice] += alpha * (target - q[state][choice])\n"
        "        target = q[state].max()\n"
        "    return q",
    ),
    survivors={"renamed": "the names of states and choices mean nothing"},
    praise="Backwards, one pass carries the reward from the last choice to the first.",
    parts=(
        Part("each value moves towards its target", 0.5, _towards_objection),
        Part("the walk goes backwards", 0.5, _backwards_objection),
    ),
)


# ---------------------------------------------------------------------- 4, set the schedule


def epsilon_reference(asked: int, budget: int) -> float:
    """Return epsilon: it falls linearly from 1 for the first network to 0.1 for the last one, and then stays 0.1."""
    return 1 - 0.9 * min(asked / (budget - 1), 1)


def _epsilon_objection(answer: Any) -> str:
    rng = fresh()
    cases = [(0, 11), (10, 11), (5, 11), (11, 11), (30, 11), (0, 2), (1, 2), (999_999, 10**6)]
    cases += [(int(rng.integers(0, 2 * budget)), int(budget)) for budget in rng.integers(5, 200, 20)]
    return against("epsilon", answer, epsilon_reference, cases)


epsilon = Exercise(
    name="epsilon",
    kind="code",
    prompt=(
        "**Exercise 4, set the schedule.** Write `epsilon(asked, budget)`: the probability of a random choice after "
        "`asked` networks. It is 1 for the first network (`asked` is 0). It falls along a straight line to 0.1 for the "
        "last network of the budget (`asked` is `budget - 1`), and stays there."
    ),
    stub="def epsilon(asked, budget):\n    ...",
    solved="def epsilon(asked, budget):\n    return 1 - 0.9 * min(asked / (budget - 1), 1)",
    hints=(
        "How far along the budget are we, as a number from 0 to 1?",
        "`min(..., 1)` keeps that share from growing after the budget is spent.",
        "1 minus 0.9 times that share.",
    ),
    why_wrong=_epsilon_objection,
    wrong={
        (
            "(budget - 1)",
            "budget",
        ): "The first network has asked = 0, so the last one of the budget has asked = budget - 1: one less.",
        ("min(asked / (budget - 1), 1)", "asked / (budget - 1)"): "Whoever goes on after the budget still explores a "
        "little: 0.1 is the least.",
        ("0.9 * min", "min"): "That falls to nothing; it should end at 0.1.",
        (
            "1 - 0.9 * min(asked / (budget - 1), 1)",
            "max(1 - asked / (budget - 1), 0.1)",
        ): "That line leads to 0, and is cut off at 0.1. It is to reach 0.1 with the last network.",
        (
            "1 - 0.9 * min(asked / (budget - 1), 1)",
            "0.1 ** min(asked / (budget - 1), 1)",
        ): "Start and end are right. But this is a curve; the line is straight.",
        ("1 - 0.9 * min", "0.1 + 0.9 * min"): "That rises. It should fall from 1 to 0.1.",
        "def epsilon(asked, budget):\n    return 0.1": "It should begin at 1; that is where it ends.",
    },
    praise="A schedule belongs to a budget: 100 networks with the schedule for 1,000 would be little more than chance.",
    survivors={
        "def epsilon(asked, budget):\n    return 1 - 0.9 * min(1, asked / (budget - 1))": "the smaller of the two "
        "is the same in either order",
        "result rounded": "the values are from 0.1 to 1, where six places are enough",
    },
    also_right=(
        ("1 - 0.9 * min(asked / (budget - 1), 1)", "0.1 + 0.9 * (1 - min(asked / (budget - 1), 1))"),
        ("1 - 0.9 * min(asked / (budget - 1), 1)", "max(1 - 0.9 * asked / (budget - 1), 0.1)"),
    ),
)


# ---------------------------------------------------------------------- 5, refute

SEEDS = 40


def _refutation_objection(answer: Any) -> str:
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        return "Give a pair: (task, evaluations)."
    task, evaluations = answer
    if refused := no_task(task) or no_number(evaluations, 20, 150):
        return refused
    published = {"target max": ("q-learning", {"target": "max"})}
    return not_behind(task, published, {"the whole return": "q-learning"}, evaluations, SEEDS)


refutation = Exercise(
    name="refutation",
    kind="refute",
    prompt=(
        "**Exercise 5, refute.** *On real networks the target makes no difference: section 6 shows it for "
        "`same/digits`.* Give a task (see `table.tasks`) and a number of evaluations (20 to 150) that refute it: "
        "`refutation = (task, evaluations)`. The check races our controller with both targets on "
        f"{SEEDS} new seeds. It accepts if the published target ends with more regret, by more than three standard "
        "errors."
    ),
    stub="refutation = ...",
    solved='refutation = ("anywhere/digits", 100)',
    hints=(
        'Race some tasks yourself: "q-learning" beside ("q-learning", {"target": "max"}), as in section 6.',
        "A table has to be taught before its target can matter: give it a hundred networks.",
        "Where nearly every network is good, no regret is left to differ by. Try a task on which most of them are "
        "poor, such as one of the `anywhere` tasks.",
    ),
    why_wrong=_refutation_objection,
    wrong={
        'refutation = "anywhere/digits"': "Give a pair",
        'refutation = ("imagenet", 100)': "has no task 'imagenet'",
        'refutation = ("anywhere/digits", 5)': "from 20 to 150",
        'refutation = ("same/digits", 100)': "must lie above 0",
    },
    praise="No difference on one task is no law. What a target can tell apart depends on what its states remember.",
    survivors={
        'refutation = ("anywhere/digits", 99)': "one network fewer: a counter-example as good as this one",
        'refutation = ("anywhere/digits", 101)': "one network more: a counter-example as good as this one",
    },
)

exercises = (backups, q_update, learn, epsilon, refutation)
