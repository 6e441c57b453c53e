"""`python -m riskdec`: the command line where the script is not on the path."""

from riskdec.cli import main

if __name__ == "__main__":
    main(prog_name="riskdec")
