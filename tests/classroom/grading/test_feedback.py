"""The feedback page: exercises by name, formulas without a network, no test, and a page whatever was written."""

import re

import nbformat
import pytest

from nasedu.classroom.grading import feedback, result
from nasedu.classroom.grading.feedback import FeedbackPage, rendered, title_of
from nasedu.classroom.grading.result import Result
from tests.classroom.grading.submissions import HONEST, release, restored

LONG = "standard_error(0.5, 100) should be 0.05; yours gives 0.0025. That is its square: the root is missing. " * 2


@pytest.fixture
def page(tmp_path, monkeypatch):
    """Make the page of a submission with these results, as nbgrader would."""
    monkeypatch.chdir(tmp_path)

    def page(notebook, *results, **where):
        result.write(tmp_path, "lesson_00", "ann", "00", list(results))
        cells, _ = restored(notebook)
        graded = nbformat.v4.new_notebook(cells=cells)
        for cell in graded.cells:
            if cell.metadata.get("nbgrader", {}).get("grade"):
                cell.metadata.nbgrader.score = 0.5
        about = {"student": "ann", "assignment": "lesson_00", "notebook": "00", "score": 2.5, "max_score": 4.0}
        about |= {"late_penalty": 0, **where}
        text, _ = FeedbackPage().from_notebook_node(graded, {"nbgrader": about})
        return text

    return page


def test_exercises_have_names_and_verdicts_are_not_cut_or_wrapped(page):
    text = page(release(standard_error=HONEST), Result("00", "standard_error", "wrong", LONG, notes=["An odd cell."]))
    assert "00: 2.5 of 4 points" in text
    assert text.count("Exercise 3, code (standard_error)") == 2, "in the list, and above its question"
    assert "0.5 of 1" in text
    assert f"✘ Not yet. {LONG.strip()}" in text, "the browser wraps it"
    assert "An odd cell." in text
    for name in ("size_at_8", "my_network", "counterexample"):
        assert f"({name})</h2>" in text


def test_tests_are_not_printed_neither_ours_nor_hidden_parts_of_others(page):
    notebook = release(standard_error=HONEST)
    notebook["cells"].append(
        {
            "cell_type": "code",
            "source": "assert 1\n### BEGIN HIDDEN TESTS\nassert secret\n### END HIDDEN TESTS\nassert 2",
        }
    )
    notebook["cells"].append({"cell_type": "code", "source": "assert 3\n### BEGIN HIDDEN TESTS\nassert secret"})
    text = page(notebook, Result("00", "standard_error", "right", "Good."))
    assert HONEST.splitlines()[0] in text
    for word in ("grading.ask", "times=3", "HIDDEN", "secret"):
        assert word not in text
    assert "assert 2" in text


def test_nothing_is_loaded_and_nothing_runs(page):
    notebook = release()
    notebook["cells"].append(
        {"cell_type": "markdown", "source": "$x^2$ <script>alert(1)</script> ![x](http://a.example/b)"}
    )
    notebook["cells"].append({"cell_type": "code", "source": "'</code></pre><script>alert(2)</script>'"})
    notebook["cells"].append({"cell_type": "raw", "source": "<img src=x onerror=alert(3)>"})
    text = page(notebook, Result("00", "standard_error", "wrong", "<script>alert(4)</script>"))
    assert "default-src 'none'" in text
    assert "<script" not in text
    loaded = re.sub(r"<pre>.*?</pre>", "", text, flags=re.DOTALL)
    assert re.findall(r"""src\s*=\s*["']?(.{5})""", loaded) == ["data:"] * loaded.count("<img")
    assert loaded.count("<img") == 2, "the formula of the question, and that of the student"
    assert "<link" not in loaded
    assert "url(" not in text
    assert "@import" not in text


@pytest.mark.parametrize(
    "source",
    [
        r"$\sqrt{p(1-p)/n}$",
        r"$$\sum_{i=1}^n h_i A_i' / 2$$",
        r"$-|x - c|^2$",
        r"$\text{var}(x - m) = 1$",
        r"$a<b$",
        "$\\gamma\n$",
    ],
)
def test_a_formula_is_a_picture_with_its_text(source):
    made = rendered(source, [9])
    assert "data:image/svg+xml" in made or source.endswith("\n$")
    if "svg" in made:
        assert 'alt="' in made
        assert "$" not in re.sub(r'src="[^"]*"', "", made)


def test_every_formula_of_the_exercises_can_be_a_picture():
    from tests.classroom.lesson_modules import LESSONS, exercises_of

    formulas = set()
    for lesson in LESSONS:
        for exercise in exercises_of(lesson):
            formulas |= {
                found[1] or found[2] for found in feedback.FORMULA.finditer(re.sub(r"`[^`]*`", "", exercise.prompt))
            }
    assert len(formulas) > 10
    assert [formula for formula in formulas if feedback._picture(formula) is None] == []


@pytest.mark.parametrize(
    "source", [r"$\frac{$", r"$\begin{aligned}$", "$" + "x^" * 140 + "1$", "costs 5$ and 6 $ more", "`$x$`"]
)
def test_what_is_no_formula_stays_readable(source):
    made = rendered(source, [9])
    assert "<img" not in made
    assert [word for word in re.findall(r"\w+", source) if word not in made] == []


def test_formulas_have_a_budget():
    assert rendered(" ".join(f"$x_{{{n}}}$" for n in range(9)), [3]).count("<img") == 3


def test_there_is_a_page_whatever_the_renderer_does(page, monkeypatch):
    def fails(source):
        raise RecursionError

    monkeypatch.setattr(feedback, "markdown2html", fails)
    notebook = release(standard_error=HONEST)
    notebook["cells"].append({"cell_type": "markdown", "source": "my <thoughts>"})
    text = page(notebook, Result("00", "standard_error", "right", "Good."))
    assert "✔ Right. Good." in text
    assert "my &lt;\N{ZERO WIDTH SPACE}thoughts&gt;" in text


def test_titles_are_those_of_the_questions():
    assert title_of("00", "standard_error") == "Exercise 3, code (standard_error)"
    assert title_of("99", "essay") == "essay"


def test_late_work_and_comments_are_shown(page):
    text = page(release(), late_penalty=1.5)
    assert "1.5 points less" in text
    part = feedback._parts(
        [{"cell_type": "markdown", "source": "x", "metadata": {"nbgrader": {"comment": "See <me>."}}}], {}, {}
    )
    assert next(part).comment == "See <me>."
