"""What networks see: arrays on disk, splits with their labels, augmented views."""
