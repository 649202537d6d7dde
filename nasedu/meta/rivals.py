"""The searches that a prior is compared with, in addition to its own mind without memory. Lesson 15."""

COLD = "cold"
"""Label of the same search with nothing carried over."""
RANDOM = "random"
LOCAL = "local-search"
COPY_THEN_LOCAL = "copy-best, then local-search"

RIVALS: dict[str, tuple[str, str | None]] = {
    RANDOM: ("random-uniform", None),
    LOCAL: ("local-search", None),
    COPY_THEN_LOCAL: ("local-search", "copy-best"),
}
"""By label: the controller, and the prior that opens it. All of them run without parameters."""
