"""The scenarios, in the order of every table and picture."""

TITLES = {
    "baseline_cnn": "CNN from scratch",
    "feature_extraction": "frozen MobileNetV2",
    "fine_tuning": "fine-tuned MobileNetV2",
}
SCENARIOS = tuple(TITLES)
