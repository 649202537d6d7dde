"""What a page needs that is not in the record of a study: its task, its space, its network, if they are there."""

import warnings
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from nasedu import spaces, tasks
from nasedu.cli.study_record import StudyRecord
from nasedu.core import BadValue, NaseduError
from nasedu.meta.pruned_space import whole_description
from nasedu.study.winner import Winner


@dataclass(frozen=True)
class Facts:
    """A study, and what could be found again around it.

    Attributes:
        record: the study.
        baseline: random search of the same length in the same store; None if there is none.
        store: the file, as it was typed.
        number: of the study there.
        task: None if it is gone, or its data are others now.
        space: the whole space that was searched; None if it cannot be made here.
        winner: the network with its weights; None if the study is not finished, or kept none.
        missing: a sentence on each of these that is not there.
        said: what reading the task warned of.
    """

    record: StudyRecord
    baseline: StudyRecord | None
    store: str
    number: int
    task: Any
    space: Any
    winner: Winner | None
    missing: tuple[str, ...]
    said: tuple[str, ...]

    @property
    def about(self) -> Any:
        """Return the task, or else what its winner remembers of it; None without both."""
        return self.task or (self.winner and self.winner.task)


def gather(record: StudyRecord, baseline: StudyRecord | None, store: str, number: int) -> Facts:
    """Find again what belongs to a study. What cannot be found is told in `missing`, and is no error."""
    task, said, why_no_task = _task(record)
    winner, why_no_winner = _winner(record, store, number)
    space, why_no_space = _space(record, task or (winner and winner.task))
    missing = [why for why in (why_no_task, why_no_winner, why_no_space) if why]
    return Facts(record, baseline, store, number, task, space, winner, tuple(missing), tuple(said))


def _task(record: StudyRecord) -> tuple[Any, list[str], str]:
    name, known = record.identity["task"], record.identity.get("data")
    omitted = "What was read, the answers to the test examples and the rivals are omitted"
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", UserWarning)
        try:
            task = tasks.load(name)
        except NaseduError as error:
            return None, [], f"{omitted}: the task {name} cannot be read again here ({error})."
    if known is None:
        return None, [], f"{omitted}: this study did not record its data, so nobody can check that they are the same."
    if task.fingerprint() != known:
        return None, [], f"{omitted}: the data of {name} have changed since this search."
    return task, [str(w.message) for w in said if issubclass(w.category, UserWarning)], ""


def _winner(record: StudyRecord, store: str, number: int) -> tuple[Winner | None, str]:
    if record.final is None or not record.final.ok:
        return None, ""
    try:
        return Winner.load(store, study=number), ""
    except NaseduError as error:
        return None, f"The network itself is not there: {error}."


def _space(record: StudyRecord, about: Any) -> tuple[Any, str]:
    described = whole_description(record.identity["space"])
    try:
        return spaces.rebuild(described, about or _shapes(record.identity["task"], described)), ""
    except NaseduError as error:
        return None, f"The pictures of the choices are omitted: the space cannot be made here ({error})."


def _shapes(name: str, described: dict[str, Any]) -> Any:
    """Return what a space must know of a task that cannot be read again; the space has recorded it.

    Raises:
        BadValue: it has not, so it is one of a user's own.
    """
    try:
        shape, outputs = tuple(described["input_shape"]), described["outputs"]
    except KeyError as error:
        raise BadValue(f"the shapes of the task {name} are not recorded") from error
    return SimpleNamespace(name=name, kind="classification", input_shape=shape, outputs=outputs)
