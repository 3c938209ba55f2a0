"""A trained model: kept, loaded, and what it costs."""
