"""A trained model kept in a folder, weights and card, and loaded from it: nothing else is asked."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from threeway.artefacts import BACKBONE
from threeway.errors import InputError
from threeway.model.card import WEIGHTS, Card, read_card, write_card
from threeway.networks.builder import build_trained, complete, needs_backbone
from threeway.networks.inference import Apply, compile_network
from threeway.networks.litert import compile_frozen
from threeway.networks.transfer import build_backbone, build_trunk
from threeway.networks.weights import Weights, load_weights
from threeway.records import digest_file
from threeway.runtime import keras


def save_trained(folder: Path, trained: keras.Model, **about: object) -> None:
    """Keeps what a run trained.

    Args:
        folder: for the model, made if need be.
        trained: the part of the network that build_trained built.
        about: the fields of its card, but for the digests of files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # Without the optimizer's moments, which would be two thirds of the file.
    trained.optimizer = None
    trained.save_weights(folder / WEIGHTS)
    backbone = digest_file(BACKBONE) if needs_backbone(about["scenario"]) else None
    digest = digest_file(folder / WEIGHTS)
    write_card(folder, Card(**about, backbone_sha256=backbone, weights_sha256=digest))


def load_trained(folder: Path) -> tuple[keras.Model, Card]:
    """Loads what a run trained, as it was kept: (that part of the network, its card).

    Raises:
        InputError: there is no such model, or it is damaged.
    """
    card = read_card(folder)
    trained = build_described(card)
    fill(trained, folder)
    return trained, card


def build_described(card: Card) -> keras.Model:
    """Builds what a card is of, with other weights."""
    return build_trained(card.scenario, card.restore_settings(), len(card.classes))


def fill(trained: keras.Model, folder: Path) -> None:
    """Fills what build_described built with the weights in a folder.

    Raises:
        InputError: they are not of such a network.
    """
    try:
        trained.load_weights(folder / WEIGHTS)
    except (ValueError, OSError) as error:
        raise InputError(
            f"{folder} holds weights that are not its card's ({' '.join(str(error).split())}); "
            "remove it, then run 'dvc repro'"
        ) from error


def load_network(folder: Path, backbone: Path = BACKBONE) -> tuple[keras.Model, Card]:
    """Loads a trained model whole: (network, its card).

    Args:
        folder: of the model.
        backbone: file with the backbone's weights, which is read only if the model's are not all.

    Returns:
        The network goes from (batch, size, size, 3) in [0, 255] to (batch, classes).

    Raises:
        InputError: there is no such model, it is damaged, or the backbone is another one.
    """
    trained, card = load_trained(folder)
    return complete_trained(trained, card, folder, backbone), card


def load_each(folders: Iterable[Path]) -> Iterator[tuple[keras.Model, Path]]:
    """Loads models, one after the other: (network, file of its weights), each as load_network does.

    Those that differ in their weights alone are the same network, which is loaded once.
    """
    loaded: dict[str, keras.Model] = {}
    for folder in folders:
        name = name_network(read_card(folder))
        if name not in loaded:
            loaded[name] = load_network(folder)[0]
        yield loaded[name], folder / WEIGHTS


def name_network(card: Card) -> str:
    """Names a card's network: those of one name differ in their weights alone, whatever their
    training was.
    """
    sections = {name: card.settings[name] for name in card.settings if name != "training"}
    return json.dumps([card.scenario, card.classes, card.backbone_sha256, sections], sort_keys=True)


def complete_trained(trained: keras.Model, card: Card, folder: Path, backbone: Path) -> keras.Model:
    """Completes what build_described built: see load_network."""
    weights = load_own_backbone(card, folder, backbone)
    return complete(card.scenario, card.restore_settings(), trained, weights)


def compile_trained(trained: keras.Model, card: Card, folder: Path, backbone: Path) -> Apply:
    """Compiles the answers to images of what build_described built.

    A head's come from the features that it was trained on, bit for bit.

    Raises:
        InputError: as load_network.
    """
    weights = load_own_backbone(card, folder, backbone)
    if weights is None:
        return compile_network(trained)
    image, head = card.restore_settings().image, compile_network(trained)
    whole = build_backbone(image.resolution, image.pixel_range, weights)
    features = compile_frozen(build_trunk(whole))
    return lambda images: head(features(images))


def load_own_backbone(card: Card, folder: Path, backbone: Path) -> Weights | None:
    """Loads the backbone's weights that a model was trained with; None where it keeps its own.

    Raises:
        InputError: the file has others, or is not there.
    """
    if card.backbone_sha256 is None:
        return None
    if not backbone.is_file() or digest_file(backbone) != card.backbone_sha256:
        raise InputError(
            f"{folder} was trained on another backbone than {backbone} holds; run 'dvc repro'"
        )
    return load_weights(backbone)


class Loader:
    """Loads model after model, each ready to answer, and builds a network anew only where it is
    another than the last: to build and to compile MobileNetV2 takes as long as a thousand of its
    answers to a small image.
    """

    def __init__(self) -> None:
        self.built: str | None = None

    def load(self, folder: Path) -> tuple[Apply, Card]:
        """Loads a model: (its answers, until the next one is loaded; its card).

        Raises:
            InputError: as load_network.
        """
        card = read_card(folder)
        name = name_network(card)
        if name != self.built:
            self.trained = build_described(card)
            self.apply = compile_trained(self.trained, card, folder, BACKBONE)
            self.built = name
        fill(self.trained, folder)
        return self.apply, card
