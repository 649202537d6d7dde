"""What every space gets from the base class, on spaces small enough to check by hand; and the mlp space."""

from collections import Counter
from dataclasses import fields
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from nasedu import spaces, tasks
from nasedu.core import BadArchitecture, BadValue, Mismatch, UnknownName, rng_from
from nasedu.spaces import Space
from nasedu.spaces.drawing import layers
from nasedu.spaces.mlp import MLP
from nasedu.testing import FixedLength, OneMember, VariableLength


def test_enumerate_goes_in_the_order_of_the_choices():
    found = list(FixedLength().enumerate())
    assert found[:3] == [("4", "4", "4"), ("4", "4", "8"), ("4", "8", "4")]
    assert len(found) == 2 * 3 * 2
    assert list(OneMember().enumerate()) == [("8", "stop")]


def test_neighbours_of_a_fixed_chain_are_at_hamming_distance_one():
    space = FixedLength()
    for a in space.enumerate():
        near = {b for b in space.enumerate() if sum(x != y for x, y in zip(a, b, strict=True)) == 1}
        assert set(space.neighbours(a)) == near


def test_neighbours_of_a_chain_that_stops_are_replacements_insertions_and_removals():
    nearby = set(VariableLength().neighbours(("8", "4", "stop")))
    replaced = {("16", "4", "stop"), ("4", "4", "stop"), ("8", "8", "stop")}
    removed = {("8", "stop"), ("4", "stop")}
    inserted = {("16", "8", "4", "stop"), ("8", "8", "4", "stop"), ("8", "4", "4", "stop")}
    assert nearby == replaced | removed | inserted


def test_mutate_draws_among_all_neighbours():
    space, rng = VariableLength(), rng_from(0)
    start = ("8", "4", "stop")
    seen = Counter(space.mutate(start, rng) for _ in range(800))
    assert set(seen) == set(space.neighbours(start))
    assert min(seen.values()) > 20  # every one of them, though not all equally often


def test_an_only_child_mutates_into_itself():
    assert OneMember().mutate(("8", "stop"), rng_from(0)) == ("8", "stop")


def test_crossover_joins_a_beginning_and_an_end():
    space, rng = FixedLength(), rng_from(0)
    children = {space.crossover(("4", "16", "4"), ("8", "8", "8"), rng) for _ in range(60)}
    assert ("4", "8", "8") in children
    assert ("4", "16", "8") in children
    assert all(child[0] == "4" for child in children)


def test_encode_is_one_hot_for_each_position():
    space = VariableLength()
    vector = space.encode(("16", "4", "stop"))
    assert vector.dtype == np.float32
    blocks = vector.reshape(4, 4)  # columns in the order of their names: 16, 4, 8, stop
    assert blocks.argmax(1).tolist() == [0, 1, 3, 0]
    assert blocks.sum(1).tolist() == [1, 1, 1, 0]


def test_a_sample_takes_every_open_choice_alike():
    space, rng = VariableLength(), rng_from(0)
    first = Counter(space.sample(rng)[0] for _ in range(4000))
    assert all(abs(count - 1000) < 120 for count in first.values())
    assert len(first) == 4


def test_a_sample_can_begin_in_the_middle():
    space = FixedLength()
    assert len(space.sample(rng_from(0), start=1)) == 2


class Circle(Space):
    def start(self):
        return 0

    def choices(self, state):
        return ("on",)

    def step(self, state, choice):
        return (state + 1) % 3

    def build(self, architecture):
        raise NotImplementedError


class Nothing(Circle):
    def choices(self, state):
        return ()


def test_a_space_without_an_end_or_a_beginning_cannot_be_counted():
    with pytest.raises(BadValue, match="has a cycle: a walk comes back to the state 0"):
        Circle().size()
    with pytest.raises(BadValue, match="has a cycle"):
        Circle().enumerate()
    with pytest.raises(BadValue, match="no choice at its start"):
        Nothing().size()


def test_a_deep_space_is_counted_and_enumerated_without_recursion_in_the_states():
    class Deep(Circle):
        def choices(self, state):
            return ("a", "b") if state < 3000 else ()

        def step(self, state, choice):
            return state + 1

    assert Deep().size() == 2**3000


def test_what_cannot_be_read_says_where_and_what_was_open():
    space = FixedLength()
    with pytest.raises(BadArchitecture, match="at choice 1, '32' is not possible here; open there: 4, 8, 16"):
        space.walk(("4", "32", "4"))
    with pytest.raises(
        BadArchitecture, match="is not complete in the space 'FixedLength': it must go on with one of 4"
    ):
        space.walk(("4", "8"))
    with pytest.raises(BadArchitecture, match="a tuple of choices, not one string: 'stop'"):
        space.walk("stop")


# ---------------------------------------------------------------------- mlp


def test_an_mlp_is_counted_by_hand_and_built_by_hand(digits):
    space = MLP((1, 8, 8), 10, depth=2, widths=(64, 32), activations=("relu",))
    assert space.size() == 1 + 2 + 4
    network = space.build(("64-relu", "32-relu", "stop"))
    assert [type(layer).__name__ for layer in network] == ["Flatten", "Linear", "ReLU", "Linear", "ReLU", "Linear"]
    assert sum(p.numel() for p in network.parameters()) == (64 * 64 + 64) + (64 * 32 + 32) + (32 * 10 + 10)
    assert type(spaces.load("mlp", digits).build(("16-tanh", "stop"))[2]).__name__ == "Tanh"
    assert spaces.load("mlp", digits).hand_picked() == (("64-relu", "stop"), ("128-relu", "64-relu", "stop"))
    assert spaces.load("mlp", digits, depth=1).hand_picked() == (("64-relu", "stop"),)


@pytest.mark.parametrize(
    "options", [{"depth": 0}, {"widths": ()}, {"widths": (0,)}, {"activations": ()}, {"activations": ("gelu",)}]
)
def test_an_impossible_mlp_is_refused(options):
    with pytest.raises(BadValue, match="mlp"):
        MLP((4,), 2, **options)


# ---------------------------------------------------------------------- load, draw


def test_load_refuses_unknown_names_and_parameters(digits):
    with pytest.raises(UnknownName, match=r"unknown space 'chain'; known: .*chain-cnn.*mlp"):
        spaces.load("chain", digits)
    with pytest.raises(BadValue, match=r"space 'mlp' has no parameter 'filters'; it has: .*widths"):
        spaces.load("mlp", digits, filters=(1,))


def sized():
    """Yield each argument of each space that holds whole numbers, and a value that is too large or too long."""
    for name in spaces.registry:
        for field in fields(spaces.registry[name]):
            if field.name in ("input_shape", "outputs") or isinstance(field.default, bool):
                continue
            if isinstance(field.default, int):
                yield name, field.name, 10**9
            elif isinstance(field.default, tuple) and np.array(field.default).dtype.kind == "i":
                yield name, field.name, (*field.default, np.full_like(field.default[0], 10**9).tolist())
                yield name, field.name, field.default * 101


@pytest.mark.parametrize(("name", "argument", "value"), sized())
def test_a_number_without_bound_is_refused_before_memory_is_taken(name, argument, value, digits):
    with pytest.raises(BadValue, match=rf"{name} takes (a list of )?at most [\d,]+ as {argument}; given"):
        spaces.load(name, digits, **{argument: value})


def test_the_layers_of_a_picture_are_those_of_the_network(digits):
    space = spaces.load("chain-cnn", digits)
    found = layers(space, ("conv3-32", "pool2", "dense64", "stop"))
    assert [(layer.title, layer.shape, layer.parameters) for layer in found] == [
        ("Conv2d 3×3", (32, 8, 8), 320),
        ("MaxPool 2, stride 2", (32, 4, 4), 0),
        ("Flatten", (512,), 0),
        ("Linear", (64,), 32832),
        ("Linear", (10,), 650),
    ]
    assert "33,802 parameters in all" in space.draw(("conv3-32", "pool2", "dense64", "stop"))


def test_a_space_without_a_shape_cannot_be_drawn():
    with pytest.raises(Mismatch, match="does not say what its networks take in"):
        Nothing().draw(())


# ---------------------------------------------------------------------- which space fits a task


def own_table(tmp_path, target):
    rows = [f"{n % 7},{n * 37 % 101},{'ab'[n % 2]},{n % 3 + n % 5 / 7:.3f}" for n in range(60)]
    (tmp_path / "own.csv").write_text("\n".join(["a,b,kind,height", *rows]) + "\n")
    return tasks.load(f"csv/{tmp_path / 'own.csv'}:{target}")


def own_images(tmp_path, name):
    rng = np.random.default_rng(0)
    for n in range(16):
        (tmp_path / name / "ab"[n % 2]).mkdir(parents=True, exist_ok=True)
        pixels = rng.integers(0, 256, (8, 8), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / name / "ab"[n % 2] / f"{n}.png")
    return tasks.load(f"folder/{tmp_path / name}")


TASKS = {
    "kind": (own_table, "mlp"),
    "height": (own_table, "mlp"),
    "pets": (own_images, "chain-cnn"),
    "sinusoids/2": (None, "mlp"),
    "tones/pitch": (None, "mlp"),  # one row of 256 numbers: a recurrent network would make one step
    "gratings/angle": (None, "chain-cnn"),
    "glyphs/greek": (None, "chain-cnn"),
    "where/digits": (None, "chain-cnn"),
    "digits-shuffled": (None, "chain-cnn"),
}


@pytest.mark.parametrize("name", TASKS)
def test_the_usual_space_of_a_task_is_one_that_fits(name, tmp_path):
    make, expected = TASKS[name]
    task = make(tmp_path, name) if make else tasks.load(name)
    assert spaces.usual(task) == expected
    assert expected in spaces.fitting(task)
    spaces.load(expected, task)


def test_the_usual_space_of_several_tasks_fits_all():
    images, table = tasks.load("digits"), tasks.load("sinusoids")
    assert spaces.usual(images, tasks.load("digits-noisy")) == "chain-cnn"
    assert spaces.usual(images, table) == "mlp"
    assert spaces.usual(tasks.together(images, tasks.load("digits-noisy"))) == "chain-cnn"


def test_a_sequence_is_searched_in_recurrent_networks():
    steps = SimpleNamespace(name="steps", kind="classification", input_shape=(20, 3), outputs=2)
    assert spaces.usual(steps) == "recurrent"


def test_a_space_that_does_not_fit_names_those_that_do():
    with pytest.raises(Mismatch, match=r"'darts' does not fit .*; spaces that fit: mlp, grammar$"):
        spaces.load("darts", tasks.load("sinusoids"))
