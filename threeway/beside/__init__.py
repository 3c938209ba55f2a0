"""Finished comparisons beside one another."""
