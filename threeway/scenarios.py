"""The scenarios, in the order of every table and picture."""

SCENARIOS = ("baseline_cnn", "feature_extraction", "fine_tuning")
