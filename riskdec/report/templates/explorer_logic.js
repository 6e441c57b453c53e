"use strict";
// What `riskdec.decisions.judging.what_if` computes in Python, computed here from the same sums of rows: nothing below
// touches the page, so that it can be tested against Python number by number.
const riskdecWhatIf = (() => {
  const ACTIONS = ["negative", "positive", "defer"];
  const SMALLEST = 5e-324;
  const SLACK = 1e-12;
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  const odds = (p) => p / (1 - p);

  const THRESHOLDS = Array.from({ length: 111 }, (_, k) => 1 / (1 + Math.exp(-(k - 70) / 10)));

  function costsOf(setting) {
    const { false_positive: fp, false_negative: fn, fee, sensitivity, specificity } = setting;
    const table = [[0, fp], [fn, 0]];
    if (fee !== null) {
      table[0].push(fee + (1 - specificity) * fp);
      table[1].push(fee + (1 - sensitivity) * fn);
    }
    return table;
  }

  function cutPoint(low, high) {
    const rise = high[0] - low[0];
    const fall = low[1] - high[1];
    return Math.max(rise / (rise + fall), SMALLEST);
  }

  function isBetween(low, middle, high) {
    const left = (middle[0] - low[0]) * (middle[1] - high[1]);
    const right = (high[0] - middle[0]) * (low[1] - middle[1]);
    return left < right * (1 - SLACK) && cutPoint(low, middle) < cutPoint(middle, high);
  }

  // The cheapest action at every risk: lower envelope of the cost lines, from low to high risk.
  function envelope(costs) {
    const lines = costs[0].map((without, a) => [without, costs[1][a]]);
    const order = lines.map((_, a) => a);
    order.sort((a, b) => lines[a][0] - lines[b][0] || lines[a][1] - lines[b][1] || a - b);
    const chain = [];
    for (const next of order) {
      const last = lines[chain[chain.length - 1]];
      if (last && lines[next][1] >= last[1]) continue;
      while (chain.length > 1) {
        const [low, middle] = chain.slice(-2).map((a) => lines[a]);
        if (isBetween(low, middle, lines[next])) break;
        chain.pop();
      }
      chain.push(next);
    }
    const cuts = chain.slice(1).map((a, k) => cutPoint(lines[chain[k]], lines[a]));
    return { actions: chain, cuts };
  }

  function choose(costs, risk) {
    const { actions, cuts } = envelope(costs);
    return risk.map((p) => actions[cuts.filter((cut) => cut <= p).length]);
  }

  const atOdds = (risk, factor) => risk.map((p) => (p * factor) / (p * factor + (1 - p)));

  function meanCost(costs, action, events, others) {
    const paid = action.map((a, k) => others[k] * costs[0][a] + events[k] * costs[1][a]);
    return sum(paid) / (sum(events) + sum(others));
  }

  function netBenefit(risk, events, others, threshold) {
    let found = 0;
    let alarms = 0;
    risk.forEach((p, k) => {
      if (p < threshold) return;
      found += events[k];
      alarms += others[k];
    });
    const allEvents = sum(events);
    const allOthers = sum(others);
    const total = allEvents + allOthers;
    return [(found - odds(threshold) * alarms) / total, (allEvents - odds(threshold) * allOthers) / total];
  }

  function feeLimit({ false_positive: fp, false_negative: fn, sensitivity, specificity }) {
    return Math.max(((sensitivity + specificity - 1) * fp * fn) / (fp + fn), 0);
  }

  function otherSettings(setting) {
    const o = odds(setting.prevalence);
    return [
      { ...setting, false_negative: setting.false_negative / 2 },
      { ...setting, false_negative: setting.false_negative * 2 },
      { ...setting, prevalence: o / 2 / (1 + o / 2) },
      { ...setting, prevalence: (o * 2) / (1 + o * 2) },
    ];
  }

  function whatIf(bins, setting) {
    const seen = sum(bins.events) / sum(bins.weight);
    const risk = atOdds(bins.risk, odds(setting.prevalence) / odds(seen));
    const events = bins.events.map((e) => e * (setting.prevalence / seen));
    const others = bins.weight.map((w, k) => (w - bins.events[k]) * ((1 - setting.prevalence) / (1 - seen)));
    const weight = events.map((e, k) => e + others[k]);
    const costs = costsOf(setting);
    const action = choose(costs, risk);
    const threshold = setting.false_positive / (setting.false_positive + setting.false_negative);
    const rules = [action, risk.map((p) => (p >= threshold ? 1 : 0)), risk.map(() => 0), risk.map(() => 1)];
    if (setting.fee !== null) rules.push(risk.map(() => 2));
    const expectedEvents = weight.map((w, k) => w * risk[k]);
    const expectedOthers = weight.map((w, k) => w * (1 - risk[k]));
    const padded = (values) => [...values, ...Array(5 - values.length).fill(null)];
    const { actions, cuts } = envelope(costs);
    const ends = [0, ...cuts, 1];
    const curve = THRESHOLDS.map((t) => netBenefit(risk, events, others, t));
    const here = netBenefit(risk, events, others, threshold);
    const total = sum(weight);
    const flipped = (other) => {
      const moved = choose(costsOf(other), atOdds(bins.risk, odds(other.prevalence) / odds(seen)));
      return sum(weight.filter((_, k) => moved[k] !== action[k])) / total;
    };
    return {
      regions: actions.map((a, k) => ({ action: ACTIONS[a], low: ends[k], high: ends[k + 1] })),
      threshold,
      rows: ACTIONS.map((_, a) => sum(weight.filter((__, k) => action[k] === a))),
      cost: padded(rules.map((rule) => meanCost(costs, rule, events, others))),
      expected: padded(rules.map((rule) => meanCost(costs, rule, expectedEvents, expectedOthers))),
      net_benefit: [here[0], here[1], 0],
      curve: curve.map((pair) => pair[0]),
      treat_all: curve.map((pair) => pair[1]),
      fee_limit: feeLimit(setting),
      flips: otherSettings(setting).map(flipped),
    };
  }

  return { whatIf, THRESHOLDS, ACTIONS };
})();
