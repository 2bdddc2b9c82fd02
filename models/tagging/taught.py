"""Corrections, learnt: a light classifier for each word that was accepted or removed by hand.

Logistic regression (scikit-learn) on what a photo looks like and on how sure the engines were. Photos that nobody
corrected count as what the engines took them for, so that a few corrections change what is like them and little else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from envo.gallery import Tag
from models.tagging import words

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

NAME = "Envo taught"
LEAST_SURE = 0.3
"""Confidence from which on a taught word is given to a photo that did not have it."""
SPREAD = 4.0
"""By what embeddings are multiplied: how alike photos must be to learn from each other."""
SURENESS = 0.5
"""By what the engines' log-odds are multiplied: how far they are trusted beside what a photo looks like."""
SUREST = 0.995
"""Engines are never taken to be surer than this, or than one less this."""
OTHERS = 0.3
"""What all photos that nobody corrected count together, beside all that somebody did: some may show a new word, too.

One of them never counts more than this.
"""
LEAST_OTHERS = 6.0
"""They count together as many corrections at least, so that a single one reaches no photos that are unlike it."""


@dataclass(frozen=True)
class Example:
    """What is known of one photo."""

    embedding: np.ndarray
    """float32 D of length 1, as `Impression` has it."""
    found: Mapping[str, float]
    """Confidences of the engines, from 0 to 1, by word; a word that is missing was not found."""
    verdicts: Mapping[str, bool]
    """By word: accepted or added, or removed. A renamed tag is one word removed and another added."""


@dataclass(frozen=True)
class Taught:
    """What corrections have taught, by word; see `learn`."""

    lessons: "Mapping[str, LogisticRegression]"

    def confidences(self, word: str, embeddings: np.ndarray, found: np.ndarray) -> np.ndarray:
        """Tell how probably photos deserve a word, float N, of embeddings NxD; the engines are `found` sure of it, N.

        Probabilities are from 0 to 1; those of a word that was not taught stay as they are.
        """
        if word not in self.lessons:
            return found
        return self.lessons[word].predict_proba(_features(embeddings, found))[:, 1]

    def applied(self, tags: Sequence[Tag], embedding: np.ndarray) -> tuple[Tag, ...]:
        """Give the tags of a photo with what was learnt, the surest first.

        Confidences of words that were taught are corrected, and taught words that it deserves are added.
        """
        return self.applied_to_all([tags], embedding[None])[0]

    def applied_to_all(self, photos: Sequence[Sequence[Tag]], embeddings: np.ndarray) -> list[tuple[Tag, ...]]:
        """Do what `applied` does for the tags of several photos with the embeddings NxD."""
        given = [{tag.word: tag for tag in tags} for tags in photos]
        for word in self.lessons:
            found = np.array([tags[word].confidence if word in tags else 0.0 for tags in given])
            for tags, sure in zip(given, self.confidences(word, embeddings, found).tolist(), strict=True):
                if word in tags or sure >= LEAST_SURE:
                    boxes = tags[word].boxes if word in tags else ()
                    tags[word] = Tag(word, sure, "taught", NAME, words.lineage(word), boxes)
        return [tuple(sorted(tags.values(), key=lambda tag: -tag.confidence)) for tags in given]


def learn(examples: Sequence[Example]) -> Taught:
    """Learn each word for which there is a verdict, from all photos of a library: seconds for thousands of them.

    A word that is right, or wrong, wherever anything is known of it teaches nothing.
    """
    from sklearn.linear_model import LogisticRegression

    lessons = {}
    for word in sorted({word for example in examples for word in example.verdicts}):
        told = np.array([word in example.verdicts for example in examples])
        right = np.array([example.verdicts.get(word, False) for example in examples])
        found = np.array([example.found.get(word, 0.0) for example in examples])
        features = _features(np.stack([example.embedding for example in examples]), found)
        weight = min(OTHERS, max(OTHERS * told.sum(), LEAST_OTHERS) / max(1, (~told).sum()))
        # A photo that nobody judged is an example of both, as far as the engines are sure.
        rows = np.concatenate([features[told], features[~told], features[~told]])
        answers = np.concatenate([right[told], np.ones((~told).sum()), np.zeros((~told).sum())])
        counts = np.concatenate([np.ones(told.sum()), weight * found[~told], weight * (1 - found[~told])])
        accepted = np.concatenate([right[told], np.zeros(2 * (~told).sum(), bool)])
        if accepted.any():  # as much as all that speaks against the word: few of many photos are accepted
            counts[accepted] = max(1.0, counts[answers == 0].sum() / accepted.sum())
        used = counts > 0
        if len(set(answers[used])) == 2:
            lessons[word] = LogisticRegression(max_iter=1000).fit(rows[used], answers[used], counts[used])
    return Taught(lessons)


def _features(embeddings: np.ndarray, found: np.ndarray) -> np.ndarray:
    """What is learnt from: float32 N x (D + 1), of embeddings NxD and the engines' confidences N."""
    sure = np.clip(found, 1 - SUREST, SUREST)
    odds = SURENESS * np.log(sure / (1 - sure))
    return np.column_stack([SPREAD * embeddings, odds]).astype(np.float32)
