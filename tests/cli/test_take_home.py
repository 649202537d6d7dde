"""`nasedu predict` and `nasedu export`: from a user's own table or images to answers, and to files without nasedu."""

import csv
import shutil
import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from typer.testing import CliRunner

from nasedu import Winner, tasks
from nasedu.cli import app

pytestmark = pytest.mark.filterwarnings("ignore:.*new rows|.*table")
NEW = 'plan,size,colour\npro,"1,250",red\nbasic,,green\n'


def search(task, store, space="mlp"):
    done = CliRunner().invoke(
        app, ["search", "--task", str(task), "--space", space, "--trials", "2", "--epochs", "6", "--store", str(store)]
    )
    assert done.exit_code == 0, done.output
    return done


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A folder with a table of missing cells, categories and thousands, and a finished search on it."""
    folder = tmp_path_factory.mktemp("shop")
    rng = np.random.default_rng(0)
    rows = ["size,colour,plan,bought"]
    for _ in range(200):
        size, colour, plan = rng.integers(900, 1600), rng.choice(["red", "green", ""]), rng.choice(["pro", "basic"])
        answer = "yes" if (size > 1250) ^ (colour == "red") else "no"
        rows.append(f"{'' if rng.random() < 0.05 else f'{chr(34)}{size:,}{chr(34)}'},{colour},{plan},{answer}")
    (folder / "shop.csv").write_text("\n".join(rows) + "\n")
    (folder / "new.csv").write_text(NEW)
    search(f"csv/{folder}/shop.csv:bought", folder / "shop.db")
    return folder


def test_new_rows_with_columns_in_another_order(shop, nasedu):
    done = nasedu("predict", shop / "shop.db", shop / "new.csv", "--out", "answers.csv", "--probabilities")
    assert done.exit_code == 0, done.output
    assert "2 examples of" in done.stderr
    assert "written: answers.csv" in done.stderr
    found = pd.read_csv("answers.csv")
    assert found.columns.tolist() == ["example", "prediction", "probability", "probability of no", "probability of yes"]
    winner = Winner.load(shop / "shop.db")
    assert found["prediction"].tolist() == winner.predict(shop / "new.csv").tolist()
    assert set(found["prediction"]) <= {"yes", "no"}
    assert (found["probability"] == found[["probability of no", "probability of yes"]].max(axis=1)).all()


def test_rows_with_the_answers_are_compared_too(shop, nasedu):
    done = nasedu("predict", shop / "shop.db", shop / "shop.csv")
    assert done.exit_code == 0, done.output
    assert "the right answers are in shop.csv: accuracy 0." in done.stderr
    assert "(no test: the network was trained on most of them; 0." in done.stderr
    shutil.copy(shop / "shop.csv", "copy.csv")
    assert "no test" not in nasedu("predict", shop / "shop.db", "copy.csv").stderr
    assert len(done.stdout.splitlines()) == 201


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (["predict", "shop.db", "nowhere.csv"], "there is no file or folder 'nowhere.csv'"),
        (["predict", "nowhere.db", "new.csv"], "there is no store at nowhere.db"),
        (["predict", "shop.db", "short.csv"], "lack the columns 'size', 'plan'"),
        (["predict", "shop.db", "new.csv", "--out", "missing/a.csv"], "missing/a.csv cannot be written"),
        (["export", "shop.db", "--to", "word"], "--to is one of python, torch, onnx, folder; given 'word'"),
        (["export", "shop.db", "--study", "9"], "shop.db has no study 9; known: 1"),
    ],
)
def test_what_is_refused_in_one_line(shop, nasedu, monkeypatch, arguments, match):
    (shop / "short.csv").write_text("colour\nred\n")
    monkeypatch.chdir(shop)
    done = nasedu(*arguments)
    assert done.exit_code == 2
    assert match in " ".join(done.stderr.split())


def test_rows_are_predicted_also_if_their_answers_are_no_classes(shop, nasedu):
    for answer, reason in (("", "an empty cell"), ("perhaps", "the unknown 'perhaps'")):
        (shop / "asked.csv").write_text(f"plan,size,colour,bought\npro,1250,red,{answer}\n")
        done = nasedu("predict", shop / "shop.db", shop / "asked.csv", "--out", "asked_answers.csv")
        assert done.exit_code == 0, done.output
        assert "1 example of" in done.stderr
        assert f"not compared with the answers: the new rows: among the answers in 'bought' is {reason}" in done.stderr
        assert len(pd.read_csv("asked_answers.csv")) == 1


def test_a_table_without_rows_is_refused(shop, nasedu):
    (shop / "empty.csv").write_text("plan,size,colour,bought\n")
    done = nasedu("predict", shop / "shop.db", shop / "empty.csv")
    assert done.exit_code == 2
    assert "empty.csv has no examples; expected one or more" in done.stderr


def test_a_warning_is_told_once(shop, nasedu):
    (shop / "more.csv").write_text("plan,size,colour,weight\npro,1250,red,3\n")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        done = nasedu("predict", shop / "shop.db", shop / "more.csv")
    assert done.stderr.count("warning: the new rows: columns that the network was not trained with") == 1


def test_the_python_file_answers_like_the_winner_without_nasedu(shop, nasedu):
    done = nasedu("export", shop / "shop.db", "--out", "model")
    assert done.exit_code == 0, done.output
    program = (
        "import sys; sys.modules['nasedu'] = None\n"
        f"import csv, model\nrows = list(csv.DictReader(open({str(shop / 'new.csv')!r})))\n"
        "print(*(model.CLASSES[n] for n in model.load()(model.prepare(rows)).argmax(1)))"
    )
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert out.split() == Winner.load(shop / "shop.db").predict(shop / "new.csv").tolist()


def answers_of(file, *given):
    """What an exported file prints for examples, in an empty folder where nasedu cannot be imported."""
    program = "import sys, runpy; sys.modules['nasedu'] = None; runpy.run_path(sys.argv[0], run_name='__main__')"
    program = program.replace("sys.argv[0]", "(sys.argv.pop(0), sys.argv[0])[1]")
    done = subprocess.run([sys.executable, "-I", "-c", program, file, *given], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_colleague_runs_the_file_on_new_rows(shop, nasedu, tmp_path):
    assert nasedu("export", shop / "shop.db", "--out", "model").exit_code == 0
    expected = Winner.load(shop / "shop.db").predict(shop / "new.csv").tolist()
    assert answers_of(tmp_path / "model.py", shop / "new.csv") == expected
    (tmp_path / "semicolons.csv").write_text((shop / "new.csv").read_text().replace(",", ";"), "utf-8-sig")
    assert answers_of(tmp_path / "model.py", "semicolons.csv") == expected
    said = " ".join((tmp_path / "model.py").read_text().split())
    assert "It needs the packages torch and safetensors. `python model.py FILE` prints the answers" in said


def test_a_warning_is_one_line_and_not_a_place_in_the_code(shop, nasedu, tmp_path):
    new = pd.read_csv(shop / "new.csv").assign(more=1)
    new.to_csv("more.csv", index=False)
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        done = nasedu("predict", shop / "shop.db", "more.csv")
    assert done.exit_code == 0, done.output
    assert done.stderr.count("columns that the network was not trained with are not used: 'more'") == 1
    assert ".py" not in done.stderr
    one = nasedu("predict", shop / "shop.db", shop / "new.csv", "--probabilities")
    assert max(map(len, one.stdout.splitlines()[1].split(","))) > 6  # enough digits to compare with another program


@pytest.mark.parametrize(("to", "files"), [("torch", ["net.pt2"]), ("onnx", ["net.onnx"]), ("folder", ["net"])])
def test_the_other_forms(shop, nasedu, tmp_path, to, files):
    done = nasedu("export", shop / "shop.db", "--to", to, "--out", "net")
    assert done.exit_code == 0, done.output
    assert [path.name for path in tmp_path.iterdir()] == files
    assert "use it: " in done.stderr
    assert to == "folder" or "as `prepare` makes it in the file of --to python; output: a score" in done.stderr


def test_a_regression_answers_in_the_units_of_the_table(tmp_path, nasedu):
    rng = np.random.default_rng(0)
    rows = [f"{x:.3f},{1000 + 100 * x:.2f}" for x in rng.normal(size=120)]
    (tmp_path / "price.csv").write_text("x,price\n" + "\n".join(rows) + "\n")
    shown = search("csv/price.csv:price", "p.db").stdout
    with open("price.csv") as file:
        prices = [float(row["price"]) for row in csv.DictReader(file)]
    found = Winner.load("p.db").predict("price.csv")
    assert np.corrcoef(found, prices)[0, 1] > 0.8
    assert abs(found.mean() - 1000) < 50
    rmse = Winner.load("p.db").evaluate("price.csv")["rmse"]
    assert rmse == pytest.approx(np.sqrt(np.mean((found - prices) ** 2)), rel=1e-4)
    assert f"{Winner.load('p.db').tested.metrics['rmse']:.4f}" in shown
    assert rmse > 5, "in the units of the table, and not in deviations"
    assert nasedu("export", "p.db", "--out", "p").exit_code == 0
    assert np.allclose(np.array(answers_of(tmp_path / "p.py", "price.csv"), float), found, rtol=1e-5)
    assert "`restore` gives them in the units of the answers" in (tmp_path / "p.py").read_text()


def test_images_of_any_size(tmp_path, nasedu):
    rng = np.random.default_rng(0)
    for name, bright in (("dark", 40), ("light", 200)):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for n in range(12):
            pixels = rng.normal(bright, 20, (16 + n, 16)).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / "pets" / name / f"{n}.png")
    (tmp_path / "new").mkdir()
    Image.fromarray(np.full((40, 31, 3), 220, np.uint8)).save(tmp_path / "new" / "white.png")
    search("folder/pets:16x1", "i.db")
    done = nasedu("predict", "i.db", "new")
    assert done.exit_code == 0, done.output
    example, prediction, _ = done.stdout.splitlines()[1].split(",")
    assert (example, prediction) == ("white.png", "light")
    assert nasedu("export", "i.db", "--out", "pets_model").exit_code == 0
    assert answers_of(tmp_path / "pets_model.py", "new") == ["light"]
    expected = Winner.load("i.db").predict("pets").tolist()
    assert answers_of(tmp_path / "pets_model.py", "pets") == expected
    assert answers_of(tmp_path / "pets_model.py", *sorted((tmp_path / "pets").rglob("*.png"))) == expected
    said = " ".join((tmp_path / "pets_model.py").read_text().split())
    assert "packages torch, safetensors, numpy and pillow" in said


def test_arrays_of_a_task_of_this_package(nasedu):
    search("digits", "d.db")
    np.save("x.npy", tasks.load("digits").validation.X[:3])
    done = nasedu("predict", "d.db", "x.npy")
    assert len(done.stdout.splitlines()) == 4
