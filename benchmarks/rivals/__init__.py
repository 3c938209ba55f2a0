"""The three scenarios as people write them without threeway, and threeway itself, to be timed."""
