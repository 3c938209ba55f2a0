"""Numbers and names as sentences have them."""


def points(share: float, sign: str = "-") -> str:
    """Words a share in points or percent; never "-0.0". With "+" a positive one has its sign."""
    return format_signed(100 * share, 1, sign)


def format_signed(value: float, digits: int, sign: str = "-") -> str:
    """Formats a number with so many digits; nothing is below nothing: -0.03 is "0.0"."""
    text = f"{value:{sign}.{digits}f}"
    return f"{0:{sign}.{digits}f}" if float(text) == 0 else text


def name_points(share: float) -> str:
    """Names a whole difference: "2 points"."""
    value = f"{100 * share:g}"
    return f"{value} point{'' if value == '1' else 's'}"


def join(names: list[str], last: str = "and") -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}"


def join_first(names: list[str], most: int = 5) -> str:
    """Joins names, of many the first, and how many more there are."""
    rest = len(names) - most
    return join([*names[:most], f"{rest:,} more"] if rest > 0 else names)
