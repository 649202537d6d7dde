"""Small spaces and games that the tests of single controllers share."""

from nasedu.spaces import Space


class Digits(Space):
    """`length` digits, each from 0 to `most`; the state is how many there are."""

    def __init__(self, length=4, most=3):
        self.length = length
        self.most = most

    def start(self):
        return 0

    def choices(self, state):
        return tuple(str(digit) for digit in range(self.most + 1)) if state < self.length else ()

    def step(self, state, choice):
        return state + 1

    def build(self, architecture):
        raise NotImplementedError


class Closing(Digits):
    """Digits that never fall: what is open depends on the digit before, and a walk may stop early."""

    def start(self):
        return (0, 0)

    def choices(self, state):
        if state == "complete":
            return ()
        length, least = state
        digits = tuple(str(digit) for digit in range(least, self.most + 1)) if length < self.length else ()
        return (*digits, "stop") if length else digits

    def step(self, state, choice):
        return "complete" if choice == "stop" else (state[0] + 1, int(choice))


def total(architecture):
    """The sum of the digits."""
    return float(sum(int(choice) for choice in architecture if choice.isdigit()))


def play(controller, reward, questions, batch=1):
    """Ask and tell; what was asked, in order."""
    asked = []
    while len(asked) < questions:
        together = [controller.ask() for _ in range(batch)]
        for architecture in together:
            controller.tell(architecture, reward(architecture))
        asked += together
    return asked


class Dice:
    """Stands in for a controller's generator, with the numbers that a test wants."""

    def __init__(self, *numbers):
        self.numbers = list(numbers)

    def random(self, size=None):
        return self.numbers.pop(0)
