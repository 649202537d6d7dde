"""One method, one colour, in every picture."""

import pytest

from nasedu.core.palette import BLUE, GREEN, LINES, METHODS, methods


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
