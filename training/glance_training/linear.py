"""A linear classifier over words, as anyone would build it with scikit-learn: what the encoder is compared with, and where it gets a second opinion from."""

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from .data import targets_of
from .metrics import answer_scores, headline
from .task import PART_SEPARATOR, Row, Task

# Of which the best on calibration texts is taken.
INVERSE_PENALTIES = (0.25, 1.0, 4.0, 16.0)
ITERATIONS = 200
TOLERANCE = 1e-3
# A commit has a subject, kinds of files and a body.
MOST_PARTS = 3


def linear_answers(task: Task, trained: list[Row], calibrated: list[Row], asked: list[Row]) -> np.ndarray:
    """Answer sets bool [rows of `asked`, labels] of logistic regressions over TF-IDF, trained on the rows of `trained`.

    The penalty is the one with the best headline score on the rows of `calibrated`. A row of which only several possible labels are known trains the
    first of them.
    """
    known, unknown = features_of(*([row.text for row in rows] for rows in (trained, calibrated + asked)))
    holds = targets_of(task, trained).holds
    count = len(calibrated)

    def answers(penalty: float) -> np.ndarray:
        if not task.multi_label:
            return np.eye(len(task.labels), dtype=bool)[_predicted(known, holds.argmax(axis=1), unknown, penalty)]
        return np.column_stack([_predicted(known, label, unknown, penalty) for label in holds.T])

    found = [answers(penalty) for penalty in INVERSE_PENALTIES]
    return max(found, key=lambda answered: answer_scores(task, answered[:count], calibrated)[headline(task)])[count:]


def features_of(trained: list[str], asked: list[str]) -> tuple[csr_matrix, csr_matrix]:
    """TF-IDF [texts, features] of either list, frequencies taken from the first.

    Features are the words and pairs of adjoining words of every part of a text (subject, kinds of files, body), each part with its own.
    """
    columns = [_features(*part) for part in zip(_parts(trained), _parts(asked))]
    known, unknown = (hstack(side).tocsr() for side in zip(*columns))
    return known, unknown


def _parts(texts: list[str]) -> list[list[str]]:
    """The first to the last parts of all texts; a text with fewer has empty ones."""
    split = [text.split(PART_SEPARATOR, MOST_PARTS - 1) for text in texts]
    return [[parts[number] if number < len(parts) else "" for parts in split] for number in range(MOST_PARTS)]


def _features(trained: list[str], asked: list[str]) -> tuple[csr_matrix, csr_matrix]:
    vectoriser = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, token_pattern=r"\w+")
    try:
        return vectoriser.fit_transform(trained), vectoriser.transform(asked)
    except ValueError:  # No word occurs twice in this part.
        return csr_matrix((len(trained), 0)), csr_matrix((len(asked), 0))


def _predicted(known: csr_matrix, labels: np.ndarray, unknown: csr_matrix, inverse_penalty: float) -> np.ndarray:
    if (labels == labels[0]).all():
        return np.full(unknown.shape[0], labels[0])
    return LogisticRegression(C=inverse_penalty, max_iter=ITERATIONS, tol=TOLERANCE).fit(known, labels).predict(unknown)
