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
# As wide as the block that shows it.
_WIDTH = 96
_HEAD = """\
.. Written by docs/make_commands.py from the help of the commands: change that.

The command line
================

From a file to actions, with a page to read in between:

.. code-block:: sh

   riskdec fit patients.csv --target died --event 1 --out model.riskdec
   riskdec report model.riskdec later.csv --target died --costs fp=1,fn=15,defer=0.6 --out study.html
   riskdec decide model.riskdec new.csv --costs fp=1,fn=15,defer=0.6 --out actions.csv

``patients.csv`` has a row for each case and says in the column ``died`` what happened; ``later.csv`` are such rows that
the model has not seen; of ``new.csv`` the outcomes are not known yet. A false alarm costs 1, a miss 15, and handing a
case on 0.6. Every command explains itself with ``--help``, whose examples run as they are written.

**Exit codes.** 0: done. 1: a check failed (``diagnose --check`` found an issue, ``certify`` could certify nothing,
``detect`` could not read a scene). 2: wrong usage or bad input; one line on the standard error names the file, the
column, the row (as a spreadsheet counts: the header is row 1) or the option, and what to do. 130: stopped by Ctrl-C.
Files are written whole or not at all.

**For programs.** ``--json`` prints one JSON object and nothing else on the standard output; warnings go to the standard
error. ``--seed`` starts the random numbers: the same line on the same files gives the same output. Progress shows on a
terminal only.

**Tables** are CSV (``.csv``) or TSV (``.tsv``), both in UTF-8 and also gzipped, or Parquet (``.parquet``, with the
extra ``parquet``). CSV files that spreadsheets write with semicolons and decimal commas are read as they are meant, and
``decide`` writes its rows the same way. Text that a spreadsheet would run as a formula gets an apostrophe before it.

**Risks** come from a model file that ``fit`` wrote, or that Python saved. Where they come from elsewhere,
``--risk COLUMN`` takes the place of the model in ``diagnose``, ``decide``, ``report``, ``certify`` and ``curve``. A
file that ``fit --risk COLUMN`` made mends such a column: give both. ``--undo-weights 8`` undoes a fit in which an event
counted eight times as much as a non-event; ``--prevalence 0.5:0.03`` moves risks from where half the cases had the
event to where 3 % have.

**Costs** are pairs: ``--costs fp=1,fn=20,defer=0.6``, with ``tp=`` and ``tn=`` where being right costs something. In
``decide`` a column may stand for a number, or a number times a column: ``--costs "fp=200,fn=0.6*amount"``. Or they are
a file with outcomes and actions by name; the second outcome is the event. As TOML:

.. code-block:: toml

   actions = ["discharge", "admit", "ask"]
   defer = ["ask"]

   [costs]
   well = [0, 1, 0.6]
   ill = [20, 0, 0.6]

or as CSV, whose first cell says whether rows are outcomes or actions; an action called ``defer`` defers:

.. code-block:: text

   outcome,discharge,admit,defer
   well,0,1,0.6
   ill,20,0,0.6

**Completion.** After one of these lines in the start-up file of your shell, the tab key completes commands, options,
files, and the columns and labels of the table on the line (name the files first, then the options)::

  eval "$(_RISKDEC_COMPLETE=bash_source riskdec)"     # bash 4.4 or later: ~/.bashrc
  eval "$(_RISKDEC_COMPLETE=zsh_source riskdec)"      # zsh, after compinit: ~/.zshrc
  _RISKDEC_COMPLETE=fish_source riskdec | source      # fish: ~/.config/fish/config.fish

What the commands leave to Python: other learners and networks (to fit), multiple imputation, more than two outcomes in
training, ranges of costs, floors of recall, planning a validation, and cost curves.

"""


def write_page() -> str:
    """Give the page: one section for each command, with the text that ``--help`` prints."""
    context = click.Context(commands, info_name="riskdec", terminal_width=_WIDTH, max_content_width=_WIDTH)
    parts = [_HEAD]
    for name in commands.list_commands(context):
        command = commands.get_command(context, name)
        assert command is not None
        inner = click.Context(command, parent=context, info_name=name, terminal_width=_WIDTH, max_content_width=_WIDTH)
        title = f"riskdec {name}"
        shown = "\n".join(line.rstrip() for line in command.get_help(inner).splitlines())
        parts.append(f"{title}\n{'-' * len(title)}\n\n.. code-block:: text\n\n{indent(shown, '   ')}\n\n")
    return "".join(parts).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(write_page(), encoding="utf-8")
