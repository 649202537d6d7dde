"""Floor 2: tables of recorded trainings: other people's, and the atlas, which comes with the package.

    table = Table.from_csv("nasbench_macro.csv", space, architecture="code", separator="",
                           scores={"cifar10": ["test_acc_1", "test_acc_2", "test_acc_3"]}, scale=100)
    table.best()
    atlas().best("where/digits")

A table answers in microseconds; a training takes minutes. Controllers can therefore be compared over many seeds
(`nasedu.race`). A table runs without torch.
"""

from nasedu.tables.atlas import atlas
from nasedu.tables.table import Best, Table
from nasedu.tables.task import TableTask

__all__ = ["Best", "Table", "TableTask", "atlas"]
