"""Whether so many files were left out that a reader should ask why."""

# Shares of all files, and of a class's.
NOTABLE_SHARE, NOTABLE_SHARE_OF_CLASS = 0.05, 0.25


def leaves_out_many(data: dict) -> bool:
    """Tells whether much is left out, of all or of a class.

    Args:
        data: the counts of metrics/data.json.
    """
    return leaves_out_many_of_all(data) or bool(list_poor_classes(data))


def leaves_out_many_of_all(data: dict) -> bool:
    return data["lost"] >= NOTABLE_SHARE * data["files"] > 0


def list_poor_classes(data: dict) -> dict[str, int]:
    """Lists the classes of which much is left out: files left out by class."""
    return {
        name: count
        for name, count in data["rejected_by_class"].items()
        if count >= NOTABLE_SHARE_OF_CLASS * data["files_by_class"][name] > 0
    }
