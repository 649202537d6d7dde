"""A search that a student starts, stops and continues with two buttons. Lesson 00."""

from collections.abc import Mapping

from nasedu.core.palette import BLUE, METHODS
from nasedu.study import Study
from nasedu.widgets import trial_plot
from nasedu.widgets.engine import Engine


class LiveStudy(Engine):
    """Shows a running search: progress, the best so far, a dot for each trial, and two buttons: Go on, Stop.

        LiveStudy(study, trials=24)

    The page asks for the trials one by one (see `nasedu.widgets.engine`). So Stop takes effect after the current trial,
    and cells can run between two trials. Cells use the same study: afterwards, `study.trials` has the new trials.

    Args:
        study: the search to continue; it may already have trials.
        trials: how many trials it will have in the end.
        batch: how many architectures are asked together (see `Study.run`).
        marks: scores to compare with, by name, such as {"hand-picked": 0.9}: lines in the picture.

    Raises:
        BadValue: trials or batch below 1.
    """

    def __init__(self, study: Study, trials: int = 40, batch: int = 1, marks: Mapping[str, float] | None = None):
        study.run(trials, batch)  # it checks the numbers; the generator that it returns is not used
        self.study = study
        self.trials = trials
        self.batch = batch
        self.marks = dict(marks or {})
        self.says = {
            "title": "A search that goes on and stops",
            "work": "search",
            "unit": "trials",
            "one": "trial",
            "hint": f"Go on runs the search up to {trials} trials.",
            "go": "Run trials until the search has all of them, or until you press Stop",
            "stop": "Stop after the trial that is under way; Go on continues",
            "failed": "The search stopped with an error.",
            "table": "The best so far, as a table",
        }
        super().__init__()

    def piece(self) -> None:
        """Run one trial. After the last trial, the controller is told of its whole batch."""
        for _ in self.study.run(self.trials, self.batch):
            if self.done < self.trials:
                break

    @property
    def done(self) -> int:
        return sum(not trial.imported for trial in self.study.trials)

    @property
    def total(self) -> int:
        return self.trials

    @property
    def ending(self) -> str:
        if self.done >= self.trials:
            return f"all {self.trials} trials have run."
        return "the controller has nothing left to ask." if self.study.exhausted else ""

    @property
    def last(self) -> str:
        """Return the last trial in words."""
        if not self.study.trials:
            return ""
        trial = self.study.trials[-1]
        return f"Last: trial {self.done}, score {trial.score:.3f}, {' '.join(trial.architecture)}"

    @property
    def place(self) -> str:
        return f"after trial {self.done} of {self.trials}" if self.study.trials else ""

    def search(self) -> trial_plot.Search:
        """Return the current state of the search for the plot."""
        found = [
            trial_plot.Dot(t.architecture, e.score, e.ok, e.parameters)
            for t in self.study.trials
            if (e := t.evaluation) is not None
        ]
        return trial_plot.Search(found, self.trials, self.marks, METHODS.get(self.study.controller.name, BLUE))

    def draw(self) -> str:
        return trial_plot.svg(self.search())

    def listing(self) -> str:
        return trial_plot.table(self.search())

    def words(self) -> str:
        return self.search().words
