"""The options of `nasedu search` and `nasedu meta`, each under a heading of `--help`."""

from functools import partial

import typer

WHAT = partial(typer.Option, rich_help_panel="What is searched, and who chooses")
HOW_LONG = partial(typer.Option, rich_help_panel="How long")
CARRIED = partial(typer.Option, rich_help_panel="What it starts from")
FINE = partial(typer.Option, rich_help_panel="Fine control")
