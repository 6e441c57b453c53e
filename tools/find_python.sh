#!/bin/sh
# Print the first interpreter that runs and is Python 3.11 or later; say what was found where there is none.
# Usage: find_python.sh [PYTHON], where PYTHON is the only candidate if it is given.
set -eu

# python3 comes first: it is what the user has chosen; the others are what may stand beside an old python3.
[ $# -gt 0 ] || set -- python3 python3.13 python3.12 python3.11 python

found=""
for candidate in "$@"; do
    # A name on the path may be a shim that runs nothing, so each one is tried.
    version=$("$candidate" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null) || continue
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
        echo "$candidate"
        exit 0
    fi
    found="$found${found:+, }$candidate ($version)"
done
[ -n "$found" ] || found="none that runs among $*"
echo "riskdec needs Python 3.11 or later; found $found." \
    "Install a newer Python, or name one: make PYTHON=/path/to/python3.12 ..." >&2
exit 1
