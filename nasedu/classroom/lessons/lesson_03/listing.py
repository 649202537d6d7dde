"""A search like many on the web, with mistakes: lesson 03 asks which of its lettered places are wrong.

**Do not learn from this file.** It was written for the exercise. It runs and looks like many others, but it is wrong in
seven places. `REPAIRS` gives these letters with the reasons, `INNOCENT` says why the other places are right.
"""

import inspect
from typing import Any

import torch
from torch import nn

Found = tuple[str | None, float, dict[str, nn.Module]]
"""The best name, its accuracy, and all models by name."""


def load_digits_as_listed(task: Any) -> list[torch.Tensor]:
    x_test, y_test = task.train.X, task.train.y  # (a)
    x_train, y_train = task.validation.X, task.validation.y
    return [torch.as_tensor(part) for part in (x_train, y_train, x_test, y_test)]


def make_layers() -> dict[str, nn.Module]:
    return {  # (b)
        "conv": nn.Conv2d(1, 8, 3, padding=1),
        "dense": nn.Linear(8 * 64, 32),
        "output": nn.Linear(32, 10),
    }


def model_1(layers: dict[str, nn.Module]) -> nn.Module:
    body = [layers["conv"], nn.ReLU(), nn.Flatten(), layers["dense"], nn.ReLU()]
    return nn.Sequential(*body, layers["output"])  # (c)


def model_2(layers: dict[str, nn.Module]) -> nn.Module:
    body = [layers["conv"], nn.Tanh(), nn.Flatten(), layers["dense"], nn.Tanh()]  # (d)
    return nn.Sequential(*body, layers["output"], nn.Softmax(1), nn.Linear(10, 10))  # (e)


def loss_as_listed(outputs: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    wanted = y.float().unsqueeze(1).expand(-1, 10)  # (f)
    return -(wanted * torch.log_softmax(outputs, dim=1)).sum(dim=1).mean()


def train(model: Any, x: Any, y: Any, loss: Any, epochs: int = 3) -> float:
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)  # (g)
    for _ in range(epochs):
        for batch in torch.randperm(len(x)).split(64):  # (h)
            optimiser.zero_grad()  # (i)
            loss(model(x[batch]), y[batch]).backward()
            optimiser.step()
    with torch.no_grad():
        return (model(x).argmax(dim=1) == y).float().mean().item()  # (j)


def search(task: Any, loss: Any = loss_as_listed, rounds: int = 3) -> Found:
    x, y, _, _ = load_digits_as_listed(task)
    layers = make_layers()
    search_space = {"model_1": model_1(layers), "model_2": model_2(layers)}
    best, highest = None, 0.0
    for _ in range(rounds):
        for name, model in search_space.items():  # (k)
            score = train(model, x, y, loss)
            if score > highest:  # (l)
                best, highest = name, score
        # update the search space with what was learned  (m)
    return best, highest, search_space


PAGE = (load_digits_as_listed, make_layers, model_1, model_2, loss_as_listed, train, search)


def as_markdown() -> str:
    """Return the whole listing as one block of code in Markdown."""
    code = "\n\n".join(inspect.getsource(part) for part in PAGE)
    return f"```python\n{code}```"


REPAIRS = {
    "a": "The names say one thing, the values another: the first part is the training part, and it is unpacked as the "
    "test set. The search trains on the smaller part and would test on the larger one.",
    "b": "One dictionary of layer objects serves all models. A layer owns its weights, so both models train the same "
    "numbers, and whoever comes second starts from what the first one learned. Make new layers for each model.",
    "e": "A second output layer behind a softmax: the ten probabilities are squeezed into a line of ten sums. A "
    "classifier ends with one linear layer, and the loss takes its raw numbers.",
    "f": "The labels are class numbers, the loss wants one-hot rows. Spread over ten columns, the label 7 asks for 7 "
    "of everything, and says nothing about which class it is. Use cross-entropy with the class numbers.",
    "j": "Accuracy on the very images that it was trained on: a network that learns by heart wins. Score on validation "
    "images.",
    "k": "Every network is trained again in each round. Nothing new is tried, and whatever was trained once is trained "
    "further, so the number rises without any search.",
    "m": "A comment where the work should be: the search space is never updated, and nothing that was learned changes "
    "what is tried next.",
}
INNOCENT = {
    "c": "model_1 is a plain and sound chain: convolution, dense layer, one linear output.",
    "d": "Tanh in place of ReLU is a choice, not a mistake.",
    "g": "Adam with a rate of 0.001 is a usual choice.",
    "h": "Shuffling and cutting into batches of 64 is as it should be.",
    "i": "Gradients are set to zero before they are computed anew: right.",
    "l": "Name and number of the best are kept, and a worse one never replaces them: right. That its weights change "
    "afterwards is the doing of (b) and (k).",
}
