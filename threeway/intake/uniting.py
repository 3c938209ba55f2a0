"""What must stay in one split: copies, photographs of one scene and given groups, united."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from threeway.intake.bursts import find_bursts, make_thumbnail
from threeway.intake.copies import (
    digest_pixels,
    find_near_pairs,
    fingerprint,
    group_copies,
    name_components,
)
from threeway.intake.decoding import decode_image
from threeway.settings import Data


def describe_image(content: bytes) -> dict:
    """Describes of a file what tells which others it belongs to.

    Raises:
        NotAnImage: it cannot be decoded.
    """
    image = decode_image(content)
    return {
        "width": image.width,
        "height": image.height,
        "sha256": digest_pixels(image),
        "fingerprint": fingerprint(image),
        "thumbnail": make_thumbnail(image),
    }


def group_images(images: pd.DataFrame, data: Data) -> pd.DataFrame:
    """Adds the group of copies that each image is in, and the group that must stay together: of
    copies, of photographs of one scene, and of what is said to belong together.

    Args:
        images: one row an image: class, sha256, fingerprint, thumbnail, and given (the group that
            it is said to be in, or "").
        data: near_copy_distance and burst_correlation.

    Returns:
        images with the columns copies and group.
    """
    prints, thumbnails = (np.stack(images[name]) for name in ("fingerprint", "thumbnail"))
    digests, classes = list(images["sha256"]), images["class"].to_numpy()
    copies = group_copies(digests, find_near_pairs(prints, data.near_copy_distance))
    bursts = find_bursts(prints, thumbnails, classes, data.burst_correlation)
    groups = unite_groups(digests, copies, group_copies(digests, bursts), images["given"])
    return images.assign(copies=copies, group=groups)


def unite_groups(digests: Sequence[str], *groupings: Sequence[str]) -> list[str]:
    """Unites groups of several kinds: those that share an image are one.

    A united group is named as one of copies is.

    Args:
        digests: hex digest of each image's pixels.
        *groupings: of each kind, the name of the group that each image is in, or "".
    """
    members = [
        (row, f"{kind} {name}")
        for kind, names in enumerate(groupings)
        for row, name in enumerate(names)
        if name
    ]
    _, numbers = np.unique([name for _, name in members], return_inverse=True)
    # Images and groups are nodes, and an edge says that the one is in the other.
    rows, columns = [row for row, _ in members], len(digests) + numbers
    size = len(digests) + int(numbers.max(initial=-1)) + 1
    edges = (np.ones(len(rows), bool), (rows, columns))
    _, component = connected_components(coo_array(edges, (size, size)), directed=False)
    return name_components(digests, component[: len(digests)])
