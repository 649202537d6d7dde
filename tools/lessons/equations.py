"""Equations that lessons display, each with the code that computes it.

In a lesson, the line `<!-- equation: name -->` before `$$...$$` says that the code agrees with what stands there. Here
each name has the values of the equation's symbols, drawn at random, and what the code gives for them. The tests
read the equation out of the lesson itself, evaluate it (`tools.lessons.latex`), and compare. An equation whose sign
is changed in the lesson therefore fails, and so does code that changes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from types import SimpleNamespace
from typing import Any

import numpy as np

from nasedu.classroom.claims import interval
from nasedu.core.ranking import kendall_tau, rank_correlation
from nasedu.spaces.base import Space

Symbols = Mapping[str, Any]


@dataclass(frozen=True)
class Equation:
    """What ties an equation to the code.

    Attributes:
        symbols: draws a value for each symbol, by its LaTeX; a list of values for an indexed one such as `x_i`.
        code: given these symbols, what the code of the package gives.
        tolerance: how far the two may differ, relative to 1.
    """

    symbols: Callable[[np.random.Generator], Symbols]
    code: Callable[[Symbols], float]
    tolerance: float = 1e-9


EQUATIONS: dict[str, Equation] = {}


def equation(name: str, draw: Callable[[np.random.Generator], Symbols]) -> Callable[[Any], Any]:
    """Return a decorator that registers a function as the code of an equation."""

    def register(code: Callable[[Symbols], float]) -> Callable[[Symbols], float]:
        EQUATIONS[name] = Equation(draw, code)
        return code

    return register


# ---------------------------------------------------------------------- Q-learning (lesson 04)

NEXT = r"\max_{c'} Q(s', c')"


def _backups(target: str, reward: float, rows: list[float], **parameters: float) -> list[Any]:
    """The backups of one walk along a chain whose states hold two choices; the first one is taken each time."""
    from nasedu.controllers.q_learning import QLearning

    controller = QLearning(_Chain(len(rows)), target=target, **parameters)  # type: ignore[arg-type]
    for state, value in enumerate(rows):
        controller.row(state).update(a=value, b=value - 1)
    return list(controller.learn([(state, "a") for state in range(len(rows))], reward))


class _Chain:
    """A space of a given number of choices between a and b; only what a controller asks for."""

    def __init__(self, length: int):
        self.length = length

    def start(self) -> int:
        return 0

    def key(self, state: int) -> int:
        return state

    def moves(self, state: int) -> dict[str, int]:
        return {"a": state + 1, "b": state + 1} if state < self.length else {}


OLD, TARGET = "Q(s, c)", r"\text{target}"


@equation("q-update", lambda rng: {r"\alpha": rng.uniform(0.01, 1), OLD: rng.random(), TARGET: rng.random()})
def _q_update(values: Symbols) -> float:
    (update,) = _backups("max", values[TARGET], [values[OLD]], alpha=values[r"\alpha"])
    return float(update.new)


@equation("q-target", lambda rng: {r"\gamma": rng.random(), NEXT: rng.random()})
def _q_target(values: Symbols) -> float:
    last, first = _backups("max", values[NEXT], [0.3, values[NEXT]], gamma=values[r"\gamma"], alpha=1.0)
    assert last.target == values[NEXT]
    return float(first.target)


@equation("q-return", lambda rng: {r"\gamma": rng.random(), "n": 5, "i": int(rng.integers(1, 6)), "r": rng.random()})
def _q_return(values: Symbols) -> float:
    updates = _backups("return", values["r"], [0.5] * values["n"], gamma=values[r"\gamma"])
    return float(updates[values["n"] - values["i"]].target)  # the last step comes first


# ---------------------------------------------------------------------- policy gradients (lesson 05)


def _decision(rng: np.random.Generator) -> Symbols:
    """A table policy whose first decision has logits drawn at random, a choice taken there, and what it earned."""
    from nasedu import controllers
    from nasedu.testing import FixedLength

    space, alpha = FixedLength(), float(rng.uniform(0.1, 2))
    policy: Any = controllers.load("reinforce-table", space, learning_rate=alpha)
    row = policy.row(space.key(space.start()))
    row[:] = rng.normal(size=len(row))
    taken, k = (space.choices(space.start())[n] for n in rng.integers(0, 2, 2))
    walk = (taken, *space.nth(0)[1:])
    p = policy.probabilities(walk)[0][k]
    policy.average, policy.spread = (float(number) for number in rng.uniform(0.5, 1, 2))  # no cut at 3
    b, r, z = policy.average, float(rng.random()), float(row[policy._column[k]])
    gradient = float(policy.gradient(walk, 1.0)[space.key(space.start())][policy._column[k]])
    (update,) = policy.learn(walk, r)
    known = {"z_k": z, r"\alpha": alpha, "A": update.advantage, "t_k": float(k == taken), "p_k": p}
    told = {"r": r, "b": b, "s": policy.spread, "new": float(row[policy._column[k]])}
    return {**known, **told, "gradient": gradient}


@equation("log-policy-slope", _decision)
def _log_policy_slope(values: Symbols) -> float:
    return float(values["gradient"])


@equation("logit-step", _decision)
def _logit_step(values: Symbols) -> float:
    return float(values["new"])


@equation("advantage", _decision)
def _advantage(values: Symbols) -> float:
    return float(values["A"])


def _batch(rng: np.random.Generator) -> Symbols:
    """The rewards of a batch, and the baseline of its last network."""
    from nasedu import controllers
    from nasedu.testing import FixedLength

    space, rewards = FixedLength(), rng.random(int(rng.integers(2, 7)))
    policy: Any = controllers.load("reinforce-table", space, baseline="leave-one-out", batch=len(rewards))
    updates = [update for reward in rewards for update in policy.learn(space.nth(0), float(reward))]
    known = {"n": len(rewards), "m": float(rewards.mean()), "r_i": float(rewards[-1])}
    return {**known, "baseline": updates[-1].baseline}


@equation("others", _batch)
def _others(values: Symbols) -> float:
    return float(values["baseline"])


# ---------------------------------------------------------------------- evolution and swarms (lesson 06)


@equation("best-is-parent", lambda rng: {"P": int(rng.integers(2, 6)), "S": int(rng.integers(1, 5))})
def _best_is_parent(values: Symbols) -> float:
    """The share of all equally probable draws in which the best member wins."""
    from nasedu.controllers.evolution import Individual, winner

    members = [Individual((str(n),), float(n)) for n in range(values["P"])]
    winners = [winner(drawn) for drawn in product(members, repeat=values["S"])]
    return winners.count(members[-1]) / len(winners)


def _pulls(rng: np.random.Generator) -> Symbols:
    names = "v", r"\omega", r"\varphi_1", r"\varphi_2", "u_1", "u_2", "b", "p", "g"
    return {name: float(rng.random()) for name in names}


@equation("swarm-velocity", _pulls)
def _swarm_velocity(values: Symbols) -> float:
    """The velocity of an entry, of a particle that is pulled by a leader."""
    from nasedu.controllers.swarm import Swarm
    from nasedu.testing import FixedLength

    weights = {"inertia": values[r"\omega"], "own": values[r"\varphi_1"], "social": values[r"\varphi_2"]}
    swarm = Swarm(FixedLength(), particles=2, **weights)
    (one, leader), numbers = swarm.swarm, np.array([values["u_1"], values["u_2"]])
    swarm._leader, one.best_reward = leader, 0.0
    swarm.rng = SimpleNamespace(random=lambda shape: np.broadcast_to(numbers[:, None, None], shape))  # type: ignore
    tables = (np.full_like(one.position, values[name]) for name in "pvb")
    one.position, one.velocity, one.best_position = tables
    leader.best_position = np.full_like(one.position, values["g"])
    swarm.move(one)
    return float(one.velocity[0, 0])


# ---------------------------------------------------------------------- counting (lesson 01)


class _Fork(Space):
    """A first choice, and after choice number c one of N(s_c) others: N(s_c) networks go on from there."""

    input_shape, outputs = (1,), 1

    def __init__(self, ways: list[int]):
        self.ways = ways

    def start(self) -> tuple[int, ...]:
        return ()

    def choices(self, state: tuple[int, ...]) -> tuple[str, ...]:
        options = (len(self.ways), *(self.ways[c] for c in state[:1]), 0)[len(state)]
        return tuple(map(str, range(options)))

    def step(self, state: tuple[int, ...], choice: str) -> tuple[int, ...]:
        return (*state, int(choice))

    def build(self, architecture: Any) -> Any:
        raise NotImplementedError("a space to be counted, not to be built")


@equation("ways", lambda rng: {"N(s_c)": rng.integers(1, 50, size=rng.integers(1, 6)).tolist()})
def _ways(values: Symbols) -> float:
    return float(_Fork(values["N(s_c)"]).size())


@equation("cells", lambda rng: {"o": 5, "v": 4})
def _cells(values: Symbols) -> float:
    from nasedu.spaces.cell_201 import EDGES, Cell201

    space = Cell201((1, 8, 8), 10)
    nodes = {node for edge in EDGES for node in edge}
    assert (len(nodes), len(space.choices(space.start()))) == (values["v"], values["o"])
    return float(space.size())


# ---------------------------------------------------------------------- chance (lesson 03)


@equation("hit", lambda rng: {"p": rng.random(), "n": int(rng.integers(1, 60))})
def _hit(values: Symbols) -> float:
    from nasedu.classroom.lessons.lesson_03.exercises import chance_of_hit

    return float(chance_of_hit.answer_of(chance_of_hit.solved)(values["p"], values["n"]))


# ---------------------------------------------------------------------- surrogates (lesson 07)


def _prediction(rng: np.random.Generator) -> Symbols:
    """What a model expects of a network, how sure it is, the best known score, and the normal curve between them."""
    from scipy.stats import norm

    mean, spread, best = rng.uniform(0.5, 1), rng.uniform(0.01, 0.5), rng.uniform(0.5, 1)
    z = (mean - best) / spread
    return {r"\mu": mean, r"\sigma": spread, "b": best, r"\Phi(z)": norm.cdf(z), r"\varphi(z)": norm.pdf(z)}


@equation("expected-improvement", _prediction)
def _expected_improvement(values: Symbols) -> float:
    from nasedu.controllers.acquisition import expected_improvement

    return float(expected_improvement(values[r"\mu"], values[r"\sigma"], values["b"]))


# ---------------------------------------------------------------------- a fair race (lesson 08)


def _runs(rng: np.random.Generator) -> Symbols:
    """Scores of some runs, and what the equation makes of them."""
    runs = rng.random(int(rng.integers(2, 30)))
    return {"m": runs.mean(), "s": runs.std(ddof=1), "n": len(runs), "runs_i": runs.tolist()}


@equation("interval", _runs)
def _interval(values: Symbols) -> float:
    return interval(values["runs_i"]).high  # the upper end: plus or minus is read as plus


# ---------------------------------------------------------------------- ranks (lesson 09)


def _orders(rng: np.random.Generator) -> Symbols:
    """Two orders of the same networks, and the differences of their ranks."""
    n = int(rng.integers(3, 12))
    a, b = rng.permutation(n), rng.permutation(n)
    return {"n": n, "d_i": (a - b).tolist(), "a_i": a.tolist(), "b_i": b.tolist()}


@equation("rank-correlation", _orders)
def _rank_correlation(values: Symbols) -> float:
    return rank_correlation(values["a_i"], values["b_i"])


# ---------------------------------------------------------------------- Kendall's tau (lesson 10)


def _pairs(rng: np.random.Generator) -> Symbols:
    """Two orders of the same networks, and how many pairs agree and disagree, counted one by one."""
    n = int(rng.integers(3, 12))
    a, b = rng.permutation(n), rng.permutation(n)
    signs = [int(np.sign((a[i] - a[j]) * (b[i] - b[j]))) for i in range(n) for j in range(i)]
    return {"n": n, "C": signs.count(1), "D": signs.count(-1), "a_i": a.tolist(), "b_i": b.tolist()}


@equation("kendall-tau", _pairs)
def _kendall_tau(values: Symbols) -> float:
    return kendall_tau(values["a_i"], values["b_i"])


# ---------------------------------------------------------------------- differentiable search (lesson 11)


def _alphas(rng: np.random.Generator) -> Symbols:
    """Alpha of one operation, and of all operations on its edge."""
    alpha = rng.normal(0, 2, 4)
    return {r"\alpha_k": alpha[0], r"\alpha_j": alpha.tolist()}


@equation("alpha-share", _alphas)
def _alpha_share(values: Symbols) -> float:
    import torch

    from nasedu.oneshot.gdas import softmax

    row = torch.tensor([values[r"\alpha_j"]], dtype=torch.float64)
    return float(softmax(row, torch.ones(row.shape, dtype=torch.bool), 1.0, None).values[0, 0])


def _one_weight(rng: np.random.Generator) -> Symbols:
    """One weight, one alpha, and the slopes of the losses of the lesson."""
    a, w, y, z, xi = rng.uniform(0.3, 2, 5)
    moved = w - xi * (a * w - y) * a
    v, epsilon = (a * moved - z) * a, rng.uniform(0.001, 0.1)
    up, down = ((a * place - y) * place for place in (w + epsilon * v, w - epsilon * v))
    slopes = {"g_+": up, "g_-": down, r"\epsilon": epsilon}
    return {"a": a, "w": w, "y": y, "z": z, r"\xi": xi, "w'": moved, "v": v, **slopes}


def _losses(values: Symbols) -> tuple[Any, Any, Any, Any]:
    import torch

    w, a = (torch.tensor(values[name], dtype=torch.float64, requires_grad=True) for name in "wa")
    train, validation = (
        (lambda weights, alpha, goal=values[name]: (alpha * weights[0] - goal) ** 2 / 2) for name in "yz"
    )
    return train, validation, w, a


@equation("moved-weight", _one_weight)
def _moved_weight(values: Symbols) -> float:
    from nasedu.oneshot.darts import gradient

    train, _, w, a = _losses(values)
    (slope,) = gradient(train((w,), a), (w,))
    return float((w - values[r"\xi"] * slope).detach())


@equation("hypergradient", _one_weight)
def _hypergradient(values: Symbols) -> float:
    from nasedu.oneshot.darts import hypergradient

    train, validation, w, a = _losses(values)
    return float(hypergradient(train, validation, (w,), a, values[r"\xi"])[0])


@equation("finite-difference", _one_weight)
def _finite_difference(values: Symbols) -> float:
    from nasedu.oneshot.darts import hypergradient

    train, validation, w, a = _losses(values)
    whole, _ = hypergradient(train, validation, (w,), a, values[r"\xi"])
    direct = (values["a"] * values["w'"] - values["z"]) * values["w'"]
    return (direct - float(whole)) / values[r"\xi"]


def _two_operations(rng: np.random.Generator) -> Symbols:
    """What a convolution and a skip connection give, and how far each is from the best mixture."""
    target, o, x = rng.normal(size=(3, 50))
    o, x = target + o, target + x
    (of_o, c), (_, of_x) = np.cov(o - target, x - target)
    return {"e_o": of_o, "e_x": of_x, "c": c, "o_i": o.tolist(), "x_i": x.tolist(), "m_i": target.tolist()}


@equation("best-share", _two_operations)
def _best_share(values: Symbols) -> float:
    import torch

    from nasedu.oneshot.two_operations import best_shares

    parts = (torch.tensor(values[name], dtype=torch.float64) for name in ("o_i", "x_i", "m_i"))
    return float(best_shares(*parts).skip)


# ---------------------------------------------------------------------- few examples (lesson 13)


def _prototypes(rng: np.random.Generator) -> Symbols:
    """One query and four classes of two examples: squared distances from the means, counted by hand."""
    query, support = rng.normal(size=3), rng.normal(size=(4, 2, 3))
    distances = ((query - support.mean(1)) ** 2).sum(1)
    return {"d_k": distances[0], "d_j": distances.tolist(), "query": query, "support": support}


@equation("prototype-share", _prototypes)
def _prototype_share(values: Symbols) -> float:
    import torch
    from torch import nn

    from nasedu.metalearning import load

    features, query = (torch.from_numpy(values[name]) for name in ("support", "query"))
    y = torch.arange(4).repeat_interleave(2)
    learner = load("prototypes", nn.Linear(3, 3))
    return float(learner.compare(features.flatten(0, 1), y, 4, query[None]).softmax(1)[0, 0])


# ---------------------------------------------------------------------- learned optimisers (lesson 14)


def _noisy_quadratic(rng: np.random.Generator) -> Symbols:
    """Three weights of a noisy quadratic; the first of them alone, too."""
    h, A, s = rng.uniform(0.2, 2, (3, 3)).tolist()
    alone = {"h": h[0], "A": A[0], "s": s[0], r"\alpha": float(rng.uniform(0.1, 0.9))}
    return {"h_i": h, "A_i": A, "s_i": s, **alone}


@equation("noisy-step", _noisy_quadratic)
def _noisy_step(values: Symbols) -> float:
    from nasedu.classroom.lessons.lesson_14.noisy_quadratic import NoisyQuadratic

    q = NoisyQuadratic(*(np.array([values[name]]) for name in ("h", "s", "A")))
    return float(q.step(q.A, values[r"\alpha"])[0])


@equation("greedy-rate", _noisy_quadratic)
def _greedy_rate(values: Symbols) -> float:
    from nasedu.classroom.lessons.lesson_14.noisy_quadratic import NoisyQuadratic

    q = NoisyQuadratic(*(np.array(values[name]) for name in ("h_i", "s_i", "A_i")))
    return q.greedy_rate(q.A)


# ---------------------------------------------------------------------- what earlier tasks say (lesson 15)


def _warm(rng: np.random.Generator) -> Symbols:
    """A warm Q-table after some networks: the parts of the value of one first choice, and all that made it."""
    from nasedu import controllers, meta
    from nasedu.testing import FixedLength

    space, k = FixedLength(), int(rng.integers(2, 9))
    old = [meta.Evidence(task, tuple((a, rng.random()) for a in space.enumerate())) for task in "abc"]
    prior: Any = meta.load("warm-q", old, trust=rng.uniform(1, 9), half_life=rng.uniform(2, 40), sweeps=1)
    search: Any = prior.open(controllers.load("q-learning", space, seed=int(rng.integers(99))))
    for _ in range(k):
        search.tell(search.ask(), rng.random())
    start = space.start()
    mix = next(search.mixes(start))
    said = [table[space.key(start)][mix.choice] for table in search.advice.tables]
    (low, high), weights = search.scale, search.advice.task_similarity.weights.tolist()
    parts = {"a": mix.advised, "q": mix.own, "n": mix.seen, r"\tau": mix.trust, "l": low, "h": high}
    trust = {r"\tau_0": prior.trust, "H": prior.half_life, "k": k}
    return {**parts, **trust, "w_t": weights, "Q_t": said, "mix": mix, "search": search}


@equation("advice", _warm)
def _advice(values: Symbols) -> float:
    return float(values["mix"].advised)


@equation("warm-value", _warm)
def _warm_value(values: Symbols) -> float:
    return float(values["mix"].value)


@equation("trust", _warm)
def _trust(values: Symbols) -> float:
    return float(values["search"].trust_left)


def _soft_cell(rng: np.random.Generator) -> Symbols:
    """The shares of an edge of a cell whose numbers are drawn."""
    import torch

    from nasedu.metalearning.metanas import SoftCells
    from nasedu.spaces.cell_201 import OPERATIONS, Cell201

    cells = SoftCells(Cell201(input_shape=(1, 8, 8), outputs=2, width=1))
    alpha, temperature = torch.from_numpy(rng.normal(size=cells.alpha.shape)), rng.uniform(0.1, 1)
    chosen = int(rng.integers(len(OPERATIONS)))
    numbers = {r"\alpha_j": alpha[0].tolist(), r"\alpha_k": float(alpha[0, chosen]), "T": temperature}
    return {**numbers, "s_k": float(cells.shares(alpha, cells.beta, temperature)[0, chosen])}


@equation("annealed-share", _soft_cell)
def _annealed_share(values: Symbols) -> float:
    return float(values["s_k"])


def _votes(rng: np.random.Generator) -> Symbols:
    """The vote of three earlier tasks and of a model of the new task's own trials, on one network."""
    from nasedu.meta.ensemble import Vote

    said, weights = rng.normal(size=4), rng.dirichlet(np.ones(4))
    ballot = Vote("abc", said[:3, None], weights[:3], said[3:], float(weights[3]), np.zeros((4, 0)), np.zeros(0))
    return {"w_t": weights.tolist(), "m_t(x)": said.tolist(), "ballot": ballot}


@equation("vote", _votes)
def _vote(values: Symbols) -> float:
    return float(values["ballot"].expected[0])


def _guarded(budget: int, share: float) -> Any:
    """Return a guarded search of a prior that copies, next to random search."""
    from nasedu import controllers, meta
    from nasedu.testing import FixedLength

    space = FixedLength()
    old = [meta.Evidence("before", ((space.nth(0), 0.5),))]
    guard = meta.load("guarded", old, prior="copy-best", budget=budget, share=share, twin="random")
    return guard.open(controllers.load("random", space))


@equation("credit", lambda rng: {"s": float(rng.uniform(0.1, 1)), "B": int(rng.integers(10, 100))})
def _credit(values: Symbols) -> float:
    return float(_guarded(values["B"], values["s"]).credit)


def _answers(rng: np.random.Generator) -> Symbols:
    """One answer of a prior and one of its twin, often equal, and the units of credit that were spent before."""
    p, t, d = rng.integers(0, 3, 3).tolist()
    return {"[p_k < t_k]": int(p < t), "[p_k > t_k]": int(p > t), "d": d, "p_k": p, "t_k": t}


@equation("spent", _answers)
def _spent(values: Symbols) -> float:
    search = _guarded(100, 1)
    search.spent = values["d"]
    for answer in ("p_k", "t_k"):  # the prior asks first
        search.tell(search.ask(), values[answer])
    return float(search.spent)


# ---------------------------------------------------------------------- one number that adapts (lesson 12)


def _one_number(rng: np.random.Generator) -> Symbols:
    r"""A loss a (theta - c)^2 / 2, a start, an inner rate, and where one step leads."""
    a, c, theta, alpha = rng.uniform(0.2, 2, 4)
    return {"a": a, "c": c, r"\theta": theta, r"\alpha": alpha, r"\theta'": theta - alpha * a * (theta - c)}


def _learner(values: Symbols, name: str) -> tuple[Any, Any]:
    """Return a learner of one weight, and one example whose squared error is that loss."""
    import torch

    from nasedu.metalearning import load
    from nasedu.metalearning.functional import Examples

    learner = load(name, torch.nn.Linear(1, 1, bias=False), inner_rate=values[r"\alpha"])
    learner.learned["weight"].data = torch.tensor([[values[r"\theta"]]], dtype=torch.float64)
    x = torch.tensor([[(values["a"] / 2) ** 0.5]], dtype=torch.float64)
    return learner, Examples(x, x * values["c"])


@equation("inner-step", _one_number)
def _inner_step(values: Symbols) -> float:
    learner, example = _learner(values, "maml")
    return float(learner.adapted(learner.learned, [example])["weight"].detach())


def _meta_gradient(values: Symbols, name: str) -> float:
    from nasedu.metalearning.examples import TensorBatch
    from nasedu.metalearning.functional import Examples

    learner, example = _learner(values, name)
    one = Examples(*(part[None] for part in example))
    return float(learner.meta_gradient(TensorBatch(one, one), np.random.default_rng(0))[1]["weight"])


@equation("first-order-gradient", _one_number)
def _first_order_gradient(values: Symbols) -> float:
    return _meta_gradient(values, "first-order-maml")


@equation("maml-gradient", _one_number)
def _maml_gradient(values: Symbols) -> float:
    return _meta_gradient(values, "maml")


# ---------------------------------------------------------------------- loss, gradient, descent (lesson 02)


@equation("logistic", lambda rng: {"z": rng.normal(0, 3)})
def _logistic(values: Symbols) -> float:
    from nasedu.trainers.single.gradient_descent import probabilities

    return float(probabilities([1.0], np.array([[values["z"]]]))[0])


def _beliefs(rng: np.random.Generator) -> Symbols:
    n = int(rng.integers(2, 9))
    return {"n": n, "p_i": rng.uniform(0.01, 0.99, n).tolist(), "y_i": rng.integers(0, 2, n).tolist()}


@equation("cross-entropy", _beliefs)
def _cross_entropy(values: Symbols) -> float:
    from nasedu.trainers.single.gradient_descent import cross_entropy

    p = np.array(values["p_i"])
    return cross_entropy([1.0], np.log(p / (1 - p))[:, None], np.array(values["y_i"]))


def _weighed(rng: np.random.Generator) -> Symbols:
    """Examples of one number, the weight of that number, and what the network believes of them."""
    n, w = int(rng.integers(2, 9)), rng.normal()
    x = rng.normal(0, 2, n)
    y = rng.integers(0, 2, n)
    return {"n": n, "x_i": x.tolist(), "y_i": y.tolist(), "p_i": (1 / (1 + np.exp(-w * x))).tolist(), "w_0": w}


@equation("loss-gradient", _weighed)
def _loss_gradient(values: Symbols) -> float:
    from nasedu.trainers.single.gradient_descent import gradient

    return float(gradient([values["w_0"]], np.array(values["x_i"])[:, None], np.array(values["y_i"]))[0])


def _downhill(rng: np.random.Generator) -> Symbols:
    """Some of 20 examples of x = 1 are of class 1; their gradient is the belief in class 1 minus that share."""
    w, ones = rng.normal(), int(rng.integers(0, 21))
    return {"w": w, r"\alpha": rng.uniform(0.01, 5), "g": 1 / (1 + np.exp(-w)) - ones / 20, "ones": ones}


@equation("descent-step", _downhill)
def _descent_step(values: Symbols) -> float:
    from nasedu.trainers.single.gradient_descent import descend

    y = np.arange(20) < values["ones"]
    (step,) = descend(np.ones((20, 1)), y, alpha=values[r"\alpha"], steps=1, weights=[values["w"]])
    return step.after[0]


@equation("softmax", lambda rng: {"z_j": [(z := rng.normal(0, 2)), *rng.normal(0, 2, 4).tolist()], "z_k": z})
def _softmax(values: Symbols) -> float:
    from nasedu.trainers.single.metrics import Answers

    return float(Answers(np.zeros(1, dtype=int), np.array([values["z_j"]])).probabilities[0, 0])


def _slopes(rng: np.random.Generator) -> Symbols:
    outputs = rng.normal(0, 2, 5)
    k, y = map(int, rng.integers(0, 5, 2))
    powers = np.exp(outputs)
    return {"p_k": powers[k] / powers.sum(), "t_k": float(k == y), "out_i": outputs.tolist(), "place": k, "right": y}


@equation("softmax-slope", _slopes)
def _softmax_slope(values: Symbols) -> float:
    import torch

    from nasedu.trainers.recipe import Recipe
    from nasedu.trainers.single.losses import losses_of

    outputs = torch.tensor([values["out_i"]], dtype=torch.float64, requires_grad=True)
    losses_of("classification", outputs, torch.tensor([values["right"]]), Recipe()).sum().backward()
    assert outputs.grad is not None
    return float(outputs.grad[0, values["place"]])


@equation(
    "standard-error", lambda rng: {"n": len(runs := rng.random(9)), "s": runs.std(ddof=1), "runs_i": runs.tolist()}
)
def _standard_error(values: Symbols) -> float:
    return interval(values["runs_i"]).half / 1.96


def _said(rng: np.random.Generator) -> Symbols:
    """What is true of 60 examples of three classes and what was said; precision and recall of each class from that."""
    truth = np.repeat([0, 1, 2], 20)
    said = np.where(rng.random(60) < 0.7, truth, rng.integers(0, 3, 60))
    hits = np.array([np.sum((truth == c) & (said == c)) for c in range(3)])
    precision, recall = hits / np.bincount(said, minlength=3), hits / 20
    whole = {"m": 3, "P_k": precision.tolist(), "R_k": recall.tolist()}
    return whole | {"truth_i": truth.tolist(), "said_i": said.tolist()}


@equation("f1", _said)
def _f1(values: Symbols) -> float:
    from nasedu.trainers.single.metrics import Answers, f1

    return f1(Answers(np.array(values["truth_i"]), np.eye(3)[values["said_i"]]))
