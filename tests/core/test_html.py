"""The least size of a picture on a narrow page."""

import pytest

from nasedu.core.html import LEAST_LETTER, least_width


@pytest.mark.parametrize("letters", [(12,), (12, 30), (10, 18)])
def test_a_picture_shrinks_until_its_smallest_letters_are_small(letters):
    shrunk = least_width(640, letters) / 640
    assert min(letters) * shrunk == pytest.approx(LEAST_LETTER, rel=0.01)


def test_a_picture_is_never_wider_than_it_is_and_one_without_letters_may_shrink():
    assert least_width(640, [5]) == 640
    assert least_width(640, []) == 0
