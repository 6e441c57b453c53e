"use strict";
// The controls and drawings of the cost explorer: reads the form, asks `riskdecWhatIf`, writes text and lines.
(() => {
  const SVG = "http://www.w3.org/2000/svg";
  const NAMES = ["false_positive", "false_negative", "fee", "sensitivity", "specificity", "prevalence"];
  const RULES = ["these decisions", "forced choice (nobody is asked)", "never act", "always act", "always defer"];

  function number(value, digits = 4) {
    if (value === null || !Number.isFinite(value)) return "";
    if (Math.abs(value) >= 1e9) return value.toExponential(2);
    const text = value.toPrecision(digits);
    return text.includes("e") ? String(Number(text)) : text.replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
  }
  const percent = (value) => `${number(100 * value, 3)}\u00a0%`;
  const count = (value) => Math.round(value).toLocaleString("en-US");

  function element(name, attributes, text) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  }

  // A slider has 1000 places on a logarithmic scale for costs, on the scale of log-odds for shares.
  const scales = {
    log: { to: Math.log, from: Math.exp },
    logit: { to: (p) => Math.log(p / (1 - p)), from: (x) => 1 / (1 + Math.exp(-x)) },
    linear: { to: (x) => x, from: (x) => x },
  };
  function placeOf(box, value) {
    const { to } = scales[box.dataset.scale];
    const [low, high] = [to(Number(box.dataset.low)), to(Number(box.dataset.high))];
    return Math.round((1000 * (to(value) - low)) / (high - low));
  }
  function valueAt(box, place) {
    const { to, from } = scales[box.dataset.scale];
    const [low, high] = [to(Number(box.dataset.low)), to(Number(box.dataset.high))];
    return Number(from(low + (place / 1000) * (high - low)).toPrecision(3));
  }

  class Explorer {
    constructor(root) {
      this.root = root;
      this.data = JSON.parse(root.querySelector(".explorer-data").textContent);
      this.form = root.querySelector("form");
      this.boxes = new Map([...root.querySelectorAll(".setting[data-name]")].map((box) => [box.dataset.name, box]));
      this.mayDefer = root.querySelector("[data-name=may_defer]");
      this.form.hidden = false;
      root.querySelectorAll(".drawing").forEach((card) => { card.hidden = false; });
      this.form.addEventListener("submit", (event) => event.preventDefault());
      for (const box of this.boxes.values()) {
        const [field, slider] = box.querySelectorAll("input");
        slider.addEventListener("input", () => { field.value = String(valueAt(box, Number(slider.value))); this.show(); });
        field.addEventListener("input", () => this.show());
      }
      this.mayDefer.addEventListener("change", () => this.show());
      this.form.querySelector("[data-do=reset]").addEventListener("click", () => this.set(this.data.setting));
      this.form.querySelector("[data-do=copy]").addEventListener("click", () => this.copy());
      this.set(this.fromFragment() || this.data.setting);
    }

    set(setting) {
      for (const name of NAMES) {
        const value = name === "fee" && setting.fee === null ? this.data.fee_if_any : setting[name];
        this.boxes.get(name).querySelector("input").value = String(Number(value.toPrecision(12)));
      }
      this.mayDefer.checked = setting.fee !== null;
      // What the report was made with is not rounded by the number field.
      this.exact = setting;
      this.show();
      this.exact = null;
    }

    // The setting in the form, or null with the wrong field marked.
    read() {
      const setting = {};
      let valid = true;
      for (const [name, box] of this.boxes) {
        const field = box.querySelector("input");
        const value = field.valueAsNumber;
        const inside = value >= Number(field.min) && value <= Number(field.max);
        field.setAttribute("aria-invalid", String(!inside));
        valid = valid && inside;
        setting[name] = value;
      }
      if (!this.mayDefer.checked) setting.fee = null;
      return valid ? setting : null;
    }

    show() {
      const typed = this.read();
      if (typed === null) {
        this.write("answer", "A marked field lies outside what can be asked.");
        return;
      }
      const setting = this.exact || typed;
      for (const [name, box] of this.boxes) {
        const [field, slider] = box.querySelectorAll("input");
        slider.value = String(placeOf(box, field.valueAsNumber));
        const idle = setting.fee === null && ["fee", "sensitivity", "specificity"].includes(name);
        field.disabled = idle;
        slider.disabled = idle;
      }
      const found = riskdecWhatIf.whatIf(this.data.bins, setting);
      this.result = found;
      this.write("answer", this.answer(found));
      this.table("rows", this.rowLines(found));
      this.table("costs", this.costLines(found));
      this.list("flips", this.flipLines(found, setting));
      this.write("python", riskdecWhatIf.pythonLine(setting, this.data.setting.prevalence));
      this.drawAxis(found, setting);
      this.drawCurve(found);
      if (!this.exact) this.toFragment(setting);
    }

    answer(found) {
      const parts = found.regions.map(({ action, low, high }) => {
        const name = this.data.actions[riskdecWhatIf.ACTIONS.indexOf(action)];
        if (low === 0 && high === 1) return `${name} at every risk`;
        if (low === 0) return `${name} below ${percent(high)}`;
        if (high === 1) return `${name} from ${percent(low)}`;
        return `${name} from ${percent(low)} to ${percent(high)}`;
      });
      const saved = found.cost[1] - found.cost[0];
      const asked = found.regions.some(({ action }) => action === "defer");
      const worth = saved >= 0 ? `saves ${number(saved, 3)}` : `costs ${number(-saved, 3)} more`;
      const gain = asked ? ` Deferring ${worth} per row against a forced choice.` : "";
      return `${parts.join(", ")}.${gain}`;
    }

    rowLines(found) {
      const total = found.rows.reduce((a, b) => a + b, 0);
      const order = found.regions.map(({ action }) => riskdecWhatIf.ACTIONS.indexOf(action));
      const others = [0, 1, 2].filter((a) => !order.includes(a) && (a < 2 || this.mayDefer.checked));
      return [...order, ...others].map((a) => [this.data.actions[a], count(found.rows[a]), percent(found.rows[a] / total)]);
    }

    costLines(found) {
      const lines = RULES.map((name, k) => [name, number(found.cost[k]), number(found.expected[k])]);
      return lines.filter((_, k) => found.cost[k] !== null);
    }

    flipLines(found, setting) {
      const share = found.flips.map(percent);
      const lines = [
        `If a miss cost half: ${share[0]} of the rows would get another action; if it cost double: ${share[1]}.`,
        `If the odds of the event were half: ${share[2]}; if they were double: ${share[3]}.`,
      ];
      const limit = number(found.fee_limit, 3);
      if (setting.fee !== null) {
        const state = setting.fee < found.fee_limit ? "Deferring stops paying" : "Deferring would pay only";
        const where = setting.fee < found.fee_limit ? `from a fee of ${limit} on` : `below a fee of ${limit}`;
        lines.push(`${state} ${where}.`);
      } else {
        lines.push(`Someone who decides deferred cases this well would be worth up to ${limit} a case.`);
      }
      return lines;
    }

    write(name, text) { this.root.querySelector(`[data-show=${name}]`).textContent = text; }

    table(name, lines) {
      const body = this.root.querySelector(`[data-show=${name}] tbody`);
      body.replaceChildren(...lines.map(([first, ...rest]) => {
        const row = document.createElement("tr");
        const head = document.createElement("th");
        head.scope = "row";
        head.textContent = first;
        row.append(head, ...rest.map((text) => {
          const cell = document.createElement("td");
          cell.textContent = text;
          return cell;
        }));
        return row;
      }));
    }

    list(name, lines) {
      this.root.querySelector(`[data-show=${name}]`).replaceChildren(...lines.map((text) => {
        const item = document.createElement("li");
        item.textContent = text;
        return item;
      }));
    }

    // Risks on the scale of log-odds: rare events would be squeezed together on a straight one.
    drawAxis(found, setting) {
      const svg = this.root.querySelector("[data-show=axis]");
      const [left, width, base, high] = [20, 680, 120, 100];
      const span = this.span(found, setting);
      const x = (p) => left + (width * (Math.min(Math.max(Math.log(p / (1 - p)), span[0]), span[1]) - span[0])) / (span[1] - span[0]);
      const { risk, weight } = this.data.bins;
      const factor = setting.prevalence / (1 - setting.prevalence) / (this.data.setting.prevalence / (1 - this.data.setting.prevalence));
      const step = 0.05 * Math.max(Math.ceil((span[1] - span[0]) / 5), 1);
      const columns = new Map();
      risk.forEach((p, k) => {
        // Whole numbers of bins to a column, so that no column is taller for holding one bin more.
        const place = (Math.floor(Math.log(p / (1 - p)) / step) + 0.5) * step + Math.log(factor);
        columns.set(place, (columns.get(place) || 0) + weight[k]);
      });
      const tallest = Math.max(...columns.values());
      const wide = Math.max((width * step) / (span[1] - span[0]) - 1, 1);
      const parts = found.regions.map(({ action, low, high: end }) => {
        const [from, to] = [low === 0 ? left : x(low), end === 1 ? left + width : x(end)];
        return [element("rect", { class: `zone ${action}`, x: from, y: 10, width: Math.max(to - from, 0), height: base + 18 }),
          to - from > 60 ? element("text", { class: "zone-name", x: (from + to) / 2, y: base + 22 }, this.data.actions[riskdecWhatIf.ACTIONS.indexOf(action)]) : null];
      }).flat().filter((part) => part !== null);
      for (const [place, rows] of columns) {
        const tall = (high * rows) / tallest;
        parts.push(element("rect", { class: "bar", x: x(1 / (1 + Math.exp(-place))) - wide / 2, y: base - tall, width: wide, height: tall }));
      }
      parts.push(element("line", { class: "rule", x1: left, x2: left + width, y1: base, y2: base }));
      for (const { low } of found.regions.slice(1)) {
        if (x(low) > left && x(low) < left + width) {
          parts.push(element("line", { class: "cut", x1: x(low), x2: x(low), y1: 10, y2: base + 28 }));
        }
      }
      for (const p of this.ticks(span)) {
        parts.push(element("text", { class: "tick", x: x(p), y: base + 48 }, percent(p)));
        parts.push(element("line", { class: "rule", x1: x(p), x2: x(p), y1: base + 29, y2: base + 34 }));
      }
      parts.push(element("text", { class: "axis-name", x: left + width / 2, y: base + 66 }, "risk (bars: rows)"));
      svg.replaceChildren(...parts);
    }

    span(found, setting) {
      const logit = (p) => Math.log(p / (1 - p));
      const shift = logit(setting.prevalence) - logit(this.data.setting.prevalence);
      const { risk } = this.data.bins;
      const inside = found.regions.slice(1).map(({ low }) => logit(low)).filter(Number.isFinite);
      const low = Math.max(Math.min(logit(risk[0]) + shift, ...inside), -9);
      const high = Math.min(Math.max(logit(risk[risk.length - 1]) + shift, ...inside), 9);
      return [low - 0.4, high + 0.4];
    }

    ticks(span) {
      const logit = (p) => Math.log(p / (1 - p));
      const all = [0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97, 0.99, 0.997, 0.999, 0.9999];
      return all.filter((p) => logit(p) > span[0] && logit(p) < span[1]);
    }

    drawCurve(found) {
      const svg = this.root.querySelector("[data-show=curve]");
      const [left, width, top, tall] = [60, 640, 14, 180];
      const thresholds = riskdecWhatIf.THRESHOLDS;
      const best = Math.max(...found.curve, found.net_benefit[0], 1e-12);
      const floor = -0.25 * best;
      const logit = (p) => Math.log(p / (1 - p));
      const ends = [logit(thresholds[0]), logit(thresholds[thresholds.length - 1])];
      const x = (p) => left + (width * (Math.min(Math.max(logit(p), ends[0]), ends[1]) - ends[0])) / (ends[1] - ends[0]);
      const y = (value) => top + (tall * (best - Math.max(value, floor))) / (best - floor);
      const line = (values) => values.map((value, k) => `${x(thresholds[k]).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
      const visible = found.treat_all.findIndex((value) => value < floor);
      const all = visible < 0 ? found.treat_all : found.treat_all.slice(0, visible + 1);
      const point = [x(found.threshold), y(found.net_benefit[0])];
      const parts = [
        element("line", { class: "rule", x1: left, x2: left + width, y1: y(0), y2: y(0) }),
        element("polyline", { class: "curve all", points: line(all) }),
        element("polyline", { class: "curve model", points: line(found.curve) }),
        element("line", { class: "cut", x1: point[0], x2: point[0], y1: top, y2: top + tall }),
        element("circle", { class: "point", cx: point[0], cy: point[1], r: 5 }),
        element("text", { class: "note-text", x: left + width, y: y(0) - 5, "text-anchor": "end" }, "never act"),
        element("text", { class: "note-text", x: left + width, y: top + 8, "text-anchor": "end" }, "solid: act by risk; dashed: always act"),
        element("text", { class: "tick", x: left - 8, y: y(best) + 4, "text-anchor": "end" }, number(best, 2)),
        element("text", { class: "tick", x: left - 8, y: y(0) + 4, "text-anchor": "end" }, "0"),
        element("text", { class: "axis-name", x: left + width / 2, y: top + tall + 46 },
          `threshold risk; at ${percent(found.threshold)} the net benefit is ${number(found.net_benefit[0], 3)} events found per row`),
      ];
      for (const p of [0.001, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95]) {
        parts.push(element("text", { class: "tick", x: x(p), y: top + tall + 22 }, percent(p)));
      }
      svg.replaceChildren(...parts);
    }

    copy() {
      const text = this.root.querySelector("[data-show=python]").textContent;
      const said = this.root.querySelector(".copied");
      const done = () => { said.textContent = "Copied."; };
      const selected = () => {
        const range = document.createRange();
        range.selectNodeContents(this.root.querySelector("[data-show=python]"));
        const selection = window.getSelection();
        selection.removeAllRanges();
        selection.addRange(range);
        said.textContent = document.execCommand("copy") ? "Copied." : "Selected: copy it with your keyboard.";
      };
      if (navigator.clipboard && window.isSecureContext) navigator.clipboard.writeText(text).then(done, selected);
      else selected();
    }

    // The state lives in the fragment of the address, so that a link shows what its sender saw.
    toFragment(setting) {
      const parts = NAMES.filter((name) => setting[name] !== null).map((name) => `${name}=${setting[name]}`);
      try {
        history.replaceState(null, "", `#${this.root.id}:${parts.join(";")}`);
      } catch (error) {
        // Some browsers forbid it for files; the page works without.
      }
    }

    fromFragment() {
      const [id, text] = decodeURIComponent(location.hash.slice(1)).split(":");
      if (id !== this.root.id || !text) return null;
      const given = new Map(text.split(";").map((part) => part.split("=")));
      const setting = { ...this.data.setting, fee: null };
      for (const name of NAMES) {
        if (!given.has(name)) continue;
        const value = Number(given.get(name));
        const box = this.boxes.get(name);
        if (!(value >= Number(box.dataset.low) && value <= Number(box.dataset.high))) return null;
        setting[name] = value;
      }
      return setting;
    }
  }

  window.riskdecExplorers = [...document.querySelectorAll(".explorer")].map((root) => new Explorer(root));
})();
