// The player: shows one frame of a film, and goes to any other. All frames are here, so nothing waits for a kernel.
// See nasedu/widgets/player.py for what a film is.

const SPEEDS = [[0.5, "slow"], [1, "1 step a second"], [2, "2 steps a second"], [5, "5 steps a second"], [15, "fast"]];
const SYNC_AFTER = 250; // milliseconds without a change before the kernel gets the current frame

// A film stores only the changes of each frame from the one before (nasedu/widgets/film.py): this restores all frames.
function unpack(film) {
  let picture = [], rows = [];
  const next = (before, [length, ...news]) => {
    const now = before.slice(0, length);
    for (const [place, value] of news) now[place] = value;
    return now;
  };
  const frames = film.frames.map((frame) => {
    picture = next(picture, frame.picture);
    rows = next(rows, frame.rows);
    return { ...frame, picture, rows };
  });
  return { ...film, frames };
}

// Signs are drawn, because not every font has them: a bar is a rectangle, the others are triangles.
const SIGNS = {
  first: "M3 3h2v10h-2zM13 3v10l-7-5z", back: "M12 3v10l-8-5z", play: "M4 3v10l8-5z", pause: "M4 3h3v10h-3zM9 3h3v10h-3z",
  forward: "M4 3v10l8-5z", last: "M11 3h2v10h-2zM3 3v10l7-5z",
};

function sign(button, name, text = "") {
  button.innerHTML = `<svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true"><path fill="currentColor" d="${SIGNS[name]}"/></svg>`;
  if (text) button.append(make("span", {}, text));
}

// The visible parts; if `film.choose` is set, a list replaces the buttons.
function layout(film) {
  const keys = { "data-lm-suppress-shortcuts": "true" }; // JupyterLab asks the element with the focus for it
  const named = { role: "group", tabindex: "0", "aria-label": film.title || "Player" };
  const options = (names) => names.map(([value, name]) => make("option", { value: String(value) }, name));
  const { details, table } = folded("The same as a table", "rows");
  const button = (name, label, title, kind) => {
    const made = make("button", { type: "button", class: kind, "aria-label": label, title });
    sign(made, name);
    return made;
  };
  const parts = {
    first: button("first", "First step", "First step (Home)"),
    back: button("back", "Step back", "Step back (left arrow)"),
    play: button("play", "Play", "Play or pause (space)", "play"),
    forward: button("forward", "Step forward", "Step forward (right arrow)"),
    last: button("last", "Last step", "Last step (End)"),
    slider: make("input", { ...keys, type: "range", min: "0", max: String(film.frames.length - 1), step: "1", "aria-label": "Step" }),
    place: make("output", { "aria-live": "off" }), // the words below are announced, and that is enough
    speed: make("select", { ...keys, "aria-label": "Speed", title: "Speed" }, ...options(SPEEDS)),
    choice: make("select", { ...keys, "aria-label": film.title || "What to show" },
      ...options(film.frames.map((frame, i) => [i, frame.label]))),
    picture: make("div", { ...keys, class: "picture", role: "group", "aria-label": "The picture" }),
    words: make("p", { class: "words", role: "status", "aria-live": "polite" }),
    table,
  };
  const many = film.frames.length > 1 ? ["first", "back", "play", "forward", "last", "slider", "place", "speed"] : [];
  const bar = make("div", { class: "bar" }, ...(film.choose ? ["choice"] : many).map((name) => parts[name]));
  const root = make("div", { ...keys, ...named, class: "nasedu-player" }, bar, parts.picture, parts.words, details);
  return { ...parts, root };
}

function svg(film, frame) {
  const size = `viewBox="0 0 ${film.width} ${film.height}" width="${film.width}" height="${film.height}"`;
  const ground = `<rect width="${film.width}" height="${film.height}" rx="4" fill="#ffffff"/>`;
  const elements = frame.picture.map((part) => film.parts[part]);
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" font-family="sans-serif" font-size="12">` +
    ground + film.head.join("") + elements.join("") + "</svg>";
}

function render({ model, el }) {
  const film = unpack(model.get("_film"));
  const parts = layout(film);
  let at = -1, timer = null, waiting = null;
  const calm = window.matchMedia?.("(prefers-reduced-motion: reduce)").matches;
  let rate = calm ? 1 : 2;

  function show(place, tell = true) {
    const last = film.frames.length - 1;
    place = Math.min(Math.max(place, 0), last);
    if (place === at) return;
    at = place;
    const frame = film.frames[at];
    parts.picture.innerHTML = svg(film, frame);
    parts.picture.firstChild.setAttribute("aria-label", frame.words);
    parts.words.textContent = frame.words;
    fill(parts.table, frame.rows.map((line) => film.lines[line]));
    parts.slider.value = parts.choice.value = String(at);
    const called = `step ${at + 1} of ${last + 1}` + (frame.label ? `, ${frame.label}` : "");
    parts.slider.setAttribute("aria-valuetext", called);
    parts.place.textContent = `${at + 1} of ${last + 1}`;
    const focused = document.activeElement;
    parts.first.disabled = parts.back.disabled = at === 0;
    parts.forward.disabled = parts.last.disabled = at === last;
    if (focused?.disabled && parts.root.contains(focused)) parts.root.focus(); // a disabled button gets no keys
    if (tell) later();
  }

  // The current frame is sent to the kernel after a short rest; it works without a kernel, too.
  function later() {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      try { model.set("at", at); model.save_changes(); } catch { /* no kernel */ }
    }, SYNC_AFTER);
  }

  function run(on) {
    clearInterval(timer);
    timer = null;
    if (on) {
      if (at === film.frames.length - 1) show(0);
      timer = setInterval(() => {
        show(at + 1);
        if (at === film.frames.length - 1) run(false);
      }, 1000 / rate);
    }
    parts.words.setAttribute("aria-live", on ? "off" : "polite"); // a film that runs is not read aloud
    sign(parts.play, on ? "pause" : "play", on ? "Pause" : "Play");
    parts.play.setAttribute("aria-label", on ? "Pause" : "Play");
  }

  // On a narrow page the picture is moved sideways, also with the keyboard.
  const wide = new ResizeObserver(() => {
    if (parts.picture.scrollWidth > parts.picture.clientWidth) parts.picture.tabIndex = 0;
    else parts.picture.removeAttribute("tabindex");
  });

  function step(place) { run(false); show(place); }

  function press(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    if (event.target === parts.picture && event.key.startsWith("Arrow")) return; // these move the picture
    const tag = event.target.tagName;
    if (tag === "SELECT" || film.choose || (event.key === " " && (tag === "BUTTON" || tag === "SUMMARY"))) return;
    const { play, back, forward, first, last } = parts;
    const pressed = { " ": play, ArrowLeft: back, ArrowRight: forward, Home: first, End: last }[event.key];
    if (!pressed) return;
    event.preventDefault();
    event.stopPropagation();
    pressed.onclick();
  }

  function start() {
    parts.first.onclick = () => step(0);
    parts.back.onclick = () => step(at - 1);
    parts.play.onclick = () => run(!timer);
    parts.forward.onclick = () => step(at + 1);
    parts.last.onclick = () => step(film.frames.length - 1);
    parts.slider.oninput = () => step(Number(parts.slider.value));
    parts.choice.onchange = () => show(Number(parts.choice.value));
    parts.speed.value = String(rate);
    parts.speed.onchange = () => { rate = Number(parts.speed.value); if (timer) run(true); };
    parts.root.onkeydown = press;
    el.replaceChildren(parts.root);
    standForPicture(model, el);
    const whole = svg(film, { picture: film.parts.map((_, place) => place) }); // the same width for all frames
    parts.picture.style.setProperty("--least", `${leastWidth(film.width, whole)}px`);
    wide.observe(parts.picture);
    run(false);
    show(model.get("at"), false);
  }

  const moved = () => { if (model.get("at") !== at) { run(false); show(model.get("at"), false); } };
  model.on("change:at", moved);
  start();
  return () => {
    clearTimeout(waiting);
    run(false);
    wide.disconnect();
    model.off("change:at", moved);
  };
}

export default { render };
