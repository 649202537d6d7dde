"""`nasedu report`: everything about one study, at the terminal or as a page to show to others."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nasedu.cli.messages import say
from nasedu.cli.show import print_full

if TYPE_CHECKING:
    from nasedu.cli.study_record import StudyRecord


def report(
    store: Annotated[str, typer.Argument(help="A store, such as nasedu.db.")],
    study: Annotated[
        str | None, typer.Option(help="The study, by its number or name, if the store has several.")
    ] = None,
    html: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write one page with everything in it, to open in a browser.")
    ] = None,
    no_rivals: Annotated[
        bool, typer.Option("--no-rivals", help="Do not train linear models and trees on the same split.")
    ] = False,
) -> None:
    """Report one study: what was found, how good it is, and whether the search was worth it.

    Reads only: safe while a search is running in the store. The page needs no network and no further file.
    """
    from nasedu.cli.study_record import choose, records_in
    from nasedu.core import BadValue

    if Path(store).is_dir():
        raise BadValue(
            f"{store!r} is a folder, and `nasedu report` takes the store of a search; "
            f"for the report of a class: nasedu assignment report {store}"
        )
    if no_rivals and html is None:
        raise BadValue("--no-rivals is for the page: add --html FILE")
    records = records_in(store)
    number = choose(records, study, store)
    if html is None:
        print_full(records[number], store)
        return
    _write(records, number, store, Path(html).expanduser(), rivals=not no_rivals)
    say(f"written: {html}")


def _write(records: "dict[int, StudyRecord]", number: int, store: str, path: Path, *, rivals: bool) -> None:
    """Write the page of one study. Raises BadValue, before anything is trained, for a file that cannot be written."""
    from nasedu.cli.html_report import page_of
    from nasedu.cli.study_record import random_baseline
    from nasedu.core import BadValue
    from nasedu.study.winner_files import write_whole

    if path.is_dir() or not path.parent.is_dir():
        why = "it is a folder" if path.is_dir() else f"there is no folder {path.parent}"
        raise BadValue(f"{path} cannot be written: {why}; name another file with --html")
    record = records[number]
    page = page_of(record, random_baseline(list(records.values()), record), store, number, rivals=rivals)
    try:
        write_whole(path, page.encode())
    except OSError as error:
        raise BadValue(f"{path} cannot be written: {error.strerror}; name another file with --html") from error
