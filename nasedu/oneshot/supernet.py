"""The supernet: one set of weights for every architecture of a space.

Bender, Kindermans, Zoph, Vasudevan, Le, "Understanding and Simplifying One-Shot Architecture Search", ICML 2018; Guo et
al., "Single Path One-Shot Neural Architecture Search with Uniform Sampling", ECCV 2020. Used in lesson 10.

    supernet = Supernet(space, seed=0)
    outputs = supernet(architecture, X)        # computed with shared weights
    network = supernet.extract(architecture)   # a network of its own, with a copy of them

A space says in `Space.sharing` which tensors its networks share. A tensor is made when the first architecture needs it.
Its values depend on the seed and on its key alone, and not on the order in which the architectures come.
"""

import copy
from collections import OrderedDict
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, NamedTuple

import torch
from torch import nn

from nasedu.core import Architecture, BadValue, derive_seed
from nasedu.spaces.sharing import Shared, no_supernet, shares_weights
from nasedu.trainers.recipe import USUAL, Recipe
from nasedu.trainers.single.initialise import initialise
from nasedu.trainers.single.network import build
from nasedu.trainers.single.norm_and_dropout import apply_norm_and_dropout, chains

SUPERNET_RECIPE = Recipe(learning_rate=0.01, schedule="cosine", batch_size=50, batch_norm=True)
"""How a supernet is trained well: a large rate that falls to 0, and normalisation, which paths of unlike scale need."""

MOST_SKELETONS = 4096
"""Architectures whose skeletons a supernet keeps, the last ones used."""


class Slice(NamedTuple):
    """The part of a shared tensor that a layer reads: the first rows, and the first columns or those that are given."""

    key: str
    shape: tuple[int, ...]
    columns: tuple[int, ...] | None = None

    @property
    def place(self) -> tuple[Any, ...]:
        """Return the place of this part in the shared tensor, as torch indexes it."""
        if self.columns is None:
            return tuple(slice(size) for size in self.shape)
        return slice(self.shape[0]), list(self.columns)

    def of(self, tensor: torch.Tensor) -> torch.Tensor:
        """Return this part of a tensor: a view, unless columns are given."""
        return tensor if self.columns is None and tensor.shape == self.shape else tensor[self.place]


class Skeleton(NamedTuple):
    """The network of an architecture without weights.

    Attributes:
        network: its layers; their parameters are on torch's meta device, which holds no numbers.
        reads: from the name of each parameter, and of each statistic of normalisation, to what it reads.
        places: of each of them, in the same order, see `place_of`.
    """

    network: nn.Module
    reads: dict[str, Slice]
    places: list[tuple[dict[str, Any], str, torch.Tensor]]


class Supernet:
    """One set of weights for every architecture of a space.

    Args:
        space: one with a method `sharing`.
        seed: what the weights are drawn from.
        recipe: how `SupernetTraining` and `Enas` train the weights. It adds normalisation or dropout to every network,
            or takes it out, as in a training alone.
        device: of the weights.

    Attributes:
        weights: the shared tensors by key, as far as an architecture has needed them; each as large as the widest
            layer needs it, and drawn as torch draws the weights of that layer.
        statistics: running means and variances of batch normalisation, shared in the same way.
        generator: dropout draws from it.

    Raises:
        BadValue: a space that does not say how its networks share weights.
    """

    def __init__(
        self, space: Any, *, seed: int = 0, recipe: Recipe = SUPERNET_RECIPE, device: str | torch.device = "cpu"
    ):
        if not shares_weights(space):
            raise no_supernet(space)
        self.space = space
        self.seed = seed
        self.recipe = recipe
        self.device = torch.device(device)
        self.weights: dict[str, torch.Tensor] = {}
        self.statistics: dict[str, torch.Tensor] = {}
        self.generator = torch.Generator(self.device)
        self._skeletons: OrderedDict[Architecture, Skeleton] = OrderedDict()
        self._widest: dict[str, nn.Module] = {}  # by key: layers from which the shared tensors are drawn

    def again(self, seed: int) -> "Supernet":
        """Return the supernet of another seed; it need not build the networks that this one has built already."""
        other = Supernet(self.space, seed=seed, recipe=self.recipe, device=self.device)
        other.generator = self.generator  # layers that drop hold it; each step sets its seed
        for key, widest in self._widest.items():
            other._draw(key, widest)
        made = {*other.weights, *other.statistics}  # fewer, if the weights of this one came from a file
        known = {a: s for a, s in self._skeletons.items() if made.issuperset(part.key for part in s.reads.values())}
        other._skeletons.update(known)
        return other

    def __call__(self, architecture: Architecture, X: torch.Tensor, *, training: bool = False) -> torch.Tensor:
        """Return the outputs of an architecture with shared weights, float of shape (batch, outputs).

        Args:
            X: float of shape (batch, *input_shape), on the supernet's device.
            training: as torch's `network.train()`: dropout drops, and batch normalisation uses the statistics of this
                batch and moves the running ones.
        """
        network, reads, places = self.skeleton(architecture)
        network.train(training)
        try:  # as torch's `functional_call` does, which looks for every place anew: a tenth of a step's time
            for (table, own, _), part in zip(places, reads.values(), strict=True):
                table[own] = self.read(part)
            return network(X)
        finally:
            for table, own, without_numbers in places:
                table[own] = without_numbers

    def tensors_of(self, architecture: Architecture) -> dict[str, torch.Tensor]:
        """Return what an architecture reads, by the names in its network: parts of the shared tensors, no copies."""
        return {name: self.read(part) for name, part in self.skeleton(architecture).reads.items()}

    def read(self, part: Slice) -> torch.Tensor:
        """Return a part of a shared tensor; gradients flow back into it."""
        return part.of(self.weights[part.key] if part.key in self.weights else self.statistics[part.key])

    def extract(self, architecture: Architecture) -> nn.Module:
        """Return the network of an architecture with a copy of the shared weights; it can be trained alone."""
        network = build(self.space, architecture, self.recipe)
        with torch.no_grad():
            network.load_state_dict(network.state_dict() | self.tensors_of(architecture))
        return network.to(self.device)

    def grow(self, architectures: Iterable[Architecture]) -> int:
        """Make the tensors that these architectures need; return how many shared numbers there are now."""
        for architecture in architectures:
            self.skeleton(architecture)
        return self.size

    @property
    def size(self) -> int:
        """Return how many numbers the shared weights hold so far."""
        return sum(tensor.numel() for tensor in self.weights.values())

    def __getstate__(self) -> dict[str, Any]:
        """Return what another process needs: the weights. It makes skeletons and a generator of its own."""
        here = ("_skeletons", "_widest", "generator")
        return {name: value for name, value in self.__dict__.items() if name not in here}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take up the weights of a supernet from another process."""
        self.__dict__ |= state
        self.generator, self._skeletons, self._widest = torch.Generator(self.device), OrderedDict(), {}

    # ------------------------------------------------------------------ skeletons

    def skeleton(self, architecture: Architecture) -> Skeleton:
        """Return the layers of an architecture and what they read; made once, and kept while it is in use."""
        key = tuple(architecture)
        if key not in self._skeletons:
            self._skeletons[key] = self._skeleton(architecture)
            if len(self._skeletons) > MOST_SKELETONS:
                self._skeletons.popitem(last=False)
        self._skeletons.move_to_end(key)
        return self._skeletons[key]

    def _skeleton(self, architecture: Architecture) -> Skeleton:
        network, shared = self._shared_layers(architecture)
        reads: dict[str, Slice] = {}
        for name, module in network.named_modules():
            if tensors := tensors_in(module):
                self._make(module, shared[module])
                for own, tensor in tensors.items():
                    columns = shared[module].columns if tensor.dim() > 1 else None
                    part = Slice(f"{shared[module].key}.{own}", tuple(tensor.shape), columns)
                    reads[f"{name}.{own}" if name else own] = part
            for own, parameter in module.named_parameters(recurse=False):
                module._parameters[own] = nn.Parameter(parameter.detach().to("meta"))
            if hasattr(module, "generator"):
                module.generator = self.generator
        for module in network.modules():  # what is no weight, such as a fixed table of numbers
            for own, buffer in module.named_buffers(recurse=False):
                module._buffers[own] = buffer.to(self.device)
        return Skeleton(network, reads, [place_of(network, name) for name in reads])

    def _shared_layers(self, architecture: Architecture) -> tuple[nn.Module, dict[nn.Module, Shared]]:
        """Return the network of an architecture, and for each of its modules what it shares."""
        network = build(self.space, architecture, USUAL)  # as the space knows it
        named: dict[nn.Module, Shared] = {}
        for name, shared in self.space.sharing(architecture, network).items():
            for inside, module in network.get_submodule(name).named_modules():
                named[module] = shared._replace(key=f"{shared.key}.{inside}" if inside else shared.key)
        own = {module: Shared(name) for name, module in network.named_modules()}
        network = apply_norm_and_dropout(network, self.recipe)
        for chain in chains(network):
            for layer, following in pairwise(chain):
                if "Norm" in type(following).__name__ and following not in named:
                    if layer in named:
                        named[following] = Shared(f"{named[layer].key}.norm", named[layer].outputs)
                    elif following not in own:  # the recipe put it there
                        own[following] = Shared(f"{own[layer].key}.norm")
        return network, own | named

    def _make(self, module: nn.Module, shared: Shared) -> None:
        """Make the shared tensors of a layer, drawn as those of the widest layer, unless they exist."""
        made = {**self.weights, **self.statistics}
        for own, tensor in tensors_in(module).items():
            shape, key = full_shape(tensor, shared), f"{shared.key}.{own}"
            found = made[key].shape if key in made else shape
            if found != shape or any(size > full for size, full in zip(tensor.shape, shape, strict=True)):
                raise BadValue(
                    f"space {self.space.title!r}: a layer of shape {tuple(tensor.shape)} asks for the shared tensor "
                    f"{key!r} of shape {tuple(shape)}, and it has {tuple(found)}: `sharing` gives each layer of one "
                    "key the outputs and inputs of the widest"
                )
        if all(f"{shared.key}.{own}" in made for own in tensors_in(module)):
            return
        self._draw(shared.key, widened(module, shared))

    def _draw(self, key: str, widest: nn.Module) -> None:
        """Draw the shared tensors of a key as those of its widest layer."""
        self._widest[key] = widest
        generator = torch.Generator()
        generator.manual_seed(derive_seed(self.seed, "weights", key))
        initialise(widest, generator)
        for own, tensor in tensors_in(widest).items():
            trained = own in widest._parameters
            full = tensor.detach().to(self.device, copy=True).requires_grad_(trained)
            (self.weights if trained else self.statistics)[f"{key}.{own}"] = full


def widened(module: nn.Module, shared: Shared) -> nn.Module:
    """Return a copy of a layer with tensors of the full shape; where that is its own, it keeps its numbers."""
    widest = copy.deepcopy(module)
    for own, tensor in tensors_in(module).items():
        shape = full_shape(tensor, shared)
        full = tensor.detach().clone() if tensor.shape == shape else tensor.new_zeros(shape)
        if own in widest._parameters:
            widest._parameters[own] = nn.Parameter(full)
        else:
            widest._buffers[own] = full
    return widest


def tensors_in(module: nn.Module) -> dict[str, torch.Tensor]:
    """Return the tensors of a layer that networks share: its parameters, and the statistics of batch normalisation."""
    statistics = module.named_buffers(recurse=False) if "running_mean" in module._buffers else ()
    return {**dict(module.named_parameters(recurse=False)), **dict(statistics)}


def place_of(network: nn.Module, name: str) -> tuple[dict[str, Any], str, torch.Tensor]:
    """Return where torch keeps a tensor of a network: a table of its layer, the name there, and what is there now."""
    path, _, own = name.rpartition(".")
    module = network.get_submodule(path)
    table: dict[str, Any] = module._parameters if own in module._parameters else module._buffers
    return table, own, table[own]


def full_shape(tensor: torch.Tensor, shared: Shared) -> torch.Size:
    """Return the shape of the shared tensor that a layer's own tensor is a part of."""
    shape = list(tensor.shape)
    if shape and shared.outputs:
        shape[0] = shared.outputs
    if len(shape) > 1 and shared.inputs:
        shape[1] = shared.inputs
    return torch.Size(shape)
