"""Numbers and names as sentences have them."""


def points(share: float, sign: str = "-") -> str:
    """Words a share in points or percent; never "-0.0". With "+" a positive one has its sign."""
    return f"{round(100 * share, 1) + 0.0:{sign}.1f}"


def name_points(share: float) -> str:
    """Names a whole difference: "2 points"."""
    value = f"{100 * share:g}"
    return f"{value} point{'' if value == '1' else 's'}"


def join(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
