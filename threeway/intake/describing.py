"""What was made of a source's folders or table, for its user to see at once that it is right."""

from collections import Counter
from collections.abc import Sequence

from threeway.intake.entries import Entry, name_kind
from threeway.splits import SPLITS

# Lines of a description that name classes.
MAX_DESCRIBED = 14


def describe_labels(entries: Sequence[Entry]) -> str:
    """Describes what was understood, for a reader to check: at most 20 lines.

    Args:
        entries: as label_source gives them.
    """
    used = [entry for entry in entries if not entry.rejection]
    counts = Counter(entry.class_name for entry in used)
    splits = Counter((entry.class_name, entry.split) for entry in used)
    shown = sorted(counts)[:MAX_DESCRIBED] if len(counts) > MAX_DESCRIBED + 1 else sorted(counts)
    width = max(map(len, shown), default=0)
    lines = [f"{len(used):,} files in {len(counts):,} classes:"]
    for name in shown:
        parts = [f"{splits[name, split]:,} {split}" for split in SPLITS]
        divided = f"  ({', '.join(parts)})" if any(entry.split for entry in used) else ""
        lines.append(f"  {name:<{width}}  {counts[name]:>7,}{divided}")
    if len(counts) > len(shown):
        rest = sum(counts[name] for name in counts if name not in shown)
        lines.append(f"  and {len(counts) - len(shown):,} more classes, {rest:,} files")
    return "\n".join([*lines, *describe_groups(used), *describe_rejections(entries)])


def describe_groups(used: Sequence[Entry]) -> list[str]:
    groups = {entry.group for entry in used if entry.group}
    grouped = sum(bool(entry.group) for entry in used)
    told = f"groups that stay together: {len(groups):,}, of {grouped:,} files"
    return [told] if groups else []


def describe_rejections(entries: Sequence[Entry]) -> list[str]:
    kinds = Counter(name_kind(entry.rejection) for entry in entries if entry.rejection)
    told = [f"{kind}: {count:,}" for kind, count in kinds.most_common(5)]
    rest = sum(kinds.values()) - sum(count for _, count in kinds.most_common(5))
    told += [f"others: {rest:,}"] if rest else []
    return [f"left out unopened ({'; '.join(told)})"] if told else []
