"""A race that a student starts, stops and changes: who runs, on which task, with which seeds. Lesson 04."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nasedu.racing import IncrementalRace, RaceResult
from nasedu.racing.contestant import Entry, contestants_from
from nasedu.racing.start import seed_numbers
from nasedu.tables import Table
from nasedu.widgets import base, regret_plot
from nasedu.widgets.engine import Engine, reading
from nasedu.widgets.race_choices import MOST_EVALUATIONS, count_in, labels_in, offered, seeds_in, text_of, words_of
from nasedu.widgets.regret_plot import Curve
from nasedu.widgets.show import picture

SECONDS = 0.1
"""How long the kernel works for one question of the page."""


class Race(Engine):
    """Controllers race on a table while their regret curves grow; each with a band, its 95% interval over the seeds.

        Race(space, table, ["random", "q-learning"], task="where/digits", seeds=10, evaluations=100)

    Who runs, the task, the seeds and the number of networks can be chosen in the page. As soon as the form differs from
    the race on show, its button says New race, and begins the one that the form describes.
    The same seeds give the same curves, and `result` is what `nasedu.race` gives.

    Args:
        space: what is searched.
        table: what each network is worth.
        controllers: who runs, as for `nasedu.race`; the others that are registered can be chosen in the page.
        task: of the table; its first, if none is given.
        seeds: how many (0, 1, 2, ...), or which.
        evaluations: different networks in a run.

    Attributes:
        race: the race as it stands, a `nasedu.racing.IncrementalRace`.

    Raises:
        UnknownName, BadValue, Mismatch: as `nasedu.race`.
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
            "unit": "runs",
            "one": "run",
            "hint": "Go on runs everyone with every seed.",
            "go": "Run everyone with every seed, or until you press Stop",
            "stop": "Stop where the race is; Go on continues",
            "failed": "This did not work.",
            "kept": "The race stands where it was; Go on tries this run again.",
            "new": "New race",
            "begin": "Begin the race that the form describes; the one on show gives way to it",
            "changed": "The form describes another race. New race begins it, Undo changes puts the form back.",
        }
        super().__init__()
        self.form = self._fields()

    def _made(self, labels: Sequence[str], task: str, seeds: int | Sequence[int], evaluations: int) -> IncrementalRace:
        """A new race, which has not begun. Raises what `nasedu.race` raises."""
        entries = {label: self._known[label] for label in labels}
        return IncrementalRace(self.space, self.table, entries, evaluations, seeds, task=task)

    def _begin(self, made: IncrementalRace, seeds: int | Sequence[int]) -> None:
        """Put a new race in the place of the old one; `seeds` as they were given."""
        self.race = made
        self.controllers = {label: self._known[label] for label in made.labels}
        self.task = made.task
        self.seeds = seeds
        self.evaluations = made.evaluations

    # ------------------------------------------------------------------ running

    def piece(self) -> None:
        """One run to its end: one controller with one seed."""
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
        """How many runs have ended, and whose turn it is: everyone runs with the first seed, then with the second."""
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
        """What came of the seeds with which everyone has run, as `nasedu.race` gives it. Raises BadValue for none."""
        return self.race.result

    # ------------------------------------------------------------------ choosing

    def choose(self, values: Mapping[str, Any]) -> None:
        """Begin a new race with what was chosen in the page, or from Python: {"seeds": "10-19"}.

        Args:
            values: labels as "controllers", a name as "task", "seeds" and "evaluations" as numbers or as text.

        Raises:
            Refused, a BadValue: the old race is left as it was.
        """
        self._begin(*self._read(values))
        self.form = self._fields()
        self.view = self.look()

    def check(self, values: Mapping[str, Any]) -> None:
        self._read(values)

    def _read(self, values: Mapping[str, Any]) -> tuple[IncrementalRace, int | Sequence[int]]:
        """The race that is chosen, and its seeds as they were given. Raises Refused, with the field that is wrong."""
        with reading("controllers"):
            labels = labels_in(values.get("controllers", list(self.controllers)), self._known)
        with reading("task"):
            task = values.get("task", self.task)
            self.table.task(task)
        with reading("seeds"):
            seeds = seeds_in(values.get("seeds", self.seeds))
            seed_numbers(seeds)
        with reading("evaluations"):
            evaluations = count_in(values.get("evaluations", self.evaluations))
        with reading(""):
            return self._made(labels, task, seeds, evaluations), seeds

    def _fields(self) -> list[dict[str, Any]]:
        """What can be chosen, and what is."""
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
        """One for each controller that has run."""
        place = {label: number for number, label in enumerate(self._known)}
        found = {label: self.race.curves(label) for label in self.race.labels}
        return [Curve.of(label, place[label], regrets) for label, regrets in found.items() if len(regrets)]

    def draw(self) -> str:
        unit = " (%)" if self.table.scale == 100 else ""
        return regret_plot.svg(self.curves(), self.evaluations, self.words(), unit)

    def listing(self) -> str:
        found = self.curves()
        rows = regret_plot.rows(found, self.evaluations) if found else []
        caption = f"Mean regret over the runs ± half of its 95% interval. The best network scores {self.race.best:.4g}."
        return base.table(rows, " ".join([caption, *self._notes()]))

    def _notes(self) -> list[str]:
        """What a reader of the result must know."""
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

    def static(self) -> str:
        note = (
            "<p><em>The race as this notebook last kept it. Run this cell to get the buttons Go on and Stop.</em></p>"
        )
        return picture(self.draw()) + self.listing() + note
