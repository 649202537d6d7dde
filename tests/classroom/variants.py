"""The solution of an exercise in other forms: the same result in another container, and mistakes made on purpose.

A check must accept each of `RIGHT`, and refuse each of `WRONG`. What it rightly accepts is a survivor of the exercise.
"""

from copy import deepcopy

import numpy as np
import pandas as pd
import torch

from nasedu.classroom.counterexamples import fresh, fresh_names, largest


def each(change, value):
    """Change the numbers and words in nested data."""
    if isinstance(value, dict):
        return {each(change, key): each(change, item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(each(change, item) for item in value)
    return change(value)


def packed(container, value):
    """Put each list and tuple in another container, if all of its items are numbers, or all are words."""
    if isinstance(value, dict):
        return {key: packed(container, item) for key, item in value.items()}
    if isinstance(value, list | tuple) and value and not isinstance(value[0], str | int | float):
        return type(value)(packed(container, item) for item in value)
    alike = isinstance(value, list | tuple) and len({isinstance(item, str) for item in value}) == 1
    return container(value) if alike else value


def numbers(change):
    return lambda value: change(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def words(value):
    return bool(value) and all(isinstance(item, str) for item in value)


def keys(value):
    return dict.fromkeys(value) if words(value) and len(set(value)) == len(value) else value


def rows(value):
    return isinstance(value, dict) and all(isinstance(row, dict) for row in value.values())


def pandas(value):
    return {name: pd.Series(row) for name, row in value.items()} if rows(value) else packed(pd.Series, value)


RIGHT = {
    "in tuples": lambda result: packed(tuple, result),
    "in lists": lambda result: packed(list, result),
    "in arrays": lambda result: packed(np.array, result),
    "in tensors": lambda result: packed(lambda some: some if words(some) else torch.tensor(some), result),
    "in pandas": pandas,
    "in a data frame": lambda result: pd.DataFrame(result) if rows(result) else result,
    "in iterators": lambda result: packed(iter, result),
    "as the keys of a dictionary": lambda result: packed(keys, result),
    "of numpy": lambda result: each(lambda one: np.array([one])[0], result),
}


def single(arguments):
    return each(lambda one: np.float32(one) if isinstance(one, float) else one, arguments)


class Renamed:
    """Other names in the arguments, and the old ones again in the result."""

    def __init__(self):
        self.new = {}
        self.spare = fresh_names(fresh(), 70)

    def there(self, arguments):
        return each(lambda one: self.name(one) if isinstance(one, str) else one, arguments)

    def name(self, old):
        if old not in self.new:
            self.new[old] = f"new {self.spare.pop()}"
        return self.new[old]

    def back(self, result):
        old = {new: name for name, new in self.new.items()}
        return each(lambda one: old.get(one, one) if isinstance(one, str) else one, result)


def at(place, change):
    """Change one argument."""
    return lambda arguments: [change(one) if n == place else one for n, one in enumerate(arguments)]


def listed(change):
    return lambda value: change(value) if isinstance(value, list | tuple) and len(value) > 1 else value


def rounded(places):
    return lambda value: each(lambda one: round(one, places) if isinstance(one, float) else one, value)


INPUTS = {
    "sorted": listed(lambda some: type(some)(sorted(some))),
    "reversed": listed(lambda some: some[::-1]),
    "without repetitions": listed(lambda some: [one for n, one in enumerate(some) if one not in some[:n]]),
    "without its last": listed(lambda some: some[:-1]),
    "rounded": rounded(3),
    "absolute": lambda value: each(numbers(abs), value),
}
WRONG = {
    "result rounded": rounded(6),
    "result and 5 %": lambda result: each(numbers(lambda one: one + 0.05 * largest(result)), result),
    "result and 1": lambda result: each(lambda one: one + 1 if isinstance(one, int) else one, result),
    "result reversed": listed(lambda some: some[::-1]),
    "result sorted": listed(lambda some: sorted(some) if not isinstance(some[0], dict) else some),
    "result without its last": listed(lambda some: some[:-1]),
    "result negative": lambda result: each(numbers(lambda one: -one), result),
    "result absolute": lambda result: each(numbers(abs), result),
}


class Variant:
    """A function with changed arguments or results; `changed` tells whether anything was changed so far."""

    def __init__(self, function, arguments=list, result=lambda one: one):
        self.function, self.arguments, self.result = function, arguments, result
        self.changed = False

    def __call__(self, *arguments):
        given = self.arguments(list(deepcopy(arguments)))
        self.changed |= differs(given, list(arguments))
        plain = self.function(*given)
        made = self.result(plain)
        self.changed |= differs(made, plain)
        return made


def differs(a, b):
    return type(a) is not type(b) or repr(a) != repr(b)


class Once:
    """Returns always what it got first."""

    def __call__(self, value):
        self.first = getattr(self, "first", value)
        return self.first


def renamed():
    names = Renamed()
    return {"arguments": names.there, "result": names.back}


def variants(count):
    """Return what makes the parts of each `Variant` of a function with some arguments, by its name."""
    made = {name: lambda change=change: {"result": change} for name, change in WRONG.items()}
    for place in range(count):
        for name, change in INPUTS.items():
            made[f"argument {place + 1} {name}"] = lambda p=place, c=change: {"arguments": at(p, c)}
        made[f"argument {place + 1} of the first call"] = lambda p=place: {"arguments": at(p, Once())}
    return made | {"renamed": renamed}


NAMES = variants(5).keys()
