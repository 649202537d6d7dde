"""The engine without a browser: what a page asks is handed to it as the kernel would."""

import asyncio
import signal
import threading

import pytest

from nasedu.core import BadValue
from nasedu.widgets.engine import Engine


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
        if values["to"] < 0:
            raise BadValue("not below 0")
        self.count = values["to"]

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
    assert (view["alert"], view["done"]) == ("not below 0", 2)


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


def test_a_page_without_a_kernel_shows_a_picture():
    data, _ = Counting()._repr_mimebundle_()
    assert data["text/plain"] == "Counting: 0 of 3"
    assert data["text/html"] == "<svg>0</svg>"
    assert "application/vnd.jupyter.widget-view+json" in data
