"""A scenario trained once more, on all images: the model that one takes home."""

from pathlib import Path

from threeway.run import MODEL
from threeway.settings import Settings, pick
from threeway.training.scenario import train_on_all
from threeway.training.ways import WAYS

# What each scenario's stage declares, beside `tuning`.
SECTIONS = {
    "baseline_cnn": ("image", "augmentation", "machine", "training", "baseline_cnn"),
    "feature_extraction": ("image", "machine", "training", "feature_extraction"),
    "fine_tuning": (
        "image", "augmentation", "machine", "training", "feature_extraction", "fine_tuning",
    ),
}  # fmt: skip


def train_chosen(scenario: str, settings: Settings) -> Path:
    """Trains a scenario on all images, as the comparison's runs were trained: the folder of its
    model.

    Args:
        scenario: its name.
        settings: the sections of SECTIONS, and `tuning`.
    """
    # Fine-tuning starts from a head that has converged.
    steps = ["feature_extraction", scenario] if scenario == "fine_tuning" else [scenario]
    for step in steps:
        own = pick(settings, [*SECTIONS[step], "tuning"])
        run = train_on_all(WAYS[step], own)
    return run.folder / MODEL
