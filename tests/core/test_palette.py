"""One method, one colour, in every picture."""

import pytest

from nasedu.core.palette import BLUE, GREEN, LINES, METHODS, ORANGE, SKY, layer, methods, methods_or_one, task


def test_a_method_has_its_colour_in_every_company():
    assert methods(["random", "q-learning"])[1] == methods(["q-learning", "tpe", "mine"])[0] == BLUE
    assert methods(["local-search, seed 3"]) == [GREEN]


def test_two_labels_never_share_a_colour_while_the_palette_lasts():
    labels = ["q-learning", "q-learning, own schedule", "cold", "mine", "random", "yours"]
    assert len(set(methods(labels))) == len(labels)
    assert methods(labels)[0] == BLUE


@pytest.mark.parametrize("colour", [c for name, c in METHODS.items() if name not in ("warm-q", "copy-best")])
def test_lines_can_be_seen_on_white_and_on_a_dark_ground(colour):
    """WCAG 2.1, 1.4.11: graphics have a contrast of 3 to 1 to what is around them."""

    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return sum(p * w for p, w in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))

    own = luminance(colour) + 0.05
    assert 1.05 / own > 3
    assert own / (luminance("#111111") + 0.05) > 3


def test_more_labels_than_colours_still_get_one_each():
    assert len(methods([f"mine {n}" for n in range(30)])) == 30
    assert set(methods([f"mine {n}" for n in range(len(LINES))])) == set(LINES)


def test_a_layer_has_the_same_colour_by_its_title_and_by_its_choice():
    assert layer("Conv2d 3x3") == layer("conv3-16") == layer("nor_conv_3x3~0") == SKY
    assert layer("MaxPool 2") == layer("pool2") == layer("avg_pool_3x3~1") == ORANGE
    assert layer("Linear 10") == layer("dense64") == layer("64-relu") == GREEN
    kinds = ("conv", "pool", "dense", "norm", "attention", "lstm", "skip", "something else")
    assert len({layer(kind) for kind in kinds}) == len(kinds)


def test_tasks_of_one_family_share_a_colour_also_unknown_ones():
    assert task("gratings/angle") == task("gratings/width") != task("what/digits")
    assert task("tones/pitch") == task("tones/timbre")


def test_what_is_no_method_has_one_colour():
    assert methods_or_one(["few/digits", "same/digits"], GREEN) == [GREEN, GREEN]
    assert methods_or_one(["random", "q-learning"]) == [METHODS["random"], BLUE]
