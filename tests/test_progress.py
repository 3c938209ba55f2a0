"""How far it is, in a log: a line now and then, with an estimate from what was done."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from threeway import progress
from threeway.progress import Progress, announce, follow, format_seconds, keep_duration, list_stages

PIPELINE = (
    "stages:\n  split:\n    desc: Divides\n    cmd: x\n\n  train:\n    desc: Trains\n    cmd: y\n"
)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that shows what the list holds."""
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "data/pipeline").mkdir(parents=True)
    (tmp_path / "dvc.yaml").write_text(PIPELINE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_line_comes_after_ten_seconds_and_says_how_long_it_may_still_take(clock, capsys):
    with Progress("training", 10, "epoch") as told:
        told.advance()
        assert capsys.readouterr().out == ""
        clock[0] = 20
        told.advance(note="val accuracy 90.0 %")
        # 10 s an epoch, 8 to come.
        line = "training: epoch 2 of 10 (val accuracy 90.0 %), at most 80 s left\n"
        assert capsys.readouterr().out == line
        told.skip(3)
        clock[0] = 40
        told.advance(2)
        assert capsys.readouterr().out == "training: epoch 4 of 7, at most 30 s left\n"


def test_what_was_lost_is_to_be_done_again(clock, capsys):
    with Progress("training", 4, "epoch") as told:
        told.advance(2)
        clock[0] = 20
        told.advance(-2)
        # Of nothing done there is no estimate.
        assert capsys.readouterr().out == ""
        clock[0] = 40
        told.advance()
        assert capsys.readouterr().out == "training: epoch 1 of 4, at most 2 min left\n"


def test_following_gives_the_items(capsys):
    assert list(follow("abc", "reading", 3, "letter")) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.4, "0 s"), (99, "99 s"), (100, "2 min"), (4800, "1 h 20 min")]
)
def test_durations_in_words(seconds, said):
    assert format_seconds(seconds) == said


def test_a_stage_says_its_number_and_what_is_left_by_the_last_run(project, capsys):
    announce("split")
    assert capsys.readouterr().out == "[1 of 2] Divides\n"
    keep_duration("split", 5)
    announce("split")
    assert capsys.readouterr().out == "[1 of 2] Divides\n"  # nothing is known of the other
    keep_duration("train", 30)
    announce("split")
    announce("train")
    assert capsys.readouterr().out == (
        "[1 of 2] Divides; about 35 s left, if as last time\n"
        "[2 of 2] Trains; about 30 s left, if as last time\n"
    )


def test_what_is_no_stage_says_nothing(project, capsys):
    announce("predict")
    keep_duration("predict", 3)
    assert capsys.readouterr().out == ""
    assert not (project / "data/pipeline/durations.json").exists()


def test_the_stages_of_the_real_pipeline_are_all_found():
    root = Path(__file__).parents[1]
    declared = YAML(typ="safe").load(root / "dvc.yaml")["stages"]
    assert list_stages(root / "dvc.yaml") == {name: at["desc"] for name, at in declared.items()}
