"""Naming faces after those that a visitor named: how sure each name is, and none where it is not sure enough.

A face is as far from a person as from the nearest third of the person's faces, on average: people look different from
photo to photo, and a few faces that were named wrongly hardly matter. Logistic regression (Platt 1999) turns the
distance into a probability. It learns from the faces that were named, and, as long as these are few, from how far
apart faces usually are. Nobody is twice in one photo: of two faces there the likelier one gets the name (`once`).
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from models.faces.base import Engine

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

LEAST_SURE = 0.9
"""Confidence from which on a face is named, unless a visitor says otherwise."""
NEAREST = 1 / 3
"""Share of a person's faces that a face is compared with, the nearest ones."""
USUAL = 100
"""Faces that what is usual counts for."""
AT_A_TIME = 4096
"""Faces that are compared at a time."""


@dataclass(frozen=True)
class Name:
    """Who a face may be."""

    person: str | None
    """None: nobody is sure enough."""
    likeliest: str | None
    """Who it would be if anybody; None where nobody was named yet."""
    confidence: float
    """Probability from 0 to 1 that it is the likeliest."""


class Namer:
    """Knows people by the faces that a visitor named."""

    def __init__(self, engine: Engine, named: Mapping[str, np.ndarray], strangers: np.ndarray | None = None) -> None:
        """Learn people by name from their faces' embeddings, float32 NxD of `engine`; about ten of a person are plenty.

        strangers: embeddings of faces that the visitor said are none of these people's, float32 NxD.
        """
        self._faces = {person: np.asarray(faces, np.float32) for person, faces in named.items() if len(faces)}
        self._model = _calibrated(engine, *self._learnt(strangers)) if self._faces else None

    @property
    def people(self) -> list[str]:
        """Names, in the order of the columns of `confidences`."""
        return list(self._faces)

    def confidences(self, embeddings: np.ndarray) -> np.ndarray:
        """Probability that each face, float32 NxD, is each person: float32 NxP.

        What a row lacks to 1 is the probability that it is somebody else.
        """
        if self._model is None or not len(embeddings):
            return np.zeros((len(embeddings), len(self._faces)), np.float32)
        distances = self._distances(embeddings)
        alone = self._model.predict_proba(distances.reshape(-1, 1))[:, 1].reshape(distances.shape)
        odds = alone / np.maximum(1 - alone, 1e-9)
        return np.float32(odds / (1 + odds.sum(axis=1, keepdims=True)))

    def name(
        self, embeddings: np.ndarray, least_sure: float = LEAST_SURE, photos: Sequence[int] | None = None
    ) -> list[Name]:
        """Name faces, float32 NxD; none below the confidence `least_sure`, 0 to 1.

        photos: the number of the photo that each face is in; None: each is in one of its own.
        """
        if not self._faces:
            return [Name(None, None, 0.0)] * len(embeddings)
        confidences, people = self.confidences(embeddings), self.people
        confidences = once(confidences, range(len(embeddings)) if photos is None else photos)
        names = []
        for row in confidences:
            likeliest, confidence = people[int(row.argmax())], float(row.max())
            names.append(Name(likeliest if confidence >= least_sure else None, likeliest, confidence))
        return names

    def _distances(self, embeddings: np.ndarray) -> np.ndarray:
        """How far each face, NxD, is from each person: NxP."""
        parts = np.split(np.asarray(embeddings, np.float32), range(AT_A_TIME, len(embeddings), AT_A_TIME))
        return np.concatenate([
            np.stack([_to_nearest(_apart(part, faces), len(faces)) for faces in self._faces.values()], axis=1)
            for part in parts
        ])  # fmt: skip

    def _learnt(self, strangers: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        """How far faces are from the other faces of their own person, and from the nearest of the other people."""
        same, other = [], []
        for faces in self._faces.values():
            if len(faces) > 1:
                apart = _apart(faces, faces)
                np.fill_diagonal(apart, np.inf)  # nobody compares a face with itself
                same.append(_to_nearest(apart, len(faces) - 1))
        if len(self._faces) > 1:
            distances = self._distances(np.concatenate([*self._faces.values()]))
            own = np.repeat(range(len(self._faces)), [len(faces) for faces in self._faces.values()])
            distances[range(len(own)), own] = np.inf
            other.append(distances.min(axis=1))
        if strangers is not None and len(strangers):
            other.append(self._distances(strangers).min(axis=1))
        return np.concatenate([[], *same]), np.concatenate([[], *other])


def once(
    confidences: np.ndarray, photos: Sequence[int], barred: Sequence[Collection[int]] = (), least: float = 0.0
) -> np.ndarray:
    """Settle who faces may be, so that nobody is the likeliest of two in one photo: float32 NxP, as `confidences` are.

    Of two faces with one likeliest person the surer keeps it; for the other one that person is out of the question, and
    whoever else it may be the likelier for it. So deferred acceptance (Gale and Shapley 1962) goes on.

    Args:
        confidences: float32 NxP, see `Namer.confidences`.
        photos: the number of the photo that each face is in, N.
        barred: the columns of those who each face is not, N; or nothing.
        least: confidence below which it does not matter who the likeliest is.

    """
    settled, photos = confidences.copy(), np.asarray(photos, np.int64)
    for row, columns in enumerate(barred):
        _bar(settled[row], list(columns))
    while settled.size:
        likeliest, sure = settled.argmax(axis=1), settled.max(axis=1)
        claims = np.flatnonzero((sure > 0) & (sure >= least))
        claims = claims[np.lexsort((-sure[claims], likeliest[claims], photos[claims]))]
        again = (np.diff(photos[claims]) == 0) & (np.diff(likeliest[claims]) == 0)
        if not again.any():
            break
        for row in claims[1:][again]:
            _bar(settled[row], [likeliest[row]])
    return settled


def _bar(confidences: np.ndarray, columns: list[int]) -> None:
    """Rule people out for a face, P, in place: the others, and nobody, share what is left in the same proportions."""
    if columns:
        left = max(1 - float(confidences[columns].sum()), 1e-6)
        np.minimum(confidences / left, 1, out=confidences)
        confidences[columns] = 0


def _apart(embeddings: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Distance of each of NxD from each of MxD: NxM."""
    from sklearn.metrics.pairwise import euclidean_distances

    return euclidean_distances(embeddings, others)


def _to_nearest(apart: np.ndarray, count: int) -> np.ndarray:
    """Mean of each row over the nearest of `count` faces: N."""
    nearest = math.ceil(count * NEAREST)
    return np.partition(apart, nearest - 1, axis=1)[:, :nearest].mean(axis=1)


def _calibrated(engine: Engine, same: np.ndarray, other: np.ndarray) -> "LogisticRegression":
    """Fit how likely a face is a person's, given its distance, to distances of the same and of other people."""
    from sklearn.linear_model import LogisticRegression

    shares = (np.arange(USUAL) + 0.5) / USUAL
    usual = [[NormalDist(*each).inv_cdf(share) for share in shares] for each in (engine.same, engine.other)]
    distances = np.concatenate([*usual, same, other])
    truth = np.repeat([True, False, True, False], [USUAL, USUAL, len(same), len(other)])
    return LogisticRegression(C=np.inf).fit(distances[:, None], truth)
