"""The audit finds what is wrong in the three papers, by computing, and nothing in a sound one."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from threeway.errors import InputError
from threeway.papers.audit import Range, audit_paper
from threeway.papers.paper import Paper, read_paper

PAPERS = Path(__file__).parents[2] / "papers"

# 50 + 30 + 20 images; every figure follows from these counts, rounded as papers round.
SOUND = {
    "citation": "nobody",
    "task": "shapes, 3 classes",
    "classes": ["a", "b", "c"],
    "test_images": 100,
    "confusion": {
        "where": "Figure 1",
        "of": "tuned",
        "split": "test",
        "rows": {
            "a": {"images": 50, "called": {"a": 47, "b": 2, "c": 1}},
            "b": {"images": 30, "called": {"a": 3, "b": 27}},
            "c": {"called": {"b": 1, "c": 19}},
        },
    },
    "scores": [
        {
            "where": "Table 1",
            "classes": {
                "a": {"precision": "0.940", "recall": "0.940", "f1": "0.940"},
                "b": {"precision": "0.900", "recall": "0.900", "f1": "0.900"},
                "c": {"precision": "0.950", "recall": "0.950", "f1": "0.950"},
            },
            "macro": {"precision": "0.930", "recall": "0.930", "f1": "0.930"},
            "weighted": {"precision": "0.930", "recall": "0.930", "f1": "0.930"},
        }
    ],
    "accuracies": [
        {"of": "tuned", "split": "train", "value": "99.1 %", "where": "Figure 2"},
        {"of": "tuned", "split": "test", "value": "93.0 %", "where": "Table 2"},
        {"of": "cnn", "split": "test", "value": "71.0 %", "where": "Table 2"},
    ],
    "gains": [{"to": "tuned", "over": "cnn", "points": "22.0", "cites": "test", "where": "text"}],
    "layers": {
        "where": "Table 3",
        "dense": [{"inputs": 1280, "outputs": 128}, {"inputs": 128, "outputs": 3}],
        "backbone": 2257984,
        "total": 2257984 + 1280 * 128 + 128 + 128 * 3 + 3,
        "trainable": 1280 * 128 + 128 + 128 * 3 + 3,
    },
    "settings": [{"name": "dropout", "values": {"0.2": "Table 4"}}],
    "splits": [{"images": "the test images", "uses": ["the final test"], "where": "section 2"}],
}


def claims(name: str) -> dict[str, str]:
    return {f.claim: f.expected for f in audit_paper(read_paper(PAPERS / f"{name}.yaml"))}


def change(**changes) -> Paper:
    return Paper.model_validate(SOUND | changes)


def test_a_sound_paper_raises_no_alarm():
    assert audit_paper(Paper.model_validate(SOUND)) == []


def test_animals():
    found = claims("animals")
    assert set(found) == {
        "F1 of elephant is 0.9144",
        "F1 of lion is 0.9283",
        "macro precision is 0.9507",
        "macro recall is 0.9505",
        "macro f1 is 0.9503",
    }
    assert found["F1 of elephant is 0.9144"].startswith("0.9186")
    assert found["F1 of lion is 0.9283"].startswith("0.9611")
    assert [found[f"macro {m}"][:6] for m in ("precision is 0.9507", "recall is 0.9505")] == [
        "0.9707",
        "0.9533",
    ]
    assert found["macro f1 is 0.9503"].startswith("0.9544")


def test_batik():
    found = claims("batik")
    gain = found["fine-tuned MobileNetV2 gains 1.67 points over MobileNetV2"]
    assert gain == "5.85 points, from 94.00 % to 99.85 %; it fits the val accuracies"
    gain = found["fine-tuned MobileNetV2 gains 27.67 points over CNN"]
    assert gain == "37.52 points, from 62.33 % to 99.85 %; it fits the val accuracies"
    table = found["comparison accuracy of fine-tuned MobileNetV2 is 99.85 %"]
    assert "calls the same figure a training accuracy" in table
    twice = [claim.split(":")[0] for claim, expected in found.items() if expected == "one value"]
    expected = ["dropout", "random rotation", "random zoom", "random contrast", "epochs"]
    assert twice == expected


def test_clothing():
    found = claims("clothing")
    assert found == {
        "macro f1 is 0.91": "0.9250, the mean of the 4 classes",
        "400 test images": "401, the sum of the confusion counts",
        "val accuracy is 91.75 %": "91.52 %, 367 of 401 by the confusion counts",
        "recall of shoes is 0.88": "0.850, 96 of 113 in section 4.3",
        "the last layer has 5 outputs": "4, a class each",
        "the 400 test images serve as validation in each of 250 epochs and the final test": (
            "a split of its own for each"
        ),
        "MobileNetV2 is fed pixels in [0, 1]": (
            "[-1, 1], which its ImageNet weights were trained on"
        ),
    }


@pytest.mark.parametrize(
    ("changes", "claim"),
    [
        ({"layers": SOUND["layers"] | {"total": 2422598}}, "2,422,598 parameters in total"),
        ({"test_images": 99}, "99 test images"),
        (
            {"gains": [SOUND["gains"][0] | {"points": "23.0"}]},
            "tuned gains 23.0 points over cnn",
        ),
        (
            {
                "accuracies": [a | {"value": "92.0 %"} for a in SOUND["accuracies"][1:2]],
                "gains": [],
            },
            "test accuracy is 92.0 %",
        ),
    ],
)
def test_each_contradiction_is_found_alone(changes, claim):
    assert [finding.claim for finding in audit_paper(change(**changes))] == [claim]


def test_a_row_of_more_images_than_its_class_is_found():
    rows = SOUND["confusion"]["rows"]
    rows = rows | {"a": {"images": 49, "called": rows["a"]["called"]}}
    confusion = SOUND["confusion"] | {"rows": rows}
    found = {f.claim: f.expected for f in audit_paper(change(confusion=confusion))}
    assert found["49 images of a"] == "50, the row's sum"


def test_recalls_of_another_model_are_not_those_of_the_confusion_matrix():
    other = SOUND["scores"][0]["classes"] | {"a": {"recall": "0.500"}}
    scores = {"where": "Table 5", "of": "cnn", "classes": other}
    assert not audit_paper(change(scores=[*SOUND["scores"], scores]))
    [found] = audit_paper(change(scores=[*SOUND["scores"], scores | {"of": "tuned"}]))
    assert found.claim == "recall of a is 0.500"


def test_without_counts_a_weighted_average_lies_between_its_classes():
    # Nothing to compute F1 from is no finding.
    classes = {"a": {"precision": "0.90"}, "b": {"precision": "0.80"}}
    scores = {"where": "Table 1", "classes": classes, "macro": {}}
    about = {"confusion": None, "classes": ["a", "b"], "layers": None}
    for weighted, expected in [("0.85", []), ("0.95", ["weighted precision is 0.95"])]:
        paper = change(**about, scores=[scores | {"weighted": {"precision": weighted}}])
        found = audit_paper(paper)
        assert [finding.claim for finding in found] == expected
        assert all("0.7950 to 0.9050, between the lowest and" in f.expected for f in found)


def test_a_gain_over_what_has_no_accuracy_is_left_alone():
    gains = [SOUND["gains"][0] | {"over": "svm"}]
    assert audit_paper(change(gains=gains)) == []


def test_a_difference_smaller_than_the_test_split_shows_is_a_flaw():
    close = [a | {"value": "91.0 %"} for a in SOUND["accuracies"] if a["of"] == "cnn"]
    gains = [SOUND["gains"][0] | {"points": "2.0"}]
    paper = change(accuracies=[*SOUND["accuracies"][:2], *close], gains=gains)
    (finding,) = audit_paper(paper)
    assert finding.severity == "flaw"
    assert "a difference over 7.5 points" in finding.expected


def test_rounding_is_allowed_for():
    assert Range.of("0.95").holds(0.9549)
    assert Range.of("0.95").holds(0.945)
    assert not Range.of("0.950").holds(0.9549)
    assert Range.of("94.00 %").holds(0.94004)
    assert not Range.of("94.00 %").holds(0.9401)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("accuracys", [], "accuracys: Extra inputs"),
        ("accuracies", [{"of": "a", "split": "test", "value": "high", "where": "x"}], "in quotes"),
        ("accuracies", [{"of": "a", "split": "test", "value": "NaN", "where": "x"}], "in quotes"),
        ("confusion", SOUND["confusion"] | {"rows": {}}, "confusion.rows: Dictionary should have"),
        (
            "confusion",
            SOUND["confusion"] | {"rows": {"a": {"called": {"a": 0}}}},
            "confusion.rows.a: Value error, a class has no image",
        ),
        ("layers", SOUND["layers"] | {"dense": []}, "layers.dense: List should have at least 1"),
        ("classes", ["a", "b"], "'c' is no class of"),
        ("test_images", "many", "test_images: Input should be a valid integer"),
    ],
)
def test_a_wrong_record_is_an_input_error_that_names_the_key(key, value, message, tmp_path):
    path = tmp_path / "mine.yaml"
    YAML(typ="safe").dump(SOUND | {key: value}, path)
    with pytest.raises(InputError, match=r"mine\.yaml is not a paper's record") as caught:
        read_paper(path)
    assert message in str(caught.value)
