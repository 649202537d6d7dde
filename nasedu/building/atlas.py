"""The plan of the atlas, the table of ground truth that comes with the package."""

from nasedu.building.plan import Plan

DIGITS = ("what", "noisy-labels", "noisy-pixels", "few", "shuffled", "anywhere")
PLACES = ("where", "how-many", "same", "turned")
GLYPHS = ("glyphs/greek", "anywhere/hebrew", "shuffled/cyrillic", "noisy-pixels/arabic")

ATLAS = Plan(
    name="atlas",
    space="chain-cnn",
    space_parameters={
        "depth": 4,
        "filters": [4, 8],
        "kernels": [1, 3],
        "pools": [[2, 2], [4, 4]],
        "dense": [32],
        "dense_side": 12,
    },
    tasks=(
        *(f"{question}/digits" for question in (*DIGITS, *PLACES)),
        "gratings/angle",
        "gratings/width",
        *GLYPHS,
    ),
    epochs=16,
    record_test_at=(1, 2, 4, 8, 16),
    seeds=3,
    precision="bfloat16",
    recipe={"learning_rate": 0.01, "schedule": "cosine", "batch_size": 50, "batch_norm": True},
    note="Small chains on images of 12x12 pixels: the best network here says nothing about larger images.",
)
"""1,188 chains of at most four layers on 16 tasks, three seeds each, to convergence."""
