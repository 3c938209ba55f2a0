"""What only lasts while some work is done is gone afterwards, whatever became of it."""

import pytest

from threeway.execution.scratch import open_scratch


def test_the_scratch_folder_is_empty_at_first_and_gone_at_last(tmp_path):
    folder = tmp_path / "trunk"
    folder.mkdir()
    (folder / "left by a killed process").touch()
    seen = []

    def work():
        with open_scratch(folder):
            seen.extend(folder.iterdir())
            (folder / "view").touch()
            raise ValueError("on the way")

    with pytest.raises(ValueError, match="on the way"):
        work()
    assert seen == []
    assert not folder.exists()
