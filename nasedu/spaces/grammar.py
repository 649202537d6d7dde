"""A space from a context-free grammar that is written in a few lines of text.

Grammars as search spaces: Schrodi, Stoll, Ru, Sukthanker, Brox, Hutter, "Construction of Hierarchical Neural
Architecture Search Spaces based on Context-free Grammars", NeurIPS 2023. Subtree mutation and crossover: Koza,
"Genetic Programming", MIT Press 1992, chapter 6.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

from nasedu.core import Architecture, BadValue, did_you_mean
from nasedu.spaces import bindings as words
from nasedu.spaces import derivations
from nasedu.spaces.base import Choice
from nasedu.spaces.grammar_parser import Alternative, heights, is_rule, reaches, read
from nasedu.spaces.label_space import LabelSpace
from nasedu.spaces.validation import check_positive, is_count

if TYPE_CHECKING:
    from torch import nn

DEFAULT = """\
Net   -> Body Head
Body  -> Block | Block Body
Block -> Conv pool2 | Conv
Conv  -> conv3-32 | conv3-16 | conv1-16
Head  -> dense64 | dense32 | gap
"""

Pending = tuple[str, int]
"""A rule that waits to be expanded, and the greatest depth of nested rules that it may use."""
GrammarState = tuple[Pending, ...]


@dataclass(repr=False, eq=False, kw_only=True)
class Grammar(LabelSpace):
    """Networks that a context-free grammar derives.

        text = '''
            Net   -> Body Head             # the first rule is the whole network
            Body  -> Block | Block Body    # a rule may contain itself
            Block -> conv3-16 | conv3-32 pool2
            Head  -> gap | dense64
        '''
        Grammar((1, 8, 8), 10, text=text, depth=6)

    Words with a capital letter are rules; the others are layers, in the order in which they are applied. Layers that
    need no binding: conv3-16, sep3-16, pool2, avgpool2, dense64, relu, tanh, norm, dropout0.2, gap, flatten, nothing
    (with other numbers too; conv, sep and dense end in ReLU). `bindings` binds any other word to one of these layers,
    or to a function from the shape of one example to a torch module. Every network ends in one linear layer.

    An architecture is a leftmost derivation: for each rule that has alternatives, in the order of expansion, the
    alternative that was taken: `("Body:Block,Body", "Block:conv3-16", "Body:Block", ...)`. A choice is an alternative,
    not a single layer, because the grammar's author left exactly the alternatives open. A choice can hold several
    layers, and it names its rule. Rules with one alternative are no choice. (In an ambiguous grammar several
    derivations give one network; `layers` shows which layers a derivation gives.)

    The state is the rules that still wait, each with the greatest depth of nested rules that it may use. Only
    alternatives that can be completed within this depth are open, so every walk can be completed.

    Args:
        input_shape: of one example.
        outputs: numbers that the network gives (classes, for classification).
        text: the grammar.
        depth: greatest number of rules inside each other, the first one counted.
        bindings: words, and the layer or function that each stands for.

    Raises:
        BadValue: an error in the grammar, with line and column; an unbound word; a depth in which nothing fits.
    """

    name = "grammar"

    text: str = DEFAULT
    depth: int = 6
    bindings: Mapping[str, str | Callable[..., Any]] | None = None

    @staticmethod
    def reads(shape: Sequence[Any]) -> str:
        return "" if shape and all(map(is_count, shape)) else f"shape {shape!r}"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_positive(self.name, depth=self.depth)
        self.bindings = self._bound = {
            word: words.importable_name(word, bound) for word, bound in dict(self.bindings or {}).items()
        }
        self._rules = read(self.text)
        self._lowest = heights(self._rules)
        self._highest = reaches(self._rules)
        self._alternatives = {
            f"{name}:{','.join(a)}": (name, a) for name, many in self._rules.alternatives.items() for a in many
        }
        self._check_words()
        self._check_depth()

    def _check_words(self) -> None:
        for word in self._rules.terminals():
            if word not in self._bound and words.factory(word) is None:
                token = self._rules.places[word]
                known = [*self._bound, *words.WORDS.split(", ")]
                raise BadValue(
                    f"grammar, line {token.line}, column {token.column}: {word!r} is bound to no layer"
                    f"{did_you_mean(word, known)}; layers: {words.WORDS}; bind others with bindings={{{word!r}: ...}}"
                )

    def _check_depth(self) -> None:
        start = self._rules.start
        if self._lowest[start] > self.depth:
            raise BadValue(
                f"grammar: with depth={self.depth} no network can be completed; the shortest derivation has "
                f"{self._lowest[start]} rules inside each other"
            )
        if not self.start():
            raise BadValue("grammar: no rule has alternatives, so there is one network and nothing to search")

    # ------------------------------------------------------------------ the decision process

    def start(self) -> GrammarState:
        return self._settle(((self._rules.start, self.depth),))

    def choices(self, state: GrammarState) -> tuple[Choice, ...]:
        if not state:
            return ()
        name, budget = state[0]
        fitting = (a for a in self._rules.alternatives[name] if self._need(a) < budget)
        return tuple(f"{name}:{','.join(a)}" for a in fitting)

    def step(self, state: GrammarState, choice: Choice) -> GrammarState:
        (_, budget), *rest = state
        return self._settle((*self._pending(self._alternatives[choice][1], budget - 1), *rest))

    def _need(self, alternative: Alternative) -> int:
        """Return the depth of nested rules that the alternative needs at least."""
        return max((self._lowest[word] for word in alternative if is_rule(word)), default=0)

    def _pending(self, alternative: Alternative, budget: int) -> GrammarState:
        """Return its rules; a rule that is not recursive gets no more budget than it can use (so states stay few)."""
        return tuple((word, min(budget, self._highest[word])) for word in alternative if is_rule(word))

    def _settle(self, state: GrammarState) -> GrammarState:
        """Expand the next rule for as long as it has only one alternative."""
        while state and len(self._rules.alternatives[state[0][0]]) == 1:
            (name, budget), *rest = state
            state = (*self._pending(self._rules.alternatives[name][0], budget - 1), *rest)
        return state

    def key(self, state: GrammarState) -> Hashable:
        """Return the rule that is expanded, with the depth that it may use.

        The rules that wait behind it are omitted: with them, almost no state would be visited twice.
        """
        return state[:1]

    def explain(self, state: GrammarState, choice: Choice) -> str:
        name, budget = state[0]
        known = self._alternatives.get(choice)
        if known is None:
            return f"{choice!r} is no alternative in this grammar"
        if known[0] != name:
            return f"the rule {name!r} is expanded here, and {choice!r} is an alternative of {known[0]!r}"
        return (
            f"{choice!r} needs at least {1 + self._need(known[1])} more rules inside each other; {budget} are left of "
            f"the depth of {self.depth}"
        )

    def hand_picked(self) -> tuple[Architecture, ...]:
        """Return the first alternative everywhere: an author writes first what a beginner would try first."""
        return (next(self.enumerate()),)

    # ------------------------------------------------------------------ edits on the tree of a derivation

    mutate = derivations.mutate
    crossover = derivations.crossover

    def neighbours(self, architecture: Architecture) -> list[Architecture]:
        """Return all architectures that differ by one choice replaced, inserted or removed, or by one recursion."""
        found = dict.fromkeys([*super().neighbours(architecture), *derivations.recursion_edits(self, architecture)])
        found.pop(architecture, None)
        return list(found)

    def parts(self, top: GrammarState, choice: Choice) -> list[tuple[str, GrammarState]]:
        """Return the rules that an alternative leaves to be expanded, each with the state of that rule alone."""
        budget = top[0][1] - 1
        pending = self._pending(self._alternatives[choice][1], budget)
        return [(name, self._settle(((name, budget),))) for name, budget in pending]

    # ------------------------------------------------------------------ the network

    def layers(self, architecture: Architecture) -> tuple[str, ...]:
        """Return the words of the layers that a derivation gives."""
        self.check_architecture(architecture)
        taken, found, waiting = iter(architecture), [], [self._rules.start]
        while waiting:
            word = waiting.pop()
            if not is_rule(word):
                found.append(word)
                continue
            alternatives = self._rules.alternatives[word]
            chosen = alternatives[0] if len(alternatives) == 1 else self._alternatives[next(taken)][1]
            waiting += reversed(chosen)
        return tuple(found)

    def build(self, architecture: Architecture) -> "nn.Module":
        from torch import nn

        layers: list[nn.Module] = []
        shape = self.input_shape
        for word in self.layers(architecture):
            layer = words.resolve(self._bound.get(word, word))(shape)
            shape = _shape_after(word, layer, shape)
            layers.append(layer)
        flat = [] if len(shape) == 1 else [nn.Flatten()]
        return nn.Sequential(*layers, *flat, nn.Linear(prod(shape), self.outputs))


def _shape_after(word: str, layer: Any, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of one example after a layer, found by a batch of two. Raise BadValue if the layer fails."""
    import torch

    try:
        training = layer.training
        with torch.no_grad():
            after = tuple(layer.eval()(torch.zeros(2, *shape)).shape)
        layer.train(training)
    except Exception as error:
        reason = str(error).partition("\n")[0]
        raise BadValue(f"the layer of {word!r} cannot take a batch of shape (2, {shape}): {reason}") from error
    if len(after) < 2 or after[0] != 2:
        raise BadValue(f"the layer of {word!r} turned a batch of 2 into shape {after}; it must keep the batch first")
    return after[1:]
