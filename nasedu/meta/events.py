"""What `MetaSearch.run()` yields: one small frozen value for each event, for a player, a bar or a student."""

from dataclasses import dataclass
from typing import Any

from nasedu.core import Architecture
from nasedu.meta.prior import Evidence
from nasedu.meta.pruned_space import PrunedSpace, whole
from nasedu.meta.rivals import COLD
from nasedu.spaces.base import Choice
from nasedu.store import Trial
from nasedu.study import ranking

CHECKPOINTS = (5, 10, 20, 50, 100)


@dataclass(frozen=True)
class Source:
    """What an earlier task gives to a search.

    Attributes:
        task: its name.
        trials: how many of its trials the prior is made from.
        unreadable: how many the new task's space cannot read (its images may be smaller); they are omitted.
        pruned: how many use a choice that was pruned; they are omitted, too.
        alike: rank correlation between what this task alone predicts and what the new task showed (see
            `nasedu.meta.pruning.task_correlation`); None before the new task was searched.
    """

    task: str
    trials: int
    unreadable: int = 0
    pruned: int = 0
    alike: float | None = None


@dataclass(frozen=True)
class SpaceChosen:
    """What is searched was decided: before a search of a later task, or in the middle of a search that is widened.

    Attributes:
        task: the new task.
        space: what is searched from here on.
        why: in words.
    """

    task: str
    space: Any
    why: str

    @property
    def dropped(self) -> dict[str, list[Choice]]:
        """Return the choices that are dropped, by the place of a walk."""
        return self.space.dropped if isinstance(self.space, PrunedSpace) else {}

    @property
    def kept(self) -> int:
        """Return how many architectures can be found."""
        return self.space.size()

    @property
    def whole(self) -> int:
        """Return how many there are in the whole space."""
        return whole(self.space).size()


@dataclass(frozen=True)
class Opened:
    """A search begins, or goes on from its store.

    Attributes:
        task: what it is on.
        space: what it searches; for the comparison always the whole space.
        prior: the name of the prior that opens it; None for a cold start.
        sources: what the prior is made from.
        favourites: (choice, mean standing, visits) of what earlier tasks liked best.
        earlier: trials of this task that are recorded already.
        cold: whether it is the comparison, which nothing is carried over to.
        twin: of the comparison, the controller that replaces the one of the loop; "" for the same.
        rival: label of another search that it is compared with (`nasedu.meta.rivals`); "" for the search itself.
        status: the controller's numbers.
    """

    task: str
    space: Any
    prior: str | None
    sources: tuple[Source, ...] = ()
    favourites: tuple[tuple[Choice, float, int], ...] = ()
    earlier: tuple[Trial, ...] = ()
    cold: bool = False
    twin: str = ""
    rival: str = ""
    status: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Tried:
    """One more network was evaluated on a task; `cold` and `rival` say in which search, as for `Opened`."""

    task: str
    trial: Trial
    cold: bool = False
    rival: str = ""


@dataclass(frozen=True)
class Learned:
    """A task is done, and what it showed belongs to the evidence for the next.

    Attributes:
        task: its name.
        evidence: every trial of its search, in the order asked.
        sources: what its search was opened with, and how alike it turned out to be.
        favourites: what earlier tasks liked best when it began.
        spaces: what was decided about the space, in order.
        cold: what a search found that nothing was carried over to, with the same budget and seed; None where it was
            not run, and for the first task, whose own search is cold.
        twin: the controller of that search; "" for the same as of its own.
        trials: the same as `evidence`, with their evaluations; empty if only the scores are known.
        rivals: (label, what it found) of each other search with the same budget and seed.
    """

    task: str
    evidence: Evidence
    sources: tuple[Source, ...] = ()
    favourites: tuple[tuple[Choice, float, int], ...] = ()
    spaces: tuple[SpaceChosen, ...] = ()
    cold: Evidence | None = None
    trials: tuple[Trial, ...] = ()
    twin: str = ""
    rivals: tuple[tuple[str, Evidence], ...] = ()

    @property
    def best(self) -> tuple[int, Architecture, float]:
        """Return the best trial of its search (place from 0, architecture, score); see `nasedu.core.best_first`."""
        if self.trials:
            place = min(range(len(self.trials)), key=lambda n: ranking(self.trials[n]))
        else:
            place = max(range(len(self.evidence.trials)), key=lambda n: self.evidence.trials[n][1])
        return place, *self.evidence.trials[place]

    @property
    def compared(self) -> dict[str, Evidence]:
        """Return what each search found that it is compared with, by label; the one without memory comes first."""
        cold = {} if self.cold is None else {self.twin or COLD: self.cold}
        return cold | dict(self.rivals)

    @property
    def worth(self) -> tuple[tuple[int, float, float], ...]:
        """Return (trials, best so far, best so far of the cold start) at 5, 10, 20, ... trials and at the end."""
        return () if self.cold is None else self.worth_against(self.cold)

    def worth_against(self, other: Evidence) -> tuple[tuple[int, float, float], ...]:
        """Return (trials, best so far, best so far of another search) at 5, 10, 20, ... trials and at the end."""
        end = min(len(self.evidence.trials), len(other.trials))
        marks = sorted({n for n in CHECKPOINTS if n < end} | {end})
        return tuple((n, best_after(self.evidence, n), best_after(other, n)) for n in marks)


Event = Opened | Tried | SpaceChosen | Learned


def best_after(evidence: Evidence, trials: int) -> float:
    """Return the best score among the first trials."""
    return max(score for _, score in evidence.trials[:trials])
