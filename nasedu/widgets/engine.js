// Go on and Stop: the page asks the kernel for one piece of work, draws the answer, and asks for the next.

const PATIENCE = 15000; // milliseconds without an answer until the page says so
const QUIET = 4000; // milliseconds between two announcements to a screen reader while pieces come in

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

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** The values of the form as the kernel has them, in the shape in which fields hold them. */
function given(specs) {
  return Object.fromEntries(specs.map(({ name, kind, value }) => [name, kind === "many" ? value : String(value)]));
}

/** One for each model, whatever the number of its views. State: "still", "going", or "stopping" (at the next answer). */
class Loop {
  constructor(model) {
    this.model = model;
    this.views = new Set();
    this.state = "still";
    this.ran = false; // a piece of what is on show, in this page
    this.waiting = ""; // the question about work that is not answered yet
    this.count = 0;
    this.questions = new Map(); // all that are not answered yet: {kind: "piece" | "begin" | "check" | "rest", values}
    this.draft = null; // what the form says, where it is not what the kernel has
    this.wanted = null; // what the next question is to begin with
    const { alert } = model.get("view");
    this.problem = alert && !model.get("view").field ? { kind: "failed", field: "", words: alert } : null;
    this.name = Math.random().toString(36).slice(2);
    model.on("change:view", () => this.answered());
    model.on("change:form", () => this.formed());
  }

  send(kind, content = {}) {
    const ask = `${this.name}-${++this.count}`;
    this.questions.set(ask, { kind, ...content });
    this.model.send({ ask, ...content });
    return ask;
  }

  ask() {
    const values = this.wanted;
    this.wanted = null;
    this.asked = performance.now();
    this.waiting = values ? this.send("begin", { values }) : this.send("piece");
    const question = this.waiting;
    clearTimeout(this.patience);
    this.patience = setTimeout(() => this.waiting === question && this.show(), PATIENCE + 100);
  }

  /** The button: begin with what the form says, or go on. What ran before gives way at its next answer. */
  press() {
    this.wanted = this.draft;
    const still = this.state === "still";
    this.state = "going";
    if (this.problem?.kind === "failed") this.problem = null;
    if (still || this.wanted) this.restart();
    if (still && !this.waiting) this.ask();
    this.show();
  }

  restart() {
    this.pieces = 0;
    this.started = performance.now();
  }

  stop() {
    this.wanted = null;
    if (this.state === "going") {
      if (this.waiting) this.state = "stopping";
      else this.rest();
    }
    this.show();
  }

  /** Nothing is asked any more. The kernel hears of it, and renews the picture that a saved notebook keeps. */
  rest() {
    this.state = "still";
    this.send("rest", { rest: true });
  }

  values() {
    return this.draft ?? given(this.model.get("form"));
  }

  /** A field was edited: what was refused in it is forgotten, what was refused elsewhere stays. */
  edit(values, name) {
    this.draft = same(values, given(this.model.get("form"))) ? null : values;
    const { kind, field } = this.problem ?? {};
    if (kind && kind !== "failed" && (!this.draft || !field || field === name)) this.problem = null;
    this.show();
  }

  check() {
    if (this.draft) this.send("check", { check: this.draft });
  }

  undo() {
    this.edit(given(this.model.get("form")), "");
  }

  /** The kernel has another form. If the page did not ask for it, then a cell did, and what was edited gives way. */
  formed() {
    if (![...this.questions.values()].some(({ kind }) => kind === "begin")) this.undo();
    this.show();
  }

  answered() {
    const { answer, alert, field, ending } = this.model.get("view");
    const question = this.questions.get(answer);
    this.questions.delete(answer);
    if (question?.kind === "check") this.checked(question.check, alert, field);
    if (answer !== this.waiting || !question) return this.show();
    this.waiting = "";
    clearTimeout(this.patience);
    if (question.kind === "begin") this.begun(question.values, alert, field);
    else {
      this.pieces += 1;
      this.ran = true;
      if (alert && !this.wanted) this.problem = { kind: "failed", field: "", words: alert };
    }
    this.next((alert || ending) && !this.wanted); // what the old race came to is no matter once a new one is wanted
  }

  next(over) {
    if (over) this.state = "still";
    else if (this.state === "stopping" || !this.views.size) this.rest();
    this.show();
    if (this.state !== "going") return;
    whenDrawn(() => {
      if (this.state !== "going" || this.waiting) return;
      if (this.views.size) this.ask();
      else this.rest();
    });
  }

  begun(values, alert, field) {
    if (alert) this.problem = { kind: "refused", field, words: alert };
    else {
      this.problem = null;
      this.ran = false;
      if (same(values, this.draft)) this.draft = null;
      this.restart();
    }
  }

  /** An answer about values that have been edited since says nothing. "Nothing was run" is not taken back. */
  checked(values, alert, field) {
    if (!same(values, this.draft) || ["failed", "refused"].includes(this.problem?.kind)) return;
    this.problem = alert ? { kind: "checked", field, words: alert } : null;
  }

  show() {
    for (const view of this.views) view();
  }

  /** What there is to say about the work, without the last piece. */
  status() {
    const { ending, done, place } = this.model.get("view");
    const says = this.model.get("_says");
    if (this.waiting && performance.now() - this.asked > PATIENCE)
      return "The kernel has not answered for a while: it is busy, or was restarted; then run this cell again.";
    if (this.state === "stopping") return `Stopping after this ${says.one}.`;
    if (this.state === "going") {
      const each = (performance.now() - this.started) / 1000 / this.pieces;
      return this.pieces && each >= 0.5 ? `Running, ${each.toFixed(1)} s for a ${says.one}.` : "Running.";
    }
    if (ending) return `Done: ${ending}`;
    const where = this.ran || done ? `Stopped ${place}.` : "Not begun.";
    if (this.draft) return where; // the button has another name then
    return `${where} ${this.ran ? "Go on continues where it stopped." : says.hint}`;
  }
}

/** A field of the form: {name, kind: "many" | "one" | "text" | "number", label, value, options, help, least, most}. */
function field(spec) {
  if (spec.kind === "many") {
    const box = make("fieldset", { "data-name": spec.name }, make("legend", {}, spec.label));
    for (const option of spec.options) {
      box.append(make("label", {}, make("input", { ...KEYS, type: "checkbox", value: option }), option));
    }
    return box;
  }
  let input;
  if (spec.kind === "one") {
    input = make("select", { ...KEYS, name: spec.name });
    for (const option of spec.options) input.append(make("option", { value: option }, option));
  } else {
    const number = { type: "number", min: spec.least, max: spec.most, step: 1 };
    const kind = spec.kind === "number" ? number : { type: "text" };
    input = make("input", { ...KEYS, ...kind, name: spec.name });
  }
  input.dataset.name = spec.name;
  const label = make("label", {}, make("span", {}, spec.label), input);
  if (!spec.help) return label;
  input.dataset.help = fresh();
  return make("div", {}, label, make("small", { id: input.dataset.help }, spec.help));
}

/** A name that no other element of the page has. */
function fresh() {
  return `nasedu-${Math.random().toString(36).slice(2)}`;
}

const boxesOf = (element) => [...element.querySelectorAll("input[type=checkbox]")];

function valuesOf(form, specs) {
  const values = {};
  for (const { name, kind } of specs) {
    const element = form.querySelector(`[data-name="${name}"]`);
    const checked = () => boxesOf(element).filter((box) => box.checked);
    values[name] = kind === "many" ? checked().map((box) => box.value) : element.value;
  }
  return values;
}

/** The form as it was edited, or else as the kernel has it; the field that was refused points at the alert. */
function drawForm(form, specs, values, refused, alert) {
  form.hidden = !specs.length;
  if (!form.children.length) form.append(...specs.map(field));
  for (const { name, kind } of specs) {
    const element = form.querySelector(`[data-name="${name}"]`);
    if (kind === "many") for (const box of boxesOf(element)) box.checked = values[name].includes(box.value);
    else if (element.value !== values[name]) element.value = values[name];
    const wrong = refused === name;
    element.classList.toggle("nasedu-wrong", wrong);
    if (kind !== "many") element.setAttribute("aria-invalid", String(wrong));
    const described = [element.dataset.help, wrong && alert.id].filter(Boolean).join(" ");
    if (described) element.setAttribute("aria-describedby", described);
    else element.removeAttribute("aria-describedby");
  }
}

const isOn = (button) => button.getAttribute("aria-disabled") !== "true";

/** A button that is off stays in reach of the keyboard, so the focus is never lost. */
function turn(button, on) {
  button.setAttribute("aria-disabled", String(!on));
}

function button(name, title, action, more = {}) {
  const made = make("button", { ...KEYS, type: "button", title, ...more }, name);
  made.addEventListener("click", () => isOn(made) && action());
  return made;
}

/** The sentence that every problem ends with: what ran, and what can be done. */
function advice(kind, says, view) {
  if (kind === "failed") return says.kept;
  const mend = "Change what is wrong, or press Undo changes.";
  return kind === "refused" ? `${view.stands} ${mend}` : mend;
}

const HEADS = { refused: "Nothing new was run.", checked: "This cannot be run." };

function render(loop, { model, el }) {
  const says = model.get("_says");
  const form = make("form", { class: "nasedu-form", "aria-label": "What is to run" });
  const bar = make("progress", { "aria-label": `How many of the ${says.unit} are done` });
  const count = make("span", { class: "nasedu-count" });
  const go = button("Go on", says.go, () => loop.press(), { class: "nasedu-go" });
  const stop = button("Stop", says.stop, () => loop.stop());
  const undo = button("Undo changes", "Put the form back to what is on show", () => loop.undo());
  const status = make("div", { class: "nasedu-status" });
  const live = make("div", { class: "nasedu-unseen", role: "status", "aria-live": "polite" });
  const alert = make("div", { class: "nasedu-alert", role: "alert", id: fresh() });
  const scrolls = (name, label) => make("div", { ...KEYS, class: name, tabindex: "0", role: "group", "aria-label": label });
  const picture = scrolls("nasedu-picture", "The picture");
  const table = scrolls("nasedu-table", says.table);
  const root = make("div", { class: "nasedu-engine", role: "group" });
  root.setAttribute("aria-label", says.title || "A widget with the buttons Go on and Stop");
  const buttons = make("div", { class: "nasedu-line" }, go, stop, ...(model.get("form").length ? [undo] : []));
  root.append(form, make("div", { class: "nasedu-line" }, bar, count), buttons, status, live, alert, picture);
  root.append(make("details", { open: true }, make("summary", KEYS, says.table), table));
  el.append(root);
  standForPicture(model, el);

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", (event) => {
    const name = event.target.closest("[data-name]").dataset.name;
    loop.edit(valuesOf(form, model.get("form")), name);
  });
  form.addEventListener("change", () => loop.check());
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input:not([type=checkbox])")) {
      event.preventDefault();
      if (loop.draft) loop.press();
    }
  });

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
    const problem = loop.problem;
    drawForm(form, model.get("form"), loop.values(), problem?.field, alert);
    bar.max = Math.max(view.total, 1);
    bar.value = Math.min(view.done, view.total);
    count.textContent = `${view.done} of ${view.total} ${says.unit}`;
    const text = problem?.kind === "failed" ? "" : loop.status();
    const changed = loop.draft && !problem ? says.changed : "";
    status.replaceChildren(...[text, view.last, changed].filter(Boolean).map((line) => make("div", {}, line)));
    announce([text, `${count.textContent}.`, view.last, changed].filter(Boolean).join(" "));
    drawProblem(problem, view);
    if (picture.dataset.seen !== view.svg) picture.innerHTML = picture.dataset.seen = view.svg;
    if (table.dataset.seen !== view.table) table.innerHTML = table.dataset.seen = view.table;
    drawButtons(view);
  };

  const drawProblem = (problem, view) => {
    const { kind, words } = problem ?? {};
    const said = kind === "failed" ? words : kind && sentence(words); // an error keeps the words of its program
    const parts = kind ? [HEADS[kind] ?? says.failed, said, advice(kind, says, view)] : [];
    const seen = JSON.stringify(parts);
    if (alert.dataset.seen === seen) return; // what is said again would be read aloud again
    alert.dataset.seen = seen;
    const [head, middle, end] = parts;
    alert.replaceChildren(...(kind ? [make("strong", {}, head), ` ${middle}`, make("br"), end] : []));
  };

  // The focus goes along between Go on and Stop, so that the same key starts and stops.
  const drawButtons = (view) => {
    const focused = document.activeElement;
    const going = loop.state === "going";
    const name = loop.draft ? says.new : "Go on";
    if (go.textContent !== name) go.textContent = name;
    go.title = loop.draft ? says.begin : says.go;
    turn(go, Boolean(loop.draft) || !(going || view.ending));
    turn(stop, going);
    turn(undo, Boolean(loop.draft));
    if (focused === go && going && !isOn(go)) stop.focus();
    if (focused === stop && !going) go.focus();
  };

  loop.views.add(draw);
  draw();
  return () => loop.views.delete(draw);
}

const sentence = (words) => words[0].toUpperCase() + words.slice(1) + (/[.!?]$/.test(words) ? "" : ".");

export default () => {
  let loop;
  return {
    initialize({ model }) {
      loop = new Loop(model);
    },
    render: (context) => render(loop, context),
  };
};
