"""Quizzes and predictions that are marked without a kernel.

A saved notebook has each question as HTML: its choices, and the answer in a part that unfolds. Here these parts get
names, and `static/questions.js` makes buttons of them. It stands in for the kernel, and draws with the widget's own
JavaScript. Nothing is shown that the notebook does not show, and without scripts the page stays as it was.
"""

import json
import re
from html import escape, unescape
from typing import Any

from nasedu.core import BadValue
from nasedu.widgets.question import RUN

_QUESTION = re.compile(
    r'<div class="nasedu-still [\w-]+"><p><strong>(?P<kind>Quiz|Predict|Prediction)\.</strong> (?P<question>.*?)</p>'
    rf"<ul>(?P<choices>.*?)</ul>(?P<answer><details>.*</details>)?{re.escape(RUN)}</div>",
    re.S,
)
_ANSWER = re.compile(r"<details><summary>Show the answer</summary>(?P<covered>.*)</details>", re.S)
_QUIZ = re.compile(r"<p>(?P<right>.*?)</p><ul>(?P<why>.*?)</ul>(?P<content>.*)", re.S)
_REVEAL = re.compile(r"<p>It was: (?P<right>.*?)</p>(?:<p>(?P<because>.*?)</p>)?(?P<content>.*)", re.S)


def with_buttons(html: str) -> str:
    """Return the HTML of an output; if it is a question, with what `questions.js` needs to mark it.

    Raises:
        BadValue: it is a question, but not as `nasedu.widgets.question` writes it.
    """
    found = _QUESTION.search(html)
    if found is None:
        if RUN in html and "<strong>Quiz.</strong>" in html:
            raise BadValue(f"a quiz has another form than tools/site/questions.py reads: {html[:200]}")
        return html
    asked: dict[str, Any] = {"kind": found["kind"], "question": _text(found["question"])}
    asked["choices"] = [_text(choice) for choice in _items(found["choices"])]
    static = html.replace(RUN, "")
    if found["answer"]:
        answer = _ANSWER.fullmatch(found["answer"])
        assert answer is not None
        told, content = _told(answer["covered"], asked)
        asked |= told
        static = static.replace(answer["covered"], _marked_content(answer["covered"], content))
    return static.replace("<div ", f'<div data-question="{escape(json.dumps(asked, ensure_ascii=False))}" ', 1)


def _told(covered: str, asked: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Return what the covered part of a question says, and the HTML that is shown with it."""
    found = (_QUIZ if asked["kind"] == "Quiz" else _REVEAL).fullmatch(covered)
    if found is None:
        raise BadValue(f"the answer to {asked['question']!r} has another form than tools/site/questions.py reads")
    told: dict[str, Any] = {"right": _text(found["right"])}
    if asked["kind"] == "Quiz":
        told["why"] = dict(_explained(_text(item), asked["choices"]) for item in _items(found["why"]))
        known = {told["right"]} & set(asked["choices"])
    else:
        told["because"] = _text(found["because"] or "")
        known = {told["right"], *told["right"].split(" and ")} & set(asked["choices"])
    if not known:
        raise BadValue(f"the right answer {told['right']!r} is none of {', '.join(asked['choices'])}")
    return told, found["content"]


def _explained(item: str, choices: list[str]) -> tuple[str, str]:
    """Return a choice and its explanation; a choice may contain a colon."""
    choice = max((choice for choice in choices if item.startswith(f"{choice}: ")), key=len)
    return choice, item.removeprefix(f"{choice}: ")


def _marked_content(covered: str, content: str) -> str:
    return f'{covered.removesuffix(content)}<div class="question-content">{content}</div>' if content else covered


def _items(html: str) -> list[str]:
    return re.findall(r"<li>(.*?)</li>", html, re.S)


def _text(html: str) -> str:
    """Return the text that `nasedu.core.html.marked` made HTML of."""
    return unescape(re.sub(r"</?code>", "`", html))
