"""A space of whatever networks a test wants to train."""

from nasedu.spaces import Space


class Cabinet(Space):
    """One architecture for each network that is put in."""

    name = "cabinet"

    def __init__(self, **networks):
        self.networks = networks

    def start(self):
        return "open"

    def choices(self, state):
        return tuple(self.networks) if state == "open" else ()

    def step(self, state, choice):
        return "closed"

    def build(self, architecture):
        return self.networks[architecture[0]]()
