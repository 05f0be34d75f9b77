"""The report on a tiny package, as `evaluate` and `score` measured it."""

import builtins
import json
import shutil
from pathlib import Path

import pytest

from glance_training import report as reporting
from glance_training.__main__ import main
from glance_training.evaluate import score_run
from glance_training.report import report
from glance_training.tasks.comment_debt import TASK as DEBT
from glance_training.tasks.doc_section import TASK as SECTION


@pytest.fixture
def results(measured, tmp_path):
    """A copy of the results to add to and to spoil."""
    return shutil.copytree(measured[1], tmp_path / "results")


@pytest.fixture(scope="module")
def scored(run, prepared, tmp_path_factory):
    """What `score` measures of the run of both tasks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("glance_training.evaluate.MINIMUM_GROUP", 20)
        return score_run(run, prepared, tmp_path_factory.mktemp("scored"))


def add_run(results, name, scored, *tasks):
    (results / "runs").mkdir(exist_ok=True)
    found = {**scored, "tasks": {task.id: scored["tasks"][task.id] for task in tasks}}
    (results / "runs" / f"{name}.json").write_text(json.dumps(found))


def section(text, title):
    return text.partition(f"\n## {title}")[2].partition("\n## ")[0]


def test_nothing_measured_is_said(tmp_path):
    text = report(tmp_path / "results", tmp_path / "docs")
    assert text.count("not been measured yet") == 3
    assert [path.name for path in (tmp_path / "docs").iterdir()] == ["results.md"] and (tmp_path / "docs" / "results.md").read_text() == text


def test_the_report_holds_what_was_measured(results, tmp_path):
    pytest.importorskip("matplotlib")
    assert main(["report", "--results", str(results), "--docs", str(tmp_path / "docs")]) == 0
    text = (tmp_path / "docs" / "results.md").read_text()
    measured = json.loads((results / "package.json").read_text())
    for task, found in measured["tasks"].items():
        own = text.partition(f"\n### {task}\n")[2].partition("\n### ")[0]
        for entry in found["exits"]:
            assert f"\n| {entry['exit']} | {100 * entry[found['headline']]:.1f} | too few groups | {100 * entry['macroF1']:.1f} |" in own
        for label, scores in found["labels"].items():
            assert f"\n| {label} | {scores['rows']} | {100 * scores['precision']:.1f} |" in own
        assert f"(plots/policies-{task}.svg)" in own
        assert (tmp_path / "docs" / "plots" / f"policies-{task}.svg").read_bytes().startswith(b"<?xml")
    assert "Debt without a keyword" in text and text.count("| policy | 1% | 2% | 5% |") == 2
    assert "| comment-debt | 2 |" in section(text, "The package") and "\n\n\n" not in text
    # Every row of a table has as many cells as its head.
    for block in text.split("\n\n"):
        assert len({line.count("|") for line in block.splitlines() if line.startswith("|")}) <= 1, block


def test_the_cheapest_threshold_is_one_of_all(results, tmp_path):
    """No point of the curve, of which only some are kept, is cheaper."""
    found = json.loads((results / "package.json").read_text())["tasks"][SECTION.id]
    for name, points in found["policies"].items():
        for share, mean in zip(found["cheapest"]["shares"], found["cheapest"]["meanExits"][name]):
            kept = [p["meanExit"] for p in points if p["changed"] <= share]
            assert mean is None and not kept or mean <= min(kept, default=mean)
    (text,) = [line for line in reporting._cheapest({"cheapest": {"shares": [0.005, 0.1], "meanExits": {"entropy": [None, 1.234]}}}) if "policy" in line]
    assert text == "| policy | 0.5% | 10% |\n| --- | --- | --- |\n| entropy | - | 1.23 |"


def test_scores_over_all_unseen_groups_are_shown_where_there_are_any():
    scores = {"accuracy": 0.5, "macroF1": 0.25, "rows": 40}
    found = {"headline": "accuracy", "unseen": {"rows": 40, "groups": 7, "exits": [scores], "intervals": [[0.4, 0.6]]}}
    text = "\n".join(reporting._unseen(found))
    assert "all 7 groups" in text and "(40 texts)" in text and "| 0 | 50.0 | 40.0 to 60.0 | 25.0 |" in text
    assert reporting._unseen({"headline": "weightedF1", "unseen": None}) == []


def test_runs_from_before_second_opinions_had_none():
    def recipe(**facts):
        return {"dataSha256": {"a": "0"}, "tasks": {"a": {"rows": 1, **facts}}}

    assert reporting._is_same_training("a", recipe(), recipe(secondOpinion=0.0))
    assert not reporting._is_same_training("a", recipe(), recipe(secondOpinion=0.6))
    assert not reporting._is_same_training("a", recipe(), {**recipe(), "dataSha256": {"a": "1"}})
    assert reporting._is_same_training("a", recipe(), {**recipe(), "undistilled": ["b"]})
    assert not reporting._is_same_training("a", recipe(), {**recipe(), "undistilled": ["a"]})


def test_the_same_results_give_the_same_files(results, tmp_path):
    pytest.importorskip("matplotlib")

    def files(docs):
        report(results, docs)
        return {path.relative_to(docs): path.read_bytes() for path in docs.rglob("*") if path.is_file()}

    one = files(tmp_path / "one")
    assert one == files(tmp_path / "other") and Path("plots/policies-doc-section.svg") in one


def test_runs_are_compared_with_the_joint_one(scored, tmp_path):
    results = tmp_path / "results"
    results.mkdir()
    add_run(results, "shipped", scored, SECTION)
    add_run(results, "alone-comment-debt", scored, DEBT)
    title = "One encoder for all tasks"
    assert "not been measured yet" in section(report(results, tmp_path), title), "the joint run lacks the only task that was trained alone"
    add_run(results, "alone-doc-section", scored, SECTION)
    text = section(report(results, tmp_path), title)
    assert "| doc-section | weighted F1 | alone |" in text and "| doc-section | weighted F1 | shared (shipped) |" in text and "comment-debt" not in text
    add_run(results, "shipped", scored, SECTION, DEBT)
    assert "| comment-debt | F1 of debt | shared (shipped) |" in section(report(results, tmp_path), title)
    recipe = {**scored["recipe"], "dataSha256": {**scored["recipe"]["dataSha256"], SECTION.id: "of other rows"}}
    add_run(results, "alone-doc-section", {**scored, "recipe": recipe}, SECTION)
    assert "doc-section" not in section(report(results, tmp_path), title), "trained on other rows"


def test_projects_of_all_folds_are_in_one_table(scored, tmp_path):
    results = tmp_path / "results"
    results.mkdir()
    add_run(results, "debt-fold0", scored, DEBT)
    other = json.loads(json.dumps(scored).replace("group-3", "group-4"))
    add_run(results, "debt-fold1", other, DEBT)
    text = section(report(results, tmp_path), "Debt across projects")
    assert "trained as the shared encoder" not in text
    shipped = json.loads(json.dumps(scored))
    shipped["recipe"]["tasks"][DEBT.id]["epochs"] += 1
    add_run(results, "shipped", shipped, DEBT)
    assert f"now ({shipped['recipe']['tasks'][DEBT.id]['epochs']} passes, weights" in section(report(results, tmp_path), "Debt across projects")
    assert "Each of these 2 projects" in text and "\n| group-3 |" in text and "\n| group-4 |" in text and "\n| mean |" in text


def test_without_matplotlib_it_says_what_to_install(results, tmp_path, monkeypatch, capsys):
    def without(name, *args, **kwargs):
        if name.startswith("matplotlib"):
            raise ModuleNotFoundError(f"No module named '{name}'")
        return importing(name, *args, **kwargs)

    importing = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", without)
    assert main(["report", "--results", str(results), "--docs", str(tmp_path)]) == 2
    assert 'pip install -e ".[report]"' in capsys.readouterr().err


def test_the_document_of_the_repository_is_what_its_measured_files_give(tmp_path):
    pytest.importorskip("matplotlib")
    root = Path(__file__).resolve().parents[2]
    assert report(root / "training" / "results", tmp_path / "docs") == (root / "docs" / "results.md").read_text(encoding="utf-8")
