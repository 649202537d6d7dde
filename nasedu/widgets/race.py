"""A race that a student starts, stops and changes: controllers, task and seeds. Lesson 04."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nasedu.core.palette import methods
from nasedu.racing import IncrementalRace, RaceResult
from nasedu.racing.contestant import Entry, contestants_from
from nasedu.racing.start import seed_numbers
from nasedu.tables import Table
from nasedu.widgets import base, regret_plot
from nasedu.widgets.base import interactive_html
from nasedu.widgets.engine import Engine, field_errors
from nasedu.widgets.player import Player
from nasedu.widgets.race_choices import MOST_EVALUATIONS, count_in, labels_in, offered, seeds_in, text_of, words_of
from nasedu.widgets.race_film import race_film
from nasedu.widgets.regret_plot import Curve

SECONDS = 0.1
"""How long the kernel works for one request of the page."""


class Race(Engine):
    """Shows the regret curves of controllers while they race on a table, each with its 95% interval over the seeds.

        Race(space, table, ["random", "q-learning"], task="where/digits", seeds=10, evaluations=100)

    The form in the page chooses the controllers, the task, the seeds and the number of networks. If it differs from the
    race on show, its button says New race, and starts the race that the form describes.
    The same seeds give the same curves, and `result` equals the result of `nasedu.race`.
    A saved page replays the runs so far without a kernel, network by network.

    Args:
        space: the space to search.
        table: the score of each network.
        controllers: the first controllers, as for `nasedu.race`; all registered ones can be chosen in the page.
        task: a task of the table; by default its first.
        seeds: how many (0, 1, 2, ...), or which.
        evaluations: the number of different networks in a run.

    Attributes:
        race: the current race, a `nasedu.racing.IncrementalRace`.

    Raises:
        UnknownName, BadValue, Mismatch: as for `nasedu.race`.
    """

    def __init__(
        self,
        space: Any,
        table: Table,
        controllers: Mapping[str, Entry] | Iterable[Entry],
        task: str | None = None,
        seeds: int | Sequence[int] = 10,
        evaluations: int = 100,
    ):
        self.space = space
        self.table = table
        self._known = offered(controllers)
        given = [one.label for one in contestants_from(controllers)]
        self._begin(self._made(given, task or table.tasks[0], seeds, evaluations), seeds)
        self.says = {
            "title": "A race of controllers",
            "work": "race",
            "unit": "runs",
            "one": "run",
            "hint": "Go on runs everyone with every seed.",
            "go": "Run everyone with every seed, or until you press Stop",
            "stop": "Stop the race here; Go on continues",
            "failed": "This did not work.",
            "kept": "The race is unchanged; Go on tries this run again.",
            "new": "New race",
            "begin": "Begin the race that the form describes; it replaces the race on show",
            "changed": "The form describes another race. New race begins it, Undo changes resets the form.",
        }
        super().__init__()
        self.form = self._fields()

    def _made(self, labels: Sequence[str], task: str, seeds: int | Sequence[int], evaluations: int) -> IncrementalRace:
        """Return a new race, which has not started. Raise the errors of `nasedu.race`."""
        entries = {label: self._known[label] for label in labels}
        return IncrementalRace(self.space, self.table, entries, evaluations, seeds, task=task)

    def _begin(self, made: IncrementalRace, seeds: int | Sequence[int]) -> None:
        """Replace the race by a new one; `seeds` as they were given."""
        self.race = made
        self.controllers = {label: self._known[label] for label in made.labels}
        self.task = made.task
        self.seeds = seeds
        self.evaluations = made.evaluations

    # ------------------------------------------------------------------ running

    def piece(self) -> None:
        """Make one complete run: one controller with one seed."""
        self.race.advance()

    def pieces(self) -> None:
        self.race.advance(SECONDS)

    @property
    def done(self) -> int:
        return len(self.race.runs)

    @property
    def total(self) -> int:
        return self.race.total

    @property
    def ending(self) -> str:
        return f"all {self.total} runs have ended." if self.race.complete else ""

    @property
    def last(self) -> str:
        if not self.race.runs:
            return ""
        (label, seed), run = list(self.race.runs.items())[-1]
        return f"Last: {label} with seed {seed}, regret {self.race.best - run.best[-1]:.3g} in the end"

    @property
    def place(self) -> str:
        """Return how many runs have ended, and the next run: all controllers take the first seed, then the second."""
        if self.race.complete:
            return ""
        seed, label = divmod(self.done, len(self.race.labels))
        return f"after {self.done} of {self.total} runs, at {self.race.labels[label]} with seed {self.race.seeds[seed]}"

    @property
    def stands(self) -> str:
        who = f"{', '.join(self.race.labels)} on {self.task} with {words_of(self.seeds)}"
        made = f"{self.done} of {self.total} runs have ended"
        return f"Still on show is the race of {who} and {self.evaluations} networks in a run: {made}."

    @property
    def result(self) -> RaceResult:
        """Return the result, as `nasedu.race` does, for the seeds that all controllers have run.

        Raises:
            BadValue: there is no such seed yet.
        """
        return self.race.result

    # ------------------------------------------------------------------ choosing

    def choose(self, values: Mapping[str, Any]) -> None:
        """Begin a new race with the choices of the page, or from Python: {"seeds": "10-19"}.

        Args:
            values: labels as "controllers", a name as "task", "seeds" and "evaluations" as numbers or as text.

        Raises:
            Refused: a BadValue; the old race is unchanged.
        """
        self._begin(*self._read(values))
        self.form = self._fields()
        self.view = self.look()

    def check(self, values: Mapping[str, Any]) -> None:
        self._read(values)

    def _read(self, values: Mapping[str, Any]) -> tuple[IncrementalRace, int | Sequence[int]]:
        """Return the chosen race, and its seeds as they were given. Raise Refused, with the field that is wrong."""
        with field_errors("controllers"):
            labels = labels_in(values.get("controllers", list(self.controllers)), self._known)
        with field_errors("task"):
            task = values.get("task", self.task)
            self.table.task(task)
        with field_errors("seeds"):
            seeds = seeds_in(values.get("seeds", self.seeds))
            seed_numbers(seeds)
        with field_errors("evaluations"):
            evaluations = count_in(values.get("evaluations", self.evaluations))
        with field_errors(""):
            return self._made(labels, task, seeds, evaluations), seeds

    def _fields(self) -> list[dict[str, Any]]:
        """Return the fields of the form, with their current values."""
        which = "How many, or which: 3, 5, 8 or 10-19."
        return [
            {
                "name": "controllers",
                "kind": "many",
                "label": "Who runs",
                "options": list(self._known),
                "value": list(self.controllers),
            },
            {"name": "task", "kind": "one", "label": "Task", "options": list(self.table.tasks), "value": self.task},
            {"name": "seeds", "kind": "text", "label": "Seeds", "value": text_of(self.seeds), "help": which},
            {
                "name": "evaluations",
                "kind": "number",
                "label": "Networks in a run",
                "value": self.evaluations,
                "least": 1,
                "most": MOST_EVALUATIONS,
            },
        ]

    # ------------------------------------------------------------------ looking

    def curves(self) -> list[Curve]:
        """Return a curve for each controller that has run."""
        known = list(self._known)
        look = {label: (place, methods(known)[place]) for place, label in enumerate(known)}
        found = {label: self.race.curves(label) for label in self.race.labels}
        return [
            Curve.of(label, place, regrets, colour)
            for label, regrets in found.items()
            if len(regrets)
            for place, colour in [look[label]]
        ]

    def draw(self) -> str:
        return regret_plot.svg(self.curves(), self.evaluations, self.words(), self._unit)

    @property
    def _unit(self) -> str:
        return " (%)" if self.table.scale == 100 else ""

    def page(self) -> str:
        """Return the picture and its table, with a player that replays the runs so far if the page may run a script."""
        curves = self.curves()
        if not curves:
            return self.static()
        film = race_film(curves, self.evaluations, self.words(), self._unit)
        state = {"_film": film.data(), "at": len(film.frames) - 1}
        recorded = f"{self.done} of {self.total} runs, recorded: press Play. Go on and New race need Python."
        return interactive_html(self.static(), str(Player._esm), str(Player._css), state, recorded)

    def listing(self) -> str:
        found = self.curves()
        rows = regret_plot.rows(found, self.evaluations) if found else []
        caption = f"Mean regret over the runs ± half of its 95% interval. The best network scores {self.race.best:.4g}."
        return base.table(rows, " ".join([caption, *self._notes()]))

    def _notes(self) -> list[str]:
        """Return the notes that a reader of the result needs."""
        notes = [self.table.note] if self.table.note else []
        for end, what in (("repeats", "given up: only repeated questions"), ("exhausted", "had nothing left to ask")):
            for label in self.race.labels:
                count = sum(run.end == end for (name, _), run in self.race.runs.items() if name == label)
                notes += [f"{label}: {count} runs {what}."] if count else []
        return notes

    def words(self) -> str:
        found = self.curves()
        who = f"Race of {', '.join(self.race.labels)} on {self.task}, {self.evaluations} networks in a run"
        if not found:
            return f"{who}: no run yet of {self.total}."
        first = min(found, key=lambda c: float(c.middle[-1]))
        return (
            f"{who}: {self.done} of {self.total} runs; lowest mean regret in the end: {first.label}, "
            f"{first.after(self.evaluations)}."
        )
