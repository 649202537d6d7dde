"""Which part of a space is searched: pruned to what earlier tasks support, and widened again.

**Pruning.** A choice is dropped at a place of a walk under two conditions. Earlier tasks tried it there often enough
(`visits` different networks, over all tasks). And none of those networks was among the better half of its task. A
choice that was tried seldom stays. By luck alone a harmless choice fails four times with probability 1/16. So pruning
is always a bet, and it can be undone.

**Widening.** A pruned search gets the whole space back for the rest of a task in three cases: its scores do not rise
with what earlier tasks predict; its best has not become better for a while; nothing is left to ask (`why_widen`).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from nasedu.core import Architecture, BadArchitecture, counted
from nasedu.core.ranking import rank_correlation, ranks
from nasedu.meta.prior import Evidence
from nasedu.meta.pruned_space import PrunedSpace, place, whole
from nasedu.spaces.base import Choice, Space

VISITS = 4
LOOK = 8  # different networks before a new task is said to disagree with the earlier ones
Spot = tuple[str, Choice]
"""Where a walk stands (`place`), and what is chosen there."""


def readable(space: Space, evidence: Evidence) -> Evidence:
    """Return the evidence with the trials that the space can read: another task's images may have been larger."""
    return replace(evidence, trials=tuple(trial for trial in evidence.trials if _reads(space, trial[0])))


def _reads(space: Space, architecture: Architecture) -> bool:
    try:
        space.walk(architecture)
    except BadArchitecture:
        return False
    return True


# ---------------------------------------------------------------------- what earlier tasks say of a choice


class Standing(NamedTuple):
    """What earlier tasks say of one choice at one place.

    Attributes:
        mean: the mean standing of the networks that had it: 1 for the best of its task, 0 for the worst, 0.5 between.
        visits: different networks that had it, over all tasks.
        better: whether one of them was among the better half of its task; a tie at the border counts.
    """

    mean: float
    visits: int
    better: bool


def standings(space: Space, evidence: Sequence[Evidence]) -> dict[Spot, Standing]:
    """Return what the readable part of the evidence says of each choice where a walk stands."""
    found: dict[Spot, list[tuple[float, bool]]] = defaultdict(list)
    for entry in evidence:
        scores = dict(readable(whole(space), entry).trials)
        if not scores:
            continue
        shares = _standing(list(scores.values()))
        middle = float(np.median(list(scores.values())))
        for (architecture, score), share in zip(scores.items(), shares, strict=True):
            for spot in _spots(space, architecture):
                found[spot].append((share, score >= middle))
    return {
        spot: Standing(float(np.mean([share for share, _ in seen])), len(seen), any(better for _, better in seen))
        for spot, seen in found.items()
    }


def _spots(space: Space, architecture: Architecture) -> list[Spot]:
    inside = whole(space)
    return [(place(inside, step.state), step.choice) for step in inside.walk(architecture)]


def _standing(scores: Sequence[float]) -> np.ndarray:
    """Shares of the others that each score is above, from 0 to 1; an equal one counts half."""
    return (ranks(scores) * len(scores) - 0.5) / (len(scores) - 1) if len(scores) > 1 else np.array([0.5])


def task_correlation(space: Space, earlier: Sequence[Evidence], trials: Sequence[tuple[Architecture, float]]) -> float:
    """Return how alike earlier tasks and this one are, as far as its trials show: a rank correlation, from -1 to 1.

    A network is predicted to be worth the mean standing of its choices; Spearman's correlation between that and what
    the networks were worth here. 0 where nothing can be said: fewer than three networks, or all the same.
    """
    known = standings(space, earlier)
    pairs = []
    for architecture, score in dict(trials).items():
        means = [known[spot].mean for spot in _spots(space, architecture) if spot in known]
        if means:
            pairs.append((float(np.mean(means)), score))
    if len(pairs) < 3:
        return 0.0
    predicted, found = zip(*pairs, strict=True)
    return rank_correlation(predicted, found)


def favourites(space: Space, earlier: Sequence[Evidence], most: int = 3) -> tuple[tuple[Choice, float, int], ...]:
    """Return (choice, mean standing, visits) of the choices that stood best at any place; the best first."""
    seen: dict[Choice, list[Standing]] = defaultdict(list)
    for (_, choice), standing in standings(space, earlier).items():
        seen[choice].append(standing)
    rows = []
    for choice, parts in seen.items():
        visits = sum(part.visits for part in parts)
        if visits >= VISITS:
            rows.append((choice, sum(part.mean * part.visits for part in parts) / visits, visits))
    return tuple(sorted(rows, key=lambda row: (-row[1], row[0]))[:most])


# ---------------------------------------------------------------------- prune, and widen


def prune(space: Space, earlier: Sequence[Evidence], visits: int = VISITS) -> Space:
    """Return the space without the choices that earlier tasks speak against; the space itself if there are none."""
    dropped: dict[str, list[Choice]] = defaultdict(list)
    for (where, choice), standing in standings(space, earlier).items():
        if standing.visits >= visits and not standing.better:
            dropped[where].append(choice)
    return PrunedSpace(space, dropped) if dropped else space


def why_widen(
    space: Space, earlier: Sequence[Evidence], trials: Sequence[tuple[Architecture, float]], patience: int
) -> str:
    """Return why a pruned search is widened after these trials of the new task; empty if it goes on as it is.

    It is widened when its scores do not rise with what earlier tasks predict: `task_correlation` at or below 0, over at
    least eight different networks. It is also widened when its best did not rise in the last `patience` trials.
    """
    if len(dict(trials)) >= LOOK:
        alike = task_correlation(space, earlier, trials)
        if alike <= 0:
            over = counted(len(trials), "trial")
            return f"this task disagrees with the earlier ones (rank correlation {alike:.2f} over {over})"
    scores = [score for _, score in trials]
    since = len(scores) - 1 - int(np.argmax(scores)) if scores else 0
    return f"it stalled: nothing better in the last {counted(since, 'trial')}" if since >= patience else ""
