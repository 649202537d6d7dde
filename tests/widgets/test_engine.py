"""The engine without a browser: what a page asks is handed to it as the kernel would."""

import asyncio
import signal
import threading

import pytest

from nasedu.core import BadValue
from nasedu.widgets import engine as engines
from nasedu.widgets.engine import KEEP_EVERY, Engine, Refused, field_errors


class Counting(Engine):
    """Counts to three; a number can be made to fail."""

    def __init__(self, fail_at=None, error=RuntimeError):
        self.count, self.fail_at, self.error = 0, fail_at, error
        self.threads = []
        super().__init__()

    def piece(self):
        self.threads.append(threading.current_thread())
        if self.count + 1 == self.fail_at:
            self.fail_at = None
            raise self.error("<the disk is full>")
        self.count += 1

    def choose(self, values):
        self.check(values)
        self.count = values["to"]

    def check(self, values):
        with field_errors("to"):
            if values["to"] < 0:
                raise BadValue("not below 0")

    @property
    def done(self):
        return self.count

    @property
    def total(self):
        return 3

    @property
    def ending(self):
        return "it has counted." if self.count >= 3 else ""

    def draw(self):
        return f"<svg>{self.count}</svg>"

    def listing(self):
        return f"<table>{self.count}</table>"

    def words(self):
        return f"{self.count} of 3"

    def static(self):
        return self.draw()


def ask(engine, **content):
    engine._handle_custom_msg({"ask": "q1", **content}, [])
    return engine.view


def test_one_question_is_one_piece_and_its_answer():
    engine = Counting()
    assert (engine.view["answer"], engine.view["done"]) == ("", 0)
    view = ask(engine)
    assert (view["answer"], view["done"], view["total"]) == ("q1", 1, 3)
    assert view["svg"] == "<svg>1</svg>"
    assert view["table"] == "<table>1</table>"
    assert not view["ending"]


def test_when_all_is_done_a_question_is_answered_and_nothing_is_done():
    engine = Counting()
    engine.run()
    engine.fail_at = 4
    view = ask(engine)
    assert (view["answer"], view["done"], view["ending"], view["alert"]) == ("q1", 3, "it has counted.", "")


def test_a_run_pauses_where_it_was_told_to():
    engine = Counting()
    engine.run(until=2)
    assert engine.view["done"] == 2
    engine.run(until=1)
    assert engine.view["done"] == 2
    engine.run()
    assert engine.view["done"] == 3


def test_advance_tells_whether_there_is_more():
    engine = Counting()
    assert [engine.advance() for _ in range(4)] == [True, True, False, False]
    assert engine.view["done"] == 3


def test_an_error_is_answered_in_the_page_and_raised_in_a_cell():
    engine = Counting(fail_at=2)
    ask(engine)
    view = ask(engine)
    assert view["alert"] == "RuntimeError: <the disk is full>"
    assert (view["answer"], view["done"]) == ("q1", 1)
    assert ask(engine)["alert"] == ""

    engine = Counting(fail_at=2)
    engine.advance()
    with pytest.raises(RuntimeError, match="disk is full"):
        engine.advance()
    assert engine.view["done"] == 1


def test_an_interrupt_is_answered_too():
    assert ask(Counting(fail_at=1, error=KeyboardInterrupt))["alert"] == "It was interrupted."


def test_while_a_piece_runs_an_interrupt_reaches_it():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a kernel has it between two cells
    try:
        engine = Counting()
        engine.piece = lambda: signal.raise_signal(signal.SIGINT)
        assert ask(engine)["alert"] == "It was interrupted."
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_choice_is_taken_over_or_refused_in_words():
    engine = Counting()
    assert ask(engine, values={"to": 2})["done"] == 2
    view = ask(engine, values={"to": -1})
    assert (view["alert"], view["field"], view["done"]) == ("not below 0", "to", 2)


def test_a_choice_that_is_only_looked_at_changes_nothing():
    engine = Counting()
    view = ask(engine, check={"to": 2})
    assert (view["answer"], view["alert"], view["field"], view["done"]) == ("q1", "", "", 0)
    view = ask(engine, check={"to": -1})
    assert (view["alert"], view["field"], view["done"]) == ("not below 0", "to", 0)


def test_a_page_that_rests_is_answered_and_nothing_is_done():
    view = ask(Counting(), rest=True)
    assert (view["answer"], view["done"]) == ("q1", 0)


def test_an_error_of_the_work_belongs_to_no_field():
    view = ask(Counting(fail_at=1, error=BadValue))
    assert (view["alert"], view["field"]) == ("<the disk is full>", "")


def test_what_is_refused_while_a_field_is_read_is_about_that_field():
    with pytest.raises(Refused, match="too many") as caught, field_errors("seeds"):
        raise BadValue("too many")
    assert caught.value.field == "seeds"
    with pytest.raises(RuntimeError), field_errors("seeds"):
        raise RuntimeError("a fault of ours is none of the field's")


@pytest.mark.parametrize("content", [None, "go", {}, {"ask": 3}, {"values": {"to": 1}}])
def test_what_is_no_question_is_passed_over(content):
    engine = Counting()
    engine._handle_custom_msg(content, [])
    assert engine.view["done"] == 0


def test_a_question_that_arrives_in_another_thread_is_done_where_the_cells_run():
    async def cells():
        engine = Counting()
        other = threading.Thread(target=ask, args=(engine,))
        other.start()
        other.join()
        assert engine.view["done"] == 0, "not while a cell runs"
        await asyncio.sleep(0.05)
        assert (engine.view["answer"], engine.view["done"]) == ("q1", 1)
        assert engine.threads == [threading.main_thread()]

    asyncio.run(cells())


# ---------------------------------------------------------------------- the saved notebook


def test_a_cell_shows_the_widget_and_under_it_a_picture_without_it(outputs):
    Counting()._ipython_display_()
    (_, widget), (name, still) = outputs
    assert "application/vnd.jupyter.widget-view+json" in widget
    assert (widget["text/html"], widget["text/plain"]) == ("", ""), "nothing is said twice where no kernel runs"
    assert name
    assert still["text/plain"] == "Counting: 0 of 3"
    assert "<svg>0</svg>" in still["text/html"]
    assert "application/vnd.jupyter.widget-view+json" not in still


def kept(outputs):
    return outputs[1][1]["text/plain"]


def test_the_picture_is_renewed_at_the_end_and_when_the_page_rests(outputs, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(engines.time, "monotonic", lambda: now[0])
    engine = Counting()
    engine._ipython_display_()
    ask(engine)
    assert kept(outputs) == "Counting: 1 of 3", "the first is old at once"
    ask(engine)
    assert kept(outputs) == "Counting: 1 of 3", "not at every piece"
    ask(engine, rest=True)
    assert kept(outputs) == "Counting: 2 of 3"
    ask(engine)
    assert kept(outputs) == "Counting: 3 of 3", "the end"
    ask(engine, values={"to": 0})
    assert kept(outputs) == "Counting: 0 of 3", "a new beginning"
    now[0] += KEEP_EVERY
    engine.advance()
    assert kept(outputs) == "Counting: 1 of 3", "from a cell, too"
    engine.fail_at = 2
    ask(engine)
    assert len(outputs) == 2


def test_the_picture_shows_where_a_run_paused_or_failed(outputs, monkeypatch):
    monkeypatch.setattr(engines.time, "monotonic", lambda: 100.0)
    engine = Counting(fail_at=3)
    engine._ipython_display_()
    engine.run(until=2)
    assert kept(outputs) == "Counting: 2 of 3"
    engine = Counting(fail_at=3)
    engine._ipython_display_()
    with pytest.raises(RuntimeError):
        engine.run()
    assert outputs[-1][1]["text/plain"] == "Counting: 2 of 3"


def test_a_widget_that_was_never_shown_publishes_nothing(outputs):
    engine = Counting()
    engine.run()
    ask(engine, rest=True)
    assert outputs == []


def test_the_same_widget_gives_the_same_notebook(outputs):
    for _ in range(2):
        Counting()._ipython_display_()
    assert outputs[1][1] == outputs[3][1]


def test_the_picture_keeps_the_name_by_which_the_widget_hides_it(outputs):
    engine = Counting()
    engine._ipython_display_()
    engine.run()
    assert f"nasedu-still-{engine._key}" in outputs[1][1]["text/html"]


def test_a_page_without_a_kernel_shows_a_picture():
    data, _ = Counting()._repr_mimebundle_()
    assert data["text/plain"] == "Counting: 0 of 3"
    assert data["text/html"] == "<svg>0</svg>"
    assert "application/vnd.jupyter.widget-view+json" in data
