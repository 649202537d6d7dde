"""Floor 1: tables, what other people's trainings were found to be worth.

    table = Table.from_csv("nasbench_macro.csv", space, architecture="code", separator="",
                           scores={"cifar10": ["test_acc_1", "test_acc_2", "test_acc_3"]}, scale=100)
    table.best()

A table answers in microseconds what a training answers in minutes, so controllers can be compared over many seeds
(`nasedu.race`). It runs without torch.
"""

from nasedu.tables.table import Best, Table
from nasedu.tables.task import TableTask

__all__ = ["Best", "Table", "TableTask"]
