"""Lines for the person at the terminal, on standard error: what is wrong, and where a search was stopped."""

import signal
import sys
import threading
import warnings
from types import FrameType
from typing import Any

import typer
from typer.core import TyperGroup

EXIT_CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}  # what shells expect: 128 + the signal's number


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, or a request to end, with a message about it."""


class PlainErrors(TyperGroup):
    """Prints what is wrong in one line, for every command."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the commands in their order; `tasks` is a group, and stands with the other lists of names."""
        names = super().list_commands(ctx)
        return sorted(names, key=lambda name: names.index("spaces" if name == "tasks" else name) - (name == "tasks"))

    def invoke(self, ctx: Any) -> Any:
        from nasedu.core import NaseduError  # brings numpy, which `nasedu --help` does without

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


def say(line: str) -> None:
    """Print a line for the person at the terminal, never for a pipe."""
    print(" ".join(line.split()), file=sys.stderr, flush=True)


def warn(line: str) -> None:
    """Print a warning: something that a person should know, although the command continues."""
    say(f"warning: {line}")


def warn_in_one_line() -> None:
    """Make Python print a warning as one line without its code, and each of them once."""
    told: set[str] = set()

    def show(message: Warning | str, *_: Any) -> None:
        if (text := str(message)) not in told:
            told.add(text)
            warn(text)

    warnings.showwarning = show  # type: ignore[assignment]


def stopped_message(store: str, done: int) -> str:
    """Return the message about a search that was stopped, with its number of trials in this store."""
    from nasedu.store import IN_MEMORY

    kept = "they were in memory, and are gone" if store == IN_MEMORY else "the same command goes on from there"
    return f"stopped after {done} trial{'' if done == 1 else 's'}; {kept}"
