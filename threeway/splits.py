"""What an image is for within a fold."""

SPLITS = ("train", "val", "test")
# What training may see.
LEARNING_SPLITS = SPLITS[:2]
# The number of a fold that no image is tested in, since all of them train the model that one takes
# home. The others count from 1.
NO_TEST = 0
