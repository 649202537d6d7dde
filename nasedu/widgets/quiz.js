// Quiz, Predict and Reveal in the browser: a question with radio buttons, and later the kernel's explanation.

// Text between backticks as code; never as HTML.
function marked(text) {
  const parts = text.split("`");
  if (parts.length % 2 === 0) return [text];
  return parts.map((part, place) => (place % 2 ? make("code", {}, part) : part));
}

function render({ model, el }) {
  const name = `nasedu-question-${Math.random()}`; // radio buttons with the same name are one group in the whole page
  const kind = make("span", { class: "kind" });
  const question = make("span");
  const list = make("div", { class: "choices" });
  const button = make("button", { type: "button", onclick: answer });
  const skip = make("button", { type: "button", class: "skip", onclick: () => send("skip") });
  const sign = make("p", { class: "sign" });
  const answers = make("div", { class: "answers" });
  const note = make("p", { class: "note" });
  const told = make("div", { class: "told", role: "status", "aria-live": "polite", tabindex: "-1" }, sign, answers, note);
  const field = make("fieldset", { onkeydown: pressedKey }, make("legend", {}, kind, " ", question), list,
    make("div", { class: "tools" }, button, skip));
  const keep = (event) => event.stopPropagation(); // keys pressed in here are not the notebook's
  const root = make("div", { class: "nasedu-quiz", "data-lm-suppress-shortcuts": "true", onkeydown: keep }, field, told);
  el.replaceChildren(root);
  standForPicture(model, el);

  function send(what, value = null) {
    root.setAttribute("aria-busy", "true");
    model.send({ do: what, value });
  }

  const chosen = () => list.querySelector("input:checked")?.value;

  function answer() {
    const value = chosen();
    if (value !== undefined) return send("pick", value);
    note.textContent = "Choose one of the answers first.";
    list.querySelector("input")?.focus();
  }

  function pressedKey(event) {
    const view = model.get("shown");
    if (event.key !== "Enter" || event.target.tagName !== "INPUT" || view.at_once || view.locked) return;
    event.preventDefault();
    answer();
  }

  function picked(event) {
    if (model.get("shown").at_once) send("pick", event.target.value);
  }

  function layChoices(view) {
    const radios = [...list.querySelectorAll("input")];
    if (radios.length !== view.choices.length) {
      list.replaceChildren(...view.choices.map((choice) => make("label", {},
        make("input", { type: "radio", name, value: choice, onchange: picked }), " ", ...marked(choice))));
    }
    for (const radio of list.querySelectorAll("input")) {
      radio.disabled = view.locked;
      if (view.chosen !== null) radio.checked = radio.value === view.chosen;
    }
  }

  function show() {
    const view = model.get("shown");
    const had = field.contains(document.activeElement) && document.activeElement.tagName;
    root.setAttribute("aria-busy", "false");
    root.className = `nasedu-quiz ${view.mood}`;
    kind.textContent = `${view.kind}.`;
    question.replaceChildren(...marked(view.question));
    layChoices(view);
    for (const [element, title] of [[button, view.button], [skip, view.skip]]) {
      element.textContent = title;
      element.hidden = !title;
    }
    sign.textContent = view.sign;
    answers.replaceChildren(...view.answers.map(([title, text]) =>
      make("div", {}, make("strong", {}, ...marked(title)), make("p", {}, ...marked(text)))));
    note.replaceChildren(...marked(view.note));
    if (had && view.locked) told.focus();
  }

  show();
  model.on("change:shown", show);
  return () => model.off("change:shown", show);
}

export default { render };
