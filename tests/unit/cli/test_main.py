"""The group of commands: help without heavy imports, known commands only, one line per problem."""

import errno
import subprocess
import sys
import warnings
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import riskdec
from riskdec.cli import main
from riskdec.cli.output import plain_messages
from riskdec.errors import InputError, RiskdecWarning

COMMANDS = ["demo", "fit", "diagnose", "decide", "report", "certify", "curve", "compare", "sweep", "card", "detect"]


def test_help_lists_every_command_with_a_line():
    result = CliRunner().invoke(main, ["--help"])
    assert result.exit_code == 0
    listed = [line.split() for line in result.output.partition("Commands:")[2].splitlines() if line.strip()]
    assert [words[0] for words in listed] == COMMANDS
    assert all(len(words) > 3 for words in listed)


def test_help_and_usage_errors_open_no_heavy_package():
    code = (
        "import sys; from riskdec.cli import main\n"
        "for words in (['--help'], ['fit', '--help'], ['decide'], ['demo', '--help']):\n"
        "    try: main(words)\n"
        "    except SystemExit: pass\n"
        "heavy = {'numpy', 'pandas', 'scipy', 'sklearn', 'matplotlib', 'statsmodels'} & set(sys.modules)\n"
        "sys.exit(f'loaded {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-500:]


@pytest.mark.parametrize("command", ["fit", "diagnose", "decide", "compare", "sweep"])
def test_help_of_a_command_teaches_with_an_example(command):
    result = CliRunner().invoke(main, [command, "--help"])
    assert result.exit_code == 0
    assert f"  riskdec {command} " in result.output
    assert "Example" in result.output
    assert "--json" in result.output
    assert "\b" not in result.output


@pytest.mark.parametrize("words", [["unknown"], ["fit"], ["fit", "--unknown"], ["decide", "m", "n", "--out", "x"]])
def test_wrong_usage_ends_with_two(words):
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 2
    assert "Usage: " in result.stderr
    assert result.stdout == ""


def failing(problem):
    @click.command()
    @click.pass_context
    def command(ctx):
        with plain_messages(ctx):
            problem()

    return CliRunner().invoke(command, [])


def test_errors_of_ours_are_one_line_and_code_two():
    def problem():
        raise InputError("y must hold\ntwo classes; got \x1b[31mone.")

    result = failing(problem)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "error: the target must hold two classes; got �[31mone.\n"


def test_errors_of_the_system_are_one_line_and_code_two():
    def problem():
        Path("/nowhere/at/all").read_bytes()

    result = failing(problem)
    assert result.exit_code == 2
    assert result.stderr.startswith("error: /nowhere/at/all: No such file")


def test_mistakes_of_ours_are_not_hidden():
    def problem():
        raise KeyError("bug")

    assert isinstance(failing(problem).exception, KeyError)


def test_warnings_of_ours_are_one_line_each_and_do_not_stop():
    def problem():
        for _ in range(2):
            warnings.warn("RD101 separated data: look", RiskdecWarning, stacklevel=1)
        click.echo("done")

    result = failing(problem)
    assert (result.exit_code, result.stdout) == (0, "done\n")
    assert result.stderr == "warning: RD101 separated data: look\n" * 2


def test_warnings_of_others_go_their_usual_way():
    def problem():
        with pytest.warns(UserWarning, match="theirs"):
            warnings.warn("theirs", UserWarning, stacklevel=1)

    assert failing(problem).stderr == ""


def test_a_full_disk_and_missing_rights_are_explained():
    def full():
        raise OSError(errno.ENOSPC, "No space left on device")

    def closed():
        raise PermissionError(errno.EACCES, "Permission denied", "ward/x.csv")

    assert failing(full).stderr.startswith("error: No space left on device. Free some space")
    result = failing(closed)
    assert result.exit_code == 2
    assert result.stderr.startswith("error: ward/x.csv: Permission denied. Ask for the right")


def test_ctrl_c_ends_with_what_shells_expect():
    def problem():
        raise KeyboardInterrupt

    result = failing(problem)
    assert result.exit_code == 130
    assert result.stderr == "stopped: files already written stay, and none is left half-written.\n"


def test_the_version_is_told_without_an_installed_package():
    result = CliRunner().invoke(main, ["--version"])
    assert result.exit_code == 0
    assert result.output == f"riskdec, version {riskdec.__version__}\n"


def test_a_misspelt_command_is_suggested():
    result = CliRunner().invoke(main, ["diagnoze"])
    assert result.exit_code == 2
    assert "Did you mean 'diagnose'?" in result.stderr


def test_a_closed_output_is_no_mistake_of_ours():
    code = (
        "import sys; sys.stdout = None\nfrom riskdec.cli.output import show\n"
        "show('text', {}, as_json=False); show(('a', 'b'), {}, as_json=False)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
