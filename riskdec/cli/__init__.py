"""The command line: one command per file, each file opened when its command is called."""

from __future__ import annotations

from importlib import import_module

import click

from riskdec.cli.output import plain_messages

# In the order in which a newcomer needs them; the file of a command has the command's name.
_COMMANDS = ("demo", "fit", "diagnose", "decide", "report", "certify", "curve", "compare", "sweep", "card", "detect")

_HELP = """Estimate the risk honestly, show how honest it is, and only then decide.

\b
A whole path, from a file to actions:
  riskdec fit patients.csv --target died --event 1 --out model.riskdec
  riskdec diagnose model.riskdec later.csv --target died --html report.html
  riskdec decide model.riskdec new.csv --costs fp=1,fn=15,defer=0.6 \\
    --out actions.csv

Files are CSV (.csv, .csv.gz, .tsv, .tsv.gz) or Parquet (.parquet). Every command takes --json and then prints one
JSON object and nothing else. Exit codes: 0 done, 1 a check failed, 2 wrong usage or bad input.
"""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"riskdec.cli.{cmd_name}"), cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        from difflib import get_close_matches

        close = get_close_matches(args[0], _COMMANDS, n=2)
        if args[0] not in _COMMANDS and close:
            ctx.fail(f"No such command {args[0]!r}. Did you mean {' or '.join(map(repr, close))}?")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        with plain_messages(ctx):
            return super().invoke(ctx)


main = _Commands(name="riskdec", help=_HELP, context_settings={"help_option_names": ["-h", "--help"]})
main = click.version_option(import_module("riskdec").__version__, prog_name="riskdec")(main)
