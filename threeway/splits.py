"""What an image is for within a fold."""

SPLITS = ("train", "val", "test")
# What training may see.
LEARNING_SPLITS = SPLITS[:2]
