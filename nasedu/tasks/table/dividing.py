"""Divide the rows of a table: by class, with rows that belong together in one split, or in the order of time."""

from collections.abc import Sequence

import numpy as np

from nasedu.core import BadValue, rng_from

SHARES = (0.6, 0.2, 0.2)
"""Of training, validation and test rows."""

Places = list[np.ndarray]
"""The places of the rows of the training, validation and test split, each in order."""


def in_groups(y: np.ndarray, groups: np.ndarray, shares: Sequence[float], where: str, what: str, advice: str) -> Places:
    """Divide rows so that the rows of a group are in one split, and each class has its share of each split if it can.

    Large groups are placed first, each where it leaves the smallest squared error of the shares. The rows that are a
    group by themselves make up for what is missing; without others this is `nasedu.tasks.split_indices`.

    Args:
        y: int64, (rows,): classes; zeros for a regression.
        groups: int64, (rows,): the number of each row's group.
        what: a group is, in the plural, for the message.
        advice: what to do if there are too few.

    Raises:
        BadValue: there are too few groups.
    """
    sizes = np.bincount(groups)
    _, y = np.unique(y, return_inverse=True)
    wanted = np.stack([_wanted(int(count), shares) for count in np.bincount(y)], axis=1)  # (splits, classes)
    split_of_group = np.full(len(sizes), -1)
    have = _place_large_groups(y, groups, sizes, wanted, split_of_group)
    rng = rng_from(0, "split")
    for label in range(wanted.shape[1]):
        places = rng.permutation(np.flatnonzero(y == label))
        places = places[sizes[groups[places]] == 1]
        need = np.maximum(wanted[:, label] - have[:, label], 0)
        cuts = np.round(np.cumsum(need) * len(places) / max(need.sum(), 1)).astype(int)[:-1]
        for split, chosen in enumerate(np.split(places, cuts)):
            split_of_group[groups[chosen]] = split
    _give_each_split_each_class(y, groups, split_of_group, wanted.sum(1) > 0, where, what, advice)
    return [np.flatnonzero(split_of_group[groups] == split) for split in range(len(shares))]


def _wanted(count: int, shares: Sequence[float]) -> np.ndarray:
    cuts = [round(float(sum(shares[:n])) * count) for n in range(1, len(shares))]
    return np.diff([0, *cuts, count])


def _place_large_groups(
    y: np.ndarray, groups: np.ndarray, sizes: np.ndarray, wanted: np.ndarray, split_of_group: np.ndarray
) -> np.ndarray:
    """Place the groups of several rows; return how many rows of each class each split has then, (splits, classes)."""
    have = np.zeros_like(wanted)
    large = rng_from(0, "split", "groups").permutation(np.flatnonzero(sizes > 1))
    if len(large) == 0:
        return have
    weight = 1 / wanted.sum(0)
    row = np.full(len(sizes), -1)
    row[large] = np.arange(len(large))
    counts = np.zeros((len(large), wanted.shape[1]), np.int64)
    inside = sizes[groups] > 1
    np.add.at(counts, (row[groups[inside]], y[inside]), 1)
    for number in np.argsort(-(counts @ weight), kind="stable"):
        gain = np.where(wanted.sum(1) > 0, (wanted - have) @ (weight * counts[number]), -np.inf)
        split = int(gain.argmax())
        split_of_group[large[number]] = split
        have[split] += counts[number]
    return have


def _give_each_split_each_class(
    y: np.ndarray, groups: np.ndarray, split_of_group: np.ndarray, used: np.ndarray, where: str, what: str, advice: str
) -> None:
    """Move groups until each split has each class. Raises BadValue if that cannot be."""
    classes = int(y.max()) + 1
    pairs, counts = np.unique(np.stack([groups, y]), axis=1, return_counts=True)
    while True:
        held = np.zeros((len(used), classes), np.int64)  # groups of each class in each split
        np.add.at(held, (split_of_group[pairs[0]], pairs[1]), 1)
        lacking = np.argwhere((held == 0) & used[:, None])
        if len(lacking) == 0:
            return
        split, label = lacking[0]
        movable = [
            (int(count), int(group))
            for (group, _), count in zip(pairs.T[pairs[1] == label], counts[pairs[1] == label], strict=True)
            if (held[split_of_group[group], pairs[1][pairs[0] == group]] > 1).all()
        ]
        if not movable:
            raise BadValue(
                f"{where}: there are too few {what} to divide: each split needs rows of every class, and {what} may "
                f"not be in two splits; add rows, or {advice}"
            )
        split_of_group[min(movable)[1]] = split


def in_time(times: np.ndarray, shares: Sequence[float]) -> Places:
    """Divide rows in their order: the first to train on, the next to validate on, the last to test on.

    Rows of the same time are in one split.
    """
    order = np.argsort(times, kind="stable")
    cuts = []
    for share in np.cumsum(shares)[:-1]:
        cut = round(float(share) * len(order))
        while 0 < cut < len(order) and times[order[cut]] == times[order[cut - 1]]:
            cut += 1
        cuts.append(cut)
    return [np.sort(places) for places in np.split(order, cuts)]
