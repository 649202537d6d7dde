// Go on and Stop: the page asks the kernel for one piece of work, draws the answer, and asks for the next.

const PATIENCE = 15000; // milliseconds without an answer until the page says so
const QUIET = 4000; // milliseconds between two announcements to a screen reader while pieces come in

function make(tag, attributes = {}, ...children) {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) el.setAttribute(name, "");
    else if (value !== false && value !== undefined) el.setAttribute(name, value);
  }
  el.append(...children);
  return el;
}

/** JupyterLab leaves the keys alone only where the element with the focus itself says so: the arrows of a list, say. */
const KEYS = { "data-lm-suppress-shortcuts": "true" };

/** Calls back when the page was drawn, or a little later where it is not drawn, since it is in the background. */
function whenDrawn(callback) {
  let called = false;
  const once = () => {
    if (!called) {
      called = true;
      callback();
    }
  };
  requestAnimationFrame(() => setTimeout(once, 0));
  setTimeout(once, 250);
}

/** One for each model, whatever the number of its views. State: "still", "going", or "stopping" (at the next answer). */
class Loop {
  constructor(model) {
    this.model = model;
    this.views = new Set();
    this.state = "still";
    this.ran = false; // in this page
    this.waiting = ""; // the question that is not answered yet
    this.count = 0;
    this.choosing = ""; // a choice that is not answered yet: until then the form shows what was chosen
    this.name = Math.random().toString(36).slice(2);
    model.on("change:view", () => this.answered());
    model.on("change:form", () => this.show());
  }

  send(content) {
    const ask = `${this.name}-${++this.count}`;
    this.model.send({ ask, ...content });
    return ask;
  }

  ask() {
    this.asked = performance.now();
    this.waiting = this.send({});
    const question = this.waiting;
    clearTimeout(this.patience);
    this.patience = setTimeout(() => this.waiting === question && this.show(), PATIENCE + 100);
  }

  go() {
    const still = this.state === "still";
    this.state = "going";
    if (still) {
      this.ran = true;
      this.pieces = 0;
      this.started = performance.now();
      if (!this.waiting) this.ask();
    }
    this.show();
  }

  stop() {
    if (this.state === "going") this.state = this.waiting ? "stopping" : "still";
    this.show();
  }

  choose(values) {
    this.choosing = this.send({ values });
  }

  answered() {
    const { answer, alert, ending } = this.model.get("view");
    const ours = this.waiting && answer === this.waiting;
    if (answer === this.choosing) this.choosing = "";
    if (ours) {
      this.waiting = "";
      this.pieces += 1;
      clearTimeout(this.patience);
    }
    if (ours && (alert || ending || this.state === "stopping" || !this.views.size)) this.state = "still";
    this.show();
    if (ours && this.state === "going") {
      whenDrawn(() => {
        if (!this.views.size) this.state = "still";
        if (this.state === "going" && !this.waiting) this.ask();
      });
    }
  }

  show() {
    for (const view of this.views) view();
  }

  /** What there is to say about the work, without the last piece. */
  status() {
    const { ending, done } = this.model.get("view");
    const says = this.model.get("_says");
    if (this.waiting && performance.now() - this.asked > PATIENCE)
      return "The kernel has not answered for a while: it is busy, or was restarted; then run this cell again.";
    if (this.state === "stopping") return `Stopping after this ${says.one}.`;
    if (this.state === "going") {
      const each = (performance.now() - this.started) / 1000 / this.pieces;
      return this.pieces && each >= 0.5 ? `Running, ${each.toFixed(1)} s for a ${says.one}.` : "Running.";
    }
    if (ending) return `Done: ${ending}`;
    return this.ran && done ? "Stopped. Go on continues where it stopped." : `Stopped. ${says.hint}`;
  }
}

/** A field of the form: {name, kind: "many" | "one" | "text" | "number", label, value, options, help, least, most}. */
function field(spec, tell) {
  if (spec.kind === "many") {
    const box = make("fieldset", { "data-name": spec.name }, make("legend", {}, spec.label));
    for (const option of spec.options) {
      const input = make("input", { ...KEYS, type: "checkbox", value: option, checked: spec.value.includes(option) });
      input.addEventListener("change", tell);
      box.append(make("label", {}, input, option));
    }
    return box;
  }
  let input;
  if (spec.kind === "one") {
    input = make("select", { ...KEYS, name: spec.name });
    for (const option of spec.options) {
      input.append(make("option", { value: option, selected: option === spec.value }, option));
    }
  } else {
    const number = { type: "number", min: spec.least, max: spec.most, step: 1 };
    const kind = spec.kind === "number" ? number : { type: "text" };
    input = make("input", { ...KEYS, ...kind, name: spec.name, value: spec.value });
  }
  input.addEventListener("change", tell);
  if (!spec.help) return make("label", {}, make("span", {}, spec.label), input);
  const id = `nasedu-${Math.random().toString(36).slice(2)}`;
  input.setAttribute("aria-describedby", id);
  const label = make("label", {}, make("span", {}, spec.label), input);
  return make("div", {}, label, make("small", { id }, spec.help));
}

function valuesOf(form, specs) {
  const values = {};
  for (const { name, kind } of specs) {
    if (kind === "many") {
      const boxes = form.querySelectorAll(`fieldset[data-name="${name}"] input:checked`);
      values[name] = [...boxes].map((box) => box.value);
    } else values[name] = form.querySelector(`[name="${name}"]`).value;
  }
  return values;
}

/** The form as the kernel has it. A field that is being typed in is left alone. */
function drawForm(form, specs, tell) {
  const seen = JSON.stringify(specs);
  if (form.dataset.seen === seen) return;
  form.dataset.seen = seen;
  form.hidden = !specs.length;
  if (!form.children.length) form.append(...specs.map((spec) => field(spec, tell)));
  for (const { name, kind, value } of specs) {
    if (kind === "many") {
      const boxes = form.querySelectorAll(`fieldset[data-name="${name}"] input`);
      for (const box of boxes) box.checked = value.includes(box.value);
    } else {
      const input = form.querySelector(`[name="${name}"]`);
      if (kind === "one" || input !== document.activeElement) input.value = value;
    }
  }
  form.dataset.told = JSON.stringify(valuesOf(form, specs));
}

function render(loop, { model, el }) {
  const says = model.get("_says");
  const form = make("form", { class: "nasedu-form" });
  const bar = make("progress", { "aria-label": `How many of the ${says.unit} are done` });
  const count = make("span", { class: "nasedu-count" });
  const go = make("button", { ...KEYS, type: "button", class: "nasedu-go", title: says.go }, "Go on");
  const stop = make("button", { ...KEYS, type: "button", title: says.stop }, "Stop");
  const status = make("div", { class: "nasedu-status" });
  const live = make("div", { class: "nasedu-unseen", role: "status", "aria-live": "polite" });
  const alert = make("div", { class: "nasedu-alert", role: "alert" });
  const picture = make("div", { ...KEYS, class: "nasedu-picture", tabindex: "0" });
  const table = make("div", { class: "nasedu-table" });
  const root = make("div", { class: "nasedu-engine", role: "group" });
  root.setAttribute("aria-label", says.title || "A widget with the buttons Go on and Stop");
  root.append(form, make("div", { class: "nasedu-line" }, bar, count), make("div", { class: "nasedu-line" }, go, stop));
  root.append(status, live, alert, picture);
  root.append(make("details", { open: true }, make("summary", KEYS, says.table), table));
  el.append(root);

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input:not([type=checkbox])")) {
      event.preventDefault();
      tell();
    }
  });
  go.addEventListener("click", () => {
    delete form.dataset.seen; // a value that was refused gives way to the one that is run
    loop.go();
  });
  stop.addEventListener("click", () => loop.stop());
  // Enter and leaving the field both tell; what is so already is not told again.
  const tell = () => {
    const values = valuesOf(form, model.get("form"));
    const text = JSON.stringify(values);
    if (text !== form.dataset.told) loop.choose(values);
    form.dataset.told = text;
  };

  let announced = 0;
  let before = "";
  const announce = (text) => {
    if (loop.state === before && loop.state !== "still" && performance.now() - announced < QUIET) return;
    before = loop.state;
    announced = performance.now();
    if (live.textContent !== text) live.textContent = text;
  };

  const draw = () => {
    const view = model.get("view");
    if (!loop.choosing) drawForm(form, model.get("form"), tell);
    bar.max = Math.max(view.total, 1);
    bar.value = Math.min(view.done, view.total);
    count.textContent = `${view.done} of ${view.total} ${says.unit}`;
    const text = alert_(view) ? "" : loop.status();
    status.replaceChildren(...[text, view.last].filter(Boolean).map((line) => make("div", {}, line)));
    announce(`${text} ${count.textContent}. ${view.last}`);
    if (picture.dataset.seen !== view.svg) picture.innerHTML = picture.dataset.seen = view.svg;
    if (table.dataset.seen !== view.table) table.innerHTML = table.dataset.seen = view.table;
    buttons(view);
  };

  const alert_ = (view) => {
    const shown = view.alert && loop.state === "still" ? view.alert : "";
    if (alert.dataset.seen !== shown) {
      alert.dataset.seen = shown;
      const parts = [make("strong", {}, says.failed), ` ${shown}`, make("br"), says.kept];
      alert.replaceChildren(...(shown ? parts : []));
    }
    return shown;
  };

  // A button that is switched off would drop the focus: it goes to the other one.
  const buttons = (view) => {
    const focused = root.contains(document.activeElement) ? document.activeElement : null;
    const going = loop.state === "going";
    go.disabled = going || Boolean(view.ending);
    stop.disabled = !going;
    if (focused === go && go.disabled && !stop.disabled) stop.focus();
    if (focused === stop && stop.disabled && !go.disabled) go.focus();
  };

  loop.views.add(draw);
  draw();
  return () => loop.views.delete(draw);
}

export default () => {
  let loop;
  return {
    initialize({ model }) {
      loop = new Loop(model);
    },
    render: (context) => render(loop, context),
  };
};
