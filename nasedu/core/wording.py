"""A number with its noun, for messages."""


def counted(count: int, thing: str) -> str:
    """Return a number with its noun: "1 row", "2 rows", "1,000 copies"."""
    if count == 1:
        return f"1 {thing}"
    plural = f"{thing[:-1]}ies" if thing.endswith("y") and thing[-2:-1] not in "aeiou" else f"{thing}s"
    return f"{count:,} {plural}"
