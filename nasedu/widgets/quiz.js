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
  const change = make("button", { type: "button", class: "skip", onclick: () => send("change") });
  const sign = make("p", { class: "sign" });
  const answers = make("div", { class: "answers" });
  const note = make("p", { class: "note" });
  const told = make("div", { class: "told", role: "status", "aria-live": "polite", tabindex: "-1" }, sign, answers, note);
  const content = make("div", { class: "content jp-RenderedHTMLCommon" });
  const field = make("fieldset", { onkeydown: pressedKey }, make("legend", {}, kind, " ", question), list,
    make("div", { class: "tools" }, button, skip, change));
  const keep = (event) => event.stopPropagation(); // keys pressed in here are not the notebook's
  const root = make("div", { class: "nasedu-quiz", "data-lm-suppress-shortcuts": "true", onkeydown: keep },
    field, told, content);
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
    if (event.key !== "Enter" || event.target.tagName !== "INPUT" || view.locked) return;
    event.preventDefault();
    answer();
  }

  function layChoices(view) {
    const radios = [...list.querySelectorAll("input")];
    if (radios.length !== view.choices.length) {
      list.replaceChildren(...view.choices.map((choice) => make("label", {},
        make("input", { type: "radio", name, value: choice }), " ", ...marked(choice))));
    }
    for (const radio of list.querySelectorAll("input")) {
      // A choice that was taken back is no longer marked; one that is not yet sent stays.
      if (view.chosen !== null || radio.disabled) radio.checked = radio.value === view.chosen;
      radio.disabled = view.locked;
    }
  }

  function layContent(html) {
    if (content.shown === html) return;
    content.shown = html;
    content.innerHTML = html;
    for (const still of content.querySelectorAll("script")) { // set as text, a script does not run
      const live = make("script", { type: still.type || undefined });
      live.textContent = still.textContent;
      still.replaceWith(live);
    }
  }

  function show() {
    const view = model.get("shown");
    const had = field.contains(document.activeElement);
    root.setAttribute("aria-busy", "false");
    root.className = `nasedu-quiz ${view.mood}`;
    kind.textContent = `${view.kind}.`;
    question.replaceChildren(...marked(view.question));
    layChoices(view);
    for (const [element, title] of [[button, view.button], [skip, view.skip], [change, view.change]]) {
      element.textContent = title;
      element.hidden = !title;
    }
    sign.textContent = view.sign;
    answers.replaceChildren(...view.answers.map(([title, text]) =>
      make("div", {}, make("strong", {}, ...marked(title)), make("p", {}, ...marked(text)))));
    note.replaceChildren(...marked(view.note));
    layContent(view.content);
    if (!had) return;
    if (view.answers.length) told.focus();
    else if (view.change) change.focus();
    else if (!view.locked) list.querySelector("input").focus();
  }

  show();
  model.on("change:shown", show);
  return () => model.off("change:shown", show);
}

export default { render };
