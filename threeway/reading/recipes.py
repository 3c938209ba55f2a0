"""Tables and words of what tuning did, and of what more images would bring."""

import math

import pandas as pd

from threeway.evidence.search import FIRST_TRIALS
from threeway.evidence.wording import format_signed
from threeway.reading.tables import format_interval, format_percent, format_significant


def present_tuning(searches: list[dict], trials: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Rounds all that tuning did for reading: gains, choices and trials; nothing without any.

    Args:
        searches: of metrics/comparison.json.
        trials: of metrics/tuning.csv.
    """
    if not searches:
        return {}
    return {
        "gains": present_gains(searches),
        "choices": present_choices(searches),
        "trials": present_trials(trials),
    }


def present_gains(searches: list[dict]) -> pd.DataFrame:
    """Rounds what tuning brought for reading: one row a scenario, accuracies in percent.

    Args:
        searches: of metrics/comparison.json.
    """
    first = f"of the fall in loss, by the first {FIRST_TRIALS} trials"
    rows = [
        {
            "scenario": search["scenario"],
            "as written": format_percent(search["written"]),
            "tuned": format_percent(add(search["written"], search["gain"])),
            "gained, points": format_gain(search["gain"]),
            "95 % interval": format_interval(search["low"], search["high"]),
            "folds where as written is best": search["kept_written"],
            "epochs of all trials": f"{search['epochs']:,}",
            "trials given up": search["given_up"],
            first: format_percent(search["first_share"], 0),
        }
        for search in searches
    ]
    return pd.DataFrame(rows)


def present_choices(searches: list[dict]) -> pd.DataFrame:
    """Rounds what folds chose for reading: one row a setting.

    Args:
        searches: of metrics/comparison.json.
    """
    rows = [
        {
            "scenario": search["scenario"],
            "setting": choice["name"].partition(".")[2],
            "as written": format_value(choice["written"]),
            "chosen, fold by fold": ", ".join(map(format_value, choice["values"])),
            "at an end of its range": choice["at_low"] + choice["at_high"],
        }
        for search in searches
        for choice in search["choices"]
    ]
    return pd.DataFrame(rows)


def present_trials(trials: pd.DataFrame) -> pd.DataFrame:
    """Rounds every trial for reading: one row each, accuracy in percent.

    Args:
        trials: of metrics/tuning.csv.
    """
    about = ["scenario", "fold", "trial", "epochs", "best_epoch", "val_loss", "val_accuracy"]
    settings = [name for name in trials.columns if "." in name]
    rows = []
    for trial in trials.to_dict("records"):
        tried = [
            f"{name.partition('.')[2]} {format_value(trial[name])}"
            for name in settings
            if not pd.isna(trial[name])
        ]
        row = {name.replace("_", " "): trial[name] for name in about}
        loss, accuracy = trial["val_loss"], trial["val_accuracy"]
        row |= {"val loss": format_loss(loss), "val accuracy": format_percent(accuracy)}
        end = "chosen" if trial["chosen"] else "given up" if trial["given_up"] else ""
        rows.append(row | {"settings": ", ".join(tried), "": end})
    return pd.DataFrame(rows)


def present_growths(growths: list[dict]) -> pd.DataFrame:
    """Rounds how accuracy grows with training images for reading: one row a scenario and number.

    Args:
        growths: of metrics/comparison.json.
    """
    rows = []
    for growth in growths:
        for point in growth["points"]:
            rows.append(make_row(growth["scenario"], "", point))
        if growth["forecast"]["reason"] is None:
            rows.append(make_row(growth["scenario"], "forecast", growth["forecast"]))
    return pd.DataFrame(rows)


def make_row(scenario: str, kind: str, point: dict) -> dict[str, str]:
    """Makes a row of present_growths."""
    return {
        "scenario": scenario,
        "training images": f"{point['trained_on']:,.0f}",
        "accuracy": format_percent(point["accuracy"]),
        "95 % interval": format_interval(point["low"], point["high"]),
        "": kind,
    }


def add(written: float | None, gain: float | None) -> float | None:
    return None if written is None else written + gain


def format_loss(loss: float) -> str:
    """Rounds a trial's loss: infinite where it diverged in its first epoch, and has none."""
    return format_significant(loss, 3) if math.isfinite(loss) else "-"


def format_gain(gain: float | None) -> str:
    return "-" if gain is None else format_signed(100 * gain, 1, "+")


def format_value(value: object) -> str:
    """Formats a setting's value as params.yaml would have it."""
    return value if isinstance(value, str) else f"{float(value):g}"
