"""From files to pixels: what a source holds, which of it is usable, what belongs together."""
