"""An episode as plain values: distances after any move of a letter, and the picture of all of it. No widget."""

import base64
import struct
import zlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from nasedu.core.palette import LINES, ORANGE
from nasedu.core.themes import FAINT, GREY, INK, PAPER
from nasedu.widgets.svg import box, cross, document, dot, path, text

NAMES = "ABCDEFGH"
"""What the classes of an episode are called."""
WIDTH, TILE, STEP = 640, 36, 42
BARS, MAP, TALL = (10, 300), (330, 300), 226
"""Left edge and width of the bars and of the map; height of both."""


class Features(NamedTuple):
    """How an episode looks through one network: all that is needed to compare its examples.

    Attributes:
        between: squared distance of each query from each example of the support, (queries, examples).
        within: squared distance of each example of the support from each other one, (examples, examples).
        support: places of the support on the map, (examples, 2), from 0 to 1: the two directions of most variance.
        asked: places of the queries, (queries, 2).
    """

    between: np.ndarray
    within: np.ndarray
    support: np.ndarray
    asked: np.ndarray

    def distances(self, assigned: Sequence[int], ways: int) -> np.ndarray:
        """Return the squared distance of each query from each prototype, (queries, ways); NaN without examples.

        |q - c|^2 is the mean of |q - x|^2 over the examples x of a class, less the mean of |x - x'|^2 / 2.
        """
        member = (np.asarray(assigned)[:, None] == np.arange(ways)).astype(float)
        counts = member.sum(0)
        with np.errstate(invalid="ignore", divide="ignore"):
            spread = np.einsum("ik,ij,jk->k", member, self.within, member) / (2 * counts**2)
            return np.maximum(self.between @ member / counts - spread, 0)


def features_of(support: np.ndarray, asked: np.ndarray) -> Features:
    """Return what is shown of features, (examples, features) and (queries, features)."""
    both = np.concatenate([support, asked]).astype(float)
    between, within = (
        ((a[:, None] - support[None]) ** 2).sum(-1) for a in (asked.astype(float), support.astype(float))
    )
    centred = both - both.mean(0)
    directions = np.linalg.svd(centred, full_matrices=False)[2][:2]
    places = np.zeros((len(both), 2))
    places[:, : len(directions)] = centred @ directions.T
    places -= places.min(0)
    places = (places / max(float(places.max()), 1e-12)).round(4)
    return Features(_short(between), _short(within), places[: len(support)], places[len(support) :])


def _short(values: np.ndarray) -> np.ndarray:
    """Return values with five significant digits: page and kernel compute with the same numbers."""
    return np.array([[float(f"{value:.5g}") for value in row] for row in values])


def png(image: np.ndarray) -> str:
    """Return an image, (1 or 3, height, width) from 0 to 1, as a data URI; of one channel, 1 is black ink."""
    levels = np.rint(255 * np.clip(1 - image if len(image) == 1 else image, 0, 1)).astype(np.uint8)
    channels, height, width = levels.shape
    rows = np.moveaxis(levels, 0, -1).reshape(height, width * channels)
    raw = np.concatenate([np.zeros((height, 1), np.uint8), rows], axis=1).tobytes()

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0 if channels == 1 else 2, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b"")
    return "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + parts).decode()


# ---------------------------------------------------------------------- the picture


def picture_of(view: Any) -> str:
    """Return an `EpisodeViewer` as SVG: support, queries with their answers, bars, map."""
    parts, y = _support(view)
    asked, y = _queries(view, y + 12)
    return document(WIDTH, y + TALL, view.words(), [*parts, *asked, *_bars(view, y), *_map(view, y)])


def _tile(x: float, y: float, uri: str, line: str, stroke: float = 1) -> str:
    image = f'<image x="{x}" y="{y}" width="{TILE}" height="{TILE}" href="{uri}" style="image-rendering:pixelated"/>'
    return image + box(x, y, TILE, TILE, "none", line=line, stroke=stroke)


def _support(view: Any) -> tuple[list[str], float]:
    """Draw a column for each class; return its parts and where they end."""
    parts, wide, lowest = [], (WIDTH - 20) / view.ways, 70.0
    across = max(int(wide // STEP), 1)
    for label in range(view.ways):
        x = 10 + label * wide
        parts.append(text(x, 20, f"class {NAMES[label]}", bold=True))
        members = [place for place, given in enumerate(view.assigned) if given == label]
        for number, place in enumerate(members):
            left, top = x + number % across * STEP, 28 + number // across * STEP
            moved = view.assigned[place] != view.own[place]
            parts.append(_tile(left, top, view.images[place], ORANGE if moved else GREY, 3 if moved else 1))
            lowest = max(lowest, top + STEP)
        if not members:
            parts.append(text(x, 50, "no example", size=11, fill=GREY))
    return parts, lowest


def _queries(view: Any, y: float) -> tuple[list[str], float]:
    parts, across = [text(10, y + 8, "queries, with their answers", bold=True)], (WIDTH - 20) // STEP
    answers, top = view.answers, y + 16
    for place, uri in enumerate(view.asked):
        left, down = 10 + place % across * STEP, top + place // across * (STEP + 16)
        chosen = place == view.chosen
        parts.append(_tile(left, down, uri, ORANGE if chosen else GREY, 4 if chosen else 1))
        mark = "✓" if answers[place] == view.asked_y[place] else "✗"
        parts.append(text(left + 8, down + TILE + 13, f"{NAMES[answers[place]]} {mark}", size=11, bold=chosen))
    return parts, top + -(-len(view.asked) // across) * (STEP + 16) + 6


def _bars(view: Any, y: float) -> list[str]:
    """Draw the distances of the chosen query."""
    left, wide = BARS
    parts = [text(left, y + 14, "squared distance to each prototype", bold=True)]
    row, best = view.distances[view.chosen], view.answers[view.chosen]
    most, step = max(np.nanmax(row), 1e-9), min(24.0, (TALL - 40) / view.ways)
    for label, distance in enumerate(row):
        top = y + 24 + label * step
        parts.append(text(left, top + step / 2 + 4, NAMES[label], bold=label == best))
        if np.isnan(distance):
            parts.append(text(left + 18, top + step / 2 + 4, "no prototype", size=11, fill=GREY))
            continue
        length = (wide - 80) * distance / most
        line, stroke = (INK, 2) if label == best else ("none", 1)
        parts.append(box(left + 18, top + 3, max(length, 1), step - 6, LINES[label], line=line, stroke=stroke))
        words = f"{distance:.3g}{' nearest' if label == best else ''}"
        parts.append(text(left + 24 + length, top + step / 2 + 4, words, size=11, bold=label == best))
    return parts


def place_on_map(place: Sequence[float], y: float) -> tuple[float, float]:
    """Return where a place of the map is in the picture."""
    return MAP[0] + 14 + place[0] * (MAP[1] - 28), y + 34 + (1 - place[1]) * (TALL - 62)


def _map(view: Any, y: float) -> list[str]:
    """Draw the two directions of most variance: letters are examples, crosses are prototypes, the ring is the query."""
    seen: Features = view.seen
    parts = [text(MAP[0], y + 14, "features, seen flat", bold=True)]
    parts.append(box(MAP[0], y + 20, MAP[1], TALL - 34, "none", line=FAINT))
    for place in seen.asked:
        parts.append(dot(*place_on_map(place, y), 2, GREY))
    query = place_on_map(seen.asked[view.chosen], y)
    for label in range(view.ways):
        members = seen.support[[given == label for given in view.assigned]]
        for place in members:
            x, down = place_on_map(place, y)
            parts.append(text(x, down + 4, NAMES[label], size=12, anchor="middle", fill=LINES[label], halo=PAPER))
        if len(members):
            x, down = place_on_map(members.mean(0), y)
            if label == view.answers[view.chosen]:
                parts.append(path(f"M{query[0]:.1f} {query[1]:.1f}L{x:.1f} {down:.1f}", ORANGE, 2))
            parts.append(cross(x, down, 6, LINES[label]))
    parts.append(
        f'<circle cx="{query[0]:.1f}" cy="{query[1]:.1f}" r="7" fill="none" stroke="{ORANGE}" stroke-width="4"/>'
    )
    return parts
