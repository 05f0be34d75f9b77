import json
import re
import subprocess
import sys

import pytest

from glance_training.__main__ import COMMANDS, main
from glance_training.tasks import PROJECT_TASKS, TASKS


def test_missing_data_is_an_error_with_advice(tmp_path, capsys):
    assert main(["prepare", "--data", str(tmp_path), "--output", str(tmp_path / "out")]) == 2
    assert "--data" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["train", "export", "score"])
def test_unprepared_data_is_an_error_with_advice(command, tmp_path, capsys):
    arguments = [command, "--prepared", str(tmp_path), "--run", str(tmp_path / "run")]
    assert main(arguments) == 2
    assert "python -m glance_training" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["golden", "evaluate"])
def test_a_folder_without_a_package_is_an_error_with_advice(command, tmp_path, capsys):
    assert main([command, "--package", str(tmp_path)]) == 2
    assert "export" in capsys.readouterr().err


def test_a_wrong_base_is_an_error_that_names_the_missing_file(tmp_path, prepared, capsys):
    arguments = ["train", "--tasks", "comment-debt", "--base", str(tmp_path), "--prepared", str(prepared), "--run", str(tmp_path / "run")]
    assert main(arguments) == 2
    assert "config.json is missing" in capsys.readouterr().err


def test_a_fold_that_is_not_there_is_an_error(tmp_path, capsys):
    assert main(["prepare", "--data", str(tmp_path), "--output", str(tmp_path), "--tasks", "commit-type", "--fold", "1"]) == 2
    assert "folds 0 to 0, not 1" in capsys.readouterr().err


def test_tasks_are_chosen_by_name(tmp_path, capsys):
    records = [{"id": "1", "group": "g", "lang": "java", "label": ["summary"], "text": "reads the file"}]
    (tmp_path / "code_comments.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    assert main(["prepare", "--data", str(tmp_path), "--output", str(tmp_path / "out"), "--tasks", "comment-kind"]) == 0
    assert "comment-kind, train: 1 rows from 1 groups (summary 1)" in capsys.readouterr().out
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["comment-kind"]


@pytest.mark.parametrize(
    "line, fault",
    [
        (b'{"id": "2", "group": "g", "lang": "java", "label": ["summary"]}', 'line 2: there is no "text"'),
        (b"[1, 2]", "line 2: not a JSON object"),
        (b'{"text": "\xff"}', "line 2: not UTF-8"),
        (b"{", "line 2: not JSON"),
    ],
)
def test_a_bad_line_of_the_data_is_named(line, fault, tmp_path, capsys):
    good = {"id": "1", "group": "g", "lang": "java", "label": ["summary"], "text": "reads the file"}
    (tmp_path / "code_comments.jsonl").write_bytes(json.dumps(good).encode() + b"\n" + line + b"\n")
    assert main(["prepare", "--data", str(tmp_path), "--output", str(tmp_path / "out"), "--tasks", "comment-kind"]) == 2
    assert f"code_comments.jsonl, {fault}" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_data_without_training_rows_or_with_unknown_labels_is_refused(tmp_path, capsys):
    arguments = ["prepare", "--data", str(tmp_path), "--output", str(tmp_path / "out"), "--tasks", "doc-section"]
    file = tmp_path / "readme_sections.jsonl"
    file.write_text("")
    assert main(arguments) == 2
    assert "no training rows of doc-section" in capsys.readouterr().err
    row = {"id": "7", "group": "g", "heading": "Usage", "text": "Run it.", "label": ["how"]}
    file.write_text("".join(json.dumps({**row, "id": str(number), "group": f"g{number}", "text": f"Run it {'a' * number}.", "label": label}) + "\n" for number, label in enumerate([["how"]] * 40 + [["poetry"]])))
    assert main(arguments) == 2
    assert 'has the label "poetry"; the labels are what, why' in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("recipe", ["{", "{}", "[]", '{"tasks": {"poetry": {}}}', '{"tasks": {"comment-debt": {}}}'])
def test_a_damaged_run_is_an_error_that_says_so(recipe, tmp_path, prepared, capsys):
    (tmp_path / "recipe.json").write_text(recipe)
    assert main(["score", "--prepared", str(prepared), "--run", str(tmp_path), "--results", str(tmp_path)]) == 2
    assert "is no whole training run" in capsys.readouterr().err


def test_a_stopped_training_is_not_taken_for_none(tmp_path, prepared, capsys):
    (tmp_path / "checkpoint.pt").write_bytes(b"")
    assert main(["score", "--prepared", str(prepared), "--run", str(tmp_path)]) == 2
    assert "was stopped" in capsys.readouterr().err


def test_ctrl_c_ends_a_command_without_a_traceback(monkeypatch, capsys):
    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setitem(COMMANDS, "train", interrupted)
    assert main(["train"]) == 130
    assert "goes on from its last checkpoint" in capsys.readouterr().err


def test_the_recipe_and_the_tasks_reach_the_run(tmp_path, base, prepared):
    run = tmp_path / "run"
    arguments = ["train", "--tasks", "doc-section", "--base", str(base), "--prepared", str(prepared), "--run", str(run), "--threads", "1"]
    arguments += ["--method", "pabee", "--layers", "2", "--epochs-factor", "0.1", "--batch-size", "20", "--exit0-iterations", "1", "--seed", "7"]
    assert main(arguments) == 0
    recipe = json.loads((run / "recipe.json").read_text())
    assert [recipe[key] for key in ("method", "layers", "batch_size", "seed", "steps")] == ["pabee", 2, 20, 7, 2]
    summary = json.loads((prepared / "doc-section" / "summary.json").read_text())
    assert recipe["dataSha256"] == {"doc-section": summary["trainSha256"]} and list(recipe["tasks"]) == ["doc-section"]


def test_bad_numbers_and_names_are_refused(capsys):
    for arguments in (["train", "--batch-size", "0"], ["train", "--epochs-factor", "0"], ["compare", "--epochs-factor", "nan"], ["train", "--tasks", "poetry"], ["train", "--method", "branchynet"], ["trian"], []):
        with pytest.raises(SystemExit) as refusal:
            main(arguments)
        assert refusal.value.code == 2
    error = capsys.readouterr().err
    assert "whole number" in error and "'poetry'" in error


def test_help_teaches_every_command():
    result = subprocess.run([sys.executable, "-m", "glance_training", "--help"], capture_output=True, text=True)
    assert result.returncode == 0
    for command in COMMANDS:
        # What it does stands behind it, or below a long name.
        assert re.search(rf"^    {command}(?: +|\n +)[A-Z]", result.stdout, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_of_its_own(command, capsys):
    with pytest.raises(SystemExit) as done:
        main([command, "--help"])
    assert done.value.code == 0
    shown = capsys.readouterr().out
    assert "--results" in shown or "--output" in shown or "--run" in shown or "--package" in shown


def test_the_shipped_tasks_are_the_default():
    assert [task.id for task in PROJECT_TASKS] == ["comment-debt", "commit-type", "doc-section", "comment-kind"]
    assert set(TASKS) - {task.id for task in PROJECT_TASKS} == {"sst-2", "mrpc", "rte"}
