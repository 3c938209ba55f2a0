"""A picture names every class so that it can be read and told from the others."""

import pytest

from threeway.reading.captions import can_show, label_classes, list_labels, shorten


def test_names_stay_as_they_are_where_they_can_be_shown():
    assert label_classes(["$a_1$", "čepice", "ключ"]) == ["$a_1$", "čepice", "ключ"]


def test_a_name_in_letters_that_the_font_lacks_is_a_number():
    assert label_classes(["tops", "上衣", "tops 上衣", "하의"]) == ["tops", "#2", "#3", "#4"]


def test_a_long_name_keeps_both_ends():
    assert shorten("a" * 20) == "a" * 20
    assert shorten("a" * 50 + "b" * 50) == "a" * 10 + "…" + "b" * 9


def test_long_names_that_would_look_alike_are_numbers():
    alike = [f"{'a' * 30}{middle}{'b' * 30}" for middle in "xy"]
    assert label_classes([*alike, "c"]) == ["#1", "#2", "c"]


def test_a_class_that_is_called_like_a_number_is_not_taken_for_another():
    assert label_classes(["#2", "上衣"]) == ["#1", "#2"]


@pytest.mark.parametrize("text", ["", "a\x07", "\u202e", "上"])
def test_what_is_invisible_cannot_be_shown(text):
    assert not can_show(text)


def test_line_breaks_in_names_become_spaces():
    assert label_classes(["two\nlines"]) == ["two lines"]


def test_labels_are_listed_only_where_a_picture_needs_them():
    assert list_labels(["a", "b"]) == {}
    assert list_labels(["a", "上"]) == {"a": "a", "上": "#2"}
    many = [f"class {number:02d}" for number in range(21)]
    assert list_labels(many[:20]) == {}
    assert list_labels(many) == dict(zip(many, many, strict=True))
