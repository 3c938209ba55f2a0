"""Which of its cached views an image shows a head in an epoch."""

import numpy as np

from threeway.run import Run
from threeway.training.feature_extraction import start_turns

RUN = Run("feature_extraction", fold=1, seed=1)
DIGESTS = np.array([f"{n:064x}" for n in range(10_000)])


def test_views_begin_evenly_and_in_each_run_otherwise():
    starts = start_turns(DIGESTS, 5, RUN)
    assert np.array_equal(starts, start_turns(DIGESTS, 5, RUN))
    assert np.bincount(starts, minlength=5).min() > 1800
    for other in (Run(RUN.scenario, 2, 1), Run(RUN.scenario, 1, 2)):
        assert 0.75 < (starts != start_turns(DIGESTS, 5, other)).mean() < 0.85


def test_the_view_of_an_image_does_not_depend_on_the_others():
    some = np.arange(0, len(DIGESTS), 7)[::-1]
    assert np.array_equal(start_turns(DIGESTS, 5, RUN)[some], start_turns(DIGESTS[some], 5, RUN))
