"""A question with radio buttons and a hidden answer: the base of Quiz, Predict and Reveal.

The kernel sends the right answer and the explanations to the browser only after there is a guess.
"""

from collections.abc import Sequence
from typing import Any

import traitlets
from IPython import get_ipython

from nasedu.core.html import marked
from nasedu.widgets.base import HERE, Widget, javascript
from nasedu.widgets.content import content_html

COVERED = "The answer is covered until you have written a guess down."
RUN = "<p><em>Run this cell to get the buttons.</em></p>"


class Question(Widget):
    """A question with radio buttons; subclasses define what a click does and what is shown afterwards.

    Args:
        asked: the `Prediction` or `MultipleChoice`; it tells the widget of each change.
        show: what is covered together with the answer (see `content_html`).
    """

    _esm = javascript("quiz.js")
    _css = HERE / "quiz.css"
    shown = traitlets.Dict().tag(sync=True)

    def __init__(self, asked: Any, show: Any = ()):
        self.question: str = asked.question
        self.choices: Sequence[str] = tuple(asked.choices)
        self._content = content_html(show)
        self._turn = 0
        super().__init__(shown=self._plain())
        self._follow(asked)
        self.on_msg(lambda _, message, __: self._answer(message))

    def _answer(self, message: Any) -> None:
        """Answer a click in the browser with a new state."""
        message = message if isinstance(message, dict) else {}
        kind, value = message.get("do"), message.get("value")
        if kind == "pick" and value in self.choices:
            self._clicked(value)
        elif kind == "skip":
            self._skipped()
        elif kind == "change":
            self._taken_back()
        self._show()

    def _follow(self, asked: Any) -> None:
        """Hear of changes by other cells. A widget of the same cell, from an earlier run of it, no longer does."""
        self._cell = (type(self).__name__, _cell())
        widgets = ((watcher, getattr(watcher, "__self__", None)) for watcher in asked.watchers)
        asked.watchers[:] = [watcher for watcher, widget in widgets if getattr(widget, "_cell", None) != self._cell]
        asked.watchers.append(self._changed)

    def _changed(self) -> None:
        self._show()

    def _show(self) -> None:
        self._turn += 1
        self.shown = self._plain()
        self.keep()

    def _clicked(self, choice: str) -> None:
        raise NotImplementedError

    def _skipped(self) -> None:
        """Show the answer without a guess; by default this is not offered, and nothing happens."""

    def _taken_back(self) -> None:
        """Take a guess back; by default this is not offered, and nothing happens."""

    def _plain(self) -> dict[str, Any]:
        raise NotImplementedError

    def _state(self, kind: str, chosen: str | None, **more: Any) -> dict[str, Any]:
        """Return the state for the browser.

        Keys: `locked`, no more choices; `button`, `skip` and `change`, titles of the buttons ("" for none); `note`, one
        sentence; `sign`, the outcome in words; `mood`, "right", "wrong" or ""; `answers`, pairs of a title and a text,
        shown side by side; `content`, HTML that is shown with the answers and covered without them.
        """
        whole: dict[str, Any] = {"locked": False, "button": "", "skip": "", "change": "", "note": "", "sign": ""}
        whole |= {"mood": "", "answers": [], "content": "", "turn": self._turn}
        whole |= {"kind": kind, "question": self.question, "choices": list(self.choices), "chosen": chosen} | more
        return whole | {"content": self._content} if whole["answers"] else whole

    def _asked(self, kind: str, covered: str = "") -> str:
        """Return question and choices as HTML without buttons; `covered` is in a part that unfolds."""
        choices = "".join(f"<li>{marked(choice)}</li>" for choice in self.choices)
        told = self._told()
        if covered and not self._plain()["answers"]:
            told += f"<details><summary>Show the answer</summary>{covered}{self._content}</details>"
        return f"<p><strong>{kind}.</strong> {marked(self.question)}</p><ul>{choices}</ul>{told}{RUN}"

    def _told(self) -> str:
        """Return the recorded answer and its explanations as HTML; empty before."""
        state = self._plain()
        if state["chosen"] is None and not state["answers"]:
            return ""
        lines = [state["sign"], *(f"{title}: {text}" for title, text in state["answers"]), state["note"]]
        return "".join(f"<p>{marked(line)}</p>" for line in lines if line) + state["content"]


def _cell() -> str:
    """Return the id of the cell that runs; empty where the notebook sends none, and outside of notebooks."""
    message: Any = getattr(get_ipython(), "get_parent", dict)()
    return str(message.get("metadata", {}).get("cellId", ""))
