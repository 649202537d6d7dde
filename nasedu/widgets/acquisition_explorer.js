// The acquisition explorer: steps through a search along a walk, with a dial from exploiting to exploring. All pictures
// are here, so nothing waits for a kernel. See nasedu/widgets/acquisition_explorer.py.

function render({ model, el }) {
  const data = model.get("_data");
  const last = data.runs[0].length - 1;
  const now = { at: model.get("at"), dial_place: model.get("dial_place"), truth: model.get("truth") };

  const keys = { "data-lm-suppress-shortcuts": "true" };
  const tool = (words, title, act) => make("button", { ...keys, type: "button", title, onclick: act }, words);
  const range = (most, label) => make("input", { ...keys, type: "range", min: "0", max: String(most), step: "1", "aria-label": label });
  const back = tool("◀ back", "One step back", () => set({ at: now.at - 1 }));
  const forward = tool("try it ▶", "Try the network in the ring, and fit the model again", () => set({ at: now.at + 1 }));
  const slider = range(last, "Step of the search"), dial = range(data.dials.length - 1, "Dial, from exploit to explore");
  const place = make("output", { "aria-live": "off" }), value = make("output", { "aria-live": "off" });
  const truth = make("input", { ...keys, type: "checkbox" });
  const picture = make("div", { ...keys, class: "picture", role: "group", "aria-label": "The walk" });
  const words = make("p", { class: "words", role: "status", "aria-live": "polite" });
  const { details, table } = folded("The best candidates as a table", "rows");
  const keep = (event) => event.stopPropagation(); // keys pressed in here are not the notebook's
  el.replaceChildren(make("div", { class: "nasedu-acquisition", role: "group", "aria-label": "Acquisition explorer", onkeydown: keep },
    make("div", { class: "line" }, make("span", {}, "exploit"), dial, make("span", {}, "explore"), value,
      make("label", {}, truth, " show the truth")),
    make("div", { class: "line" }, back, forward, slider, place),
    picture, make("p", { class: "key" }, data.key.join(" · ")), words, details));
  standForPicture(model, el);
  slider.oninput = () => set({ at: Number(slider.value) });
  dial.oninput = () => set({ dial_place: Number(dial.value) });
  truth.onchange = () => set({ truth: truth.checked });

  let telling = false; // what the page itself sets is no news to it

  function set(news) {
    Object.assign(now, news);
    now.at = Math.min(Math.max(now.at, 0), last);
    show();
    telling = true;
    try { for (const [name, one] of Object.entries(now)) model.set(name, one); model.save_changes(); } catch { /* no kernel */ }
    telling = false;
  }

  function show() {
    const frame = data.runs[now.dial_place][now.at];
    const { width, height } = data;
    picture.innerHTML = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
      `role="img" font-family="sans-serif" font-size="12"><rect width="${width}" height="${height}" rx="4" fill="#ffffff"/>` +
      data.head + (now.truth ? `<g class="truth">${data.truth}</g>` : "") + frame.picture.map((part) => data.parts[part]).join("") + "</svg>";
    picture.firstChild.setAttribute("aria-label", frame.words);
    picture.style.setProperty("--least", `${leastWidth(width, picture.innerHTML)}px`);
    words.textContent = frame.words;
    fill(table, frame.rows);
    slider.value = String(now.at);
    dial.value = String(now.dial_place);
    dial.setAttribute("aria-valuetext", data.dials[now.dial_place]);
    truth.checked = now.truth;
    place.textContent = `step ${now.at + 1} of ${last + 1}`;
    value.textContent = `dial ${data.dials[now.dial_place]}`;
    back.disabled = now.at === 0;
    forward.disabled = now.at === last;
  }

  const names = Object.keys(now);
  const moved = () => {
    if (telling || names.every((name) => model.get(name) === now[name])) return;
    for (const name of names) now[name] = model.get(name);
    show();
  };
  for (const name of names) model.on(`change:${name}`, moved);
  show();
  return () => { for (const name of names) model.off(`change:${name}`, moved); };
}

export default { render };
