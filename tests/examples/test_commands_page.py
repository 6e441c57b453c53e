"""The page of the command line says what the commands say."""

from __future__ import annotations

from pathlib import Path

import click

from riskdec.cli import main

PAGE = Path(__file__).resolve().parents[2] / "docs" / "commands.rst"


def flat(text: str) -> str:
    return "".join(text.split())


def test_the_page_is_up_to_date() -> None:
    # Line ends are click's, and differ between its releases.
    page = flat(PAGE.read_text("utf-8"))
    context = click.Context(main, info_name="riskdec")
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        assert command.help is not None
        lacking = [text for text in (f"riskdec {name}", command.help) if flat(text) not in page]
        for option in command.params:
            texts = [*option.opts, getattr(option, "help", None) or ""] if isinstance(option, click.Option) else []
            lacking += [text for text in texts if flat(text) not in page]
        assert not lacking, f"{name}: run python docs/make_commands.py"
