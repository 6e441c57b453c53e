"use strict";
// The two drawings of the cost explorer, made of lines and text; numbers come from `riskdecWhatIf`.
const riskdecDrawing = (() => {
  const SVG = "http://www.w3.org/2000/svg";
  const TICKS = [0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97, 0.99, 0.997, 0.999, 0.9999];
  const CURVE_TICKS = [0.001, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95];
  const logit = (p) => Math.log(p / (1 - p));
  const expit = (x) => 1 / (1 + Math.exp(-x));
  const { number, riskText } = riskdecWords;

  function element(name, attributes, text) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  }

  // Risks stand on the scale of log-odds: rare events would be squeezed together on a straight one.
  function scale(low, high, left, width) {
    return (p) => left + (width * (Math.min(Math.max(logit(p), low), high) - low)) / (high - low);
  }

  function span(bins, regions, shift) {
    const inside = regions.slice(1).map(({ low }) => logit(low)).filter(Number.isFinite);
    const ends = [bins.risk[0], bins.risk[bins.risk.length - 1]].map((p) => logit(p) + shift);
    return [Math.max(Math.min(ends[0], ...inside), -9) - 0.4, Math.min(Math.max(ends[1], ...inside), 9) + 0.4];
  }

  // Whole numbers of bins to a column, so that no column is taller for holding one bin more.
  function gather(bins, step, shift) {
    const columns = new Map();
    bins.risk.forEach((p, k) => {
      const place = (Math.floor(logit(p) / step) + 0.5) * step + shift;
      columns.set(place, (columns.get(place) || 0) + bins.weight[k]);
    });
    return columns;
  }

  // Rows by risk over the zones of the actions; `seen` and `prevalence` are the event rates of the rows and asked about.
  function axis(svg, { found, bins, actions, seen, prevalence }) {
    const [left, width, base, high] = [20, 680, 120, 100];
    const shift = logit(prevalence) - logit(seen);
    const [from, to] = span(bins, found.regions, shift);
    const x = scale(from, to, left, width);
    const step = 0.05 * Math.max(Math.ceil((to - from) / 5), 1);
    const columns = gather(bins, step, shift);
    const tallest = Math.max(...columns.values());
    const wide = Math.max((width * step) / (to - from) - 1, 1);
    const parts = [];
    for (const { action, low, high: end } of found.regions) {
      const [a, b] = [low === 0 ? left : x(low), end === 1 ? left + width : x(end)];
      parts.push(element("rect", { class: `zone ${action}`, x: a, y: 10, width: Math.max(b - a, 0), height: base + 18 }));
      const name = actions[riskdecWhatIf.ACTIONS.indexOf(action)];
      if (b - a > 8 * Math.min(name.length, 20)) {
        const shown = name.length > 20 ? `${name.slice(0, 19)}\u2026` : name;
        parts.push(element("text", { class: "zone-name", x: (a + b) / 2, y: base + 22 }, shown));
      }
    }
    for (const [place, rows] of columns) {
      const tall = (high * rows) / tallest;
      parts.push(element("rect", { class: "bar", x: x(expit(place)) - wide / 2, y: base - tall, width: wide, height: tall }));
    }
    parts.push(element("line", { class: "rule", x1: left, x2: left + width, y1: base, y2: base }));
    for (const { low } of found.regions.slice(1)) {
      if (x(low) > left && x(low) < left + width) {
        parts.push(element("line", { class: "cut", x1: x(low), x2: x(low), y1: 10, y2: base + 28 }));
      }
    }
    for (const p of TICKS.filter((p) => logit(p) > from && logit(p) < to)) {
      parts.push(element("text", { class: "tick", x: x(p), y: base + 48 }, riskText(p)));
      parts.push(element("line", { class: "rule", x1: x(p), x2: x(p), y1: base + 29, y2: base + 34 }));
    }
    parts.push(element("text", { class: "axis-name", x: left + width / 2, y: base + 66 }, "risk (bars: rows)"));
    svg.replaceChildren(...parts);
  }

  // Net benefit over the threshold, the point of the costs marked; `first` is what another fit is compared with.
  function curve(svg, { found, first, name, firstName }) {
    const [left, width, top, tall] = [60, 640, 34, 160];
    const thresholds = riskdecWhatIf.THRESHOLDS;
    const best = Math.max(...found.curve, ...(first ? first.curve : []), found.net_benefit[0], 1e-12);
    const floor = -0.25 * best;
    const x = scale(logit(thresholds[0]), logit(thresholds[thresholds.length - 1]), left, width);
    const y = (value) => top + (tall * (best - value)) / (best - floor);
    const line = (values, kind) => {
      const points = values.map((value, k) => `${(x(thresholds[k]) - left).toFixed(1)},${(y(value) - top).toFixed(1)}`);
      return element("polyline", { class: `curve ${kind}`, points: points.join(" ") });
    };
    // A drawing within the drawing cuts off what lies below it.
    const inner = element("svg", { x: left, y: top - 3, width, height: tall + 6, viewBox: `0 -3 ${width} ${tall + 6}` });
    inner.append(line(found.treat_all, "all"), ...(first ? [line(first.curve, "first")] : []), line(found.curve, "model"));
    const at = x(found.threshold);
    const parts = [
      element("line", { class: "rule", x1: left, x2: left + width, y1: y(0), y2: y(0) }),
      inner,
      element("line", { class: "cut", x1: at, x2: at, y1: top, y2: top + tall }),
      ...[...(first ? [[first, "point first"]] : []), [found, "point"]].filter(([one]) => one.net_benefit[0] >= floor)
        .map(([one, kind]) => element("circle", { class: kind, cx: at, cy: y(one.net_benefit[0]), r: 5 })),
      element("text", { class: "note-text", x: left + width, y: y(0) - 5, "text-anchor": "end" }, "never act"),
      element("text", { class: "tick", x: left - 8, y: y(best) + 4, "text-anchor": "end" }, number(best, 2)),
      element("text", { class: "tick", x: left - 8, y: y(0) + 4, "text-anchor": "end" }, "0"),
      element("text", { class: "axis-name", x: left + width / 2, y: top + tall + 46 },
        `threshold risk; at ${riskText(found.threshold)} the net benefit is ${number(found.net_benefit[0], 3)} events found per row`),
    ];
    for (const p of CURVE_TICKS) parts.push(element("text", { class: "tick", x: x(p), y: top + tall + 22 }, riskText(p)));
    const entries = [["model", name || "act by risk"], ...(first ? [["first", firstName]] : []), ["all", "always act"]];
    entries.forEach(([kind, text], k) => {
      const start = left + (k * width) / 3;
      const shown = text.length > 24 ? `${text.slice(0, 23)}\u2026` : text;
      parts.push(element("line", { class: `curve ${kind}`, x1: start, x2: start + 26, y1: 14, y2: 14 }));
      parts.push(element("text", { class: "key", x: start + 32, y: 18 }, shown));
    });
    svg.replaceChildren(...parts);
  }

  return { axis, curve };
})();
