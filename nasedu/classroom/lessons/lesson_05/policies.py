"""Policies in torch over all walks of a small space: a table and an LSTM, trained by one and the same loop."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from nasedu.classroom.lessons.lesson_05.walks import Walks
from nasedu.trainers.single.initialise import initialise


class Table(nn.Module):
    """A row of logits for each state, or for each position of `walks`."""

    def __init__(self, walks: Walks):
        super().__init__()
        self.logits = nn.Parameter(torch.zeros(len(walks.rows) + 1, len(walks.choices)))

    def forward(self, row: torch.Tensor, before: torch.Tensor) -> torch.Tensor:
        return self.logits[row]


class Recurrent(nn.Module):
    """An LSTM that reads the choice before, and gives a logit to each choice (Zoph and Le 2017, section 3.2)."""

    def __init__(self, walks: Walks, hidden: int = 24):
        super().__init__()
        self.embed = nn.Embedding(len(walks.choices) + 1, hidden)
        self.lstm = nn.LSTM(hidden, hidden, batch_first=True)
        self.read = nn.Linear(hidden, len(walks.choices))

    def forward(self, row: torch.Tensor, before: torch.Tensor) -> torch.Tensor:
        return self.read(self.lstm(self.embed(before))[0])


def recurrent(walks: Walks, seed: int) -> Recurrent:
    """Return an LSTM whose weights are drawn from a seed."""
    policy = Recurrent(walks)
    initialise(policy, torch.Generator().manual_seed(seed))
    return policy


class Drawn(NamedTuple):
    """A batch of a training: places of the architectures, their log-probabilities and rewards."""

    places: torch.Tensor
    log_p: torch.Tensor
    rewards: torch.Tensor


class Training:
    """REINFORCE with a leave-one-out baseline and Adam, on any of these policies.

    Args:
        policy: a `Table` or a `Recurrent` of `walks`.
        walks: with all architectures.
        rewards: of each architecture, (architectures,).
        rate: of Adam. batch: architectures for each step.
    """

    def __init__(
        self, policy: nn.Module, walks: Walks, rewards: np.ndarray, *, seed: int, rate: float, batch: int = 10
    ):
        self.policy, self.batch = policy, batch
        self.decision, self.before, self.taken = map(torch.from_numpy, (walks.decision, walks.before, walks.taken))
        self.row, self.closed = torch.from_numpy(walks.row), torch.from_numpy(~walks.open)
        self.rewards = torch.from_numpy(np.asarray(rewards, np.float32))
        self.generator = torch.Generator().manual_seed(seed)
        self.adam = torch.optim.Adam(policy.parameters(), rate)

    def log_p(self, places: torch.Tensor | slice = slice(None)) -> torch.Tensor:
        """Return log p of architectures, by their places; of all, if none are given."""
        decision = self.decision[places]
        logits = self.policy(self.row[decision], self.before[places])
        logs = logits.masked_fill(self.closed[decision], -torch.inf).log_softmax(-1)  # padding has one choice: log 1
        return logs.gather(-1, self.taken[places].unsqueeze(-1)).squeeze(-1).sum(-1)

    def probabilities(self) -> np.ndarray:
        """Return the probability of each architecture, (architectures,)."""
        with torch.no_grad():
            p = self.log_p().exp().double()
        return (p / p.sum()).numpy()

    def steps(self, count: int) -> Iterator[Drawn]:
        """Make steps; yield the batch of each."""
        for _ in range(count):
            p = torch.from_numpy(self.probabilities())
            places = torch.multinomial(p, self.batch, replacement=True, generator=self.generator)
            log_p, rewards = self.log_p(places), self.rewards[places]
            others = (rewards.sum() - rewards) / (self.batch - 1)
            self.adam.zero_grad()
            (-(rewards - others) * log_p).mean().backward()
            self.adam.step()
            yield Drawn(places, log_p.detach(), rewards)
