"""Reading a certificate back: JSON in, checked entries out."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from riskdec._base.checks import check_integer, check_level, check_number, check_option, refuse
from riskdec._base.codes import TITLES
from riskdec._base.findings import Finding
from riskdec.decisions.costs.cost_checks import check_names

_CURE = "Pass the text that `to_json` gave, unchanged."
_KEYS = {
    *("low", "high", "max_error", "confidence_level", "n", "errors", "bound", "coverage", "promises", "mean_cost"),
    *("n_groups", "event_column", "outcomes", "actions", "findings", "assumption", "riskdec", "version"),
}
_PROMISE_KEYS = {"rate", "limit", "confidence_level", "n", "errors", "bound"}


def read_certificate(text: object) -> dict[str, Any]:
    """Give the entries of a certificate, each of the right kind and size; its promises as dicts."""
    state = _parse(text)
    if state.get("riskdec") != "deferral certificate" or state.get("version") != 1:
        raise refuse("text", "be a riskdec deferral certificate of version 1", "something else", _CURE)
    if set(state) != _KEYS or not isinstance(state["promises"], list) or not state["promises"]:
        raise refuse("text", "have the entries of a certificate", "others", _CURE)
    n = check_integer(state["n"], name="n")
    low = check_number(state["low"], name="low", low=0, high=1)
    high = np.inf if state["high"] is None else check_number(state["high"], name="high", low=low, high=1)
    groups, cost = state["n_groups"], state["mean_cost"]
    return {
        "low": low,
        "high": high,
        "max_error": check_level(state["max_error"], name="max_error"),
        "confidence_level": check_level(state["confidence_level"]),
        "n": n,
        "errors": _at_most(check_integer(state["errors"], name="errors"), n, "errors"),
        "bound": np.nan if state["bound"] is None else check_number(state["bound"], name="bound", low=0, high=1),
        "coverage": check_number(state["coverage"], name="coverage", low=0, high=1),
        "promises": [_read_promise(promise, n) for promise in state["promises"]],
        "mean_cost": None if cost is None else check_number(cost, name="mean_cost"),
        "n_groups": None if groups is None else check_integer(groups, name="n_groups", low=1),
        "event_column": check_option(state["event_column"], (0, 1), name="event_column"),
        "outcomes": check_names(state["outcomes"], name="outcomes", lengths=(2,)),
        "actions": check_names(state["actions"], name="actions", lengths=(3,)),
        "findings": tuple(_read_finding(finding) for finding in state["findings"]),
    }


def _parse(text: object) -> dict[str, Any]:
    if not isinstance(text, str):
        raise refuse("text", "be JSON text", f"a {type(text).__name__}", _CURE)
    try:
        state = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as err:
        raise refuse("text", "be JSON text", f"text that is not ({type(err).__name__})", _CURE) from err
    if not isinstance(state, dict):
        raise refuse("text", "hold one JSON object", f"a {type(state).__name__}", _CURE)
    return state


def _read_promise(promise: object, n: int) -> dict[str, Any]:
    if not isinstance(promise, dict) or set(promise) != _PROMISE_KEYS or not isinstance(promise["rate"], str):
        raise refuse("promises", f"have the entries {', '.join(sorted(_PROMISE_KEYS))}", "others", _CURE)
    size = _at_most(check_integer(promise["n"], name="n of a promise"), n, "n of a promise")
    return {
        "rate": promise["rate"],
        "limit": check_level(promise["limit"], name="limit"),
        "confidence_level": check_level(promise["confidence_level"]),
        "n": size,
        "errors": _at_most(check_integer(promise["errors"], name="errors of a promise"), size, "errors of a promise"),
        "bound": check_number(promise["bound"], name="bound of a promise", low=0, high=1),
    }


def _read_finding(finding: object) -> Finding:
    known = isinstance(finding, dict) and finding.get("code") in TITLES
    if not known or not isinstance(finding, dict):
        raise refuse("findings", "be findings of riskdec", "something else", _CURE)
    entries = {name: str(finding.get(name, "")) for name in ("sentence", "todo")}
    severity = finding.get("severity")
    if severity not in ("issue", "caution", "good", "not applicable"):
        raise refuse("findings", "have a severity", repr(severity), _CURE)
    return Finding(code=finding["code"], severity=severity, **entries)


def _at_most(value: int, limit: int, name: str) -> int:
    if value > limit:
        raise refuse(name, f"be at most {limit}", value, _CURE)
    return value
