"""What is said of a lesson whose form is not that of a lesson."""

from types import SimpleNamespace

import nbformat
import pytest

from nasedu.classroom import Prediction
from tools.lessons import glossary, new, structure
from tools.lessons.glossary import Glossary, named_otherwise, spelled_otherwise
from tools.lessons.source import read_source


@pytest.fixture
def lesson(tmp_path):
    """The template, which is in order but for its length."""
    notebooks = tmp_path / "notebooks"
    (notebooks / "source").mkdir(parents=True)
    (notebooks / "GLOSSARY.md").write_text("# Glossary")
    (notebooks / "00_a_search_in_ten_minutes.ipynb").write_text("{}")
    return new.new_lesson(tmp_path, "98", "Trees and forests")[0]


def after(lesson, *changes):
    text = lesson.read_text(encoding="utf-8")
    for old, new_ in changes:
        assert old in text
        text = text.replace(old, new_)
    lesson.write_text(text, encoding="utf-8")
    return structure.complaints(lesson)


def test_the_template_is_in_order_and_only_too_short(lesson):
    (short,) = after(lesson)
    assert short.startswith(f"it has {structure.measure(lesson).words} words, exercises included; 1,800 to 3,000:")
    assert after(lesson, ("# ## Exercises", "# " + "word. " * 1500 + "\n#\n# ## Exercises")) == []


@pytest.mark.parametrize(
    ("old", "new_", "complaint"),
    [
        ("**How long.**", "**How much.**", "a part is missing: **How long.**"),
        ("# 98 · Trees", "# Trees", "a part is missing: the title"),
        ("## What we have seen", "## What we saw", "a part is missing: ## What we have seen"),
        ("## Exercises", "## To do", "a part is missing: ## Exercises"),
        ("Predict(exercises.guess)", "pass", "a part is missing: a prediction"),
        ("Reveal(exercises.guess, ", "print(", "a reveal of the prediction is missing"),
        ("Quiz(exercises.outside)", "pass", "a question on the way: Quiz(...) is missing"),
        ("Explorer(table.space", "print(table.space", "the first thing to move comes after None words"),
        ("scores = table", f"a = '{'x' * 110}'\nscores = table", "has a line of 116 characters; at most 80: a = 'xxx"),
        (
            "scores = table",
            "\n".join(f"a{i} = 0" for i in range(9)) + "\nscores = table",
            "has 16 lines of code; at most 10",
        ),
        ("table = atlas()", "table = atlas()\nclear_output()", "uses 'clear_output'"),
        ("table = atlas()", "!pip install x\ntable = atlas()", "uses '!'"),
        ("table = atlas()", "# NBVAL_CHECK_OUTPUT\ntable = atlas()", "instead of a comment"),
        ("claim(", "print(", "it asserts 1 claims; at least 3"),
        ("00_a_search_in_ten", "00_a_search_in_two", "00_a_search_in_two_minutes.ipynb, which does not exist"),
        ("The question", "<!-- equation: unheard-of -->\n# $$a = b$$\n#\n# The question", "has no entry"),
        ("The question", "<!-- equation: q-update -->\n#\n# The question", "there is no $$...$$"),
        ("Open with", "Tune a hyper-parameter. Open with", "says 'hyper-parameter', spelled 'hyperparameter'"),
        ("table = atlas()", "table, lr = atlas(), 1", "says 'lr', named 'learning_rate'"),
    ],
)
def test_what_is_out_of_order_is_said(lesson, old, new_, complaint):
    found = after(lesson, (old, new_))
    assert any(complaint in one for one in found), found


def test_parts_in_another_order_are_noticed(lesson):
    swap = ("## What we have seen", "## X"), ("## Where it comes from", "## What we have seen")
    assert "## Where it comes from stands before ## What we have seen" in after(
        lesson, *swap, ("## X", "## Where it comes from")
    )


@pytest.mark.parametrize(
    ("place", "words", "complaint"),
    [
        ("## Exercises", "word. " * 3000, "words, exercises included; 1,800 to 3,000"),
        ("## Exercises", f"<details>{'word. ' * 900}</details>", "words are folded; at most 800"),
        ("## The question", "word. " * 300, "the first thing to move comes after 497 words; at most 400"),
        ("## The question", "word " * 30 + ".", "a sentence of 3"),
    ],
)
def test_too_many_words_are_noticed_where_they_stand(lesson, place, words, complaint):
    found = after(lesson, (place, f"{words}\n#\n# {place}"))
    assert any(complaint in one for one in found), found


def test_exercises_and_questions_are_told_in_short_sentences_too(lesson, monkeypatch):
    long = "word " * 30 + "."
    asked = SimpleNamespace(question=long, choices=("a", "b"), why={"a": "short", "b": long})
    exercise = SimpleNamespace(name="mine", prompt="Short.", praise=long, hints=("Short.", long))
    monkeypatch.setattr(structure, "_module", lambda source: SimpleNamespace(exercises=(exercise,), asked=asked))
    places = [fault.partition(" a sentence of")[0] for fault in structure.long_sentences(lesson)]
    assert places == ["the exercise mine"] * 2 + [f"the question {long[:30]!r}"] * 2


def test_an_answer_that_the_code_tells_before_the_prediction_is_noticed(lesson, monkeypatch):
    asked = Prediction("Which is faster?", ("the left one", "the right one"))
    monkeypatch.setattr(structure, "_module", lambda source: SimpleNamespace(asked=asked))
    assert list(structure.answers(lesson)) == []
    lesson.write_text(lesson.read_text() + '\n\n# %%\nReveal(exercises.asked, "the left one", show=ax)\n')
    (complaint,) = structure.answers(lesson)
    assert "tells the answer 'the left one'" in complaint


def test_markdown_equations_addresses_and_tags_are_no_words(lesson):
    before = structure.measure(lesson).words
    after(lesson, ("Open with", "[two words](https://a.org/three) $$ a = b $$ <!-- some tag --> Open with"))
    assert structure.measure(lesson).words == before + 2


def cells(*contents):
    """A text is Markdown; a dictionary is the output of a code cell."""
    made = []
    for content in contents:
        if isinstance(content, str):
            made.append(nbformat.v4.new_markdown_cell(content))
        else:
            output = nbformat.v4.new_output("display_data", data=content)
            made.append(nbformat.v4.new_code_cell("x", outputs=[output]))
    return nbformat.v4.new_notebook(cells=made)


TEXT, FIGURE = {"text/plain": "1"}, {"image/png": "AAAA"}


def test_three_steps_without_a_picture_are_noticed():
    steps = ["## 1 · One", TEXT, "## 2 · Two", TEXT, "## 3 · Three", TEXT, "## 4 · Four", FIGURE]
    assert structure.pictures(cells(*steps)) == ["from '1 · One' to '3 · Three' there is no figure and no widget"]
    steps[3] = FIGURE
    assert structure.pictures(cells(*steps)) == []


@pytest.mark.parametrize("shown", [FIGURE, {"image/svg+xml": "<svg/>"}, {"text/html": "<img src='data:'>"}])
def test_what_counts_as_a_picture(shown):
    assert structure.pictures(cells("## 1 · One", shown, "## 2 · Two", "## 3 · Three")) == []


PREDICT, REVEAL = {"text/plain": "Predict: Which side?"}, {"text/plain": "Reveal: Which side?", "text/html": "<p>"}


@pytest.mark.parametrize(
    ("contents", "told"),
    [
        ([PREDICT, REVEAL], []),
        (["Text", TEXT, "Text", REVEAL], []),
        (["Text", TEXT, REVEAL], [1]),
        (["Text", FIGURE, TEXT, PREDICT, REVEAL, TEXT], [1, 2]),
        ([REVEAL, TEXT, "Text", REVEAL], []),
    ],
)
def test_what_is_told_directly_above_a_reveal_is_noticed(contents, told):
    found = structure.spoilers(cells(*contents))
    assert [int(complaint.split()[1]) for complaint in found] == told


def test_a_claim_printed_by_the_cell_of_a_reveal_is_noticed():
    notebook = cells(REVEAL)
    notebook.cells[0].outputs.insert(0, nbformat.v4.new_output("stream", text="✔ right is faster"))
    assert structure.spoilers(notebook) == ["cell 0 tells what the Reveal of cell 0 covers: asserted, show="]


@pytest.mark.parametrize(
    ("link", "broken"),
    [
        ("[a](page.md)", False),
        ("[a](page.md#A-heading)", False),
        ("[a](page.md#another)", True),
        ("[a](#Here-too)", False),
        ("[a](#nowhere)", True),
        ("[a](nothing.md)", True),
        ("[a](https://example.org/nothing)", False),
    ],
)
def test_links_to_files_and_headings(tmp_path, link, broken):
    (tmp_path / "page.md").write_text("# A heading\n")
    assert bool(list(structure.broken_links(link, tmp_path, "## Here too\n"))) == broken


# ---------------------------------------------------------------------- spelling

WORDS = Glossary(
    {"Q-Learning": "Q-learning", "optimizer": "optimiser", "q learning": "Q-learning"},
    {"lr": "learning_rate", "n_epochs": "epochs"},
)


@pytest.mark.parametrize(
    ("prose", "found"),
    [
        ("So Q-Learning it is", 1),
        ("Q-learning, and the optimiser", 0),
        ("an optimizer", 1),
        ("an `optimizer`, and *An Optimizer and an optimizer*, 2017", 0),
        ("a **bold optimizer**", 1),
        ("q\nlearning", 1),
        ("[x](optimizer.md)", 0),
        ("optimizers' and pre-optimizer", 0),
    ],
)
def test_other_spellings_in_prose(prose, found):
    assert len(spelled_otherwise(prose, WORDS)) == found


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("lr = 0.1", 1),
        ("a, lr = 1, 2", 1),
        ("for n_epochs in range(3):\n    pass", 1),
        ("def f(x, lr=2):\n    return x", 1),
        ("    lr += 1", 1),
        ("optim.SGD(net.parameters(), lr=0.1)", 0),
        ("print(other.lr == 2)", 0),
        ("learning_rate = 1", 0),
    ],
)
def test_other_names_in_code_count_where_they_are_given(code, found):
    assert len(named_otherwise(code, WORDS)) == found


def test_the_page_is_read():
    page = glossary.read_glossary(glossary.SPELLING)
    assert page.prose["hyper-parameter"] == "hyperparameter"
    assert page.code["n_epochs"] == "epochs"
    assert not {"not", "in prose", "---"} & (page.prose.keys() | page.code.keys())


def test_a_source_may_be_read_again_and_again(lesson):
    assert read_source(lesson) == read_source(lesson)
