"""The loop that everybody writes, as its users write it: nothing here is slowed down on purpose.

It follows PyTorch's own Quickstart: a `DataLoader` over a `TensorDataset`, Adam, cross-entropy, a pass over the
validation examples after every epoch; one network after the other, with torch's default number of threads.
"""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from nasedu.tasks import Task


def train(model: nn.Module, task: Task, *, epochs: int, batch_size: int, device: str = "cpu") -> float:
    """Train a network, and give its validation accuracy after the best epoch."""
    training_data = TensorDataset(torch.from_numpy(task.train.X), torch.from_numpy(task.train.y))
    validation_data = TensorDataset(torch.from_numpy(task.validation.X), torch.from_numpy(task.validation.y))
    train_loader = DataLoader(training_data, batch_size=batch_size, shuffle=True)
    validation_loader = DataLoader(validation_data, batch_size=batch_size)

    model = model.to(device)
    loss_function = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)

    best = 0.0
    for _ in range(epochs):
        model.train()
        for X, y in train_loader:
            X, y = X.to(device), y.to(device)
            loss = loss_function(model(X), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

        model.eval()
        right = 0
        with torch.no_grad():
            for X, y in validation_loader:
                X, y = X.to(device), y.to(device)
                right += (model(X).argmax(1) == y).sum().item()
        best = max(best, right / len(validation_data))
    return best
