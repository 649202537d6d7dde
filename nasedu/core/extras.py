"""Packages that come with an extra of nasedu: where one is absent, the error holds the command to type."""

import importlib
import importlib.util
from typing import Any

from nasedu.core.errors import MissingExtra


def import_extra(module: str, extra: str, purpose: str) -> Any:
    """Import a package that an extra brings: `import_extra("optuna", "surrogates", "the controllers tpe and gp")`.

    Args:
        module: what to import.
        extra: the extra's name in pyproject.toml.
        purpose: what needs the package, in the plural: the message begins with it.

    Raises:
        MissingExtra: it is not installed, or cannot be imported.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtra(f"{_message(module, extra, purpose)} ({error})") from error


def check_extra(module: str, extra: str, purpose: str) -> None:
    """Check that a package is installed, without the seconds that its import may take. Arguments as `import_extra`.

    Raises:
        MissingExtra: it is not installed.
    """
    if importlib.util.find_spec(module) is None:
        raise MissingExtra(_message(module, extra, purpose))


def _message(module: str, extra: str, purpose: str) -> str:
    return f"{purpose} need {module.partition('.')[0]}: python -m pip install 'nasedu[{extra}]'"
