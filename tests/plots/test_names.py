"""Every picture is reached as `plots.name`."""

import inspect
import pkgutil
from importlib import import_module

import pytest

from nasedu import plots

HELPERS = {"new_axes", "tidy", "in_cell", "legend_above", "evaluated", "by_kind_and_number"}
HELPERS |= {"contrast", "darkened", "light_canvas", "dark_canvas", "words", "register", "name_lines"}


@pytest.mark.parametrize("file", [found.name for found in pkgutil.iter_modules(plots.__path__)])
def test_every_public_function_of_the_package_is_offered(file):
    module = import_module(f"nasedu.plots.{file}")
    made_here = {
        name
        for name, what in inspect.getmembers(module, inspect.isfunction)
        if what.__module__ == module.__name__ and not name.startswith("_")
    }
    assert made_here - HELPERS <= set(plots.__all__)
    assert all(getattr(plots, name) is getattr(module, name) for name in made_here - HELPERS)
