"""The promise: the test by hand, and in simulation."""

from math import comb

import numpy as np
import pytest

from glance_training import promise
from glance_training.certainty import fit_certainty
from glance_training.policies import CERTAINTIES, Scored, certainty_exits, change
from glance_training.promise import LEVELS, Calibration, Level, blocks_of, calibrate, cross_certainties, find_levels, keeps, p_value, projects_of, variants_of
from glance_training.task import VARIANT

FOUND, SILENT = (0.1, 0.9), (0.9, 0.1)


def scored_of(early, last, lengths=None):
    """Two exits and two labels, the first of them silent, from bool [texts]: whether the exit finds something."""
    p = np.stack([np.where(np.asarray(at_exit)[:, None], FOUND, SILENT) for at_exit in (early, last)])
    return Scored(p, None, np.full(len(last), 9) if lengths is None else lengths)


def leaving(scored):
    """Exits with which every text leaves at exit 0."""
    return np.zeros(scored.probabilities.shape[1], dtype=int)


def groups_of(scored, count=1):
    return np.arange(scored.probabilities.shape[1]) % count


def test_p_value_is_the_tail_of_the_binomial():
    def tail(changed, shown, rate):
        return sum(comb(shown, k) * rate**k * (1 - rate) ** (shown - k) for k in range(changed + 1))

    for changed, shown, rate in ((0, 58, 0.05), (0, 59, 0.05), (3, 120, 0.1), (7, 40, 0.2)):
        assert p_value(changed, shown, rate) == pytest.approx(tail(changed, shown, rate))
    # The rule of three: without a change, 59 texts tell 5% from less with 95% confidence, 58 do not.
    assert p_value(0, 58, 0.05) > 0.05 > p_value(0, 59, 0.05)
    assert p_value(0, 0, 0.1) == 1


@pytest.mark.parametrize("texts, kept", [(58, False), (59, True)])
def test_answers_need_as_many_texts_as_the_binomial_says(texts, kept):
    scored = scored_of([True] * texts, [True] * texts)
    assert keeps(scored, leaving(scored), groups_of(scored), None, 0.05) == kept


def test_findings_are_tested_against_a_smaller_rate_than_answers():
    # Additions are part of what is counted: d per finding of the full model is d / (1 + d) of all findings shown.
    changed = next(n for n in range(200) if p_value(n, 200, 0.1 / 1.1) > 0.05)
    assert p_value(changed, 200, 0.1) <= 0.05, "the example must tell the rates apart"
    # 200 findings shown in all, `changed` of them by the early exit alone.
    early, last = [True] * 200, [False] * changed + [True] * (200 - changed)
    scored = scored_of(early, last)
    assert not keeps(scored, leaving(scored), groups_of(scored), 0, 0.1)
    fewer = scored_of(early, [False] * (changed - 1) + [True] * (201 - changed))
    assert keeps(fewer, leaving(fewer), groups_of(fewer), 0, 0.1)


def test_texts_without_a_finding_support_no_promise():
    # Of 10,000 texts none is found by either exit: nothing is known of findings.
    scored = scored_of([False] * 10_000, [False] * 10_000)
    assert not keeps(scored, leaving(scored), groups_of(scored), 0, 0.1)
    assert keeps(scored, leaving(scored), groups_of(scored), None, 0.1)


def test_one_bad_group_is_enough_to_refuse():
    # 1 change of 1000 texts a group, but 30 of 300 in the last: 33 of 3300 would pass as a whole.
    groups = np.repeat([0, 1, 2, 3], [1000, 1000, 1000, 300])
    last = np.ones(3300, dtype=bool)
    early = last.copy()
    early[[0, 1000, 2000]] = False
    good = scored_of(early, last)
    assert keeps(good, leaving(good), groups, None, 0.05)
    early[3000:3030] = False
    bad = scored_of(early, last)
    assert p_value(33, 3300, 0.05) < 0.001
    assert not keeps(bad, leaving(bad), groups, None, 0.05)
    assert keeps(bad, leaving(bad), np.zeros(3300), None, 0.05), "as one group it would pass"


def test_small_groups_share_a_block_until_it_can_tell():
    # b, c and e together reach 100 texts; f and g are left over.
    sizes = {"a": 150, "b": 40, "c": 40, "d": 100, "e": 30, "f": 70, "g": 20}
    groups = np.repeat(list(sizes), list(sizes.values()))[np.random.default_rng(0).permutation(450)]
    blocks = blocks_of(groups)
    assert len(blocks) == 450
    members = {frozenset(groups[blocks == block].tolist()) for block in np.unique(blocks)}
    assert members == {frozenset("a"), frozenset("bce"), frozenset("d"), frozenset("fg")}


@pytest.mark.parametrize(("d", "changes", "kept"), [(0.005, 1, True), (0.01, 1, True), (0.01, 2, False), (0.02, 1, False), (0.05, 1, False), (0.05, 0, True)])
def test_one_change_in_a_small_group_is_forgiven_up_to_one_percent(d, changes, kept):
    groups = np.repeat([0, 1], [2000, 5])
    last = np.ones(2005, dtype=bool)
    early = last.copy()
    early[2000 : 2000 + changes] = False
    scored = scored_of(early, last)
    assert keeps(scored, leaving(scored), groups, None, d) == kept


def simulate(generator, texts):
    """Certainties [1, texts] that are right, and a Scored in which the answers differ accordingly; a third has a finding."""
    certainty = 1 - 0.3 * generator.random(texts) ** 2
    differs = generator.random(texts) > certainty
    last = generator.random(texts) < 1 / 3
    return scored_of(last ^ differs, last), certainty[None]


@pytest.mark.parametrize("silent, d", [(None, 0.02), (None, 0.05), (0, 0.05)])
def test_the_bound_holds_for_unseen_texts_in_95_percent_of_draws(silent, d, monkeypatch):
    # Every fifth threshold and one level, for speed.
    monkeypatch.setattr(promise, "CERTAINTIES", CERTAINTIES[::5])
    monkeypatch.setattr(promise, "LEVELS", (d,))
    generator = np.random.default_rng(0)
    unseen, unseen_certainties = simulate(generator, 200_000)
    rates = {t: change(unseen, certainty_exits(unseen_certainties, t), silent).share for t in CERTAINTIES[::5]}
    assert max(rates.values()) > 1.3 * d, "the example must hold thresholds that break the promise"
    given, kept, reached = 0, 0, []
    for _ in range(200):
        scored, certainties = simulate(generator, 1500)
        levels = find_levels(scored, certainties, groups_of(scored), silent)
        # No promise is broken where none is given.
        kept += all(rates[level.certainty] <= d for level in levels)
        given += len(levels)
        reached += [rates[level.certainty] for level in levels]
    assert kept >= 0.95 * 200
    # Not by caution alone: the promise is nearly always given, and comes near to what it allows.
    assert given > 0.9 * 200 and np.mean(reached) > 0.5 * d


def test_levels_rise_and_their_certainties_fall():
    scored, certainties = simulate(np.random.default_rng(1), 20_000)
    levels = find_levels(scored, certainties, groups_of(scored), None)
    assert [level.maximum_disagreement for level in levels] == list(LEVELS)
    found = [level.certainty for level in levels]
    assert found == sorted(found, reverse=True) and set(found) <= set(CERTAINTIES)
    for level in levels:
        assert keeps(scored, certainty_exits(certainties, level.certainty), groups_of(scored), None, level.maximum_disagreement)


def test_who_allows_more_never_waits_longer():
    # One change of 20 in each of three groups beside a large one: forgiven at 1%, 2% of 20 texts is none.
    last = np.ones(3060, dtype=bool)
    changed = np.isin(np.arange(3060), (3000, 3020, 3040))
    certainties = np.where(changed, 0.9, 0.95)[None]
    groups = np.array(["large"] * 3000 + ["a"] * 20 + ["b"] * 20 + ["c"] * 20)
    scored = scored_of(~changed, last)
    all_leave = certainty_exits(certainties, 0.9)
    assert keeps(scored, all_leave, groups, None, 0.01) and not keeps(scored, all_leave, groups, None, 0.02), "the example must tell the two apart"
    found = {level.maximum_disagreement: level.certainty for level in find_levels(scored, certainties, groups, None)}
    assert found[0.01] == found[0.02] > 0.9


def test_a_level_ends_at_the_first_certainty_that_fails():
    # 30 of 300 texts would leave with a wrong answer at 0.95, and with the right one, an exit earlier, at 0.5.
    certainties = np.array([[1.0] * 270 + [0.5] * 30, [1.0] * 270 + [0.95] * 30])
    last = np.ones(300, dtype=bool)
    middle = np.arange(300) < 270
    p = np.stack([np.where(at_exit[:, None], FOUND, SILENT) for at_exit in (last, middle, last)])
    scored = Scored(p, None, np.full(300, 9))
    (level,) = [level for level in find_levels(scored, certainties, groups_of(scored), None) if level.maximum_disagreement == 0.05]
    assert 0.95 < level.certainty < 0.96
    assert keeps(scored, certainty_exits(certainties, 0.5), groups_of(scored), None, 0.05)


def test_nothing_is_promised_with_too_little_data():
    # 28 texts cannot tell 10% from less.
    few = scored_of([True] * 28, [True] * 28)
    assert find_levels(few, np.ones((1, 28)), groups_of(few), None) == []
    # 58 can tell 10%, and no more.
    more = scored_of([True] * 58, [True] * 58)
    assert find_levels(more, np.ones((1, 58)), groups_of(more), None) == [Level(0.1, CERTAINTIES[-1])]


def test_a_certainty_at_which_nothing_leaves_is_no_level():
    scored = scored_of([False] * 500, [True] * 500)
    assert find_levels(scored, np.full((1, 500), 0.2), groups_of(scored), None) == []


def test_each_group_gets_certainties_from_the_others():
    # Exit 0 is always right in groups 0 and 1 and always wrong in group 2.
    groups = np.repeat([0, 1, 2], 50)
    scored = scored_of([True] * 100 + [False] * 50, [True] * 150)
    certainties = cross_certainties(scored, groups)
    assert certainties.shape == (1, 150)
    assert certainties[0, 100:] == pytest.approx(101 / 102), "group 2 does not know better by itself"
    assert (certainties[0, :100] > 0.9).all()


def test_calibration_has_heads_of_all_texts_and_levels_across_groups():
    generator = np.random.default_rng(3)
    last = generator.random(3000) < 0.5
    # Long texts differ, short ones do not.
    lengths = generator.integers(4, 100, 3000)
    scored = scored_of(last ^ ((lengths > 50) & (generator.random(3000) < 0.5)), last, lengths)
    calibration = calibrate(scored, groups_of(scored, 5), None)
    assert isinstance(calibration, Calibration) and calibration.heads.weights.shape == (1, 6 + 2)
    level = next(level for level in calibration.levels if level.maximum_disagreement == 0.05)
    exits = certainty_exits(calibration.heads.certainties(scored), level.certainty)
    assert (exits[lengths < 40] == 0).mean() > 0.9 and (exits[lengths > 55] == 1).mean() > 0.9
    assert change(scored, exits, None).share <= 0.05


def variants(*names):
    """The groups of texts of projects, half of them in a variant of their own."""
    return np.array([name for project in names for name in [project] * 40 + [f"{project}{VARIANT}bare"] * 40])


def test_a_project_is_never_on_both_sides_in_one_of_its_variants(monkeypatch):
    groups = blocks_of(variants("a", "b", "c"))
    assert groups.tolist() == ["small groups 1"] * 40 + [f"small groups 1{VARIANT}bare"] * 40 + ["small groups 1"] * 40 + [f"small groups 1{VARIANT}bare"] * 40 + [
        "small groups 2"
    ] * 40 + [f"small groups 2{VARIANT}bare"] * 40
    fitted = []
    scored = scored_of(np.arange(240) % 3 == 0, np.arange(240) % 2 == 0)
    monkeypatch.setattr(promise, "fit_certainty", lambda part: fitted.append(part.probabilities.shape[1]) or fit_certainty(part))
    cross_certainties(scored, groups)
    assert sorted(fitted) == [80, 160], "the heads of one project's texts are those of the others alone"


def test_each_variant_has_to_pass_the_test_by_itself():
    # 2 of 400 change in each variant: of 800 independent texts 4 would pass at 1%, of 400 2 do not.
    early = np.zeros(800, dtype=bool)
    early[[0, 100, 400, 500]] = True
    scored = scored_of(early, np.zeros(800, dtype=bool))
    exits = np.zeros(800, dtype=int)
    blocks = np.arange(800) // 100
    assert keeps(scored, exits, blocks, None, 0.0125)
    assert not keeps(scored, exits, blocks, None, 0.0125, np.arange(800) // 400)


def test_a_text_is_told_from_its_copy_by_the_name_of_its_group():
    assert variants_of(np.array(["a", f"a{VARIANT}bare", "b", f"c{VARIANT}bare"])).tolist() == [0, 1, 0, 1]
    assert projects_of(np.array(["a/b", f"a/b{VARIANT}bare", "c"])).tolist() == ["a/b", "a/b", "c"]
