"""Lines for the person at the terminal, on standard error: what is wrong, and where a search was stopped."""

import errno
import io
import os
import re
import shutil
import signal
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

import typer
from typer.core import TyperGroup

EXIT_CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}  # what shells expect: 128 + the signal's number

NARROW = 70
"""Columns of a terminal below which help has no panels."""

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""What is wrong with an output that takes no more. A pipe whose reader has ended is no error."""


_told: set[str] = set()
"""The warnings that the running command has shown."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, or a request to end, with a message about it."""


class PlainErrors(TyperGroup):
    """Prints what is wrong in one line, for every command; warnings, too, and an output that cannot be written."""

    def main(self, *args: Any, **options: Any) -> Any:
        if shutil.get_terminal_size().columns < NARROW:
            without_panels(self)
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):  # a name that ASCII cannot write must not end a search
                stream.reconfigure(errors="backslashreplace")
        before, warnings.showwarning = warnings.showwarning, show_warning  # type: ignore[assignment]
        try:
            try:
                return super().main(*args, **options)
            except SystemExit:
                sys.stdout.flush()
                raise
        except OSError as error:
            if error.errno not in FULL or error.filename:
                raise
            say(f"error: nothing more can be written: {error.strerror}")
            give_up(sys.stdout)
            sys.exit(1)
        finally:
            warnings.showwarning = before
            _told.clear()

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the commands in their order; `tasks` is a group, and stands with the other lists of names."""
        names = super().list_commands(ctx)
        return sorted(names, key=lambda name: names.index("spaces" if name == "tasks" else name) - (name == "tasks"))

    def invoke(self, ctx: Any) -> Any:
        from nasedu.core import NaseduError  # brings numpy, which `nasedu --help` does without, counted

        got: list[int] = []

        def stop(number: int, _: FrameType | None) -> None:
            got.append(number)
            raise KeyboardInterrupt

        can_listen = threading.current_thread() is threading.main_thread()
        before = {number: signal.signal(number, stop) for number in EXIT_CODES if can_listen}
        try:
            return super().invoke(ctx)
        except NaseduError as error:
            say(f"error: {error}")
            raise typer.Exit(2) from error
        except KeyboardInterrupt as error:
            say(str(error) or "stopped")
            raise typer.Exit(EXIT_CODES[signal.Signals(got[0] if got else signal.SIGINT)]) from error
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def without_panels(command: Any) -> None:
    """Let the help of a command, and of those below it, be plain text: panels cut what has no room in them."""
    command.rich_markup_mode = None
    command.help = re.sub(r"\[/?\w*\]", "", command.help or "")
    command.short_help = command.help.partition(".")[0] + "."  # which is wrapped in a list, where help is cut
    for inner in getattr(command, "commands", {}).values():
        without_panels(inner)


def say(line: str) -> None:
    """Print a line for the person at the terminal, never for a pipe. Where nobody can read it, nothing happens."""
    with suppress(OSError):
        print(" ".join(line.split()), file=sys.stderr, flush=True)


def warn(line: str) -> None:
    """Print a warning: something that a person should know, although the command continues."""
    say(f"warning: {line}")


def show_warning(message: Warning | str, category: type[Warning], *_: Any) -> None:
    """Show a warning of Python's module `warnings` as one line, once: without its class, its file and its source."""
    if str(message) not in _told:
        _told.add(str(message))
        warn(str(message))


@contextmanager
def results_of(store: str) -> Iterator[None]:
    """Print results inside: where they cannot be written, the error says where they are kept."""
    from nasedu.store import IN_MEMORY

    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        kept = "" if store == IN_MEMORY else f"; nothing is lost: nasedu show {store} prints it again"
        raise OSError(error.errno, f"{error.strerror}{kept}") from error


def give_up(stream: Any) -> None:
    """Give up what a stream that cannot be written to still holds: Python would try once more when it ends."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def stopped_message(store: str, done: int) -> str:
    """Return the message about a search that was stopped, with its number of trials in this store."""
    from nasedu.core import counted
    from nasedu.store import IN_MEMORY

    if done == 0:
        return "stopped before the first trial; the same command begins again"
    kept = "they were in memory, and are gone" if store == IN_MEMORY else "the same command goes on from there"
    return f"stopped after {counted(done, 'trial')}; {kept}"
