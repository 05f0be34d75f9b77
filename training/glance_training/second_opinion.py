"""What a classifier that never saw a row's group thinks of its label: part of the targets where labels follow the habits of their group.

One project's chore is another's build. Habits help nobody who classifies a third project's commits, and a classifier of other projects does not know
them. Its answers, mixed into the labels, are those of soft bootstrapping (Reed et al., arXiv 1412.6596); there the model's own answers are mixed in,
here those of one that is trained without the group.
"""

from random import Random

import numpy as np
from sklearn.linear_model import LogisticRegression

from .data import targets_of
from .linear import ITERATIONS, TOLERANCE, features_of
from .task import Row, Task

FOLDS = 5
SEED = 0
INVERSE_PENALTY = 1.0


def second_opinions(task: Task, rows: list[Row]) -> np.ndarray | None:
    """Float32 [rows, labels]: the labels' probabilities by logistic regressions over words, each trained without a fifth of the groups, that of the row included.

    For a task of one label; a row of which only several possible labels are known teaches the first of them. None of rows of fewer than two groups.
    """
    groups = sorted({row.group for row in rows})
    if len(groups) < 2:
        return None
    Random(SEED).shuffle(groups)
    fold_of = {group: number % FOLDS for number, group in enumerate(groups)}
    folds = np.array([fold_of[row.group] for row in rows])
    labels = targets_of(task, rows).holds.argmax(axis=1)
    # The words of a left-out group count in its texts' lengths: where many are new, the known ones say less.
    words = [row.text for row in rows]
    texts, _ = features_of(words, words)
    opinions = np.zeros((len(rows), len(task.labels)), dtype=np.float32)
    for fold in sorted(set(folds)):
        asked = folds == fold
        if (labels[~asked] == labels[~asked][0]).all():
            opinions[asked, labels[~asked][0]] = 1
            continue
        model = LogisticRegression(C=INVERSE_PENALTY, max_iter=ITERATIONS, tol=TOLERANCE).fit(texts[~asked], labels[~asked])
        opinions[np.ix_(asked, model.classes_)] = model.predict_proba(texts[asked])
    return opinions
