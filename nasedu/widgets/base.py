"""The base of all widgets: words and a picture if no kernel runs, and a page that works without a kernel.

The JavaScript of a widget is an ES module next to its Python file. It defines a function `render` and ends with
`export default { render };`. The common code, `shared.js`, is prepended to it. There is no build step, and nothing is
loaded from the network.
"""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from IPython.display import publish_display_data

from nasedu.core.themes import on_dark, svg_rules

HERE = Path(__file__).parent

# Replaces the kernel's model in a page without a kernel: it holds the state and the listeners. A widget that can answer
# its own messages has a function `answer`. It begins when it is nearly visible: not while the widget itself hides it,
# and before the reader's focus is in the picture that it replaces. If the focus is there, it goes to the widget.
_MODEL_WITHOUT_KERNEL = """
const state = STATE;
function begin(el) {
  const own = { ...state }, heard = {};
  const model = {
    get: (name) => own[name],
    set(name, value) { own[name] = value; for (const tell of heard["change:" + name] ?? []) tell(); },
    on: (event, tell) => { (heard[event] ??= []).push(tell); },
    off() {}, save_changes() {},
    send: (message) => { if (typeof answer === "function") answer(model, message); },
  };
  const style = document.createElement("style");
  style.textContent = CSS;
  const place = document.createElement("div");
  const note = document.createElement("p");
  note.textContent = NOTE;
  const focused = el.contains(document.activeElement);
  el.replaceChildren(style, place, ...(NOTE ? [note] : []));
  render({ model, el: place });
  if (focused) place.querySelector("button,input,select,[tabindex='0']")?.focus();
}
for (const el of document.querySelectorAll('[data-nasedu="KEY"]:not([data-live])')) {
  el.dataset.live = "";
  new IntersectionObserver((places, observer) => {
    if (!places.some((place) => place.isIntersecting)) return;
    observer.disconnect();
    begin(el);
  }, { rootMargin: "800px", scrollMargin: "800px" }).observe(el);
}
"""

# Without a kernel JupyterLab shows "Loading widget..." above the picture for ever: this style hides that line. It is
# the only output without a type: what a cell printed, or the picture of another widget, stays.
_HIDE_LOADING = (
    "<style>.jp-OutputArea-child:not(:has(.nasedu-live,[data-mime-type])):has(+ .jp-OutputArea-child .nasedu-still)"
    "{display:none}</style>"
)


def stylesheet(name: str, widget: str) -> str:
    """Return the style sheet of a widget, and the rules that make the SVGs in it dark on a dark page."""
    pictures = f"{widget} :is(svg,img)"
    dark = f"{pictures}{{color-scheme:light}}" + on_dark(pictures, "color-scheme:dark")
    return HERE.joinpath(name).read_text(encoding="utf-8") + dark + svg_rules(inside=f"{widget} ")


def javascript(*names: str) -> str:
    """Return the source of a widget: the common code, then its own files, the last with `export default`."""
    return "".join(HERE.joinpath(file).read_text(encoding="utf-8") for file in ("shared.js", *names))


class Widget(anywidget.AnyWidget):
    """A widget that also has a description in words, and a picture with a table if no kernel runs.

    A subclass names its JavaScript (`_esm = javascript("player.js")`), marks the state for the browser with
    `sync=True`, and writes two methods: `words` and `static`. When the picture changes, it calls `keep`.
    """

    _display = ""
    """The display id of the picture in the notebook; empty before the widget is shown."""
    _key = traitlets.Unicode().tag(sync=True)

    def words(self) -> str:
        """Return the content of the widget in one sentence of plain text."""
        raise NotImplementedError

    def static(self) -> str:
        """Return the content as HTML without script: a picture (`nasedu.widgets.show.picture`) and a table."""
        raise NotImplementedError

    def page(self) -> str:
        """Return the HTML of a saved page: `static`; a subclass may make it interactive with `interactive_html`."""
        return self.static()

    def __repr__(self) -> str:
        return f"{type(self).__name__}: {self.words()}"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Return the widget if a kernel runs; words, picture and table for all other cases."""
        return self._shown(text=repr(self), html=self.page(), **kwargs)

    def _shown(self, text: str, html: str, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return data and metadata of the widget, with text and HTML for pages that cannot show it."""
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        return {**data, "text/plain": text, "text/html": html}, metadata

    def _ipython_display_(self) -> None:
        """Show the widget, and below it a picture, which the widget hides while it runs.

        A saved notebook contains the outputs of a cell, but not the widget. So the picture is a separate output. It can
        be updated, and it is visible if no kernel runs.
        """
        if not self._display:
            self._display = uuid.uuid4().hex
            self._key = hashlib.sha256(self.words().encode()).hexdigest()[:16]  # the same widget, the same notebook
        publish_display_data(*self._shown(text="", html=""))
        publish_display_data(self._still(), transient={"display_id": self._display})

    def keep(self) -> None:
        """Update the picture in the saved notebook; do nothing before the widget is shown."""
        if self._display:
            publish_display_data(self._still(), transient={"display_id": self._display}, update=True)

    def _still(self) -> dict[str, str]:
        html = f'{_HIDE_LOADING}<div class="nasedu-still nasedu-still-{self._key}">{self.page()}</div>'
        return {"text/plain": repr(self), "text/html": html}


def interactive_html(static: str, esm: str, css: str, state: Mapping[str, Any], note: str = "") -> str:
    """Return static HTML and a script that replaces it by the working widget, without kernel and network.

    JupyterLab and GitHub remove scripts from notebooks that they do not trust: there the static HTML stays. A page made
    by `jupyter nbconvert --to html` keeps the script.

    Args:
        static: the HTML until the script runs, and if it may not run.
        esm: the source of the widget's JavaScript, with its function `render`.
        css: its style sheet.
        state: the state of the model, as plain data.
        note: a sentence below the widget, as plain text, on what it cannot do without a kernel.
    """
    text = _for_script(state)
    key = hashlib.sha256((static + text).encode()).hexdigest()[:16]  # the same widget gives the same page
    start = _MODEL_WITHOUT_KERNEL.replace("KEY", key).replace("NOTE", _for_script(note))
    start = start.replace("CSS", _for_script(css)).replace("STATE", text)  # last: it is free text
    script = f'<script type="module">\n{esm}\n{start}</script>'
    return f'<div data-nasedu="{key}">{static}</div>{script}'


def _for_script(value: Any) -> str:
    """Return plain data as JavaScript for HTML, without `</script>` and `<!--`."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def table(rows: Sequence[Sequence[str]], caption: str = "", wraps: bool = True) -> str:
    """Return rows of text as an HTML table; the first row is its head. This function escapes the texts."""
    if not rows:
        return f"<p>{escape(caption)}</p>" if caption else ""
    style = 'style="text-align:left;padding:0 1.2em 0 0"'

    def line(cell: str, texts: Sequence[str]) -> str:
        return f"<tr>{''.join(f'<{cell} {style}>{escape(text)}</{cell}>' for text in texts)}</tr>"

    wide = "" if wraps else ";white-space:nowrap"
    head = f'<caption style="text-align:left{wide}">{escape(caption)}</caption>' if caption else ""
    body = "".join(line("td", row) for row in rows[1:])
    return f"<table>{head}<thead>{line('th', rows[0])}</thead><tbody>{body}</tbody></table>"
