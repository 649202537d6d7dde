"""The exact gradient in alpha through one unrolled step of the weights, and a smooth mixture to try it on."""

import torch


def smooth_losses(dtype, seed=0):
    """Return losses of two batches of a small smooth mixture of three layers, its weights and alpha."""
    generator = torch.Generator().manual_seed(seed)

    def draw(*shape):
        return torch.randn(shape, generator=generator, dtype=torch.float64).to(dtype)

    weights, alpha = (0.7 * draw(3, 4, 4), 0.5 * draw(4, 3)), draw(2, 3)
    batches = [(draw(16, 4), torch.randint(3, (16,), generator=generator)) for _ in range(2)]

    def loss_of(batch):
        def loss(weights, alpha):
            x, y = batch
            for shares in alpha.softmax(1):
                x = shares[0] * x + shares[1] * (x @ weights[0][0]).tanh() + shares[2] * (x @ weights[0][1]).sin()
            return torch.nn.functional.cross_entropy(x @ weights[1], y)

        return loss

    return *map(loss_of, batches), weights, alpha


def after_a_step(train, validation, weights, alpha, xi):
    """Return the validation loss after one step of the weights: what alpha is to make small."""
    gradient = torch.func.grad(train)(weights, alpha)
    return validation(tuple(w - xi * g for w, g in zip(weights, gradient, strict=True)), alpha)


def exact(train, validation, weights, alpha, xi):
    """Return the gradient of it in alpha, by torch.func."""
    return torch.func.grad(lambda alpha: after_a_step(train, validation, weights, alpha, xi))(alpha)


def without_second_order(train, validation, weights, alpha, xi):
    """Return the part of the gradient at weights that are thought to be fixed after their step."""
    gradient = torch.func.grad(train)(weights, alpha)
    moved = tuple(w - xi * g for w, g in zip(weights, gradient, strict=True))
    return torch.func.grad(validation, argnums=1)(moved, alpha)


def relative(found, true):
    return float((found - true).norm() / true.norm())


def leaf(weights):
    return tuple(weight.clone().requires_grad_() for weight in weights)
