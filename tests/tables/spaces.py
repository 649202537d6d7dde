"""Tiny spaces to make tables of."""

from nasedu import Space


class Letters(Space):
    """Two letters of a, b, c: nine members."""

    def start(self):
        return 0

    def choices(self, state):
        return ("a", "b", "c") if state < 2 else ()

    def step(self, state, choice):
        return state + 1

    def build(self, architecture):
        raise LookupError("nothing is built in these tests")


class Unordered(Letters):
    """The same, where the order of the letters does not matter: six different networks."""

    def canonical(self, architecture):
        return tuple(sorted(architecture))


MEMBERS = list(Letters().enumerate())
