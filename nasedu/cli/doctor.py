"""`nasedu doctor`: what is found on this machine, and how to mend it."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from nasedu.cli.fitting_table import FittingTable

if TYPE_CHECKING:
    from nasedu.cli.doctor_checks import Finding


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON list instead of a table.")] = False,
) -> None:
    """Check this machine, and say how to mend what is found. Exit code 1 if something will not run."""
    from nasedu.cli.doctor_checks import examine

    findings = examine()
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings]))
    else:
        _print_findings(findings)
    raise typer.Exit(1 if any(f.state == "problem" for f in findings) else 0)


def _print_findings(findings: list["Finding"]) -> None:
    colours = {"ok": "green", "warning": "yellow", "problem": "bold red"}
    table = FittingTable(show_header=False)
    for _ in range(3):
        table.add_column()
    for f in findings:
        found = Text(f.found) if not f.mend else Text.assemble(f.found, "\n", ("to mend: ", "bold"), f.mend)
        table.add_row(Text(f.state, colours[f.state]), Text(f.about, "bold"), found)
    Console(highlight=False).print(table)
