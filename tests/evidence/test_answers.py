"""What was written to predictions.csv is read back exactly, each pass over the images by itself;
and what is taken of it is of those that are meant.
"""

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.answers import make_answers
from tests.test_predictions import CLASSES, make_tables, name_images
from threeway.evidence.answers import read_predictions, read_rows, read_scenarios, take_seed
from threeway.predictions import join_predictions, tabulate, write_predictions
from threeway.run import PREDICTIONS, Run


def test_what_is_written_is_read_back_exactly(tmp_path):
    tables = make_tables()
    path = tmp_path / "predictions.csv"
    write_predictions(path, tables)
    found = read_predictions(path, "test")
    assert found.classes == CLASSES
    assert found.seeds.tolist() == [3, 10]
    assert found.images.tolist() == name_images("test").tolist()
    assert found.actual.tolist() == [0, 1, 2, 0, 1]
    expected = np.stack([tables[1].filter(like="p("), tables[3].filter(like="p(")])
    assert np.array_equal(found.probabilities, expected)
    assert found.correct.shape == (2, 5)


def test_names_that_look_like_numbers_are_read_as_names(tmp_path):
    path, images = tmp_path / "predictions.csv", np.array(["01", "1", "2.0"], dtype=object)
    answers, labels = np.tile([0.9, 0.1], (3, 1)), np.array([0, 1, 1])
    run = Run("baseline_cnn", 1, 1)
    write_predictions(path, [tabulate(run, "test", images, labels, answers, ["07", "7"])])
    join_predictions(path, [path], {"01": "001", "1": "1", "2.0": "1"})
    found = read_predictions(path, "test")
    assert found.images.tolist() == ["01", "1", "2.0"]
    assert found.groups.tolist() == ["001", "1", "1"]
    assert (found.classes, found.actual.tolist()) == (["07", "7"], [0, 1, 1])
    rows = tmp_path / "formats.csv"
    rows.write_text("scenario,fold,seed,image,group,keras\nbaseline_cnn,1,1,01,001,1\n")
    assert read_rows(rows)[["image", "group"]].to_numpy().tolist() == [["01", "001"]]


def test_each_scenario_is_read_from_its_folder(tmp_path):
    for scenario, sure in (("baseline_cnn", 0.9), ("fine_tuning", 0.8)):
        (tmp_path / scenario).mkdir()
        tables = [
            tabulate(
                Run(scenario, 1, 1), split, np.array([name]), [0], [[one, 1 - one]], ["a", "b"]
            )
            for split, name, one in (("test", "1", sure), ("val", "2", 0.5))
        ]
        write_predictions(tmp_path / scenario / PREDICTIONS, tables)
    folders = {name: tmp_path / name for name in ("fine_tuning", "baseline_cnn")}
    found = read_scenarios(folders, "test")
    assert [*found] == [*folders]
    assert [one.probabilities[0, 0, 0] for one in found.values()] == [0.8, 0.9]
    assert read_scenarios(folders, "val")["fine_tuning"].images.tolist() == ["2"]


def test_seeds_that_cover_different_images_are_refused(tmp_path):
    tables = make_tables()
    tables[3] = tables[3].iloc[:-1]
    path = tmp_path / "predictions.csv"
    write_predictions(path, tables)
    told = "seed 10 of division 1 covers other images of test than seed 3 of the first"
    with pytest.raises(ValueError, match=told):
        read_predictions(path, "test")


def make_folds(path: Path, repeats: int) -> np.ndarray:
    """Writes answers of two seeds to six images, in three folds: (repeats, images) int, the fold
    in whose test split each is; in val is what the next fold tests.
    """
    rng = np.random.default_rng(0)
    images = np.array([f"{number}.png" for number in range(6)], dtype=object)
    division = np.stack([rng.permutation(6) % 3 + 1 + 3 * repeat for repeat in range(repeats)])
    tables = []
    for fold, seed in product(range(1, 3 * repeats + 1), (1, 2)):
        of_repeat = division[(fold - 1) // 3]
        after = fold + 1 if fold % 3 else fold - 2
        for split, rows in (("test", of_repeat == fold), ("val", of_repeat == after)):
            answers = rng.dirichlet(np.ones(3), rows.sum())
            labels = np.flatnonzero(rows) % 3
            run = Run("any", fold, seed)
            tables.append(tabulate(run, split, images[rows], labels, answers, CLASSES))
    write_predictions(path, tables)
    join_predictions(path, [path], {image: f"g{image[0]}" for image in images})
    return division


@pytest.mark.parametrize("repeats", [1, 2])
def test_each_pass_takes_every_image_once_from_the_fold_that_tested_it(tmp_path, repeats):
    division = make_folds(tmp_path / "predictions.csv", repeats)
    found = read_predictions(tmp_path / "predictions.csv", "test")
    assert found.seeds.tolist() == [1, 2] * repeats
    assert found.repeats.tolist() == np.arange(repeats).repeat(2).tolist()
    assert (found.num_folds, found.num_repeats) == (3, repeats)
    assert np.array_equal(found.folds, division.repeat(2, axis=0))
    assert found.actual.tolist() == [0, 1, 2, 0, 1, 2]
    assert found.groups.tolist() == [f"g{number}" for number in range(6)]
    table = pd.read_csv(tmp_path / "predictions.csv", keep_default_na=False)
    for number, (repeat, seed) in enumerate(product(range(repeats), (1, 2))):
        own = table[(table["seed"] == seed) & (table["split"] == "test")]
        own = own[(own["fold"] - 1) // 3 == repeat].sort_values("image")
        assert np.array_equal(found.probabilities[number], own.filter(like="p("))


def test_of_val_the_first_division_alone_is_read(tmp_path):
    division = make_folds(tmp_path / "predictions.csv", 2)
    found = read_predictions(tmp_path / "predictions.csv", "val")
    assert found.repeats.tolist() == [0, 0]
    assert (found.folds % 3 + 1).tolist() == division[:1].repeat(2, axis=0).tolist()


def test_a_file_that_knows_no_folds_is_one_division(tmp_path):
    """As earlier versions wrote it."""
    table = pd.concat(make_tables()).drop(columns="fold")
    table.to_csv(tmp_path / "predictions.csv", index=False)
    found = read_predictions(tmp_path / "predictions.csv", "test")
    assert found.num_folds == found.num_repeats == 1
    assert found.groups.tolist() == found.images.tolist()


def test_the_passes_of_one_seed_are_taken_of_every_repeat():
    correct = np.arange(4)[:, None] > np.arange(5)
    folds = np.arange(20).reshape(4, 5) % 2 + 1
    answers = make_answers(correct, folds, repeats=2)
    assert answers.seeds.tolist() == [1, 2, 1, 2]
    found = take_seed(answers, 2)
    assert (found.seeds.tolist(), found.repeats.tolist()) == ([2, 2], [0, 1])
    assert np.array_equal(found.folds, folds[[1, 3]])
    assert np.array_equal(found.correct, correct[[1, 3]])
    assert found.images is answers.images
    assert found.groups is answers.groups


def test_the_first_division_is_found_though_val_holds_no_image_in_all_of_them(tmp_path):
    # Three divisions of three folds; no image is in val more than twice.
    val = ["a", "b", "c", "a", "d", "e", "b", "f", "g"]
    table = pd.DataFrame({"fold": range(1, 10), "seed": 1, "split": "val", "image": val})
    table = table.assign(actual="x", **{"p(x)": 0.9, "p(y)": 0.1})
    table.to_csv(tmp_path / "predictions.csv", index=False)
    found = read_predictions(tmp_path / "predictions.csv", "val")
    assert found.images.tolist() == ["a", "b", "c"]
    assert found.num_folds == 3
    twice = pd.concat([table, table[:1]])
    twice.to_csv(tmp_path / "predictions.csv", index=False)
    with pytest.raises(ValueError, match=r"^a fold has an image twice$"):
        read_predictions(tmp_path / "predictions.csv", "val")
