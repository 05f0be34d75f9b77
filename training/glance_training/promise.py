"""The promise: with 95% confidence, at most a share d of what users see differs from the full model's.

Learn-then-Test (Angelopoulos et al., arXiv 2110.01052; CALM, NeurIPS 2022): certainty thresholds are tested from the most
careful on, each by the exact binomial tail of the changes on calibration texts, until one fails (fixed-sequence testing).
Texts of one project resemble each other, so a threshold must hold in every calibration project, too: the worst decides.
Projects of few texts are taken together until they are many enough to tell.

What the confidence is of: texts like the calibration texts, from those projects. Texts of one project are not independent, so that
of a new project nothing is proven; that no calibration project goes beyond d, counted and not estimated (but for a single change, up to 1%), is there
to make it likely, and the leave-one-out of evaluate.py measures how often it came true. A threshold that a greater share rules out is ruled out for the
smaller ones as well, so that who allows more never waits longer. The certainties tested come from heads fitted on the other projects, those that ship from heads fitted on
all: good practice, but no part of the proof.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import binom

from .certainty import CertaintyHeads, fit_certainty
from .policies import CERTAINTIES, Scored, certainty_exits, change
from .task import VARIANT

CONFIDENCE = 0.95
LEVELS = (0.005, 0.01, 0.02, 0.05, 0.1)
# Up to this level one change is forgiven in each group, as far as the levels above allow it: few calibration projects have a hundred findings, so that a single one would rule the level out.
FORGIVING_LEVEL = 0.01
# Texts of the smallest block of projects.
MINIMUM_BLOCK = 100


@dataclass(frozen=True)
class Level:
    """A share d that the calibration supports, and the certainty that keeps it."""

    maximum_disagreement: float
    certainty: float


def blocks_of(groups: np.ndarray) -> np.ndarray:
    """The name of each text's block. A project of 100 texts or more is a block; smaller ones share one, in order of their names.

    What sets some texts of a project apart stays behind the block's name.
    """
    block_of: dict[str, str] = {}
    shared, filled = 1, 0
    projects = projects_of(groups)
    for name, count in zip(*np.unique(projects, return_counts=True)):
        if count >= MINIMUM_BLOCK:
            block_of[name] = name
            continue
        if filled >= MINIMUM_BLOCK:
            shared, filled = shared + 1, 0
        block_of[name] = f"small groups {shared}"
        filled += count
    return np.array([block_of[project] + group[len(project) :] for project, group in zip(projects, groups)])


def projects_of(groups: np.ndarray) -> np.ndarray:
    """The groups without what sets some of their texts apart: a commit and its copy without paths are of one project."""
    return np.array([str(group).split(VARIANT)[0] for group in groups])


def cross_certainties(scored: Scored, groups: np.ndarray) -> np.ndarray:
    """Certainties [exits - 1, texts] of every text by heads fitted on the other projects: what an unseen project would get."""
    certainties = np.empty((scored.last, len(groups)))
    projects = projects_of(groups)
    for project in np.unique(projects):
        inside = projects == project
        heads = fit_certainty(scored.of(np.flatnonzero(~inside)))
        certainties[:, inside] = heads.certainties(scored.of(np.flatnonzero(inside)))
    return certainties


def p_value(changed: int, shown: int, rate: float) -> float:
    """Probability of so few changes among the texts shown if the true rate were at least `rate`."""
    return float(binom.cdf(changed, shown, rate))


def variants_of(groups: np.ndarray) -> np.ndarray:
    """Numbers that tell the texts apart by what sets them apart in their projects: the copies of commits without paths from the commits."""
    return np.unique([str(group).partition(VARIANT)[2] for group in groups], return_inverse=True)[1]


def keeps(scored: Scored, exits: np.ndarray, groups: np.ndarray, silent: int | None, d: float, variants: np.ndarray | None = None) -> bool:
    """Whether these exits keep the share d, by the test on all texts and by the count in every group.

    Each of the `variants` (see variants_of; those of `groups` if not given) is tested by itself: a text and its copy are no two witnesses. The count, but for the one change that is forgiven up to FORGIVING_LEVEL, is stricter than a test of each group would be: users see what differs in their project,
    not its expectation.
    """
    result = change(scored, exits, silent)
    changed, seen = result.changed, result.seen
    # Texts with a finding of either model. Of them, d findings changed per finding of the full model are a share of
    # at least d / (1 + d): that many where all changes are additions, d where none is.
    shown = seen | changed
    rate = d if silent is None else d / (1 + d)
    variants = variants_of(groups) if variants is None else variants
    counts = zip(np.bincount(variants, changed), np.bincount(variants, shown))
    if any(p_value(int(differing), int(of), rate) > 1 - CONFIDENCE for differing, of in counts):
        return False
    _, group_of = np.unique(groups, return_inverse=True)
    allowed = d * np.bincount(group_of, seen)
    if d <= FORGIVING_LEVEL:
        allowed = np.maximum(1, allowed)
    return bool((np.bincount(group_of, changed) <= allowed).all())


def find_levels(scored: Scored, certainties: np.ndarray, groups: np.ndarray, silent: int | None) -> list[Level]:
    """The supported levels, each with the smallest certainty of the run of thresholds that keep it, and every greater share, from the most careful on."""
    levels = []
    # Numbers are told apart faster than names.
    variants = variants_of(groups)
    _, groups = np.unique(groups, return_inverse=True)
    exits = [certainty_exits(certainties, threshold) for threshold in CERTAINTIES]
    run = len(CERTAINTIES)
    for d in reversed(LEVELS):
        run = next((number for number in range(run) if not keeps(scored, exits[number], groups, silent, d, variants)), run)
        # A certainty at which nothing leaves early is the full model under another name.
        if run and (exits[run - 1] < scored.last).any():
            levels.insert(0, Level(d, CERTAINTIES[run - 1]))
    return levels


@dataclass(frozen=True)
class Calibration:
    """The certainty heads of a task, fitted on all calibration texts, and the levels of its promise."""

    heads: CertaintyHeads
    levels: list[Level]


def calibrate(scored: Scored, groups: np.ndarray, silent: int | None) -> Calibration:
    """Heads and levels from calibration texts; `groups` tells the projects apart (see blocks_of)."""
    return Calibration(fit_certainty(scored), find_levels(scored, cross_certainties(scored, groups), groups, silent))
