"""Groups of images that stay together, and whether every part can have each class.

Where groups hold one class each that is a matter of counting. Where they hold several, as patients
do, it is a set packing, and solved by a search that ends after MOST_NODES nodes.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, kron

# The name of a group of images that stay together, and how many it has of each class.
Group = tuple[str, dict[str, int]]
# Of a search for a division with every class in each part. Nearly all end at the first node; one
# that needs more than these counts as in vain.
MOST_NODES = 100


def can_divide(bound: Sequence[Group], free: Sequence[Group], own: int, others: int) -> bool:
    """Says whether groups can be put into parts so that every class is in each part.

    Args:
        bound: groups for the first `own` parts alone.
        free: groups for any part.
        own: how many the first parts are.
        others: how many further parts there are.
    """
    held, at_hand = count_alone(bound), count_alone(free)
    classes = sum_counts([*bound, *free])
    # A class with enough groups of its own takes nothing from the others.
    tight = {name for name in classes if at_hand[name] < others + max(own - held[name], 0)}
    if not tight:
        return True
    kinds = Counter((frozenset(tight.intersection(counts)), own) for _, counts in bound)
    kinds.update((frozenset(tight.intersection(counts)), own + others) for _, counts in free)
    return find_places(kinds, sorted(tight), own + others)


def find_places(kinds: Counter[tuple[frozenset[str], int]], classes: list[str], parts: int) -> bool:
    """Says whether there is a place for each group so that every class is in each part.

    A linear program in zeros and ones: whether a group of a kind lies in a part.

    Args:
        kinds: number of groups by the classes they hold and how many parts they may lie in.
        classes: those that are to be in each part.
        parts: how many there are.
    """
    holds = np.array([[name in held for held, _ in kinds] for name in classes])  # class, kind
    allowed = np.array([[part < reach for part in range(parts)] for _, reach in kinds])
    placed = kron(eye_array(len(kinds)), np.ones((1, parts)), format="csr")
    found = kron(csr_array(holds.astype(float)), eye_array(parts), format="csr")
    limits = [LinearConstraint(placed, ub=[*kinds.values()]), LinearConstraint(found, lb=1)]
    return milp(
        np.zeros(allowed.size),
        integrality=np.ones(allowed.size),
        bounds=Bounds(0, allowed.ravel().astype(float)),
        constraints=limits,
        options={"node_limit": MOST_NODES},
    ).success


def count_alone(groups: Sequence[Group]) -> Counter[str]:
    """Counts the groups of one class, by class."""
    return Counter(name for _, counts in groups if len(counts) == 1 for name in counts)


def sum_counts(groups: Sequence[Group]) -> Counter[str]:
    """Sums the images of groups by class."""
    total: Counter[str] = Counter()
    for _, counts in groups:
        total.update(counts)
    return total


def leave(groups: Sequence[Group], taken: Sequence[Group]) -> list[Group]:
    """Leaves the groups that are not taken."""
    names = {name for name, _ in taken}
    return [group for group in groups if group[0] not in names]


def sort_by_size(groups: Sequence[Group]) -> list[Group]:
    """Sorts groups by their images, the smallest first."""
    return sorted(groups, key=lambda group: sum(group[1].values()))
