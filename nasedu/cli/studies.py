"""`nasedu studies`: the studies of a store in a list; to name, delete and compare them."""

import json
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

STORE = typer.Argument(help="A store, such as nasedu.db.")
STUDY = typer.Argument(metavar="STUDY", help="A study, by its number or name.")
JSON = typer.Option("--json", help="Print one JSON object instead of tables.")


class ListsByDefault(TyperGroup):
    """Takes `nasedu studies STORE` for `nasedu studies list STORE`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        is_store = args and not args[0].startswith("-") and args[0] not in self.commands
        return super().parse_args(ctx, ["list", *args] if is_store else args)


studies_app = typer.Typer(
    cls=ListsByDefault,
    no_args_is_help=True,
    help="The studies of a store: [bold]nasedu studies STORE[/] lists them; name, delete or compare them.",
)


@studies_app.command("list")
def list_studies(store: Annotated[str, STORE], as_json: Annotated[bool, JSON] = False) -> None:
    """List the studies of a store. Reads only: safe while a search is running in it."""
    from nasedu.cli.study_compare import facts, table_of
    from nasedu.cli.study_record import records_in

    records = records_in(store)
    if as_json:
        print(json.dumps({"studies": [facts(number, record) for number, record in records.items()]}, allow_nan=False))
    else:
        Console(highlight=False).print(table_of(records))


@studies_app.command("rename")
def rename_study(
    store: Annotated[str, STORE],
    study: Annotated[str, STUDY],
    name: Annotated[str, typer.Argument(help="What it is called from now on.")],
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Give a study a name. It can stand wherever a study is chosen by its number."""
    from nasedu.cli.study_record import choose, records_in

    number = choose(records_in(store), study, store)
    with _writing(store) as opened:
        opened.rename(number, name)
    _done({"study": number, "name": name.strip()}, f"study {number} is called {name.strip()!r} now", as_json)


@studies_app.command("delete")
def delete_study(
    store: Annotated[str, STORE],
    study: Annotated[str, STUDY],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Delete a study with all its trials. Other studies stay, with the evidence that they were opened with."""
    from nasedu.cli.study_record import choose, records_in
    from nasedu.core import counted

    records = records_in(store)
    number = choose(records, study, store)
    record = records[number]
    what = f"study {number} ({record.label}, {counted(len(record.trials), 'trial')})"
    if not yes and not typer.confirm(f"Delete {what} from {store}? It cannot be brought back.", err=True):
        raise typer.Exit(1)
    with _writing(store) as opened:
        opened.delete(number)
    _done({"study": number, "deleted": True}, f"deleted: {what}", as_json)


@studies_app.command("compare")
def compare_studies(
    store: Annotated[str, STORE],
    first: Annotated[str, STUDY],
    second: Annotated[str, STUDY],
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """Show two studies side by side: how they differ, their scores at equal numbers of trials, their tests."""
    from nasedu.cli.study_compare import Comparison
    from nasedu.cli.study_record import choose, records_in

    records = records_in(store)
    found = Comparison({n: records[n] for n in (choose(records, study, store) for study in (first, second))})
    if as_json:
        print(json.dumps(found.as_json(), allow_nan=False))
    else:
        Console(highlight=False).print(found.shown())


def _writing(store: str) -> Any:
    """The store, which is there, for a change; it is closed at the end of the context."""
    from contextlib import closing

    from nasedu.store import Store

    return closing(Store(store))


def _done(data: dict[str, Any], line: str, as_json: bool) -> None:
    print(json.dumps(data) if as_json else line)
