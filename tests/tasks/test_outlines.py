"""Outlines and their pixels: what is inside, what grows, and which letters are there and differ."""

import itertools

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from nasedu.core import BadValue, UnknownName
from nasedu.tasks import raster
from nasedu.tasks.glyphs import ALIKE, SCRIPTS, faces, letters
from nasedu.tasks.outlines import FACES, NORMAL, Outline, outline
from nasedu.tasks.raster import LEVELS, UNIT, Pose, rasterise

COUNTS = {
    "arabic": 92,
    "armenian": 69,
    "braille": 200,
    "canadian-syllabics": 323,
    "cyrillic": 209,
    "georgian": 118,
    "greek": 88,
    "hebrew": 49,
    "lao": 44,
    "latin": 259,
    "lisu": 38,
    "nko": 35,
    "old-italic": 30,
    "tifinagh": 46,
}


def posed(count, turn=0, scale=1000, right=0, down=0, stroke=0):
    return Pose(*(np.full(count, value, np.int64) for value in (turn, scale, right, down, stroke)))


def upright(script, stroke=0):
    """Every letter of a script in its first face, filling nine tenths of 12x12 pixels."""
    drawn = [outline(character, faces([character])[0]) for character in letters(script)]
    return rasterise(drawn, posed(len(drawn), scale=900, stroke=stroke), 12).astype(np.int64)


def square(half, counterclockwise=False):
    """A square around the middle, with its normals; the frame's side is 1,000."""
    corners = np.array([[-half, -half], [-half, half], [half, half], [half, -half]])
    step = -1 if counterclockwise else 1
    return corners[::step], (np.sign(corners) * NORMAL)[::step]


def shape(*polygons):
    points, normals = (np.concatenate(arrays) for arrays in zip(*polygons, strict=True))
    following = np.arange(len(points)).reshape(-1, 4)
    return Outline(points, normals, np.roll(following, -1, axis=1).ravel(), 1000)


# ---------------------------------------------------------------------- pixels


def test_a_pixel_says_how_much_of_it_is_inside():
    """Half of 10 pixels is 5, from 2.5 to 7.5: three full pixels between two halves, and quarters in the corners."""
    (image,) = rasterise([shape(square(250))], posed(1), 10)
    line = np.array([0, 0, 2, 4, 4, 4, 4, 2, 0, 0])
    assert image.dtype == np.uint8
    assert image.tolist() == np.outer(line, line).tolist()


def test_a_hole_runs_the_other_way_and_what_overlaps_is_inside():
    whole, hole, twice = rasterise(
        [shape(square(400)), shape(square(400), square(200, counterclockwise=True)), shape(square(400), square(200))],
        posed(3),
        10,
    )
    assert hole[3:7, 3:7].max() == 0
    assert int(whole.sum()) - int(hole.sum()) == 16 * LEVELS
    assert np.array_equal(twice, whole)


def test_poses_are_in_the_units_they_say():
    thing = [shape(square(250))] * 5
    pose = Pose(*np.array([[0, 0, 0, 0, 45], [1000, 1000, 1000, 500, 1000], *np.zeros((3, 5), np.int64)], np.int64))
    pose.right[1], pose.down[1], pose.stroke[2] = UNIT, 2 * UNIT, UNIT
    plain, moved, thick, small, turned = rasterise(thing, pose, 10)
    assert np.array_equal(moved[2:, 1:], plain[:-2, :-1])
    assert [int(image.sum()) / LEVELS for image in (plain, thick, small)] == [25, 36, 6.25]
    assert turned[4, 1:9].sum() > plain[4, 1:9].sum()  # a diagonal is longer than a side


def test_a_positive_turn_is_counterclockwise():
    upright_l, turned = rasterise(
        [outline("L", "DejaVuSans")] * 2, Pose(*np.array([[0, 90]] + [[900, 900]] + [[0, 0]] * 3)), 12
    )
    # np.rot90 is counterclockwise too; the two differ only where a sample lies on an edge
    assert np.abs(np.rot90(upright_l).astype(int) - turned).sum() < 0.1 * turned.sum()


def test_what_leaves_the_image_is_cut_off():
    whole, left, below = (
        rasterise([shape(square(500))] * 3, posed(3), 10),
        *(
            rasterise([shape(square(500))], posed(1, **{way: 5 * UNIT * sign}), 10)[0]
            for way, sign in (("right", -1), ("down", 1))
        ),
    )
    assert whole.min() == LEVELS
    assert left[:, :5].min() == LEVELS
    assert left[:, 5:].max() == 0
    assert below[:5].max() == 0
    assert below[5:].min() == LEVELS


@pytest.mark.parametrize(("character", "face"), [("R", "DejaVuSerif-Italic"), ("ȍ", "DejaVuSans"), ("ש", "DejaVuSans")])
def test_pixels_agree_with_matplotlibs_own_reading_of_the_outline(character, face):
    """Samples of the outline as matplotlib's Path has it, curves and all, against our polygons."""
    from matplotlib import get_data_path
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    font = FontProperties(fname=f"{get_data_path()}/fonts/ttf/{face}.ttf")
    path = TextPath((0, 0), character, size=1000, prop=font)
    (left, low), (right, high) = path.get_extents().get_points()
    size = max(right - left, high - low)
    grid = ((np.arange(80) + 0.5) / 80 - 0.5) * size
    x, y = np.meshgrid((left + right) / 2 + grid, (low + high) / 2 - grid)
    filled = sum(np.sign(_area(loop)) * _inside(loop, x, y) for loop in path.to_polygons(closed_only=True)) != 0
    expected = filled.reshape(20, 4, 20, 4).sum((1, 3))
    (image,) = rasterise([outline(character, face)], posed(1), 20)
    assert np.abs(image.astype(int) - expected).mean() < 0.25
    assert expected.max() == LEVELS


def _area(loop):
    x, y = loop.T
    return (x * np.roll(y, -1) - np.roll(x, -1) * y).sum()


def _inside(loop, x, y):
    from matplotlib.path import Path

    return Path(loop).contains_points(np.stack([x.ravel(), y.ravel()], 1)).reshape(x.shape).astype(int)


@pytest.mark.parametrize("character", ["O", "⠿", "ᗡ", "é"])
def test_strokes_grow_outwards_and_into_holes(character):
    drawn = outline(character, "DejaVuSans")
    thin, usual, thick = (rasterise([drawn], posed(1, scale=800, stroke=s), 20)[0].astype(int) for s in (-128, 0, 128))
    assert (thin <= usual).all()
    assert (usual <= thick).all()
    assert thin.sum() < usual.sum() < thick.sum()


def test_a_stroke_of_one_pixel_more_is_half_a_pixel_on_either_side():
    usual, thick = (rasterise([outline("l", "DejaVuSans")], posed(1, scale=800, stroke=s), 20)[0] for s in (0, UNIT))
    assert int(thick[10].sum()) - int(usual[10].sum()) == LEVELS


def test_many_images_are_made_a_few_at_a_time(monkeypatch):
    drawn = [outline(character, "DejaVuSerif") for character in "abcdefg"]
    pose = posed(7)._replace(turn=np.arange(7) * 10)
    once = rasterise(drawn, pose, 12)
    monkeypatch.setattr(raster, "AT_ONCE", 2 * 48 * 48)
    assert np.array_equal(rasterise(drawn, pose, 12), once)


def test_no_letter_no_image():
    assert rasterise([], posed(0), 12).shape == (0, 12, 12)


# ---------------------------------------------------------------------- letters


def test_as_many_letters_as_documented():
    assert {script: len(characters) for script, characters in SCRIPTS.items()} == COUNTS
    assert sum(COUNTS.values()) == 1600
    assert all(len(set(characters)) == len(characters) for characters in SCRIPTS.values())


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_letter_has_ink_in_every_face_that_has_it(script):
    for character in letters(script):
        found = faces([character])
        assert found
        for face in found:
            assert outline(character, face).size > 0


@pytest.mark.parametrize("script", SCRIPTS)
def test_letters_differ_as_drawn(script):
    """The rule by which they were chosen, see `nasedu.tasks.alphabets`."""
    plain = upright(script)
    ink = plain.sum((1, 2))
    assert ink.max() < 0.55 * LEVELS * 144
    for stroke in (-102, -51, 0, 51, 102, 153):
        others = upright(script, stroke)
        both = ink[:, None] + others.sum((1, 2))
        for down, right in itertools.product(range(3), repeat=2):
            moved = np.pad(others, ((0, 0), (1, 1), (1, 1)))[:, down : down + 12, right : right + 12]
            share = 2 * cdist(plain.reshape(len(ink), -1), moved.reshape(len(ink), -1), "cityblock") / both
            np.fill_diagonal(share, 1)
            place, other = np.unravel_index(share.argmin(), share.shape)
            assert share[place, other] > 0.2, letters(script)[place] + letters(script)[other]


def test_scripts_that_share_many_outlines_are_known_to():
    shapes = {s: {outline(c, faces([c])[0]).points.tobytes() for c in letters(s)} for s in SCRIPTS}
    for one, other in itertools.combinations(SCRIPTS, 2):
        if len(shapes[one] & shapes[other]) > 10:
            assert {one, other} <= set(ALIKE)


def test_the_place_of_a_braille_dot_counts():
    high, low = (rasterise([outline(c, "DejaVuSans")], posed(1, scale=900), 12)[0] for c in "⠁⡀")
    assert high[:6].sum() > 0
    assert high[6:].sum() == 0
    assert low[:6].sum() == 0
    assert low[6:].sum() > 0


def test_an_unknown_script_is_answered_with_the_known_ones():
    with pytest.raises(UnknownName, match=r"unknown script 'runes'; known: arabic, .*tifinagh"):
        letters("runes")


# ---------------------------------------------------------------------- faces


def test_faces_have_all_of_the_characters():
    assert faces("Aα") == FACES
    assert faces("ⵣ") == ("DejaVuSans", "DejaVuSans-Bold")
    assert faces("Aⵣ") == ("DejaVuSans", "DejaVuSans-Bold")


@pytest.mark.parametrize(
    ("characters", "message"),
    [
        ("A字", r"no DejaVu face has '字' \(U\+5B57\)"),
        (["AB"], "characters are single characters, such as 'A'; given 'AB'"),
        ([""], "characters are single characters, such as 'A'; given ''"),
        ([65], "characters are single characters, such as 'A'; given 65"),
    ],
)
def test_characters_that_no_face_has(characters, message):
    with pytest.raises(BadValue, match=message):
        faces(characters)


def test_a_face_without_the_letter():
    with pytest.raises(BadValue, match=r"DejaVuSerif does not have 'א' \(U\+05D0\); see `faces`"):
        outline("א", "DejaVuSerif")
    with pytest.raises(BadValue, match=r"' ' \(U\+0020\) has no outline in DejaVuSans: nothing would be drawn"):
        outline(" ", "DejaVuSans")
    with pytest.raises(UnknownName, match="unknown face 'Comic Sans'; known: DejaVuSans, "):
        outline("A", "Comic Sans")
