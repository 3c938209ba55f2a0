"""Numbers and names as sentences have them."""

import numpy as np
import pytest

from threeway.evidence.wording import join, join_first, name_points, points


@pytest.mark.parametrize(
    ("share", "said", "with_sign"),
    [
        (0.0312, "3.1", "+3.1"),
        (0.9145, "91.5", "+91.5"),
        (-0.0312, "-3.1", "-3.1"),
        (-0.0004, "0.0", "+0.0"),
    ],
)
def test_points_have_one_digit_and_nothing_is_below_nothing(share, said, with_sign):
    assert points(share) == points(np.float64(share)) == said
    assert points(share, "+") == with_sign


def test_a_margin_is_named_with_its_unit():
    assert [name_points(share) for share in (0.01, 0.02, 0.005)] == [
        "1 point",
        "2 points",
        "0.5 points",
    ]


def test_names_are_joined_as_one_says_them():
    assert [join(names) for names in (["a"], ["a", "b"], ["a", "b", "c"])] == [
        "a",
        "a and b",
        "a, b and c",
    ]


@pytest.mark.parametrize(
    ("count", "told"), [(1, "a"), (2, "a and b"), (3, "a, b and c"), (4, "a, b, c and 1 more")]
)
def test_of_many_names_the_first_are_told_and_how_many_there_are(count, told):
    assert join_first([*"abcdef"[:count]], most=3) == told
