"""The grammar of costs."""

import pytest

from riskdec.cli.options import parse_costs


@pytest.mark.parametrize(
    ("text", "costs"),
    [
        ("fp=1,fn=15", {"false_positive": 1, "false_negative": 15}),
        ("fn=15,fp=1,defer=0.6", {"false_positive": 1, "false_negative": 15, "defer": 0.6}),
        (" fp = 1e3 , false_negative=2 ", {"false_positive": 1000, "false_negative": 2}),
        (
            "fp=1,fn=2,tp=-0.5,tn=.25",
            {"false_positive": 1, "false_negative": 2, "true_positive": -0.5, "true_negative": 0.25},
        ),
    ],
)
def test_costs_are_read_as_keywords(text, costs):
    assert parse_costs(text) == costs


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "got ''"),
        ("fp=1", "got no false_negative"),
        ("defer=1", "got no false_positive and no false_negative"),
        ("fp=1,fn", "got 'fn'"),
        ("fp=1,fn=15,defer=0,6", "got '6'"),
        ("fp=1,fn=x", "cost fn must be a finite number; got 'x'"),
        ("fp=1,fn=", "cost fn must be a finite number; got ''"),
        ("fp=1,fn=inf", "must be a finite number"),
        ("fp=1,fn=nan", "must be a finite number"),
        ("fp=1,fn=2,false_negative=3", "got false_negative twice"),
        ("fp=1,fn=2,review=3", "got 'review=3'"),
        ("fp:1;fn:2", "got 'fp:1;fn:2'"),
    ],
)
def test_errors_show_the_culprit_and_the_grammar(text, message):
    with pytest.raises(ValueError, match=message) as caught:
        parse_costs(text)
    assert "for example fp=1,fn=15,defer=0.6" in str(caught.value)
