"""Numbers and names as sentences have them."""


def points(share: float) -> str:
    return f"{100 * share:.1f}"


def join(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
