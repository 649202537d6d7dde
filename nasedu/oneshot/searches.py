"""Every one-shot method with one face: steps, a network at the end, a state to go on from; `methods.py` names them."""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from nasedu import controllers
from nasedu.core import Architecture, BadValue, Exhausted, check_counts
from nasedu.oneshot.batch_norm import check_statistics
from nasedu.oneshot.darts import Darts
from nasedu.oneshot.enas import Enas
from nasedu.oneshot.mixture_search import MixtureSearch
from nasedu.oneshot.pdarts import PDarts, PDartsStep
from nasedu.oneshot.scoring import answers
from nasedu.oneshot.search_settings import Settings
from nasedu.oneshot.search_state import SearchState, check_about
from nasedu.oneshot.spos import SupernetTraining
from nasedu.oneshot.supernet import Supernet
from nasedu.spaces.base import check_shapes
from nasedu.trainers.failures import TrainingStopped
from nasedu.trainers.single.devices import pick_device
from nasedu.trainers.single.metrics import score_of
from nasedu.trainers.single.training import Data

ROUND = 50
"""Steps of the weights in a round of ENAS."""


class Step(NamedTuple):
    """One step of any method.

    Attributes:
        number: from 1; of: how many there will be.
        turn: what is done in it, such as "weights" or "stage 2 of 3"; empty where a method does the same in all.
        loss: of a training batch; None in a step that trains no weights.
        validation: the loss by which alpha is trained, or the score of a path; None in a step without one.
        architecture: what would be derived now, the best path so far, or the path that was drawn; None for none.
        shares: (edges, operations), of a method that learns them.
    """

    number: int
    of: int
    turn: str
    loss: float | None
    validation: float | None
    architecture: Architecture | None
    shares: np.ndarray | None


class Method(ABC):
    """A search with shared weights, a step at a time.

    Attributes:
        of: how many steps it has in all.
        higher_is_better: whether `Step.validation` is a score, and no loss.
        mixture: the search whose mixture can be perturbed; None for methods that have none.
    """

    of: int
    higher_is_better = True

    def run(self) -> Iterator[Step]:
        """Yield each step that is still to do. Raise BadValue if the training diverges."""
        try:
            yield from self._run()
        except TrainingStopped as stopped:
            raise BadValue(f"the search cannot go on: {stopped}") from stopped

    @property
    def mixture(self) -> MixtureSearch | None:
        return None

    @abstractmethod
    def _run(self) -> Iterator[Step]: ...
    @abstractmethod
    def derived(self) -> Architecture:
        """Return the network that the search has found."""

    @abstractmethod
    def about(self) -> dict[str, Any]:
        """Return what the search is of, as plain data."""

    @abstractmethod
    def state(self) -> SearchState:
        """Return where the search is now."""

    @abstractmethod
    def restore(self, state: SearchState) -> None:
        """Go back to where a search was. Raise Mismatch if that was another search."""


class GradientMethod(Method):
    """DARTS or P-DARTS."""

    higher_is_better = False

    def __init__(self, search: Darts | PDarts):
        self.search = search
        self.stages = len(search.cells) if isinstance(search, PDarts) else 1
        self.of = self.stages * self.mixture.settings.steps

    @property
    def mixture(self) -> MixtureSearch:
        """Return the search whose mixture can be perturbed; of P-DARTS that of this stage."""
        return self.search.search if isinstance(self.search, PDarts) else self.search

    def _run(self) -> Iterator[Step]:
        for found in self.search.run():
            stage, step = (found.stage, found.step) if isinstance(found, PDartsStep) else (1, found)
            number = (stage - 1) * self.mixture.settings.steps + step.number
            turn = f"stage {stage} of {self.stages}" if self.stages > 1 else ""
            yield Step(number, self.of, turn, step.loss, step.validation_loss, step.derived, step.shares)

    def derived(self) -> Architecture:
        return self.search.derived()

    def about(self) -> dict[str, Any]:
        return self.search.about()

    def state(self) -> SearchState:
        return self.search.state()

    def restore(self, state: SearchState) -> None:
        self.search.restore(state)


class Spos(Method):
    """Uniform paths, then evolution by shared weights (Guo et al. 2020, sections 3.2 and 3.5).

    Args:
        steps: of the supernet.
        paths: "uniform", or "fair" (FairNAS).
        candidates: paths that the controller `regularized-evolution` asks for, each scored on the validation split.
        statistics: of batch normalisation for the scores, see `nasedu.oneshot.batch_norm`.
        examples: how many training examples re-estimate the statistics.
    """

    def __init__(
        self,
        space: Any,
        task: Any,
        *,
        steps: int,
        seed: int,
        device: str = "cpu",
        paths: str = "uniform",
        candidates: int = 200,
        statistics: str = "re-estimated",
        examples: int = 256,
    ):
        check_statistics(statistics)
        check_counts(candidates=candidates, examples=examples)
        self.space, self.task, self.seed, self.candidates = space, task, seed, candidates
        self.statistics, self.examples = statistics, examples
        net = Supernet(space, seed=seed, device=pick_device(device))
        self.training = SupernetTraining(net, task, steps=steps, seed=seed, paths=paths)
        check_shapes(space, task)
        self.validation = Data.of(task.validation, net.device)
        self.of = steps + candidates
        self._begin_evolution()

    def _begin_evolution(self) -> None:
        self.evolution = controllers.load("regularized-evolution", self.space, seed=self.seed)
        self.scored: list[tuple[Architecture, float]] = []

    def _run(self) -> Iterator[Step]:
        for step in self.training:
            yield Step(step.number, self.of, "weights", step.loss, None, None, None)
        while len(self.scored) < self.candidates:
            try:
                path = self.evolution.ask()
            except Exhausted:
                return
            self._tell(path, self.score(path))
            number = self.training.steps + len(self.scored)
            yield Step(number, self.of, "candidates", None, self.scored[-1][1], self.derived(), None)

    def _tell(self, path: Architecture, score: float) -> None:
        self.evolution.tell(path, score)
        self.scored.append((path, score))

    def score(self, path: Architecture) -> float:
        """Return the score of a path on the validation split, with shared weights."""
        seen = self.training.data.X[: self.examples]
        given: dict[str, Any] = {"statistics": self.statistics, "seen": seen}
        ((_, outputs),) = answers(self.training.supernet, [path], self.validation.X, **given)
        return score_of(self.task, outputs, self.validation.y)

    def derived(self) -> Architecture:
        if not self.scored:
            raise BadValue(
                "spos derives the best of its candidates, and none is scored yet: take more steps of `run()`"
            )
        return max(self.scored, key=lambda scored: scored[1])[0]

    def about(self) -> dict[str, Any]:
        own = {name: getattr(self, name) for name in ("candidates", "statistics", "examples")}
        return self.training.about() | {"method": "spos"} | own

    def state(self) -> SearchState:
        state = self.training.state()
        return SearchState(state.tensors, self.about(), state.plain | {"scored": self.scored})

    def restore(self, state: SearchState) -> None:
        check_about(state.about, self.about())
        self.training.restore(state._replace(about=self.training.about()))
        self._begin_evolution()
        for path, score in state.plain["scored"]:  # a controller has no state: it is asked and told once more
            if self.evolution.ask() != tuple(path):
                raise BadValue("the candidates of this checkpoint are not those that the evolution asks for today")
            self._tell(tuple(path), score)


class EnasMethod(Method):
    """ENAS: shared weights and a policy, trained in turn.

    Args:
        steps: of the weights, in rounds of about `ROUND`.
        device, others: as for `nasedu.oneshot.enas.Enas`.
    """

    def __init__(self, space: Any, task: Any, *, steps: int, seed: int, device: str = "cpu", **options: Any):
        rounds = -(-steps // ROUND)
        net = Supernet(space, seed=seed, device=pick_device(device))
        given = {"rounds": rounds, "weight_steps": -(-steps // rounds), **options}
        self.search = Enas(net, task, seed=seed, **given)
        check_shapes(space, task)
        self.of = self.search.rounds * (self.search.weight_steps + self.search.policy_steps)

    def _run(self) -> Iterator[Step]:
        search = self.search
        for step in search:
            number = search.training.done + search.learned
            loss, score = (step.value, None) if step.turn == "weights" else (None, step.value)
            yield Step(number, self.of, step.turn, loss, score, step.architecture, None)

    def derived(self) -> Architecture:
        return self.search.derive()

    def about(self) -> dict[str, Any]:
        return self.search.about()

    def state(self) -> SearchState:
        return self.search.state()

    def restore(self, state: SearchState) -> None:
        self.search.restore(state)


# ---------------------------------------------------------------------- what `methods.py` names


def _with_options_of(*makers: Callable[..., Any], but: tuple[str, ...] = ()) -> Callable[[Any], Any]:
    """Let a function of **options say which there are: those of other classes and functions, without some."""

    def named(function: Any) -> Any:
        own = [p for p in inspect.signature(function).parameters.values() if p.kind is not p.VAR_KEYWORD]
        taken = {p.name for p in own} | set(but) | {"device", "kept"}
        found = {p.name: p for maker in reversed(makers) for p in inspect.signature(maker).parameters.values()}
        more = [p.replace(kind=p.KEYWORD_ONLY) for p in found.values() if p.name not in taken and p.default != p.empty]
        function.__signature__ = inspect.Signature([*own, *more])
        return function

    return named


@_with_options_of(Settings, but=("order",))
def darts(space: Any, task: Any, *, steps: int, seed: int, **options: Any) -> Method:
    """Return DARTS of first order (Liu, Simonyan, Yang 2019); with relaxation="sigmoid" Fair DARTS."""
    return GradientMethod(Darts(space, task, steps=steps, seed=seed, **options))


@_with_options_of(Settings, but=("order",))
def darts_2(space: Any, task: Any, *, steps: int, seed: int, **options: Any) -> Method:
    """Return DARTS of second order: alpha looks one step of the weights ahead."""
    return GradientMethod(Darts(space, task, order=2, steps=steps, seed=seed, **options))


@_with_options_of(PDarts, Settings, but=("skip_dropout",))
def p_darts(space: Any, task: Any, *, steps: int, seed: int, **options: Any) -> Method:
    """Return P-DARTS: three stages, deeper and with fewer operations (Chen et al. 2019)."""
    return GradientMethod(PDarts(space, task, steps=-(-steps // 3), seed=seed, **options))


@_with_options_of(Settings, but=("order", "relaxation"))
def gdas(space: Any, task: Any, *, steps: int, seed: int, **options: Any) -> Method:
    """Return GDAS: one operation on each edge is drawn in each step (Dong, Yang 2019)."""
    return GradientMethod(Darts(space, task, relaxation="gumbel", steps=steps, seed=seed, **options))


@_with_options_of(Enas, but=("rounds", "weight_steps"))
def enas(space: Any, task: Any, *, steps: int, seed: int, **options: Any) -> Method:
    """Return ENAS: a policy draws the paths, and learns what they are worth (Pham et al. 2018)."""
    return EnasMethod(space, task, steps=steps, seed=seed, **options)


@_with_options_of(Spos)
def spos(space: Any, task: Any, *, steps: int, seed: int, **options: Any) -> Method:
    """Return SPOS: uniform paths, then evolution by shared weights (Guo et al. 2020)."""
    return Spos(space, task, steps=steps, seed=seed, **options)
