"""Whether groups can be put into parts so that every class is in each is told exactly."""

import pytest

from threeway.intake.parts import can_divide


def name(*groups: str) -> list[tuple[str, dict[str, int]]]:
    """Names groups, each by the letters of the classes it holds."""
    return [(f"g{number}", dict.fromkeys(held, 1)) for number, held in enumerate(groups)]


@pytest.mark.parametrize(
    ("bound", "free", "own", "others", "can"),
    [
        # Of one class each: as many as there are parts.
        ((), ("a", "a", "b", "b"), 1, 1, True),
        ((), ("a", "a", "b"), 1, 1, False),
        # A group for the first part alone does nothing for the others.
        (("a", "a"), ("b", "b"), 1, 1, False),
        (("a", "a"), ("a", "b", "b"), 1, 1, True),
        # Of several classes: each class is held by two, and still there are no two parts.
        ((), ("ab", "bc", "ca"), 1, 1, False),
        ((), ("ab", "bc", "ca", "c"), 1, 1, True),
        ((), ("ab", "bc", "ca", "ab", "bc", "ca"), 1, 2, True),
        ((), ("ab", "bc", "ca", "ab", "bc"), 1, 2, False),
        # What is taken is itself divided.
        (("ab", "ab"), ("ab",), 2, 1, True),
        (("ab",), ("ab",), 2, 1, False),
    ],
)
def test_every_class_in_each_part(bound, free, own, others, can):
    assert can_divide(name(*bound), name(*free), own, others) is can
