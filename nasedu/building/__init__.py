"""Floor 4: building a table of ground truth, by training every network of a space on a family of tasks.

    plan = Plan("mine", space="mlp", tasks=("digits",), epochs=8, record_test_at=(1, 4, 8))
    for part in build(plan, "parts/", workers=2):
        print(part)
    assemble(plan, "parts/").save("mine.npz")

You can stop it at any moment: finished parts are files, and the same call continues. Lesson 08 searches on the table
that comes with the package, which was made in this way (`nasedu.building.atlas`).
"""

from nasedu.building.build import Built, assemble, build
from nasedu.building.plan import Plan

__all__ = ["Built", "Plan", "assemble", "build"]
