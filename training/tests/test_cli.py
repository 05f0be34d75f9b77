import subprocess
import sys

import pytest

from glance_training.__main__ import main


def test_missing_data_is_an_error_with_advice(tmp_path, capsys):
    assert main(["prepare", "--data", str(tmp_path), "--output", str(tmp_path / "out")]) == 2
    assert "--data" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["train", "export"])
def test_unprepared_data_is_an_error_with_advice(command, tmp_path, capsys):
    arguments = [command, "--prepared", str(tmp_path), "--run", str(tmp_path / "run")]
    assert main(arguments) == 2
    assert "python -m glance_training" in capsys.readouterr().err


def test_a_folder_without_a_package_is_an_error_with_advice(tmp_path, capsys):
    assert main(["golden", "--package", str(tmp_path)]) == 2
    assert "export" in capsys.readouterr().err


def test_a_wrong_base_is_an_error_that_names_the_missing_file(tmp_path, prepared, capsys):
    assert main(["train", "--base", str(tmp_path), "--prepared", str(prepared), "--run", str(tmp_path / "run")]) == 2
    assert "config.json is missing" in capsys.readouterr().err


def test_bad_numbers_and_commands_are_refused(capsys):
    for arguments in (["train", "--epochs", "0"], ["trian"], []):
        with pytest.raises(SystemExit) as refusal:
            main(arguments)
        assert refusal.value.code == 2
    assert "whole number" in capsys.readouterr().err


def test_help_teaches_every_command():
    result = subprocess.run([sys.executable, "-m", "glance_training", "--help"], capture_output=True, text=True)
    assert result.returncode == 0
    for command in ("prepare", "train", "export", "evaluate", "golden"):
        assert command in result.stdout
