"""What was understood of folders is told in a few lines, for its user to see that it is right."""

from tests.conftest import read_data
from tests.intake.test_labelling import files
from threeway.intake.describing import describe_labels
from threeway.intake.labelling import label_paths


def test_what_was_understood_is_described_in_a_few_lines():
    paths = [*files("train/cat", "test/cat", "train/dog", "test/dog"), "train/p1.png", ".x"]
    entries = label_paths(paths, read_data(group=r"0"))
    # All that are in a group are in one here, but not all files are in a group.
    assert describe_labels(entries).splitlines() == [
        "8 files in 2 classes:",
        "  cat        4  (2 train, 0 val, 2 test)",
        "  dog        4  (2 train, 0 val, 2 test)",
        "groups that stay together: 1, of 4 files",
        "left out unopened (not in a class folder: 1; system file: 1)",
    ]


def test_a_description_of_many_classes_is_short():
    paths = files(*(f"class {n:02d}" for n in range(40)))
    lines = describe_labels(label_paths(paths, read_data())).splitlines()
    assert lines[0] == "80 files in 40 classes:"
    assert lines[-1] == "  and 26 more classes, 52 files"
    assert len(lines) == 16
