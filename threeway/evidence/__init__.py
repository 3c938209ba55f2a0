"""From predictions to a decision: figures, intervals, tests, words. No TensorFlow, no pixels."""
