"""Options that are typed as NAME=VALUE."""

import json
from collections.abc import Sequence
from typing import Any

from nasedu.core import BadValue


def parse_options(flag: str, example: str, texts: Sequence[str] | None) -> dict[str, Any]:
    """Return `["depth=4", "filters=[16,32]", "target=max"]` as a dictionary: values are JSON, or else plain words.

    Args:
        flag: what stands before each text, such as "--space-option"; named in an error.
        example: a text that is right, such as "depth=4"; named in an error.
        texts: what was typed; None for nothing.

    Raises:
        BadValue: a text without a name or a value.
    """
    options: dict[str, Any] = {}
    for text in texts or ():
        name, sign, value = text.partition("=")
        if not sign or not name or not value:
            raise BadValue(f"{flag} takes name=value, such as {example}; given {text!r}")
        try:
            options[name.strip()] = json.loads(value, parse_constant=lambda word: word)
        except ValueError:
            options[name.strip()] = value.strip()
    return options
