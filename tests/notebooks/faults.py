"""Cells of notebooks in which an error is raised inside a widget, as when a student clicks."""

CALLBACK = """\
import ipywidgets
button = ipywidgets.Button()
button.on_click(lambda _: 1 / 0)
button.click()"""

MESSAGE = """\
import nasedu.widgets.base as base, traitlets
class Broken(base.Widget):
    _esm = "export default {}"
    def words(self): return "words"
    def static(self): return "<p>picture</p>"
widget = Broken()
widget.on_msg(lambda *_: 1 / 0)
widget._handle_custom_msg({"work": 1}, [])"""

OBSERVER = """\
import ipywidgets
slider = ipywidgets.IntSlider()
slider.observe(lambda _: 1 / 0, "value")
slider.value = 3"""
