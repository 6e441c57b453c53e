"use strict";
// The controls of the cost explorer: reads the form, asks `riskdecWhatIf`, writes what `riskdecWords` says.
(() => {
  const NAMES = ["false_positive", "false_negative", "fee", "sensitivity", "specificity", "prevalence"];

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
    const value = Number(from(low + (place / 1000) * (high - low)).toPrecision(3));
    // Three digits may lie just outside.
    return Math.min(Math.max(value, Number(box.dataset.low)), Number(box.dataset.high));
  }

  class Explorer {
    constructor(root) {
      this.root = root;
      this.data = JSON.parse(root.querySelector(".explorer-data").textContent);
      this.names = this.data.fits.map(({ name }) => name);
      this.form = root.querySelector("form");
      this.boxes = new Map([...root.querySelectorAll(".setting[data-name]")].map((box) => [box.dataset.name, box]));
      this.mayDefer = root.querySelector("[data-name=may_defer]");
      this.fit = root.querySelector("select");
      this.exact = new Map();
      this.form.hidden = false;
      root.querySelectorAll(".drawing").forEach((card) => { card.hidden = false; });
      this.form.addEventListener("submit", (event) => event.preventDefault());
      for (const box of this.boxes.values()) {
        const [field, slider] = box.querySelectorAll("input");
        slider.addEventListener("input", () => { field.value = String(valueAt(box, Number(slider.value))); this.change(); });
        field.addEventListener("input", () => this.change());
      }
      this.mayDefer.addEventListener("change", () => this.change());
      if (this.fit) this.fit.addEventListener("change", () => this.change());
      this.form.querySelector("[data-do=reset]").addEventListener("click", () => { this.set(this.start()); this.change(); });
      this.form.querySelector("[data-do=copy]").addEventListener("click", () => this.copy());
      window.addEventListener("hashchange", () => this.follow());
      this.set(this.start());
      this.follow();
    }

    // Who opens a link sees what its sender saw, and where.
    follow() {
      const asked = this.fromFragment();
      if (asked === null) return;
      this.set(asked);
      this.root.closest("section").scrollIntoView();
    }

    start() { return { setting: this.data.setting, chosen: this.data.chosen }; }

    set({ setting, chosen }) {
      for (const name of NAMES) {
        const value = name === "fee" && setting.fee === null ? this.data.fee_if_any : setting[name];
        const field = this.boxes.get(name).querySelector("input");
        field.value = String(Number(value.toPrecision(4)));
        // As long as nobody changes the field, what it shows rounded is not rounded in what is computed.
        this.exact.set(field, { shown: field.value, value });
      }
      this.mayDefer.checked = setting.fee !== null;
      if (this.fit) this.fit.value = String(chosen);
      this.show();
    }

    chosen() { return this.fit ? Number(this.fit.value) : 0; }

    // The reader did something: only then is the address theirs.
    change() {
      this.show();
      const setting = this.read();
      if (setting !== null) this.toFragment(setting, this.chosen());
    }

    valueOf(field) {
      const { shown, value } = this.exact.get(field);
      return field.value === shown ? value : field.valueAsNumber;
    }

    // The setting in the form, or null with the wrong fields marked.
    read() {
      const setting = {};
      this.wrong = null;
      for (const [name, box] of this.boxes) {
        const field = box.querySelector("input");
        const value = this.valueOf(field);
        const inside = value >= Number(box.dataset.low) && value <= Number(box.dataset.high);
        field.setAttribute("aria-invalid", String(!inside));
        if (!inside) this.wrong = this.wrong || box;
        setting[name] = value;
      }
      if (!this.mayDefer.checked) setting.fee = null;
      return this.wrong === null ? setting : null;
    }

    show() {
      const setting = this.read();
      if (setting === null) {
        const [low, high] = [this.wrong.dataset.low, this.wrong.dataset.high].map((end) => riskdecWords.number(Number(end)));
        const name = this.wrong.querySelector("label").textContent;
        this.write("answer", `A marked field lies outside what can be asked: ${name}, from ${low} to ${high}.`);
        return;
      }
      const chosen = this.chosen();
      this.settle(setting);
      this.results = this.data.fits.map(({ bins }) => riskdecWhatIf.whatIf(bins, setting));
      this.result = this.results[chosen];
      this.say(setting, chosen);
      this.draw(setting, chosen);
    }

    // Sliders follow their fields, and what cannot be asked about is greyed out.
    settle(setting) {
      for (const [name, box] of this.boxes) {
        const [field, slider] = box.querySelectorAll("input");
        const value = this.valueOf(field);
        slider.value = String(placeOf(box, value));
        slider.setAttribute("aria-valuetext", riskdecWords.number(value));
        const idle = setting.fee === null && ["fee", "sensitivity", "specificity"].includes(name);
        field.disabled = idle;
        slider.disabled = idle;
      }
    }

    say(setting, chosen) {
      const { actions, outcomes } = this.data;
      const answer = riskdecWords.answer(this.result, actions, outcomes);
      this.write("answer", [answer, riskdecWords.fitAnswer(this.names, this.results, chosen)].join(" ").trim());
      this.write("setting", riskdecWords.setting(setting));
      this.table("rows", riskdecWords.rows(this.result, actions, setting.fee !== null));
      this.table("costs", riskdecWords.costs(this.result, outcomes));
      if (this.fit) this.table("fits", riskdecWords.fits(this.names, this.results), chosen);
      this.list("flips", riskdecWords.flips(this.result, setting));
      this.write("python", riskdecWords.python(setting, this.data.setting.prevalence));
    }

    draw({ prevalence }, chosen) {
      const { actions, fits, setting } = this.data;
      const found = this.result;
      const [axis, curve] = ["axis", "curve"].map((name) => this.root.querySelector(`[data-show=${name}]`));
      riskdecDrawing.axis(axis, { found, bins: fits[chosen].bins, actions, seen: setting.prevalence, prevalence });
      const first = chosen === 0 ? null : this.results[0];
      riskdecDrawing.curve(curve, { found, first, name: this.names[chosen], firstName: this.names[0] });
    }

    write(name, text) { this.root.querySelector(`[data-show=${name}]`).textContent = text; }

    table(name, lines, current = null) {
      const body = this.root.querySelector(`[data-show=${name}] tbody`);
      body.replaceChildren(...lines.map(([first, ...rest], k) => {
        const row = document.createElement("tr");
        if (k === current) row.setAttribute("aria-current", "true");
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

    // The state lives in the fragment of the address, so that a link shows what its sender saw. Fits go by their place:
    // a name may hold anything.
    toFragment(setting, chosen) {
      const parts = NAMES.filter((name) => setting[name] !== null).map((name) => `${name}=${setting[name]}`);
      if (this.fit) parts.push(`fit=${chosen}`);
      try {
        history.replaceState(null, "", `#${this.root.id}:${parts.join(";")}`);
      } catch (error) {
        // Some browsers forbid it for files; the page works without.
      }
    }

    fromFragment() {
      const [id, text] = location.hash.slice(1).split(":");
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
      const chosen = given.has("fit") ? Number(given.get("fit")) : this.data.chosen;
      return Number.isInteger(chosen) && chosen >= 0 && chosen < this.names.length ? { setting, chosen } : null;
    }
  }

  window.riskdecExplorers = [...document.querySelectorAll(".explorer")].map((root) => new Explorer(root));
})();
