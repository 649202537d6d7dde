"""A question with radio buttons and a hidden answer: the base of Quiz, Predict and Reveal.

The kernel sends the right answer and the explanations to the browser only after there is a guess.
"""

from collections.abc import Sequence
from typing import Any

import traitlets

from nasedu.core.html import marked
from nasedu.widgets.base import HERE, Widget, javascript

COVERED = "The answer is covered until you have written a guess down."
RUN = "<p><em>Run this cell to get the buttons.</em></p>"


class Question(Widget):
    """A question with radio buttons; subclasses define what a click does and what is shown afterwards."""

    _esm = javascript("quiz.js")
    _css = HERE / "quiz.css"
    shown = traitlets.Dict().tag(sync=True)

    def __init__(self, question: str, choices: Sequence[str]):
        self.question = question
        self.choices = tuple(choices)
        self._turn = 0
        super().__init__(shown=self._plain())
        self.on_msg(lambda _, message, __: self._answer(message))

    def _answer(self, message: Any) -> None:
        """Answer a click in the browser with a new state."""
        kind, value = (message.get("do"), message.get("value")) if isinstance(message, dict) else (None, None)
        if kind == "pick" and value in self.choices:
            self._clicked(value)
        elif kind == "skip":
            self._skipped()
        self._show()

    def _show(self) -> None:
        self._turn += 1
        self.shown = self._plain()
        self.keep()

    def _clicked(self, choice: str) -> None:
        raise NotImplementedError

    def _skipped(self) -> None:
        """Show the answer without a guess; by default this is not offered, and nothing happens."""

    def _plain(self) -> dict[str, Any]:
        raise NotImplementedError

    def _state(self, kind: str, chosen: str | None, **more: Any) -> dict[str, Any]:
        """Return the state for the browser.

        Keys: `at_once`, a choice counts as soon as it is made; `locked`, no more choices; `button` and `skip`, titles
        of the buttons ("" for none); `note`, one sentence; `sign`, the outcome in words; `mood`, "right", "wrong" or
        ""; `answers`, pairs of a title and a text, shown side by side.
        """
        whole: dict[str, Any] = {"at_once": False, "locked": False, "button": "", "skip": "", "note": "", "sign": ""}
        whole |= {"mood": "", "answers": [], "turn": self._turn}
        return whole | {"kind": kind, "question": self.question, "choices": list(self.choices), "chosen": chosen} | more

    def _asked(self, kind: str, covered: str = "") -> str:
        """Return question and choices as HTML without buttons; `covered` is in a part that unfolds."""
        choices = "".join(f"<li>{marked(choice)}</li>" for choice in self.choices)
        told = self._told()
        if covered and not self._plain()["answers"]:
            told += f"<details><summary>Show the answer</summary>{covered}</details>"
        return f"<p><strong>{kind}.</strong> {marked(self.question)}</p><ul>{choices}</ul>{told}{RUN}"

    def _told(self) -> str:
        """Return the recorded answer and its explanations as HTML; empty before."""
        state = self._plain()
        if state["chosen"] is None and not state["answers"]:
            return ""
        lines = [state["sign"], *(f"{title}: {text}" for title, text in state["answers"]), state["note"]]
        return "".join(f"<p>{marked(line)}</p>" for line in lines if line)
