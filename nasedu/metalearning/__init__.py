"""Floor 5: learning to learn. Weights, rates and features are learned across tasks, and then adapt to a new one.

    tasks = metalearning.load_tasks("sinusoids")
    learner = metalearning.load("maml", networks.wave_network(), seed=0)
    for step in learner.meta_train(tasks, steps=2000):
        print(step.number, step.loss)
    predictor = learner.adapt(support)

Each algorithm is a generator of its own steps.

    task_distribution.py  the contract of what a learner draws its tasks from
    sinusoids.py          waves (regression)
    few_shot.py           classes of a pool of images, a few examples of each
    pools.py              letters of held-out scripts, relatives of the digits, a student's own folder
    networks.py           networks to begin with
    functional.py         a network as a function of its parameters, for many tasks at once
    examples.py           what is checked of a support set
    learner.py            the contract of a learner: `meta_train`, `adapt`, a state as a safetensors file
    inner_loop.py         adaptation by steps of gradient descent
    maml.py               MAML: the gradient through these steps
    first_order.py        the same without second derivatives
    going_back.py         its gradient, from the last inner step back to the start
    implicit.py           the gradient where a long adaptation comes to rest
    anil.py               only the last layer adapts
    meta_sgd.py           a learned rate for each parameter
    reptile.py            towards the end of a training on each task
    metanas.py            Reptile for weights and cells: each task derives a cell of its own
    embedding.py          adaptation by comparing features
    prototypes.py         the nearest mean of a class
    matching.py           votes of all examples, by their cosines
    learned_optimizer.py  a learned rule makes the steps of gradient descent
    quadratics.py         the problems on which this rule was learned first
    transfer.py           the rivals: nearest centroid, linear probe, fine-tuning of a network trained on all classes
    evaluation.py         the mean over new tasks, with its interval
    usual.py              settings that work on these tasks
"""

from typing import Any

from nasedu.core import BadValue, Registry, UnknownName, unknown

registry = Registry(
    "meta-learner",
    {
        "maml": "nasedu.metalearning.maml:MAML",
        "first-order-maml": "nasedu.metalearning.first_order:FirstOrderMAML",
        "implicit-maml": "nasedu.metalearning.implicit:ImplicitMAML",
        "reptile": "nasedu.metalearning.reptile:Reptile",
        "meta-sgd": "nasedu.metalearning.meta_sgd:MetaSGD",
        "anil": "nasedu.metalearning.anil:ANIL",
        "metanas": "nasedu.metalearning.metanas:MetaNAS",
        "learned-optimizer": "nasedu.metalearning.learned_optimizer:LearnedOptimizer",
        "prototypes": "nasedu.metalearning.prototypes:Prototypes",
        "matching": "nasedu.metalearning.matching:Matching",
        "centroid": "nasedu.metalearning.transfer:NearestCentroid",
        "linear-probe": "nasedu.metalearning.transfer:LinearProbe",
        "fine-tuning": "nasedu.metalearning.transfer:FineTuning",
    },
    contract="nasedu.metalearning.learner:Learner",
)

TASKS = ("sinusoids", "glyphs", "relatives/MATERIAL", "folder/PATH")
"""The names that `load_tasks` knows; MATERIAL is digits or a script."""


def load(name: str, network: Any, **settings: Any) -> Any:
    """Return the meta-learner of this name for a network: `load("maml", network, inner_rate=0.01)`.

    Raises:
        UnknownName: there is none; the message lists those that there are.
        BadValue: a setting that does not exist, or an impossible value.
    """
    return registry.make(name, network, **settings)


def load_tasks(name: str, part: str = "train", **options: Any) -> Any:
    """Return a distribution of tasks by its name.

    Args:
        name: one of `TASKS`, such as "glyphs" or "relatives/digits".
        part: "train", "validation" or "test": no script, question or class is in two of them. A folder also has "all".
        **options: of `Sinusoids` (shots, queries), or of `FewShotTasks` (ways, shots, queries, turned).

    Raises:
        UnknownName: no such name; the message lists those that there are.
        BadValue: an unknown part or option, or an impossible value; see `FewShotTasks` and `pools`.
    """
    from nasedu.metalearning import few_shot, pools, sinusoids

    family, _, member = name.partition("/")
    try:
        if name == "sinusoids":
            pools.check_part(part)
            return sinusoids.Sinusoids(**options)
        if name == "glyphs":
            return few_shot.FewShotTasks(pools.held_out_glyphs(part), **options)
        if family == "relatives" and member:
            return few_shot.FewShotTasks(pools.relatives_pool(part, member), **options)
        if family == "folder" and member:
            return few_shot.FewShotTasks(pools.folder_pool(member, part), **options)
    except TypeError as error:
        raise BadValue(f"tasks {name!r}: {str(error).rpartition('() ')[2]}") from error
    raise UnknownName(unknown("tasks", name, TASKS))


__all__ = ["TASKS", "load", "load_tasks", "registry"]
