"""The picture of a network: a chain of boxes, each with its layer, its output's shape and its parameters."""

from html import escape
from typing import Any, NamedTuple

from nasedu.core import Architecture
from nasedu.spaces.base import Space, input_shape_of

# Okabe and Ito's palette, told apart by colour-blind eyes too; text on it is black.
COLOURS = {
    "Conv": "#56b4e9",
    "Pool": "#e69f00",
    "Linear": "#009e73",
    "Norm": "#f0e442",
    "Flatten": "#d9d9d9",
}
OTHER = "#cc79a7"
BOX, GAP, HEIGHT = 104, 18, 112


class Layer(NamedTuple):
    """One layer of a built network."""

    title: str
    shape: tuple[int, ...]
    parameters: int


def layers(space: Space, architecture: Architecture) -> list[Layer]:
    """Every layer that computes, in order, as seen when one example of zeros goes through the built network.

    Activations and dropout change no shape and hold no parameters; they are left out.
    """
    import torch

    network = space.build(architecture).eval()
    seen: list[Layer] = []

    def watch(module: torch.nn.Module, _inputs: object, output: torch.Tensor) -> None:
        parameters = sum(p.numel() for p in module.parameters())
        shape = tuple(output.shape[1:])
        if parameters or not seen or shape != seen[-1].shape:
            seen.append(Layer(_title(module), shape, parameters))

    hooks = [m.register_forward_hook(watch) for m in network.modules() if not list(m.children())]
    with torch.no_grad():
        network(torch.zeros(1, *input_shape_of(space)))
    for hook in hooks:
        hook.remove()
    return seen


def svg(space: Space, architecture: Architecture) -> str:
    """The chain of layers from left to right, as a self-contained SVG with a text alternative."""
    shape = input_shape_of(space)
    boxes = [Layer("input", shape, 0), *layers(space, architecture)]
    width = len(boxes) * (BOX + GAP) + GAP
    total = sum(layer.parameters for layer in boxes)
    words = f"{' → '.join(layer.title for layer in boxes)}; {total:,} parameters"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT + 30}" width="{width}" '
        f'height="{HEIGHT + 30}" role="img" aria-label="{escape(words)}" '
        'style="max-width:100%;height:auto;background:white" font-family="sans-serif" font-size="12">',
        f"<title>{escape(words)}</title>",
    ]
    for i, layer in enumerate(boxes):
        parts.append(_box(GAP + i * (BOX + GAP), layer, last=i == len(boxes) - 1))
    parts.append(f'<text x="{GAP}" y="{HEIGHT + 20}" fill="black">{total:,} parameters in all</text></svg>')
    return "".join(parts)


def _box(x: int, layer: Layer, last: bool) -> str:
    colour = next((colour for kind, colour in COLOURS.items() if kind in layer.title), OTHER)
    colour = "white" if layer.title == "input" else colour
    shape = " × ".join(map(str, layer.shape))
    middle = x + BOX / 2
    arrow = "" if last else f'<path d="M{x + BOX} 60h{GAP - 5}l-5 -4v8l5 -4" stroke="black" fill="black"/>'
    kind, _, detail = layer.title.partition(" ")
    lines = [(40, kind, "bold"), (57, detail, "normal"), (76, shape, "normal")]
    lines += [(93, f"{layer.parameters:,} par.", "normal")] if layer.parameters else []
    texts = "".join(
        f'<text x="{middle}" y="{y}" text-anchor="middle" fill="black" font-weight="{weight}">{escape(text)}</text>'
        for y, text, weight in lines
        if text
    )
    return (
        f'<g><rect x="{x}" y="16" width="{BOX}" height="{HEIGHT - 24}" rx="6" fill="{colour}" stroke="black"/>'
        f"{texts}{arrow}</g>"
    )


def _title(module: Any) -> str:
    kind = type(module).__name__
    if kind.startswith("Conv"):
        return f"{kind} {'×'.join(map(str, module.kernel_size))}"
    if "Pool" in kind and hasattr(module, "stride"):
        return f"MaxPool {module.kernel_size}, stride {module.stride}"
    return "AvgPool global" if kind.startswith("AdaptiveAvgPool") else kind
