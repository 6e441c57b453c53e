"""Write docs/commands.rst: the help of every command as one page, like a manual.

python docs/make_commands.py
"""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import indent

import click

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from riskdec.cli import main as commands

PAGE = Path(__file__).resolve().parent / "commands.rst"
_HEAD = """\
.. Written by docs/make_commands.py from the help of the commands: change that.

The command line
================

Every command explains itself with ``--help``, takes ``--json`` and then prints one JSON object and nothing else, and
ends with 0 when it is done, 1 when a check failed, 2 for wrong usage or bad input. Errors go to the standard error as
one line that names the file, the column or the row.

Completion in the shell comes with click; put one of these lines into the start-up file of your shell::

  eval "$(_RISKDEC_COMPLETE=bash_source riskdec)"     # bash
  eval "$(_RISKDEC_COMPLETE=zsh_source riskdec)"      # zsh
  _RISKDEC_COMPLETE=fish_source riskdec | source      # fish

"""


def write_page() -> str:
    """Give the page: one section for each command, with the text that ``--help`` prints."""
    context = click.Context(commands, info_name="riskdec", terminal_width=100, max_content_width=100)
    parts = [_HEAD]
    for name in commands.list_commands(context):
        command = commands.get_command(context, name)
        assert command is not None
        inner = click.Context(command, parent=context, info_name=name, terminal_width=100, max_content_width=100)
        title = f"riskdec {name}"
        shown = "\n".join(line.rstrip() for line in command.get_help(inner).splitlines())
        parts.append(f"{title}\n{'-' * len(title)}\n\n.. code-block:: text\n\n{indent(shown, '   ')}\n\n")
    return "".join(parts).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(write_page(), encoding="utf-8")
