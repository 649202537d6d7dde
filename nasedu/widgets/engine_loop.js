// Asks the kernel for work, piece by piece, and keeps the state: running work, edited form, refused choices. No drawing.

const PATIENCE = 15000; // milliseconds without an answer until the page says so

/** Calls back after the page was drawn, or after a short time if it is in the background and not drawn. */
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

/** One for each model, whatever the number of its views. State: "still", "going", or "stopping" (at the next answer). */
class Loop {
  constructor(model) {
    this.model = model;
    this.views = new Set();
    this.state = "still";
    this.ran = false; // whether a piece of the shown work ran in this page
    this.waiting = ""; // the request for work that is not answered yet
    this.count = 0;
    this.questions = new Map(); // requests without an answer: {kind: "piece" | "begin" | "check" | "rest", values}
    this.draft = null; // the values of the form, if they differ from the kernel's
    this.wanted = null; // the values with which the next request begins
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

  /** The button: begin with the values of the form, or go on. Earlier work ends at its next answer. */
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

  /** The page asks for nothing more. It tells the kernel, which updates the picture in the saved notebook. */
  rest() {
    this.state = "still";
    this.send("rest", { rest: true });
  }

  values() {
    return this.draft ?? given(this.model.get("form"));
  }

  /** A field was edited: its refusal is forgotten, refusals of other fields stay. */
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

  /** The kernel has another form. If a cell changed it, and not the page, the form's edits are dropped. */
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
    this.next((alert || ending) && !this.wanted); // the end of the old race does not matter if a new one is wanted
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

  /** An answer about values that were edited later is ignored. "Nothing was run" stays. */
  checked(values, alert, field) {
    if (!same(values, this.draft) || ["failed", "refused"].includes(this.problem?.kind)) return;
    this.problem = alert ? { kind: "checked", field, words: alert } : null;
  }

  show() {
    for (const view of this.views) view();
  }

  /** The state of the work in words, without the last piece. */
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

