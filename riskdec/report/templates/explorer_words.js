"use strict";
// What the cost explorer says: the words of `riskdec.report.explorer_words`, made from what `riskdecWhatIf` computed.
// Nothing below touches the page, so that it can be tested against Python letter by letter.
const riskdecWords = (() => {
  const RULES = ["these decisions", "forced choice (nobody is asked)", "never act", "always act", "always defer"];
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  // Python writes exponents with two digits at least.
  const wide = (text) => text.replace(/e([+-])(\d)$/, "e$10$2");
  const trimmed = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);

  function number(value, digits = 4) {
    const size = Math.abs(value);
    if (size >= 1e9 || (size > 0 && size < 1e-4)) return wide(value.toExponential(Math.max(digits - 2, 1)));
    return size >= 10 ** digits - 0.5 ? value.toFixed(0) : trimmed(value.toPrecision(digits));
  }

  // One decimal; a number halfway between two goes to the even one, as in Python.
  function tenths(value) {
    const below = Math.floor(10 * value);
    return Math.abs(4 * value) % 2 === 1 ? ((below + (below % 2)) / 10).toFixed(1) : value.toFixed(1);
  }

  // Shares that are neither none nor all are not rounded to them.
  function percent(share) {
    const text = tenths(100 * share);
    if (share > 0 && text === "0.0") return "<0.1\u00a0%";
    if (share < 1 && text === "100.0") return ">99.9\u00a0%";
    return `${text}\u00a0%`;
  }

  const count = (rows) => Math.round(rows).toLocaleString("en-US");

  // Digits as Python's "g" gives them.
  function digits(value, many) {
    if (value === 0) return "0";
    const [mantissa, exponent] = value.toExponential(many - 1).split("e");
    if (exponent < -4 || exponent >= many) return wide(`${trimmed(mantissa)}e${exponent}`);
    return trimmed(value.toPrecision(many));
  }

  function riskText(risk) {
    const text = number(100 * risk);
    return `${text === "100" && risk < 1 ? digits(100 * risk, 12) : text}\u00a0%`;
  }

  const isAlwaysRight = ({ sensitivity, specificity }) => sensitivity === 1 && specificity === 1;

  function setting(asked) {
    const fee = asked.fee === null ? "nobody can be asked" : `deferring ${number(asked.fee)}`;
    const able = `${riskText(asked.sensitivity)} sensitivity and ${riskText(asked.specificity)} specificity`;
    const expert = asked.fee === null || isAlwaysRight(asked) ? "" : ` to an expert of ${able}`;
    const errors = `A miss costs ${number(asked.false_negative)}, a false alarm ${number(asked.false_positive)}`;
    return `${errors}, ${fee}${expert}; ${riskText(asked.prevalence)} of the rows have the event.`;
  }

  function zone({ low, high }) {
    if (low === 0 && high === 1) return "at every risk";
    if (low === 0) return `below ${riskText(high)}`;
    return high === 1 ? `from ${riskText(low)}` : `from ${riskText(low)} to ${riskText(high)}`;
  }

  // Equal decisions added up in another order differ by rounding.
  function moreThan(cost, other) {
    const more = cost - other;
    return Math.abs(more) > 1e-12 * (Math.abs(cost) + Math.abs(other)) ? more : 0;
  }

  function answer(found, actions, outcomes) {
    const name = ({ action }) => actions[riskdecWhatIf.ACTIONS.indexOf(action)];
    const zones = found.regions.map((region) => `${name(region)} ${zone(region)}`).join(", ");
    if (found.regions.every(({ action }) => action !== "defer")) return `${zones}.`;
    const cost = outcomes ? found.cost : found.expected;
    const saved = moreThan(cost[1], cost[0]);
    const worth = saved >= 0 ? `saves ${number(saved, 3)}` : `costs ${number(-saved, 3)} more`;
    return `${zones}. Deferring ${worth} per row against a forced choice.`;
  }

  function fitAnswer(names, all, chosen) {
    if (names.length < 2) return "";
    const text = `On the risks of '${names[chosen]}' decisions cost ${number(all[chosen].cost[0])} per row`;
    if (chosen === 0) return `${text}.`;
    const more = moreThan(all[chosen].cost[0], all[0].cost[0]);
    const compared = more === 0 ? "as much as" : `${number(Math.abs(more), 3)} ${more > 0 ? "more" : "less"} than`;
    return `${text}, ${compared} on those of '${names[0]}'.`;
  }

  function rows(found, actions, mayDefer) {
    const order = found.regions.map(({ action }) => riskdecWhatIf.ACTIONS.indexOf(action));
    const others = [0, 1, 2].filter((a) => !order.includes(a) && (a < 2 || mayDefer));
    const total = sum(found.rows);
    return [...order, ...others].map((a) => [actions[a], count(found.rows[a]), percent(found.rows[a] / total)]);
  }

  function costs(found, outcomes) {
    const line = (name, k) => [name, ...(outcomes ? [number(found.cost[k])] : []), number(found.expected[k])];
    return RULES.map((name, k) => (found.cost[k] === null ? null : line(name, k))).filter((cells) => cells !== null);
  }

  function fits(names, all) {
    if (names.length < 2) return [];
    return all.map((one, k) => {
      const share = (a) => percent(one.rows[a] / sum(one.rows));
      const against = k === 0 ? "" : number(moreThan(one.cost[0], all[0].cost[0]), 3);
      return [names[k], number(one.cost[0]), against, number(one.expected[0]), share(1), share(2)];
    });
  }

  function flips(found, asked) {
    const [half, double, rarer, commoner] = found.flips.map(percent);
    const limit = number(found.fee_limit, 3);
    let fee = `Deferring would pay only below a fee of ${limit}.`;
    if (found.fee_limit === 0) fee = "At no fee does deferring pay: the expert is no better than chance.";
    else if (asked.fee === null) fee = `Someone who decides deferred cases this well would be worth up to ${limit} a case.`;
    else if (asked.fee < found.fee_limit) fee = `Deferring stops paying from a fee of ${limit} on.`;
    return [
      `If a miss cost half: ${half} of the rows would get another action; if it cost double: ${double}.`,
      `If the odds of the event were half: ${rarer}; if they were double: ${commoner}.`,
      fee,
    ];
  }

  // The line of Python that decides so.
  function python(asked, seen) {
    const text = (value) => digits(value, 6);
    const { false_positive: fp, false_negative: fn, fee, sensitivity, specificity, prevalence } = asked;
    const moved = Math.abs(prevalence - seen) > 1e-9;
    const risk = moved ? `rd.adjust_prevalence(risk, train=${text(seen)}, target=${text(prevalence)})` : "risk";
    if (fee !== null && !isAlwaysRight(asked)) {
      const base = `rd.CostMatrix.binary(false_positive=${text(fp)}, false_negative=${text(fn)})`;
      const expert = `price=${text(fee)}, sensitivity=${text(sensitivity)}, specificity=${text(specificity)}`;
      return `rd.decide(${risk}, ${base}.with_test("expert", ${expert}))`;
    }
    const defer = fee === null ? "" : `, "defer": ${text(fee)}`;
    return `rd.decide(${risk}, costs={"false_positive": ${text(fp)}, "false_negative": ${text(fn)}${defer}})`;
  }

  return { number, percent, riskText, setting, answer, fitAnswer, rows, costs, fits, flips, python };
})();
