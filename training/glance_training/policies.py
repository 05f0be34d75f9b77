"""Exit policies: at which exit each text leaves, given every exit's probabilities and answers.

Each function takes what it needs of a Scored and returns int [texts], the exit taken. The last exit lets every text leave.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import expit

from .answers import answer_sets, entropy, same


# Close together at both ends, where few texts decide.
QUANTILES = np.concatenate([[0], expit(np.linspace(-9, 9, 801)), [1]])


@dataclass(frozen=True)
class Scored:
    """Every exit's answers to the texts of one task."""

    # [exits, texts, labels]
    probabilities: np.ndarray
    # Per label, for a multi-label task; None: exactly one label holds.
    thresholds: np.ndarray | None
    # Token ids of each text, [CLS] and [SEP] included: [texts].
    token_counts: np.ndarray

    @property
    def multi_label(self) -> bool:
        return self.thresholds is not None

    @property
    def last(self) -> int:
        return len(self.probabilities) - 1

    @cached_property
    def answers(self) -> np.ndarray:
        """Bool [exits, texts, labels]."""
        return answer_sets(self.probabilities, self.thresholds)

    @cached_property
    def as_last(self) -> np.ndarray:
        """Bool [exits, texts]: whether the exit's answer is the last exit's."""
        return same(self.answers, self.answers[-1])

    @cached_property
    def entropies(self) -> np.ndarray:
        return entropy(self.probabilities, self.multi_label)

    @cached_property
    def confidences(self) -> np.ndarray:
        """[exits, texts]: the probability of the answer; of several labels, that of the least sure one."""
        p = self.probabilities
        return np.maximum(p, 1 - p).min(axis=-1) if self.multi_label else p.max(axis=-1)

    @cached_property
    def divergences(self) -> np.ndarray:
        """[exits - 1, texts]: the Jensen-Shannon divergence from the exit before, in nats; of several labels, the mean of the binary ones."""
        p = self.probabilities
        if self.multi_label:
            p = np.stack((p, 1 - p), axis=-1)
        mixed = (p[1:] + p[:-1]) / 2

        def shannon(q: np.ndarray) -> np.ndarray:
            return -(q * np.log(np.maximum(q, 1e-300))).sum(axis=-1)

        divergence = shannon(mixed) - (shannon(p[1:]) + shannon(p[:-1])) / 2
        return divergence.mean(axis=-1) if self.multi_label else divergence

    def of(self, texts: np.ndarray) -> "Scored":
        """The same for some of the texts."""
        return Scored(self.probabilities[:, texts], self.thresholds, self.token_counts[texts])


def first_exit(sure: np.ndarray) -> np.ndarray:
    """Bool [exits, texts] -> the first exit that is sure, else the last: int [texts]."""
    sure = sure.copy()
    sure[-1] = True
    return sure.argmax(axis=0)


def entropy_exits(scored: Scored, threshold: float) -> np.ndarray:
    """The first exit whose entropy is below the threshold (DeeBERT, arXiv 2004.12993)."""
    return first_exit(scored.entropies < threshold)


def max_probability_exits(scored: Scored, threshold: float) -> np.ndarray:
    """The first exit whose confidence reaches the threshold."""
    return first_exit(scored.confidences >= threshold)


def patience_exits(scored: Scored, patience: float) -> np.ndarray:
    """The exit at which `patience` exits in a row have repeated the answer of the one before (PABEE, arXiv 2006.04152)."""
    repeats = np.zeros(scored.as_last.shape, dtype=int)
    for number in range(1, len(repeats)):
        repeats[number] = np.where(same(scored.answers[number], scored.answers[number - 1]), repeats[number - 1] + 1, 0)
    return first_exit(repeats >= patience)


def pcee_exits(scored: Scored, threshold: float) -> np.ndarray:
    """The first exit that, like the one before, has an entropy below the threshold (PCEE-BERT, with a patience of two)."""
    below = scored.entropies < threshold
    sure = np.zeros_like(below)
    sure[1:] = below[1:] & below[:-1]
    return first_exit(sure)


def f_pabee_exits(scored: Scored, threshold: float) -> np.ndarray:
    """The first exit whose probabilities diverge from those of the one before by less than the threshold (F-PABEE, arXiv 2305.11916)."""
    sure = np.zeros(scored.as_last.shape, dtype=bool)
    sure[1:] = scored.divergences < threshold
    return first_exit(sure)


def certainty_exits(certainties: np.ndarray, threshold: float) -> np.ndarray:
    """The first exit whose certainty (see certainty.py; [exits - 1, texts]) reaches the threshold."""
    return first_exit(np.vstack([certainties >= threshold, np.ones(certainties.shape[1], dtype=bool)]))


def careful_to_fast(unsure: np.ndarray) -> tuple[float, ...]:
    """Thresholds from 0, below which none of these numbers is, to one below which all are: their quantiles.

    So no policy is at a disadvantage for where its numbers happen to lie.
    """
    quantiles = np.quantile(unsure, QUANTILES)
    return tuple(np.unique(np.round([0.0, *quantiles, quantiles[-1] + 1e-6], 6)).tolist())


def _patiences(scored: Scored) -> tuple[int, ...]:
    """Down from the one with which no text leaves early: it asks all exits."""
    return tuple(range(scored.last, 0, -1))


def _entropies(scored: Scored) -> tuple[float, ...]:
    return careful_to_fast(scored.entropies[:-1])


def _confidences(scored: Scored) -> tuple[float, ...]:
    return tuple(round(1 - threshold, 6) for threshold in careful_to_fast(1 - scored.confidences[:-1]))


@dataclass(frozen=True)
class Policy:
    exits: Callable[[Scored, float], np.ndarray]
    # Those to try for a task, from the most careful to the fastest.
    thresholds: Callable[[Scored], tuple[float, ...]]


POLICIES: dict[str, Policy] = {
    "entropy": Policy(entropy_exits, _entropies),
    "max-probability": Policy(max_probability_exits, _confidences),
    "patience": Policy(patience_exits, _patiences),
    "pcee": Policy(pcee_exits, _entropies),
    "f-pabee": Policy(f_pabee_exits, lambda scored: careful_to_fast(scored.divergences)),
}
# Of what users see, how much may change where ways to leave are compared.
CHEAPEST_SHARES = (0.01, 0.02, 0.05)
# Those that the promise is tested with, known before any text is seen.
CERTAINTIES = tuple(round(float(1 - t), 6) for t in np.geomspace(0.00002, 0.7, 160))


def answers_at(scored: Scored, exits: np.ndarray) -> np.ndarray:
    """The answer each text leaves with: bool [texts, labels]."""
    return scored.answers[exits, np.arange(len(exits))]


@dataclass(frozen=True)
class Change:
    """How the answers of a policy differ from the full model's."""

    # Of each text, whether what the user sees differs.
    changed: np.ndarray
    # Of each text, whether the full model shows something.
    seen: np.ndarray

    @property
    def share(self) -> float:
        """Texts that differ, per text on which the full model shows something."""
        return float(self.changed.sum() / max(1, self.seen.sum()))


def change(scored: Scored, exits: np.ndarray, silent: int | None) -> Change:
    """What users see is findings where there is a silent label, else every answer.

    A finding changes when it appears, disappears or gets another label; different answers cannot both be silent, so
    every difference touches a finding.
    """
    full = scored.answers[-1]
    seen = np.ones(full.shape[0], dtype=bool) if silent is None else ~full[:, silent]
    return Change(~scored.as_last[exits, np.arange(len(exits))], seen)


def smallest_mean_exits(scored: Scored, taken: Iterable[np.ndarray], silent: int | None) -> list[float | None]:
    """For each of CHEAPEST_SHARES: the smallest mean exit of those ways to leave, each the exits int [texts], by which no more changes; None for none."""
    found = [(change(scored, exits, silent).share, float(exits.mean())) for exits in taken]
    return [min((mean for share, mean in found if share <= most), default=None) for most in CHEAPEST_SHARES]
