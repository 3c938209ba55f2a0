"""What a trial may try, and when it is given up: questions to Optuna, answered from what earlier
trials found.

Both answers are functions of that and of a key, without a memory of their own: whoever asks again
after an interruption, or on another machine, hears the same.

Source: Bergstra et al., "Algorithms for hyper-parameter optimization", 2011, for the search;
Golovin et al., "Google Vizier: a service for black-box optimization", 2017, for the median rule.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from threeway.settings import Range
from threeway.streams import Stream, make_generator

# The first trial is the recipe as it is written; so many are drawn at random before a model of what
# was found says where to look.
RANDOM_TRIALS = 5
# Trials that are run to their end before one is measured by them.
UNJUDGED_TRIALS = 3
# Of a trial's epochs, the share in which it is not given up: a low learning rate begins slowly.
UNJUDGED_SHARE = 0.2
SIGNIFICANT_DIGITS, DECIMALS = 3, 2


@dataclass(frozen=True)
class Trial:
    """What came of settings that were tried.

    Attributes:
        values: of the settings, by their dotted names.
        losses: on val, of each epoch.
        given_up: whether it was ended before its time.
    """

    values: dict[str, object]
    losses: tuple[float, ...]
    given_up: bool = False

    @property
    def loss(self) -> float:
        """Of the epoch that was kept."""
        return min(self.losses, default=float("inf"))


def choose(trials: Sequence[Trial]) -> int:
    """Chooses the trial with the lowest loss, the first of equals: its number, from 0.

    Raises:
        ValueError: none was run to its end.
    """
    ended = [number for number, trial in enumerate(trials) if not trial.given_up]
    return min(ended, key=lambda number: trials[number].loss)


def propose(
    ranges: dict[str, Range | list], trials: Sequence[Trial], key: Sequence[int]
) -> dict[str, object]:
    """Proposes settings to try next, by their dotted names.

    Numbers are rounded, to what a paper would print.

    Args:
        ranges: what each setting may be.
        trials: that were made before, in their order.
        key: of the search.
    """
    optuna = load_optuna()
    seed = int(make_generator(Stream.TRIAL, *key, len(trials)).integers(2**32))
    sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=RANDOM_TRIALS + 1)
    space = {name: describe_range(name, values) for name, values in ranges.items()}
    study = open_study(trials, space, sampler=sampler)
    found = study.ask(space).params
    return {name: round_value(name, found[name], values) for name, values in ranges.items()}


class Judge:
    """Hears the losses of a trial, epoch by epoch, and says when to give it up.

    That is when its lowest loss so far is above the median of what earlier trials that ran to their
    end had in the same epoch.

    Args:
        trials: that were made before.
        epochs: that the trial has at most.
    """

    def __init__(self, trials: Sequence[Trial], epochs: int):
        optuna = load_optuna()
        unjudged = int(np.ceil(UNJUDGED_SHARE * epochs))
        pruner = optuna.pruners.MedianPruner(UNJUDGED_TRIALS, n_warmup_steps=unjudged)
        self.trial = open_study(trials, {}, pruner=pruner).ask()

    def gives_up(self, loss: float, epoch: int) -> bool:
        """Says whether a trial is given up after an epoch, from 0, with this loss on val."""
        if not np.isfinite(loss):
            return True
        self.trial.report(loss, epoch)
        return self.trial.should_prune()


def load_optuna() -> ModuleType:
    """Imports Optuna, which takes half a second that nobody need wait for who tunes nothing."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def open_study(trials: Sequence[Trial], space: dict[str, object], **how: object) -> object:
    """Opens an Optuna study that has had some trials, in memory.

    Args:
        trials: in their order.
        space: the distribution of each setting that counts.
        how: the study's sampler or pruner.
    """
    optuna = load_optuna()
    state = optuna.trial.TrialState
    study = optuna.create_study(direction="minimize", **how)
    for trial in trials:
        # One that was given up in its first epoch says no more than that.
        known = dict(enumerate(trial.losses))
        study.add_trial(
            optuna.trial.create_trial(
                state=state.PRUNED if trial.given_up else state.COMPLETE,
                value=None if trial.given_up else trial.loss,
                params={name: trial.values[name] for name in space},
                distributions=space,
                intermediate_values=known,
            )
        )
    return study


def describe_range(name: str, values: Range | list) -> object:
    """Describes a setting's range as Optuna has it; learning rates are sought on a logarithmic
    scale.
    """
    distributions = load_optuna().distributions
    if isinstance(values, list):
        return distributions.CategoricalDistribution(values)
    return distributions.FloatDistribution(values.low, values.high, log=is_rate(name))


def is_rate(name: str) -> bool:
    return name.endswith(".learning_rate")


def round_value(name: str, value: object, values: Range | list) -> object:
    """Rounds what was found between two values, and stays between them."""
    if isinstance(values, list):
        return value
    rounded = float(f"{value:.{SIGNIFICANT_DIGITS}g}") if is_rate(name) else round(value, DECIMALS)
    return min(max(rounded, float(values.low)), float(values.high))
