"""Groups that were given and groups of copies that share an image are one."""

from threeway.intake.uniting import unite_groups

DIGESTS = [f"{letter}{'0' * 15}" for letter in "fedcba"]


def name(letter):
    return letter + "0" * 11


def test_without_given_groups_those_of_copies_stay():
    copies = [name("e"), name("e"), name("d"), name("a"), name("b"), name("a")]
    assert unite_groups(DIGESTS, copies, [""] * 6) == copies
    assert unite_groups([], [], []) == []


def test_groups_that_share_an_image_are_one_and_named_by_their_smallest_digest():
    # 0 and 1 are copies, 1 and 2 one patient, 2 and 4 copies; 3 and 5 another patient.
    copies, given = [*"gghihj"], ["", "p", "p", "q", "", "q"]
    b, a = name("b"), name("a")
    united = unite_groups(DIGESTS, copies, given)
    assert united == [b, b, b, a, b, a]
    assert unite_groups(DIGESTS[::-1], copies[::-1], given[::-1]) == united[::-1]


def test_a_given_group_that_is_called_like_a_group_of_copies_is_another():
    assert unite_groups(DIGESTS[:2], ["g", "h"], ["h", ""]) == [name("f"), name("e")]
