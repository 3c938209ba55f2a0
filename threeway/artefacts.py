"""What the pipeline makes, and where: each path that two stages know, as dvc.yaml declares it.

Relative to the checkout, in which everything runs.
"""

from pathlib import Path

PIPELINE, METRICS, PLOTS = Path("data/pipeline"), Path("metrics"), Path("plots")

# What the source is: its name and digest.
SOURCE = PIPELINE / "source.json"
# A row for each usable image, in an order that all arrays follow: path, class, width, height,
# sha256 (of what is seen).
INDEX = PIPELINE / "index.csv"
# What must stay together, and the division that the source comes with, if any: path, copies, group,
# given_split.
GROUPS = PIPELINE / "groups.csv"
# A row for each file that is left out, and why.
REJECTED = PIPELINE / "rejected.csv"
# What each image is for: path, fold (from 1), split, and for training its rank: see
# threeway/intake/splitting.py.
SPLIT = PIPELINE / "split.csv"
# (images, size, size, 3) uint8.
IMAGES = PIPELINE / "images.npy"
BACKBONE = PIPELINE / "backbone/mobilenet_v2.npz"
# (images, 1 + views, 1280) float32, the image as it is first.
FEATURES = PIPELINE / "features.npy"
# (images, ...) float32: what the layers below those that fine-tuning trains make of the images.
# Only while it trains.
FROZEN = PIPELINE / "frozen"
# A folder for each scenario, and in it one for each run.
RUNS = PIPELINE / "runs"
# What tuning tried, by scenario: trials.csv, and in as_written a folder for each fold, the run with
# the recipe as it is written.
TRIALS = PIPELINE / "trials"
# As in RUNS, those on a share of the training images.
LEARNING_CURVE = PIPELINE / "learning_curve"
# As in RUNS, those on all images: a chosen scenario's and, for fine_tuning, that of its head.
REFIT = PIPELINE / "refit"
# Runs that are being trained, and what their processes print, by scenario. The first only while it
# trains.
UNFINISHED, LOGS = PIPELINE / "unfinished", PIPELINE / "logs"
# Finished runs, by a digest of all that decides their bits; no stage's output, so that DVC leaves
# them alone.
KEPT = PIPELINE / "kept"
# Seconds of training by run, and of embedding, which no two executions have in common.
SECONDS = PIPELINE / "seconds"
# Rows of predictions.csv of the test split, by scenario.
TEST = PIPELINE / "test"
COST = PIPELINE / "cost"
# What the formats of small devices change and take: formats.csv and devices.json.
FORMATS = PIPELINE / "formats"
# What one takes home: the model for Keras with its card, and the files for small devices.
TAKEN_HOME, DEVICE = Path("data/model"), Path("data/device")
