// Go on and Stop: the page asks the kernel for one piece of work, draws the answer, and asks for the next.

const QUIET = 4000; // milliseconds between two announcements to a screen reader while pieces come in

const isOn = (button) => button.getAttribute("aria-disabled") !== "true";

/** A button that is off keeps the focus, so that the keyboard can still reach it. */
function turn(button, on) {
  button.setAttribute("aria-disabled", String(!on));
}

function button(name, title, action, more = {}) {
  const made = make("button", { ...KEYS, type: "button", title, ...more }, name);
  made.addEventListener("click", () => isOn(made) && action());
  return made;
}

/** The last sentence of every problem: what ran, and what to do. */
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
    if (alert.dataset.seen === seen) return; // a screen reader would read the same text again
    alert.dataset.seen = seen;
    const [head, middle, end] = parts;
    alert.replaceChildren(...(kind ? [make("strong", {}, head), ` ${middle}`, make("br"), end] : []));
  };

  // The focus moves between Go on and Stop, so that the same key starts and stops.
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
