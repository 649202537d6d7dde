"""Constraints: any controller, asked again until what it proposes fits."""

from collections.abc import Callable
from math import isfinite

from nasedu.controllers.base import Controller, Wrapped
from nasedu.core import Architecture, BadValue, Exhausted


class Constrained(Wrapped):
    """Lets through only architectures within limits, such as the greatest number of parameters.

        Constrained(QLearning(space), limits={"parameters": 20_000})

    An architecture over a limit is not evaluated. The controller inside is told `penalty` for it and asked again, so
    that it learns to avoid what does not fit.

    Args:
        inner: the controller that asks.
        limits: the greatest allowed value of each measure; the measures are those of `space.measure`: "parameters",
            "flops" (of one example), "layers" (choices in the architecture).
        penalty: the reward for an architecture that does not fit; chance or lower is a good value.
        tries: asks in a row that may fail before it gives up.

    Raises:
        BadValue: an unknown measure, no limit at all, or limits that none of `tries` random architectures keeps to;
            a penalty or a limit that is no number.

    `ask` raises Exhausted if none of `tries` proposals in a row fits.
    """

    name = "constrained"

    def __init__(self, inner: Controller, *, limits: dict[str, float], penalty: float = 0.0, tries: int = 500):
        if not limits or tries < 1:
            raise BadValue(f"a constraint needs at least one limit and tries >= 1; given {limits=}, {tries=}")
        for name in limits:
            inner.space.check_measure(name)
        for name, value in (*limits.items(), ("penalty", penalty)):
            if not isinstance(value, int | float) or not isfinite(value):
                raise BadValue(f"the limits and the penalty are finite numbers; given {name} {value!r}")
        super().__init__(inner)
        self.limits = dict(limits)
        self.penalty = penalty
        self.tries = tries
        self._first_that_fits(lambda: self.space.sample(self.rng))  # limits that nothing meets are refused here

    def around(self, inner: Controller) -> "Constrained":
        """The same limits around another controller."""
        return Constrained(inner, limits=self.limits, penalty=self.penalty, tries=self.tries)

    def ask(self) -> Architecture:
        try:
            return self._first_that_fits(self.inner.ask, lambda refused: self.inner.tell(refused, self.penalty))
        except BadValue as error:  # at least one fits, as was seen at the door: it was asked already
            raise Exhausted(str(error)) from error

    def allows(self, architecture: Architecture) -> bool:
        return all(self.space.measure(name, architecture) <= limit for name, limit in self.limits.items())

    def _first_that_fits(
        self, propose: Callable[[], Architecture], refuse: Callable[[Architecture], None] = lambda _: None
    ) -> Architecture:
        closest: dict[str, float] = {}
        for _ in range(self.tries):
            architecture = propose()
            if self.allows(architecture):
                return architecture
            refuse(architecture)
            for name in self.limits:
                value = self.space.measure(name, architecture)
                closest[name] = min(value, closest.get(name, value))
        wanted = ", ".join(f"at most {limit:,} {name}" for name, limit in self.limits.items())
        found = ", ".join(f"{value:,} {name}" for name, value in closest.items())
        raise BadValue(
            f"none of {self.tries} architectures had {wanted}; the least seen was {found}: raise the limit, or make "
            "the space smaller"
        )
