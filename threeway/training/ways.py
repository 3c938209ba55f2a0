"""The way of each scenario, by its name."""

from threeway.training import baseline_cnn, feature_extraction, fine_tuning

WAYS = {way.scenario: way for way in (baseline_cnn.WAY, feature_extraction.WAY, fine_tuning.WAY)}
