"""Grouping faces by likeness, before anybody is named."""

import numpy as np

from models.faces.base import Engine

ALONE = -1
"""Label of a face that is like no other."""
AT_A_TIME = 4000
"""Faces that are all compared with each other, which keeps Python from all else for half a second."""


def groups(engine: Engine, embeddings: np.ndarray) -> np.ndarray:
    """Label faces, float32 NxD of `engine`, alike where they are of one person: int N, 0 for the largest group.

    A face that is like no other is `ALONE`. Average linkage (Sokal and Michener 1958), up to the distance at which two
    faces are as likely of two people as of one. Of more than `AT_A_TIME`, the rest join the faces that they resemble.
    To split a person, group that person's faces.
    """
    from sklearn.cluster import AgglomerativeClustering
    from sklearn.metrics import pairwise_distances_argmin_min

    if len(embeddings) < 2:
        return np.full(len(embeddings), ALONE)
    first, rest = embeddings[:AT_A_TIME], embeddings[AT_A_TIME:]
    tree = AgglomerativeClustering(n_clusters=None, distance_threshold=engine.alike, linkage="average")
    labels = tree.fit_predict(first)
    if len(rest):
        nearest, apart = pairwise_distances_argmin_min(rest, first)
        labels = np.concatenate([labels, np.where(apart < engine.same[0], labels[nearest], ALONE)])
    return _largest_first(labels)


def alike(engine: Engine, embeddings: np.ndarray) -> list[np.ndarray]:
    """Group faces, float32 NxD of `engine`: for each group their places, int M, the most typical face first.

    The largest group comes first; faces that are like no other are in none.
    """
    labels, found = groups(engine, embeddings), []
    for label in range(labels.max(initial=ALONE) + 1):
        places = np.flatnonzero(labels == label)
        apart = np.linalg.norm(embeddings[places] - embeddings[places].mean(axis=0), axis=1)
        found.append(places[np.argsort(apart, kind="stable")])
    return found


def _largest_first(labels: np.ndarray) -> np.ndarray:
    """Number labels anew, by how many have them; those that only one has are `ALONE`."""
    kinds, counts = np.unique(labels[labels != ALONE], return_counts=True)
    order = kinds[np.argsort(-counts, kind="stable")][: np.count_nonzero(counts > 1)]
    numbered = np.full(labels.shape, ALONE)
    for number, kind in enumerate(order):
        numbered[labels == kind] = number
    return numbered
