"""What every widget has in common: words and a picture where no kernel runs, and a page that works without one.

A widget of ours is plain JavaScript beside its Python file, an ES module that defines a function `render` and ends with
`export default { render };`. What they share, `shared.js`, is put in front of it. Nothing is built, and
nothing is loaded from elsewhere.
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

HERE = Path(__file__).parent

# What stands in for the kernel's model in a page without a kernel: the state, and who listens to it. It begins when it
# is seen; so it never does while the widget itself stands for it.
_STAND_IN = """
const state = STATE;
function begin(el) {
  const own = { ...state }, heard = {};
  const model = {
    get: (name) => own[name],
    set(name, value) { own[name] = value; for (const tell of heard["change:" + name] ?? []) tell(); },
    on: (event, tell) => { (heard[event] ??= []).push(tell); },
    off() {}, save_changes() {}, send() {},
  };
  const style = document.createElement("style");
  style.textContent = CSS;
  const place = document.createElement("div");
  el.replaceChildren(style, place);
  render({ model, el: place });
}
for (const el of document.querySelectorAll('[data-nasedu="KEY"]:not([data-live])')) {
  el.dataset.live = "";
  new IntersectionObserver((places, observer) => {
    if (!places.some((place) => place.isIntersecting)) return;
    observer.disconnect();
    begin(el);
  }).observe(el);
}
"""

# Without a kernel JupyterLab says "Loading widget..." above the picture for ever: that line is left out.
_BARE = (
    "<style>.jp-OutputArea-child:not(:has(.nasedu-live)):has(+ .jp-OutputArea-child .nasedu-still)"
    "{display:none}</style>"
)


def javascript(*names: str) -> str:
    """The source of a widget: what all of them share, then its own file or files, the last with `export default`."""
    return "".join(HERE.joinpath(file).read_text(encoding="utf-8") for file in ("shared.js", *names))


class Widget(anywidget.AnyWidget):
    """A widget that says itself in words, and shows itself as a picture and a table where no kernel runs.

    A subclass names its JavaScript (`_esm = javascript("player.js")`), tags what the browser sees with `sync=True`, and
    writes two methods: `words` and `static`. Where the picture changes it calls `keep`.
    """

    _display = ""
    """By which the picture in the notebook is found again; empty before the widget is shown."""
    _key = traitlets.Unicode().tag(sync=True)

    def words(self) -> str:
        """The whole widget in one sentence of plain text."""
        raise NotImplementedError

    def static(self) -> str:
        """The same as HTML without any script: a picture (`nasedu.widgets.show.picture`) and a table."""
        raise NotImplementedError

    def page(self) -> str:
        """What a saved page shows: `static`, which a subclass may bring to life with `alive`."""
        return self.static()

    def __repr__(self) -> str:
        return f"{type(self).__name__}: {self.words()}"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget where a kernel runs; words, picture and table where none does."""
        return self._shown(text=repr(self), html=self.page(), **kwargs)

    def _shown(self, text: str, html: str, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The living widget, with what stands beside it for pages that cannot show one: data and metadata."""
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        return {**data, "text/plain": text, "text/html": html}, metadata

    def _ipython_display_(self) -> None:
        """The widget, and below it a picture of it, which the widget hides for as long as it lives.

        A saved notebook keeps what a cell has shown, and not the widget. So the picture is an output of its own, which
        can be renewed, and is what can be seen where no kernel runs.
        """
        if not self._display:
            self._display = uuid.uuid4().hex
            self._key = hashlib.sha256(self.words().encode()).hexdigest()[:16]  # the same widget, the same notebook
        publish_display_data(*self._shown(text="", html=""))
        publish_display_data(self._still(), transient={"display_id": self._display})

    def keep(self) -> None:
        """Renew the picture that a saved notebook keeps; before the widget is shown there is none."""
        if self._display:
            publish_display_data(self._still(), transient={"display_id": self._display}, update=True)

    def _still(self) -> dict[str, str]:
        html = f'{_BARE}<div class="nasedu-still nasedu-still-{self._key}">{self.page()}</div>'
        return {"text/plain": repr(self), "text/html": html}


def alive(static: str, esm: str, css: str, state: Mapping[str, Any]) -> str:
    """Static HTML with a script behind it that turns it into the working widget, with no kernel and no network.

    JupyterLab and GitHub take scripts out of notebooks that they do not trust: there the static HTML stays. A page made
    by `jupyter nbconvert --to html` keeps them.

    Args:
        static: shown until the script runs, and where it may not run.
        esm: the source of the widget's JavaScript, with its function `render`.
        css: its style sheet.
        state: what the script finds in its model, as plain data.
    """
    text = _for_script(state)
    key = hashlib.sha256((static + text).encode()).hexdigest()[:16]  # the same widget gives the same page
    start = _STAND_IN.replace("KEY", key).replace("CSS", _for_script(css)).replace("STATE", text)
    script = f'<script type="module">\n{esm}\n{start}</script>'
    return f'<div data-nasedu="{key}">{static}</div>{script}'


def _for_script(value: Any) -> str:
    """Plain data as JavaScript inside HTML, where `</script>` and `<!--` must not appear."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def table(rows: Sequence[Sequence[str]], caption: str = "") -> str:
    """Rows of text as an HTML table; the first row is its head. Texts are escaped here."""
    if not rows:
        return f"<p>{escape(caption)}</p>" if caption else ""
    style = 'style="text-align:left;padding:0 1.2em 0 0"'

    def line(cell: str, texts: Sequence[str]) -> str:
        return f"<tr>{''.join(f'<{cell} {style}>{escape(text)}</{cell}>' for text in texts)}</tr>"

    head = f'<caption style="text-align:left">{escape(caption)}</caption>' if caption else ""
    body = "".join(line("td", row) for row in rows[1:])
    return f"<table>{head}<thead>{line('th', rows[0])}</thead><tbody>{body}</tbody></table>"
