"""Other processes for the tests that need them."""

import pytest

from tests.study.children import Children


@pytest.fixture(scope="module")
def children(tmp_path_factory):
    children = Children(tmp_path_factory.mktemp("answers"))
    yield children
    children.close()
