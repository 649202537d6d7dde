// The explorer in the browser: shows the kernel's view, and sends each click back to it. Nothing is computed here.

const OPEN = "Every choice is open here.";
const HINT = "A crossed-out choice is not open here: point at it, focus it or press it to read why.";
const PATIENCE = 4000; // milliseconds until the page says that a click got no answer

function render({ model, el }) {
  let timer = null;
  const path = make("ol", { class: "path", "aria-label": "Choices so far" });
  const decides = make("p", { class: "decides" });
  const part = make("p", { class: "part" });
  const palette = make("div", { class: "palette" });
  const why = make("div", { class: "why", "aria-live": "polite" }, HINT);
  const tool = (name, title) => make("button", { type: "button", title, onclick: () => send(name) }, title.split(":")[0]);
  const undo = tool("undo", "Undo: take the last change back (Backspace)");
  const reset = tool("reset", "Reset: begin with the empty network");
  const random = tool("random", "Random");
  const score = make("button", { type: "button", class: "score", onclick: () => send("score") });
  const tools = make("div", { class: "tools", role: "group", "aria-label": "Score it, undo, reset, random" },
    score, undo, reset, random);
  const status = make("p", { class: "words", role: "status", "aria-live": "polite", tabindex: "-1" });
  const cell = make("img", { class: "cell" });
  const drawing = make("img", { class: "drawing" });
  const layers = folded("The layers as a table", "scroll");
  const plot = make("div", { class: "plot scroll", onclick: pressedDot });
  const plotWords = make("p");
  const neighbours = folded("Its neighbours, best first (press one to go there)", "scroll", true);
  const tried = make("div", { class: "plot scroll" });
  const scored = folded("Your networks (press one to go there)", "scroll");
  const search = make("div", { class: "search" }, tried, scored.details);
  const truth = make("div", { class: "truth" }, plot, plotWords, neighbours.details);
  const every = folded("Every choice of the space: what can follow, and why the rest cannot", "scroll");
  const root = make(
    "div",
    {
      class: "nasedu-explorer", role: "group", "aria-label": "Explorer: build a network choice by choice",
      "data-lm-suppress-shortcuts": "true", onkeydown: pressedKey,
    },
    path, decides, part, palette, why, tools, status, search, make("div", { class: "scroll" }, cell),
    make("div", { class: "scroll" }, drawing), layers.details, truth,
    every.details,
  );
  el.replaceChildren(root);
  standForPicture(model, el);

  function send(name, value = null) {
    model.send({ do: name, value });
    root.setAttribute("aria-busy", "true");
    clearTimeout(timer);
    timer = setTimeout(() => {
      why.textContent = "No answer from the kernel yet: it is busy with another cell, or it is not running; " +
        "then run this cell again.";
    }, PATIENCE);
  }

  // ---------------------------------------------------------------- the buttons of all choices

  const hint = () => (palette.querySelector("[aria-disabled='true']") ? HINT : OPEN);

  function explain(button) {
    const reason = button.dataset.why;
    why.textContent = reason ? `Not open: ${reason}.` : hint();
    why.classList.toggle("reason", !!reason);
  }

  function pressed(event) {
    const button = event.currentTarget;
    moveTo(button);
    explain(button);
    if (!button.dataset.why) send("choose", button.dataset.choice);
  }

  function choiceButton(choice) {
    const look = (event) => explain(event.currentTarget);
    return make("button", {
      type: "button", "data-choice": choice, tabindex: "-1", onclick: pressed, onfocus: look, onmouseenter: look,
    }, choice);
  }

  function layPalette(groups) {
    const names = JSON.stringify(groups.map(([title, options]) => [title, options.map(([choice]) => choice)]));
    if (palette.dataset.names === names) return;
    const focused = palette.contains(document.activeElement) && document.activeElement.dataset.choice;
    palette.dataset.names = names;
    palette.replaceChildren(...groups.map(([title, options]) =>
      make("div", { class: "group", role: "group", "aria-label": title },
        make("span", { class: "title", "aria-hidden": "true" }, title),
        ...options.map(([choice]) => choiceButton(choice)))));
    const buttons = [...palette.querySelectorAll("button")];
    const first = buttons.find((button) => button.dataset.choice === focused) ?? buttons[0];
    first?.setAttribute("tabindex", "0");
    if (focused) first?.focus();
  }

  function showOptions(groups) {
    const reasons = new Map(groups.flatMap(([, options]) => options));
    for (const button of palette.querySelectorAll("button")) {
      const reason = reasons.get(button.dataset.choice);
      button.dataset.why = reason;
      button.setAttribute("aria-disabled", String(!!reason));
    }
  }

  function moveTo(button) {
    for (const other of palette.querySelectorAll("button")) other.tabIndex = other === button ? 0 : -1;
    button.focus();
  }

  function pressedKey(event) {
    event.stopPropagation(); // keys pressed in here are not the notebook's
    if (event.key === "Backspace" && undo.getAttribute("aria-disabled") !== "true") send("undo");
    const buttons = [...palette.querySelectorAll("button")];
    const at = buttons.indexOf(document.activeElement);
    if (at < 0) return;
    const last = buttons.length - 1;
    const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    moveTo(buttons[Math.min(Math.max(to, 0), last)]);
  }

  // ---------------------------------------------------------------- the network so far

  function showPath(choices) {
    const chip = ([choice, decided], place) => {
      const title = `Go back to where ${choice} was the last choice` + (decided && ` (it decided ${decided})`);
      const back = () => send("go", choices.slice(0, place + 1).map(([name]) => name));
      return make("li", {}, make("button", { type: "button", title, onclick: back }, choice));
    };
    const focused = path.contains(document.activeElement);
    path.replaceChildren(...(choices.length ? choices.map(chip) : [make("li", {}, "nothing chosen yet")]));
    if (focused) (path.querySelector("li:last-child button") ?? status).focus();
  }

  function goTo(network) {
    const { looks } = model.get("shown");
    const blocks = network.flatMap((choice) => {
      const [colour, height] = looks[choice] ?? ["transparent", 13];
      return [make("span", { class: "block", style: `background:${colour};height:${height}px` }, choice), " "];
    });
    return make("button", { type: "button", class: "strip", onclick: () => { send("go", network); status.focus(); } }, ...blocks);
  }

  function showSearch(seen) {
    score.hidden = search.hidden = !seen;
    if (!seen) return;
    score.textContent = seen.left ? `Score it (${seen.left} left)` : "All tries are used";
    score.setAttribute("aria-disabled", String(!seen.left));
    tried.innerHTML = seen.plot; // made, and escaped, by the kernel
    scored.details.hidden = !seen.rows.length;
    fill(scored.table, [["try", "score", "network"], ...seen.rows.map(([at, found, net]) => [at, found, goTo(net)])]);
  }

  function showTruth(seen) {
    truth.hidden = !seen;
    if (!seen) return;
    plot.innerHTML = seen.plot; // made, and escaped, by the kernel
    plotWords.textContent = seen.words;
    neighbours.details.hidden = !seen.rows.length;
    const rows = seen.rows.map(([edit, found, rank, network]) => [edit, found, rank, goTo(network)]);
    fill(neighbours.table, [["place: edit", "score", "rank", "network"], ...rows]);
  }

  function pressedDot(event) {
    const dot = event.target.closest("[data-place]");
    if (dot) send("go", model.get("shown").truth.rows[Number(dot.dataset.place)][3]);
  }

  function showDrawn(image, svg) {
    image.src = "data:image/svg+xml," + encodeURIComponent(svg);
    image.style.minWidth = `${leastWidth(Number(svg.match(/ width="(\d+)"/)?.[1] ?? 0), svg)}px`;
  }

  function show() {
    const view = model.get("shown");
    clearTimeout(timer);
    root.setAttribute("aria-busy", "false");
    showPath(view.choices);
    decides.textContent = view.decides;
    part.textContent = view.part;
    part.hidden = !view.part;
    random.title = `Random: a random complete network${view.part && " of the part that this page has"}`;
    layPalette(view.groups);
    showOptions(view.groups);
    why.textContent = view.note || hint();
    why.classList.toggle("reason", !!view.note);
    undo.setAttribute("aria-disabled", String(!view.undo));
    status.textContent = view.words;
    cell.hidden = !view.cell;
    if (view.cell) showDrawn(cell, view.cell);
    cell.alt = view.cell ? "The cell: " + view.choices.map(([choice]) => choice).join(", ") : "";
    drawing.hidden = !view.drawing;
    if (view.drawing) showDrawn(drawing, view.drawing);
    drawing.alt = "The network: " + view.layers.map(([title]) => title).join(", then ");
    layers.details.hidden = !view.layers.length;
    fill(layers.table, [["layer", "output", "parameters"], ...view.layers]);
    showSearch(view.search);
    showTruth(view.truth);
    const options = view.groups.flatMap(([title, some]) => some.map(([choice, reason]) => [title, choice, reason || "open"]));
    fill(every.table, [["group", "choice", "open, or why not"], ...options]);
  }

  show();
  model.on("change:shown", show);
  return () => { clearTimeout(timer); model.off("change:shown", show); };
}

export default { render };
