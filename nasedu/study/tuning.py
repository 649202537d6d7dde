"""A recipe tuned for one architecture, by the same study, store and controllers that search architectures.

    network = ("conv3-16", "pool2", "dense64", "stop")
    tuned = nasedu.tune({"learning_rate": [3e-4, 1e-3, 3e-3]}, network, "digits", trials=3)
    tuned.recipe, tuned.trials_dataframe(), tuned.finish()

To a controller a recipe is a walk like any other, `("learning_rate=0.003", "batch_size=64")`: one choice for each
field that is free. Random search: Bergstra, Bengio, "Random Search for Hyper-Parameter Optimization", JMLR 2012. TPE:
Bergstra et al., "Algorithms for Hyper-Parameter Optimization", NIPS 2011.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from nasedu import controllers, spaces, tasks, trainers
from nasedu.core import Architecture, BadValue, Evaluation, check_counts, checked
from nasedu.spaces.base import Space
from nasedu.store import IN_MEMORY, Trial
from nasedu.study import Study
from nasedu.trainers.base import Wrapper, one_seed_each, remade, settings_of
from nasedu.trainers.recipe import USUAL, Recipe, check_recipe

USUAL_RANGES: dict[str, list[Any]] = {
    "learning_rate": [3e-4, 1e-3, 2e-3, 5e-3, 1e-2],
    "batch_size": [16, 32, 64, 128],
}
"""A small beginning: what matters most, around what is usual."""


class RecipeSpace(Space):
    """The recipes that differ in some fields: one choice for each of them, in the order of the fields of `Recipe`.

    Args:
        ranges: the values that a field may have, such as {"learning_rate": [1e-3, 3e-3]}.

    Raises:
        BadValue: a field that a recipe does not have, or a value that it cannot have.
    """

    name = "recipes"

    def __init__(self, ranges: Mapping[str, Sequence[Any]]):
        self.ranges = checked_ranges(ranges)
        self._values = [{_choice(name, value): value for value in own} for name, own in self.ranges.items()]

    def start(self) -> int:
        return 0

    def choices(self, state: int) -> tuple[str, ...]:
        return tuple(self._values[state]) if state < len(self._values) else ()

    def step(self, state: int, choice: str) -> int:
        return state + 1

    def build(self, architecture: Architecture) -> Any:
        """Raise BadValue: a recipe is no network."""
        raise BadValue(f"{architecture} is a recipe: it says how a network is trained, and there is none to build")

    def explain(self, state: int, choice: str) -> str:
        return f"{choice!r} is no value that {list(self.ranges)[state]} may have here"

    def hand_picked(self) -> tuple[Architecture, ...]:
        """Return the usual recipe, if it is one of them."""
        usual = tuple(_choice(name, getattr(USUAL, name)) for name in self.ranges)
        there = all(choice in values for choice, values in zip(usual, self._values, strict=True))
        return (usual,) if there else ()

    def changes(self, choices: Architecture) -> dict[str, Any]:
        """Return the value of every tuned field. Raises BadArchitecture for choices that cannot be read."""
        self.check_architecture(choices)
        found = zip(self.ranges, self._values, choices, strict=True)
        return {name: values[choice] for name, values, choice in found}


def checked_ranges(ranges: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
    """Return the values of each field as a recipe holds them, in the order of its fields.

    Raises:
        BadValue: fields that a recipe does not have, or values that it cannot have.
    """
    known = [field.name for field in fields(Recipe)]
    if not isinstance(ranges, Mapping) or not ranges:
        raise BadValue(f'a recipe space is {{"learning_rate": [0.001, 0.003], ...}}; given {ranges!r}')
    for name in ranges:
        if name not in known:
            raise BadValue(f"a recipe has no field {name!r}; it has: {', '.join(known)}")
    return {name: _checked_values(name, ranges[name]) for name in known if name in ranges}


def _checked_values(name: str, values: Any) -> list[Any]:
    given = values.tolist() if hasattr(values, "tolist") else values  # such as numpy's logspace(-4, -2, 5)
    if isinstance(given, str) or not isinstance(given, Sequence) or not given:
        raise BadValue(f"the values of {name} are a list such as {USUAL_RANGES.get(name, [1, 2])}; given {values!r}")
    own = [getattr(_recipe_with(name, value), name) for value in given]
    if len(set(own)) < len(own):
        raise BadValue(f"{name} may have each value once; given {list(given)}")
    return own


def _recipe_with(name: str, value: Any, others: Recipe = USUAL) -> Recipe:
    changed: dict[str, Any] = {name: value}
    return replace(others, **changed)


def _choice(name: str, value: Any) -> str:
    return f"{name}={value}"


class RecipeTrainer(Wrapper):
    """What a recipe is worth: the score of one network that is trained with it.

    Args:
        space: of the recipes.
        architecture: of the network.
        trainer: of networks; its own recipe says what is not tuned.
        networks: the space of the network. A store describes a trainer without its space, so it is said here.

    Raises:
        BadArchitecture: an architecture of another space.
        BadValue: a trainer without a recipe, or a value that asks of the task's examples what they do not have.
    """

    name = "recipes"

    def __init__(self, space: RecipeSpace, architecture: Architecture, trainer: Any, networks: Any):
        (self.architecture,) = checked(networks, [architecture])
        if isinstance(trainer, Wrapper) or settings_of(trainer).recipe is None:
            raise BadValue(f"a {type(trainer).__name__} trains by no recipe, so there is none to tune")
        for name, values in space.ranges.items():
            for value in values:
                check_recipe(_recipe_with(name, value, trainer.recipe), trainer.task)
        super().__init__(trainer)
        self.space = space
        self.networks = networks
        self.preferred_batch = 1

    def __call__(
        self, architectures: Sequence[Architecture], *, epochs: int, seed: int | Sequence[int]
    ) -> list[Evaluation]:
        """See `nasedu.trainers.base.Trainer`; what is given are recipes, as choices of `space`."""
        seeds = one_seed_each(architectures, seed)
        recipes = checked(self.space, architectures)
        return [self._evaluate(choices, epochs, own) for choices, own in zip(recipes, seeds, strict=True)]

    def retrain_and_test(
        self, architecture: Architecture, *, epochs: int, seed: int, best_epoch: Any = None
    ) -> Evaluation:
        """See `nasedu.trainers.base.Trainer`."""
        trainer = self._with_recipe(architecture)
        found = trainer.retrain_and_test(self.architecture, epochs=epochs, seed=seed, best_epoch=best_epoch)
        return replace(found, architecture=tuple(architecture))

    def network_of(self, architecture: Architecture) -> tuple[Any, Architecture, Recipe]:
        """Return the space, the architecture and the recipe of the network that is trained, for `Winner`."""
        return self.networks, tuple(self.architecture), self._with_recipe(architecture).recipe

    def _evaluate(self, choices: Architecture, epochs: int, seed: int) -> Evaluation:
        """One training; its evaluation is that of the network, under the choices that made its recipe."""
        (found,) = self._with_recipe(choices)([self.architecture], epochs=epochs, seed=seed)
        return replace(found, architecture=tuple(choices))

    def _with_recipe(self, choices: Architecture) -> Any:
        """Return the trainer, training with the recipe that these choices make."""
        return remade(self.trainer, recipe=replace(self.trainer.recipe, **self.space.changes(choices)))


@dataclass(frozen=True)
class Tuned:
    """What tuning found.

    Attributes:
        recipe: the best one.
        trial: its trial, with its validation score.
        study: with every trial; `close` gives its store free.
    """

    recipe: Recipe
    trial: Trial
    study: Study

    def trials_dataframe(self) -> Any:
        """Return every trial as a row of a pandas DataFrame, with a column for each tuned field."""
        found = self.study.trials_dataframe().drop(columns="architecture")
        changes = [self.study.space.changes(trial.architecture) for trial in self.study.trials]
        for place, name in enumerate(self.study.space.ranges, 2):
            found.insert(place, name, [change[name] for change in changes])
        return found

    def finish(self) -> Evaluation:
        """Train with the best recipe on training and validation examples together, and test once: `Study.finish`.

        The usual recipe, if it was among the others, is tested beside it: `study.hand_picked`.
        """
        return self.study.finish()

    def close(self) -> None:
        """Give the study back, so that another process may open it."""
        self.study.close()


def tune(
    recipe_space: Mapping[str, Sequence[Any]] | None,
    architecture: Architecture,
    task: Any,
    *,
    space: Any = None,
    trials: int = 20,
    batch: int = 1,
    controller: str = "random",
    epochs: int = 8,
    store: str | os.PathLike[str] = IN_MEMORY,
    seed: int = 0,
    recipe: Recipe = USUAL,
    **options: Any,
) -> Tuned:
    """Tune the recipe of one architecture; the same call on the same store goes on where the last one was stopped.

    Args:
        recipe_space: the values that a field of `Recipe` may have, such as {"learning_rate": [1e-3, 3e-3]}; None for
            `nasedu.study.tuning.USUAL_RANGES`.
        architecture: of the network, read by `space`.
        task: a task, or the name of one.
        space: the space of the architecture, or its name; None for the usual one of the task.
        trials: recipes to try, those of earlier calls included; fewer if there are no more.
        batch: recipes that are asked for before any of their scores is told.
        controller: who chooses, "random" or "tpe" (extra: surrogates), or another registered name.
        epochs: passes over the training split for each recipe.
        store: a file, or ":memory:".
        seed: of the controller, and of every network's weights and data order.
        recipe: says what is not tuned.
        options: of the `SequentialTrainer`, such as folds=5.

    Raises:
        BadValue, UnknownName, BadArchitecture, MissingExtra: whatever is wrong, before anything is trained; and
            BadValue if every recipe failed.
    """
    check_counts(trials=trials, batch=batch, epochs=epochs)
    recipes = RecipeSpace(USUAL_RANGES if recipe_space is None else recipe_space)
    task = tasks.load(task) if isinstance(task, str) else task
    space = spaces.usual(task) if space is None else space
    space = spaces.load(space, task) if isinstance(space, str) else space
    trainer = RecipeTrainer(
        recipes, architecture, trainers.load("sequential", space, task, recipe=recipe, **options), space
    )
    chooser = controllers.load(controller, recipes, seed=seed)
    study = Study(recipes, chooser, trainer, store=store, epochs=epochs, seed=seed)
    try:
        for _ in study.run(trials, batch):
            pass
    except BaseException:
        study.close()
        raise
    return _result(study, trainer)


def _result(study: Study, trainer: RecipeTrainer) -> Tuned:
    best = study.best
    if best.evaluation and not best.evaluation.ok:
        study.close()
        raise BadValue(f"no recipe worked; the best of {len(study.trials)} ended with: {best.evaluation.reason}")
    return Tuned(replace(trainer.trainer.recipe, **trainer.space.changes(best.architecture)), best, study)
