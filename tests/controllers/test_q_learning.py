"""Q-learning against numbers worked out by hand, and random search."""

from types import SimpleNamespace

import pytest

from nasedu import controllers
from nasedu.controllers import schedules
from nasedu.controllers.q_learning import QLearning, QUpdate
from nasedu.core import BadValue, Exhausted, UnknownName, rng_from
from nasedu.spaces import Space
from nasedu.testing import FixedLength, VariableLength
from tests.controllers.games import Dice


class TwoSteps(Space):
    """a or b, then c or d; the state is what was chosen first."""

    def start(self):
        return ""

    def choices(self, state):
        return {"": ("a", "b"), "a": ("c", "d"), "b": ("c", "d")}.get(state, ())

    def step(self, state, choice):
        return state + choice

    def build(self, architecture):
        raise NotImplementedError


def learner(space=None, **options):
    return QLearning(space or TwoSteps(), **({"replay": 1, "alpha": 0.1} | options))


def approx(updates):
    return [QUpdate(u.state, u.choice, *map(pytest.approx, (u.old, u.target, u.new))) for u in updates]


# ---------------------------------------------------------------------- updates by hand


def test_the_published_target_is_the_best_of_what_may_follow():
    """Last step: 0.5 + 0.1 * (1 - 0.5) = 0.55. First step: target 0.9 * max(0.55, 0.5) = 0.495."""
    updates = list(learner(target="max", gamma=0.9).updates(("a", "c"), 1.0))
    assert updates == approx([QUpdate("a", "c", 0.5, 1.0, 0.55), QUpdate("", "a", 0.5, 0.495, 0.4995)])


def test_the_published_target_ignores_a_bad_end_if_a_good_one_is_open():
    """The reward 0 moves (a, c) to 0.45; d is still at 0.5, so the first step's target is 0.5."""
    updates = list(learner(target="max").updates(("a", "c"), 0.0))
    assert updates == approx([QUpdate("a", "c", 0.5, 0.0, 0.45), QUpdate("", "a", 0.5, 0.5, 0.5)])


def test_the_return_is_the_discounted_reward_at_every_step():
    updates = list(learner(target="return", gamma=0.9).updates(("a", "c"), 1.0))
    assert updates == approx([QUpdate("a", "c", 0.5, 1.0, 0.55), QUpdate("", "a", 0.5, 0.9, 0.54)])


def test_lambda_lies_between():
    """0.9 * (0.75 * 0.55 + 0.25 * 1) = 0.59625."""
    updates = list(learner(target="lambda", lambda_=0.25, gamma=0.9).updates(("a", "c"), 1.0))
    assert updates == approx([QUpdate("a", "c", 0.5, 1.0, 0.55), QUpdate("", "a", 0.5, 0.59625, 0.509625)])


def test_lambda_over_three_steps_mixes_at_every_step():
    """With lambda 0.5, gamma 1, alpha 0.5: 1; (0.75 + 1) / 2 = 0.875; (0.6875 + 0.875) / 2 = 0.78125."""
    q = learner(FixedLength(), target="lambda", lambda_=0.5, alpha=0.5)
    assert [u.target for u in q.updates(("4", "16", "8"), 1.0)] == [1.0, 0.875, 0.78125]


@pytest.mark.parametrize(("end", "target"), [(0.0, "max"), (1.0, "return")])
@pytest.mark.parametrize("space", [FixedLength, VariableLength])
def test_the_ends_of_lambda_are_the_other_two_targets(space, end, target):
    tables = []
    for options in ({"target": "lambda", "lambda_": end}, {"target": target}):
        q = QLearning(space(), seed=3, gamma=0.9, replay=8, **options)
        for _ in range(12):
            architecture = q.ask()
            q.tell(architecture, len(set(architecture)) / 3)
        tables.append(q.q)
    assert tables[0] == tables[1]
    assert any(value != 0.5 for row in tables[0].values() for value in row.values())


def double_learner(*coins, **options):
    """Two tables, and the coins that say which of them learns: below 0.5 the second."""
    q = learner(**({"target": "max", "double": True} | options))
    q.rng = Dice(*coins)
    q.trajectory(("a", "c")), q.trajectory(("a", "d"))  # so that all the rows that are needed are there
    q.q["a"].update(c=0.2, d=0.6)
    q.second["a"].update(c=0.9, d=0.3)
    return q


def test_double_q_asks_one_table_what_is_best_and_the_other_what_that_is_worth():
    """The first table learns (coin 0.7): (a, c) goes from 0.2 to 0.28; the best after a is then d, by the first, and
    the second says 0.3 of it: (start, a) from 0.5 to 0.48. The second table stays as it was."""
    q = double_learner(0.7)
    updates = list(q.learn([("", "a"), ("a", "c")], 1.0))
    assert updates == approx([QUpdate("a", "c", 0.2, 1.0, 0.28), QUpdate("", "a", 0.5, 0.3, 0.48)])
    assert q.second == {"": {"a": 0.5, "b": 0.5}, "a": {"c": 0.9, "d": 0.3}}


def test_double_q_the_other_way_round():
    """The second table learns (coin 0.2): (a, d) from 0.3 to 0.27; its best after a is c, and the first says 0.2."""
    q = double_learner(0.2)
    updates = list(q.learn([("", "a"), ("a", "d")], 0.0))
    assert updates == approx([QUpdate("a", "d", 0.3, 0.0, 0.27), QUpdate("", "a", 0.5, 0.2, 0.47)])
    assert q.q == {"": {"a": 0.5, "b": 0.5}, "a": {"c": 0.2, "d": 0.6}}


def test_double_q_mixes_with_lambda():
    """Lambda 0.5, gamma 0.9: 0.9 * (0.5 * 0.3 + 0.5 * 1) = 0.585."""
    q = double_learner(0.7, target="lambda", lambda_=0.5, gamma=0.9)
    assert [u.target for u in q.learn([("", "a"), ("a", "c")], 1.0)] == pytest.approx([1.0, 0.585])


def test_a_walk_and_what_was_learned_go_by_the_mean_of_both_tables():
    q = learner(target="max", double=True, alpha=1.0)
    q.tell(("b", "c"), 0.0)
    q.q[""].update(a=1.0, b=0.0)
    q.second[""].update(a=0.0, b=0.4)
    assert q.row("") == {"a": 0.5, "b": 0.2}
    assert {q.walk(0.0)[0] for _ in range(15)} == {"a"}
    assert q.learned()[0] == {"depth": 0, "choice": "b", "value": 0.2, "visits": 1}


def test_the_two_tables_learn_about_equally_often():
    q = learner(target="max", double=True, alpha=1.0, seed=0)
    steps = q.trajectory(("a", "c"))
    firsts = 0
    for number in range(400):
        (last, _) = q.learn(steps, float(number + 2))
        firsts += q.q["a"]["c"] == last.new
    assert abs(firsts - 200) < 50


def test_without_double_there_is_one_table_and_no_coin_falls():
    q = learner(target="max")
    assert q.second is q.q
    q.rng = Dice()
    list(q.learn(q.trajectory(("a", "c")), 1.0))


@pytest.mark.parametrize(
    "options", [{}, {"target": "max", "double": True}, {"target": "lambda", "replay": 5, "exploration": "boltzmann"}]
)
def test_tell_and_updates_make_the_same_table_and_so_does_learn_without_replay(options):
    told, stepped, learned = (learner(FixedLength(), seed=1, **options) for _ in range(3))
    for architecture in list(FixedLength().enumerate())[::3]:
        reward = len(set(architecture)) / 3
        told.tell(architecture, reward)
        assert len(list(stepped.updates(architecture, reward))) == 3 * told.replay
        list(learned.learn(learned.trajectory(architecture), reward))
    assert (told.q, told.second) == (stepped.q, stepped.second)
    assert told.memory == stepped.memory
    if told.replay == 1:
        assert (told.q, told.second) == (learned.q, learned.second)
    assert learned.memory == []


def test_updates_go_backwards_and_tell_exhausts_them():
    told, stepped = learner(seed=1), learner(seed=1)
    told.tell(("b", "d"), 0.25)
    assert [(u.state, u.choice) for u in stepped.updates(("b", "d"), 0.25)] == [("b", "d"), ("", "b")]
    assert told.q == stepped.q
    assert told.q["b"] == {"c": 0.5, "d": 0.475}


def test_alpha_one_takes_the_target_itself():
    q = learner(alpha=1.0, q_start=0.2)
    q.tell(("a", "c"), 0.7)
    assert q.q[""] == {"a": 0.7, "b": 0.2}


def test_replay_counts_the_newest_trajectory():
    q = learner(replay=5)
    q.tell(("a", "c"), 1.0)
    updates = list(q.updates(("b", "d"), 0.0))
    assert len(updates) == 5 * 2
    assert [(u.state, u.choice, u.target) for u in updates[:2]] == [("b", "d", 0.0), ("", "b", 0.0)]
    replayed = {(first.choice, second.choice) for first, second in zip(updates[3::2], updates[2::2], strict=True)}
    assert replayed <= {("a", "c"), ("b", "d")}


def test_replay_draws_from_everything_that_was_stored():
    q = learner(replay=200)
    q.tell(("a", "c"), 1.0)
    q.tell(("b", "c"), 1.0)
    updates = list(q.updates(("b", "d"), 0.0))[2:]
    last_steps = [(u.state, u.choice) for u in updates[::2]]
    counts = [last_steps.count(step) for step in (("a", "c"), ("b", "c"), ("b", "d"))]
    assert sum(counts) == 199
    assert min(counts) > 40


# ---------------------------------------------------------------------- exploration


def test_linear_epsilon():
    values = [schedules.epsilon("linear", asked, 10) for asked in (0, 3, 9, 10, 500)]
    assert values == pytest.approx([1.0, 0.7, 0.1, 0.1, 0.1])
    assert schedules.epsilon("linear", 0, 1) == 1.0


def test_metaqnn_epsilon_is_the_papers():
    """1,500 different networks at 1; 100 each at 0.9, 0.8, 0.7; 150 each from 0.6 to 0.1; 2,700 in all."""
    changes = {
        0: 1.0,
        1500: 0.9,
        1600: 0.8,
        1700: 0.7,
        1800: 0.6,
        1950: 0.5,
        2100: 0.4,
        2250: 0.3,
        2400: 0.2,
        2550: 0.1,
    }
    value = None
    for asked in range(3000):
        value = changes.get(asked, value)
        assert schedules.epsilon("metaqnn", asked, 2700) == value, asked
    assert [schedules.epsilon("metaqnn", asked, 270) for asked in (149, 150, 254, 255)] == [1.0, 0.9, 0.2, 0.1]


def test_a_lower_first_epsilon_scales_the_schedule_but_keeps_its_end():
    assert [schedules.epsilon("linear", asked, 10, 0.5) for asked in (0, 3, 9)] == pytest.approx([0.5, 0.35, 0.1])
    assert [schedules.epsilon("linear", asked, 10, 0.05) for asked in (0, 9)] == pytest.approx([0.05, 0.05])
    assert schedules.epsilon("linear", 4, 10, 0.0) == 0.0


def test_epsilon_counts_different_networks():
    q = learner(FixedLength(), budget=10)
    seen = []
    for _ in range(6):
        seen.append(q.status()["epsilon"])
        q.tell(q.ask(), 0.5)
    assert seen == pytest.approx([1.0, 0.9, 0.8, 0.7, 0.6, 0.5])


def test_epsilon_zero_is_greedy_and_epsilon_one_is_random():
    q = learner()
    q.tell(("b", "d"), 1.0)
    assert {q.walk(0.0) for _ in range(50)} == {("b", "d")}
    assert len({q.walk(1.0) for _ in range(100)}) == 4


def test_epsilon_is_the_share_of_random_steps():
    q = learner()
    q.tell(("b", "d"), 1.0)
    others = sum(q.walk(0.5)[0] == "a" for _ in range(4000))
    assert abs(others - 1000) < 120  # half of the steps are random, half of those take a


def test_ties_are_broken_at_random():
    first = [learner(seed=seed, epsilon_first=0.0).ask() for seed in range(200)]
    counts = [first.count((x, y)) for x in "ab" for y in "cd"]
    assert min(counts) > 25


def test_the_greedy_choice_is_only_among_what_is_open():
    """In VariableLength states share a key but not their choices: a good value of a closed one must not be taken."""
    q = learner(VariableLength(), epsilon_first=0.0)
    q.tell(("4", "4", "stop"), 1.0)
    q.q[1]["16"] = 9.0
    assert q.walk(0.0)[1] != "16"


def boltzmann(**options):
    q = learner(exploration="boltzmann", **options)
    q.trajectory(("a", "c")), q.trajectory(("b", "c"))
    q.q[""].update(a=0.6, b=0.4)
    return q


@pytest.mark.parametrize(
    ("temperature", "epsilon", "share"), [(0.2, 1.0, 0.7311), (0.2, 0.5, 0.8808), (1.0, 1.0, 0.5498)]
)
def test_boltzmann_probabilities_by_hand(temperature, epsilon, share):
    """exp(0.6 / t) against exp(0.4 / t): a has 1 / (1 + exp(-0.2 / t)), with t = temperature * epsilon."""
    q = boltzmann(temperature=temperature)
    assert abs(sum(q.walk(epsilon)[0] == "a" for _ in range(4000)) / 4000 - share) < 0.025


@pytest.mark.parametrize(("number", "first"), [(0.72, "a"), (0.74, "b")])
def test_boltzmann_draws_exactly_as_its_weights_say(number, first):
    q = boltzmann(temperature=0.2)
    q.rng = Dice(number, 0.0)
    assert q.walk(1.0)[0] == first


def test_at_temperature_zero_boltzmann_is_greedy_and_its_numbers_stay_finite():
    q = boltzmann(temperature=0.1)
    assert {q.walk(0.0)[0] for _ in range(100)} == {"a"}
    q.q[""].update(a=-5000.0, b=5000.0)
    assert {q.walk(1.0)[0] for _ in range(100)} == {"b"}


def test_boltzmann_looks_only_at_what_is_open():
    q = learner(VariableLength(), exploration="boltzmann")
    q.tell(("4", "4", "stop"), 1.0)
    q.q[1]["16"] = 9.0  # of states that share a key, some have it open
    assert all(VariableLength().walk(q.walk(0.3)) for _ in range(200))


# ---------------------------------------------------------------------- repeats


@pytest.mark.parametrize("exploration", ["epsilon-greedy", "boltzmann"])
def test_repeats_explore_more_and_more(monkeypatch, exploration):
    """Epsilon doubles after every ten walks that led to what is known, up to 1."""
    q = learner(FixedLength(), seed=0, epsilon_first=0.2, exploration=exploration)
    known = ("4", "4", "4")
    q.tell(known, 0.5)
    levels = []
    monkeypatch.setattr(q, "walk", lambda epsilon: levels.append(epsilon) or known)
    q.ask()
    assert levels == pytest.approx([0.2] * 10 + [0.4] * 10 + [0.8] * 10 + [1.0] * 70)


def test_after_many_repeats_it_walks_elsewhere():
    """Greedy, with one network far above all others: it would walk there for ever."""
    q = learner(FixedLength(), seed=0, epsilon_first=0.1, alpha=1.0, replay=1)
    q.tell(("8", "16", "8"), 100.0)
    assert len({q.ask() for _ in range(11)}) == 11


def test_a_known_network_is_stored_once_more_and_not_asked_again(monkeypatch):
    q = learner(VariableLength(), seed=5, budget=1)  # epsilon 0.1 from the second on: it often walks where it was
    repeats, walk = [], q.walk

    def spy(epsilon):
        architecture = walk(epsilon)
        if architecture in q.rewards:
            repeats.append(architecture)
        return architecture

    monkeypatch.setattr(q, "walk", spy)
    asked = []
    for _ in range(10):
        asked.append(q.ask())
        q.tell(asked[-1], 0.9)
    assert len(set(asked)) == 10
    assert len(repeats) > 10
    assert len(q.memory) == 10 + len(repeats)
    assert all(reward == 0.9 for _, reward in q.memory)
    assert q.asked == 10


def test_what_is_pending_is_not_asked_again_and_not_stored():
    q = learner(epsilon_first=0.0)
    batch = [q.ask() for _ in range(4)]
    assert len(set(batch)) == 4
    assert q.memory == []


@pytest.mark.parametrize("name", controllers.registry)
def test_every_architecture_is_asked_once_and_then_it_is_over(name):
    controller = controllers.load(name, FixedLength(), seed=2)
    asked = []
    for _ in range(12):
        asked.append(controller.ask())
        controller.tell(asked[-1], 0.5)
    assert set(asked) == set(FixedLength().enumerate())
    with pytest.raises(Exhausted, match="all 12 architectures of the space were asked"):
        controller.ask()


@pytest.mark.parametrize("name", controllers.registry)
def test_what_was_told_without_being_asked_is_not_asked(name):
    controller = controllers.load(name, TwoSteps(), seed=2)
    controller.tell(("a", "c"), 0.5)
    assert {controller.ask() for _ in range(3)} == {("a", "d"), ("b", "c"), ("b", "d")}


# ---------------------------------------------------------------------- looking, loading


def test_learned_is_the_mean_weighted_by_visits():
    """After (a, c) twice with 1 and (b, c) once with 0: Q(a, c) = 0.595, Q(b, c) = 0.45; c: (2 * 0.595 + 0.45) / 3."""
    q = learner()
    for first, reward in (("a", 1.0), ("a", 1.0), ("b", 0.0)):
        q.tell((first, "c"), reward)
    assert q.learned() == [
        {"depth": 0, "choice": "a", "value": pytest.approx(0.595), "visits": 2},
        {"depth": 0, "choice": "b", "value": pytest.approx(0.45), "visits": 1},
        {"depth": 1, "choice": "c", "value": pytest.approx((2 * 0.595 + 0.45) / 3), "visits": 3},
    ]
    assert learner().learned() == []


def test_it_finds_what_is_good():
    """It may ask 60 of 2,500: with the whole return it asks better ones than random search, on average of ten seeds."""

    class Long(FixedLength):
        def choices(self, state):
            return ("0", "1", "2", "3", "4") if state < 5 else ()

    def mean_of_the_last(name, seed):
        controller = controllers.load(name, Long(), seed=seed, **({"budget": 60} if name == "q-learning" else {}))
        rewards = []
        for _ in range(60):
            architecture = controller.ask()
            rewards.append(sum(map(int, architecture)) / 20)
            controller.tell(architecture, rewards[-1])
        return sum(rewards[-15:]) / 15

    means = {name: sum(mean_of_the_last(name, seed) for seed in range(10)) / 10 for name in ("random", "q-learning")}
    assert means["random"] == pytest.approx(0.5, abs=0.05)
    assert means["q-learning"] > means["random"] + 0.1


@pytest.mark.parametrize(
    "options",
    [
        {"target": "mean"},
        {"alpha": 0},
        {"alpha": 1.1},
        {"gamma": -0.1},
        {"gamma": 1.1},
        {"lambda_": 2},
        {"replay": 0},
        {"budget": 0},
        {"epsilon_first": 1.5},
        {"schedule": "cosine"},
        {"exploration": "softmax"},
        {"temperature": 0},
    ],
)
def test_impossible_parameters_are_refused(options):
    with pytest.raises(BadValue, match=str(next(iter(options.values())))):
        QLearning(TwoSteps(), **options)


def test_double_needs_a_target_that_looks_ahead():
    with pytest.raises(BadValue, match="use target 'max' or 'lambda'"):
        QLearning(TwoSteps(), double=True)


@pytest.mark.parametrize("reward", [float("nan"), float("inf"), "0.5", None])
def test_a_reward_is_a_finite_number(reward):
    with pytest.raises(BadValue, match="a reward is a finite number"):
        learner().tell(("a", "c"), reward)


def test_load_refuses_unknown_names_and_parameters():
    with pytest.raises(UnknownName, match=r"unknown controller 'q'; known: .*q-learning, random"):
        controllers.load("q", TwoSteps())
    with pytest.raises(BadValue, match="controller 'random' has no parameter 'alpha'"):
        controllers.load("random", TwoSteps(), alpha=1)


def test_a_controller_needs_of_a_space_only_start_moves_walk_and_key():
    """So that a table, or a space in a browser, will do."""
    space = TwoSteps()
    names = ("start", "moves", "walk", "key", "enumerate", "sample")
    thin = SimpleNamespace(**{name: getattr(space, name) for name in names})
    for name in ("random", "q-learning"):
        assert controllers.load(name, thin).ask() in set(space.enumerate())


def test_random_search_walks_as_the_space_samples():
    asked = controllers.load("random", FixedLength(), seed=4).ask()
    assert asked == FixedLength().sample(rng_from(4, "RandomSearch"))
