"""Other processes, for stores that several of them open."""

from tests.study.conftest import children

__all__ = ["children"]
