"""What is said of a lesson whose form is not that of a lesson."""

import nbformat
import pytest

from tools.lessons import glossary, new, structure
from tools.lessons.glossary import Glossary, named_otherwise, spelled_otherwise
from tools.lessons.source import read_source


@pytest.fixture
def lesson(tmp_path):
    """The template, which is in order."""
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


def test_the_template_is_in_order(lesson):
    assert after(lesson) == []


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
        ("Explorer(table.space", "print(table.space", "a widget is missing"),
        ("scores = table", f"a = '{'x' * 110}'\nscores = table", "has a line of 116 characters; at most 106: a = 'xxx"),
        ("scores = table", "\n".join(f"a{i} = 0" for i in range(9)) + "\nscores = table", "has 12 lines of code"),
        ("table = atlas()", "table = atlas()\nclear_output()", "uses 'clear_output'"),
        ("table = atlas()", "!pip install x\ntable = atlas()", "uses '!'"),
        ("table = atlas()", "# NBVAL_CHECK_OUTPUT\ntable = atlas()", "instead of a comment"),
        ("claim(", "print(", "it asserts 0 claims; at least 3"),
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


def test_too_little_prose_is_noticed_with_its_numbers(lesson):
    lines = "\n".join(f"a{i} = {i}" for i in range(9))
    found = after(lesson, ("# %%\nimport matplotlib", f"# %%\n{lines}\n\n# %%\n{lines}\n\n# %%\nimport matplotlib"))
    measured = structure.measure(lesson)
    assert measured.words_per_line < structure.LEAST_WORDS
    assert f"{measured.words} words for {measured.lines} lines of code are {measured.words_per_line:.1f} for each" in (
        "".join(found)
    )


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
