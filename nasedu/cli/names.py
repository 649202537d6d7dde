"""The registered names: `nasedu spaces`, `controllers`, `trainers`, `priors` and `learners`, a line for each name."""

from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from nasedu.cli.fitting_table import FittingTable

if TYPE_CHECKING:
    from nasedu.core import Registry


def spaces() -> None:
    """List the spaces: what can be built."""
    from nasedu.spaces import registry

    _list(registry)


def controllers() -> None:
    """List the controllers: who chooses next."""
    from nasedu.controllers import registry

    _list(registry)


def trainers() -> None:
    """List the trainers: what a choice is worth."""
    from nasedu.trainers import registry

    _list(registry)


def priors() -> None:
    """List the priors: what earlier tasks teach about the next."""
    from nasedu.meta import registry

    _list(registry)


def learners() -> None:
    """List the meta-learners: how weights are learned across tasks."""
    from nasedu.metalearning import registry

    _list(registry)


def _list(registry: "Registry") -> None:
    list_all({name: registry.summary(name) for name in registry})


def list_all(summaries: dict[str, str]) -> None:
    """Print a line for each name: rich's columns at a terminal, plain text in a pipe."""
    width = max(map(len, summaries))
    console = Console(highlight=False)
    if not console.is_terminal:
        for name, summary in summaries.items():
            print(f"{name:<{width}}  {summary}")
        return
    table = FittingTable(show_header=False)
    table.add_column(no_wrap=True)
    table.add_column()
    for name, summary in summaries.items():
        table.add_row(Text(name, "bold"), Text(summary))
    console.print(table)
