"""Constraints: a controller is asked again until its proposal is within the limits."""

from collections.abc import Callable
from math import isfinite

from nasedu.controllers.base import Controller, Wrapped
from nasedu.core import Architecture, BadValue, Exhausted


class Constrained(Wrapped):
    """Asks only for architectures within limits, such as the greatest number of parameters.

        Constrained(QLearning(space), limits={"parameters": 20_000})

    An architecture over a limit is not evaluated. The inner controller is told `penalty` for it and asked again, so
    that it learns to avoid such architectures.

    Args:
        inner: the controller that asks.
        limits: the greatest allowed value of each measure; the measures are those of `space.measure`: "parameters",
            "flops" (of one example), "layers" (choices in the architecture).
        penalty: the reward for an architecture that does not fit; chance or lower is a good value.
        tries: number of failed asks in a row after which it stops.

    Raises:
        BadValue: an unknown measure, no limit at all, or a penalty or limit that is no finite number; or none of
            `tries` random architectures is within the limits.

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
        self._first_that_fits(lambda: self.space.sample(self.rng))  # refuse limits that no architecture meets

    def around(self, inner: Controller) -> "Constrained":
        """Return the same limits around another controller."""
        return Constrained(inner, limits=self.limits, penalty=self.penalty, tries=self.tries)

    def ask(self) -> Architecture:
        try:
            return self._first_that_fits(self.inner.ask, lambda refused: self.inner.tell(refused, self.penalty))
        except BadValue as error:  # the constructor found one that fits, so all that fit were asked already
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
