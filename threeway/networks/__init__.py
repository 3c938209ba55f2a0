"""The networks, as Keras models, and how they are applied."""
