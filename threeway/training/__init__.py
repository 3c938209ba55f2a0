"""A run: one network trained once, and what it leaves."""
