"""Trials in each fold, one after the other, whatever comes between; then each seed as the best."""

import math
from collections.abc import Callable
from dataclasses import replace
from operator import attrgetter
from pathlib import Path

import numpy as np
import pytest

from threeway.artefacts import RUNS, TRIALS, UNFINISHED
from threeway.run import Run
from threeway.settings import Range, Settings, load_settings
from threeway.training.baseline_cnn import begin
from threeway.training.plans import COLUMNS, Plan, Search, Straight
from threeway.training.runs import Outcome, Task
from threeway.training.tuning import Trial

RATE, UNITS = "baseline_cnn.learning_rate", "baseline_cnn.dense_units"
SHARE = "training.augmented_share"
RANGES = {
    RATE: Range(low=1e-4, high=1e-2),
    UNITS: [8, 16, 32],
    SHARE: Range(low=0.0, high=1.0),
}
WRITTEN = {RATE: 0.001, UNITS: 8, SHARE: 1.0}
SETTINGS = load_settings(
    "training", "baseline_cnn", path=Path(__file__).parents[2] / "params.yaml"
).replace(WRITTEN)
RUNS_OF_TWO_SEEDS = [Run("baseline_cnn", fold, seed) for fold in (1, 2, 3) for seed in (4, 2)]

Measure = Callable[[Task], Outcome]


def make_task(run: Run, settings: Settings) -> Task:
    folder = UNFINISHED / run.scenario / run.name
    return Task(run, settings, begin, decisive=(), embedded=(), folder=folder)


def plan_search(num_trials: int, runs: list[Run] = RUNS_OF_TWO_SEEDS) -> Search:
    return Search(runs, dict.fromkeys(runs, SETTINGS), RANGES, num_trials, make_task)


def make_outcome(*losses: float, given_up: bool = False) -> Outcome:
    best = int(np.argmin(losses)) + 1 if losses else 0
    return Outcome("", 1.0, "a processor", [*losses], best, 0.5, given_up)


def measure(task: Task) -> Outcome:
    """Measures how far a run is from a rate of 0.003 and no augmentation."""
    loss = abs(math.log10(task.settings.get(RATE) / 0.003)) + task.settings.get(SHARE)
    return make_outcome(loss + 1, loss, loss + 0.5)


def work_out(
    plan: Plan, seed: int | None = None, measure: Measure = measure
) -> list[tuple[Task, Outcome]]:
    """Does all that a plan lists: in its order, or in another one by a seed."""
    rng = np.random.default_rng(seed)
    waiting, done = [*plan.begin()], []
    while waiting:
        task = waiting.pop(0 if seed is None else rng.integers(len(waiting)))
        outcome = measure(task)
        done.append((task, outcome))
        waiting += plan.follow(task, outcome)
    return done


def list_trials(done: list[tuple[Task, Outcome]], fold: int) -> list[Task]:
    return [task for task, _ in done if task.run.fold == fold and task.values is not None]


def list_values(done: list[tuple[Task, Outcome]], fold: int) -> list[dict]:
    return [task.values for task in list_trials(done, fold)]


def list_runs(done: list[tuple[Task, Outcome]]) -> list[Task]:
    return [task for task, _ in done if task.values is None]


def test_nothing_follows_from_runs_that_are_not_tuned():
    tasks = [make_task(run, SETTINGS) for run in RUNS_OF_TWO_SEEDS]
    plan = Straight(tasks)
    assert [task for task, _ in work_out(plan)] == tasks
    assert plan.runs == RUNS_OF_TWO_SEEDS
    assert plan.count() == 6
    assert plan.list_wanted() == {
        RUNS / f"baseline_cnn/fold-{fold}-seed-{seed}": task
        for (fold, seed), task in zip(
            [(1, 4), (1, 2), (2, 4), (2, 2), (3, 4), (3, 2)], tasks, strict=True
        )
    }
    assert plan.list_seeds() == set()
    assert plan.describe() == ""
    assert plan.count_at_once(4) == 4
    table = plan.tabulate()
    assert (table.columns.tolist(), len(table)) == ([*COLUMNS], 0)


def test_the_values_of_runs_that_are_not_tuned_are_those_that_they_are_given():
    units = [16, 8, 16, 32, 8, 8]
    plan = Straight(
        [
            make_task(run, SETTINGS.replace({UNITS: count}))
            for run, count in zip(RUNS_OF_TWO_SEEDS, units, strict=True)
        ]
    )
    assert plan.list_values(UNITS) == [16, 8, 32]


@pytest.mark.parametrize("seed", [None, 0, 1])
def test_trials_of_a_fold_are_one_after_the_other_each_measured_by_those_before(seed):
    plan = plan_search(4)
    assert [task.name for task in plan.begin()] == [
        f"fold-{fold}-seed-4-trial-01" for fold in (1, 2, 3)
    ]
    done = work_out(plan, seed)
    for fold in (1, 2, 3):
        trials = list_trials(done, fold)
        assert [task.name for task in trials] == [
            f"fold-{fold}-seed-4-trial-{number:02d}" for number in (1, 2, 3, 4)
        ]
        known = [Trial(task.values, tuple(measure(task).val_losses)) for task in trials]
        assert [task.earlier for task in trials] == [tuple(known[:count]) for count in range(4)]
        for task in trials:
            assert {name: task.settings.get(name) for name in RANGES} == task.values
            assert task.run == Run("baseline_cnn", fold, 4)
            assert task.folder == UNFINISHED / "baseline_cnn" / task.name


def test_the_first_trial_is_the_recipe_as_it_is_written():
    done = work_out(plan_search(3))
    for fold in (1, 2, 3):
        first, *others = list_trials(done, fold)
        assert (first.values, first.earlier) == (WRITTEN, ())
        assert first.settings == SETTINGS
        assert all(task.values != WRITTEN for task in others)


def test_each_seed_gets_what_the_best_trial_of_its_fold_had():
    done = work_out(plan_search(8), seed=0)
    runs = list_runs(done)
    assert {task.run for task in runs} == {*RUNS_OF_TWO_SEEDS}
    assert len(runs) == 6
    assert len(done) == plan_search(8).count() == 3 * 8 + 6
    for task in runs:
        trials = list_trials(done, task.run.fold)
        best = min(trials, key=lambda trial: min(measure(trial).val_losses))
        assert best.values != WRITTEN
        assert task.settings == SETTINGS.replace(best.values)
        assert task == make_task(task.run, SETTINGS.replace(best.values))
    assert len({task.settings.get(RATE) for task in runs}) == 3, "each fold its own"


def test_the_order_in_which_folds_finish_changes_nothing():
    one, other = plan_search(5), plan_search(5)
    first, second = work_out(one), work_out(other, seed=3)
    assert [task.name for task, _ in first] != [task.name for task, _ in second]
    for fold in (1, 2, 3):
        assert list_trials(first, fold) == list_trials(second, fold)
    by_name = attrgetter("name")
    assert sorted(list_runs(first), key=by_name) == sorted(list_runs(second), key=by_name)
    assert one.tabulate().equals(other.tabulate())


def test_a_fold_does_not_know_of_the_others():
    done = work_out(plan_search(5))
    alone = work_out(plan_search(5, RUNS_OF_TWO_SEEDS[2:4]))
    assert list_trials(alone, 2) == list_trials(done, 2)

    def measure_otherwise(task: Task) -> Outcome:
        return measure(task) if task.run.fold == 2 else make_outcome(float(len(task.earlier)))

    mixed = work_out(plan_search(5), measure=measure_otherwise)
    assert list_trials(mixed, 2) == list_trials(done, 2)
    assert list_trials(mixed, 1) != list_trials(done, 1)
    # From the second trial on each searches elsewhere.
    seconds = [list_values(done, fold)[1] for fold in (1, 2, 3)]
    assert len({str(values) for values in seconds}) == 3


def test_fewer_trials_are_the_first_of_more():
    few, many = work_out(plan_search(3)), work_out(plan_search(7))
    for fold in (1, 2, 3):
        assert list_trials(few, fold) == list_trials(many, fold)[:3]


def test_one_trial_is_the_recipe_as_it_is_written_and_is_taken():
    done = work_out(plan_search(1))
    assert [task.values for task, _ in done if task.values] == [WRITTEN] * 3
    assert [task.settings for task in list_runs(done)] == [SETTINGS] * 6
    assert len(done) == 9


def test_what_a_run_has_beside_what_is_tuned_stays_its_own():
    epochs = {run: 10 * run.fold + run.seed for run in RUNS_OF_TWO_SEEDS}
    written = {
        run: SETTINGS.replace({"baseline_cnn.epochs": count}) for run, count in epochs.items()
    }
    done = work_out(Search(RUNS_OF_TWO_SEEDS, written, RANGES, 3, make_task))
    for task, _ in done:
        assert task.settings.baseline_cnn.epochs == epochs[task.run]


def test_a_trial_that_was_given_up_is_never_chosen():
    """Though it has the lowest loss of all."""

    def give_up(task: Task) -> Outcome:
        if task.values is not None and len(task.earlier) in (1, 3):
            return make_outcome(0.001, given_up=True)
        return measure(task)

    done = work_out(plan_search(5), measure=give_up)
    for task in list_runs(done):
        trials = list_trials(done, task.run.fold)
        chosen = {name: task.settings.get(name) for name in RANGES}
        assert chosen in [trials[number].values for number in (0, 2, 4)]
        assert chosen not in [trials[number].values for number in (1, 3)]
        assert [trial.given_up for trial in trials[-1].earlier] == [False, True, False, True]

    def give_all_up(task: Task) -> Outcome:
        return make_outcome(given_up=True) if task.earlier else measure(task)

    lost = work_out(plan_search(5), measure=give_all_up)
    assert [task.settings for task in list_runs(lost)] == [SETTINGS] * 6


def test_of_equals_the_first_is_chosen():
    done = work_out(plan_search(4), measure=lambda _: make_outcome(1.0))
    assert [task.settings for task in list_runs(done)] == [SETTINGS] * 6


def test_what_is_wanted_is_what_is_written_and_the_best_that_is_known():
    plan = plan_search(3, RUNS_OF_TWO_SEEDS[:4])
    first, other = plan.begin()
    as_written = {
        TRIALS / f"baseline_cnn/as_written/fold-{fold}-seed-4": make_task(
            Run("baseline_cnn", fold, 4), SETTINGS
        )
        for fold in (1, 2)
    }
    assert plan.list_wanted() == as_written

    [second] = plan.follow(first, make_outcome(1.0))
    of_first = [RUNS / f"baseline_cnn/fold-1-seed-{seed}" for seed in (4, 2)]
    wanted = plan.list_wanted()
    assert [*wanted] == [*as_written, *of_first]
    assert [wanted[folder].settings for folder in of_first] == [SETTINGS] * 2
    assert [wanted[folder].values for folder in of_first] == [None] * 2

    [third] = plan.follow(second, make_outcome(0.5))
    better = SETTINGS.replace(second.values)
    wanted = plan.list_wanted()
    assert [wanted[folder].settings for folder in of_first] == [better] * 2
    assert {folder: wanted[folder] for folder in as_written} == as_written

    chosen = plan.follow(third, make_outcome(0.75))
    assert [task.settings for task in chosen] == [better] * 2
    assert plan.follow(chosen[0], make_outcome(9.0)) == []
    assert [plan.list_wanted()[folder] for folder in of_first] == chosen
    plan.follow(other, make_outcome(1.0))
    assert len(plan.list_wanted()) == 6


def test_trials_are_tabulated_fold_by_fold():
    outcomes = {
        (1, 1): make_outcome(0.9, 0.8, 0.85),
        (1, 2): Outcome("", 1.0, "", [0.2, 0.1], 2, 0.95, given_up=True),
        (1, 3): Outcome("", 1.0, "", [0.7], 1, 0.75, given_up=False),
        (2, 1): make_outcome(0.6, 0.65),
        (2, 2): Outcome("", 1.0, "", [], 0, 0.0, given_up=True),
        (2, 3): make_outcome(0.6),
    }

    def recall(task: Task) -> Outcome:
        return outcomes.get((task.run.fold, len(task.earlier) + 1), make_outcome(1.0))

    plan = plan_search(3, RUNS_OF_TWO_SEEDS[:4])
    done = work_out(plan, seed=1, measure=recall)
    table = plan.tabulate()
    assert table.columns.tolist() == [*COLUMNS, *RANGES]
    assert table[[*COLUMNS]].to_numpy().tolist() == [
        ["baseline_cnn", 1, 1, 3, 2, 0.8, 0.5, False, False],
        ["baseline_cnn", 1, 2, 2, 2, 0.1, 0.95, True, False],
        ["baseline_cnn", 1, 3, 1, 1, 0.7, 0.75, False, True],
        ["baseline_cnn", 2, 1, 2, 1, 0.6, 0.5, False, True],
        ["baseline_cnn", 2, 2, 0, 0, math.inf, 0.0, True, False],
        ["baseline_cnn", 2, 3, 1, 1, 0.6, 0.5, False, False],
    ]
    values = list_values(done, 1) + list_values(done, 2)
    assert table[[*RANGES]].to_dict("records") == values


def test_what_is_to_come_is_known_before():
    plan = plan_search(3)
    assert plan.count() == 3 * 3 + 6
    assert plan.list_seeds() == {2, 4}
    assert plan.list_values(UNITS) == [8, 16, 32]
    assert plan.describe() == "3 trials, one after the other, in each of 3 folds"
    # When all trials are done at once, each seed of each fold may be.
    assert plan.count_at_once(3) == 6


def test_a_written_value_is_known_before_those_of_the_range_and_only_once():
    runs = RUNS_OF_TWO_SEEDS[:2]
    written = {
        run: SETTINGS.replace({UNITS: count}) for run, count in zip(runs, (16, 7), strict=True)
    }
    plan = Search(runs, written, RANGES, 3, make_task)
    assert plan.list_values(UNITS) == [16, 7, 8, 32]


def test_a_plan_that_is_begun_again_knows_nothing():
    plan = plan_search(2)
    first = work_out(plan)
    assert work_out(plan) == first
    assert len(plan.tabulate()) == 6


def test_trials_can_be_told_again_without_being_made():
    """What was kept of a search leads to the same next trial."""
    done = work_out(plan_search(4, RUNS_OF_TWO_SEEDS[:2]))
    kept = {task.name: outcome for task, outcome in done[:2]}
    plan = plan_search(4, RUNS_OF_TWO_SEEDS[:2])
    [task] = plan.begin()
    while task.name in kept:
        [task] = plan.follow(task, kept[task.name])
    assert task == done[2][0]
    assert replace(task, values=None).name == "fold-1-seed-4"
