"""Floor 2: tables, what trainings were found to be worth: other people's, and the atlas, which comes with the package.

    table = Table.from_csv("nasbench_macro.csv", space, architecture="code", separator="",
                           scores={"cifar10": ["test_acc_1", "test_acc_2", "test_acc_3"]}, scale=100)
    table.best()
    atlas().best("where/digits")

A table answers in microseconds what a training answers in minutes, so controllers can be compared over many seeds
(`nasedu.race`). It runs without torch.
"""

from nasedu.tables.atlas import atlas
from nasedu.tables.table import Best, Table
from nasedu.tables.task import TableTask

__all__ = ["Best", "Table", "TableTask", "atlas"]
