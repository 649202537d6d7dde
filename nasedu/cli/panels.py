"""The options of the commands that compute for long, each under a heading of `--help`."""

from functools import partial

import typer

from nasedu.cli import completion

WHAT = partial(typer.Option, rich_help_panel="What is searched, and who chooses")
HOW_LONG = partial(typer.Option, rich_help_panel="How long")
LEARNED = partial(typer.Option, rich_help_panel="What is learned, and by whom")
CARRIED = partial(typer.Option, rich_help_panel="What it starts from")
FINE = partial(typer.Option, rich_help_panel="Fine control")

_OWN = "Or your own: module:Name."
TASK = WHAT(help=f"See: nasedu tasks. {_OWN}", autocompletion=completion.tasks)
SPACE = WHAT(
    help=f"See: nasedu spaces. Usual: chain-cnn for images, mlp for tables. {_OWN}", autocompletion=completion.spaces
)
CONTROLLER = WHAT(help=f"See: nasedu controllers. {_OWN}", autocompletion=completion.controllers)
TRAINER = WHAT(help=f"See: nasedu trainers. {_OWN}", autocompletion=completion.trainers)
