"""What the path sampler counts is what the supernet reads: each part by the shared tensor itself."""

import json
import re

import pytest
import torch

from nasedu import spaces, tasks
from nasedu.building.atlas import ATLAS
from nasedu.core import BadArchitecture, BadValue
from nasedu.oneshot.spos import SupernetTraining
from nasedu.oneshot.supernet import Supernet
from nasedu.trainers.recipe import Recipe
from nasedu.trainers.single.model_size import count_parameters
from nasedu.widgets import PathSampler

RECIPE = Recipe(**ATLAS.recipe)
STEPS = 40


def supernet(depth=2):
    task = tasks.load("where/digits")
    space = spaces.load("chain-cnn", task, **{**ATLAS.space_parameters, "depth": depth})
    return Supernet(space, recipe=RECIPE), task


@pytest.fixture(scope="module")
def sampler():
    net, task = supernet()
    return PathSampler(net, SupernetTraining(net, task, steps=STEPS), at=STEPS)


def masks(net, paths):
    """How often each number of each shared tensor is read by these paths."""
    found = {key: torch.zeros(tensor.shape[:2], dtype=int) for key, tensor in net.weights.items() if tensor.dim() > 1}
    for path in paths:
        for one in net.skeleton(path).reads.values():
            if one.key in found:
                found[one.key][: one.shape[0], : one.shape[1]] += 1
    return found


def spans(name, shape):
    """The rows and columns of a part, as its name says them."""
    found = re.search(r"outputs (\d+)(?: to (\d+))?, inputs (\d+)(?: to (\d+))?", name)
    if not found:
        return slice(None), slice(None)
    a, b, c, d = (int(number) if number else None for number in found.groups())
    return slice(a - 1, b or a), slice(c - 1, d or c)


def test_each_part_counts_the_steps_that_read_it(sampler):
    paths = [sampler.networks[row] for step in sampler.taken for row in step]
    assert len(paths) == STEPS
    found, seen = masks(sampler.supernet, paths), 0
    keys = {}
    for key in found:
        *place, name = key.removesuffix(".weight").split("/", 1)
        place = place[0] if place else name
        keys[f"layer {int(place) + 1}" if place.isdigit() else f"{place} layer", name.replace("/", " ")] = key
    for part, count in zip(sampler.weights.parts, sampler.counts, strict=True):
        mask = found[keys[tuple(part.name.split(":")[0].split(", "))]]
        own = mask[spans(part.name, mask.shape)]
        assert own.unique().tolist() == [count], part.name
        seen += own.numel()
    assert seen == sum(mask.numel() for mask in found.values()), "the parts are all of the tensors, and none twice"


def test_a_narrow_layer_reads_a_slice_of_what_a_wide_one_reads(sampler):
    wide, narrow = ("conv3-8", "conv3-8", "stop"), ("conv3-8", "conv3-4", "stop")
    read = {network: set(sampler.weights.reads[sampler.networks.index(network)]) for network in (wide, narrow)}
    layer = {i for i, part in enumerate(sampler.weights.parts) if part.name.startswith("layer 2, conv3")}
    assert len(layer) == 4
    assert read[narrow] & layer < read[wide] & layer == layer


def test_a_path_reads_as_many_numbers_as_its_network_has(sampler):
    for network in (("conv3-8", "conv3-4", "stop"), ("conv1-4", "pool2", "stop"), ("dense32", "stop")):
        row = sampler.networks.index(network)
        assert sampler.weights.numbers[row] == count_parameters(sampler.supernet.extract(network))
    assert sampler.weights.total == sampler.supernet.size


def test_it_steps_forward_and_back_and_counts_only_what_was_taken(sampler):
    sampler.go(0)
    assert sampler.path == []
    assert sum(sampler.counts) == 0
    sampler.back()
    assert sampler.at == 0
    sampler.forward()
    first = sampler.networks[sampler.taken[0][0]]
    assert tuple(sampler.path) == first
    assert {i for i, count in enumerate(sampler.counts) if count} == set(sampler.weights.reads[sampler.taken[0][0]])
    assert f"{' '.join(first)} reads" in sampler.words()
    assert sampler.words().endswith("sampled 1 time; the parts that it reads were trained 1 time.")
    sampler.go(STEPS)
    sampler.forward()
    assert sampler.at == STEPS


def test_the_first_choices_light_what_all_their_networks_read(sampler):
    sampler.path = ["conv3-4"]
    assert [sampler.weights.parts[i].name for i in sampler.lit] == ["layer 1, conv3: outputs 1 to 4, inputs 1"]
    sampler.choose("stop")
    assert len(sampler.lit) == 2
    with pytest.raises(BadArchitecture, match="no network of this space begins with"):
        sampler.choose("conv3-4")
    assert sampler.path == ["conv3-4", "stop"], "a refused choice changes nothing"


def test_the_browser_gets_everything_and_the_page_says_it_without_a_script(sampler):
    json.dumps(sampler._data, allow_nan=False)
    assert len(sampler._data["networks"]) == sampler.supernet.space.size()
    assert sampler._data["losses"][0] > 0
    static = sampler.static()
    assert "<script" not in static
    assert "shared weights" in static
    assert "orange frame: the path reads" in static, "the marks are explained where they are seen"
    assert sampler.page().count("</script>") == 1
    assert repr(sampler).startswith("PathSampler: After ")


def test_it_refuses_what_it_cannot_show():
    net, _ = supernet(depth=1)
    with pytest.raises(BadValue, match=r"steps 1 to 1, and 0 is before it; given 2"):
        PathSampler(net, [("stop",)], at=2)
    with pytest.raises(BadArchitecture, match=r"step 1 trains .*no network of this space"):
        PathSampler(net, [("conv9-9", "stop")])
    with pytest.raises(BadArchitecture, match="begins with"):
        PathSampler(net, architecture=["gap", "gap"])
    with pytest.raises(BadValue, match=r"at most 2,000; space 'cell-201.* has 15,625"):
        PathSampler(Supernet(spaces.load("cell-201", tasks.load("digits"))))
