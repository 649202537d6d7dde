// The path sampler: counts which parts of the shared weights a training has reached, and shows what a path reads.
// All steps and all networks are here, so nothing waits for a kernel. See nasedu/widgets/path_sampler.py.

function render({ model, el }) {
  const data = model.get("_data");
  const networks = data.networks.map((choices) => choices.map((choice) => data.choices[choice]));
  const last = data.steps.length;
  let at = model.get("at"), path = [...model.get("path")];

  const keys = { "data-lm-suppress-shortcuts": "true" };
  const tool = (words, title, act) => make("button", { ...keys, type: "button", title, onclick: act }, words);
  const back = tool("◀ back", "One step of the training back", () => go(at - 1));
  const forward = tool("sample a path ▶", "One step: sample a path, and train what it reads", () => go(at + 1));
  const far = tool("10 more", "Ten steps", () => go(at + 10));
  const slider = make("input", { ...keys, type: "range", min: "0", max: String(last), step: "1", "aria-label": "Step of the training" });
  const place = make("output", { "aria-live": "off" }); // the words below are announced, and that is enough
  const chosen = make("div", { class: "line", role: "group", "aria-label": "The path so far" });
  const open = make("div", { class: "line", role: "group", "aria-label": "Choices that are open" });
  const picture = make("div", { ...keys, class: "picture", tabindex: "0", role: "group", "aria-label": "The shared weights" });
  const key = make("p", { class: "key" }, make("span", { class: "frame" }), data.key.join(" · "));
  const words = make("p", { class: "words", role: "status", "aria-live": "polite" });
  const { details, table } = folded("The same as a table", "rows");
  const steps = make("div", { class: "line" }, back, forward, far, slider, place);
  const keep = (event) => event.stopPropagation(); // keys pressed in here are not the notebook's
  el.replaceChildren(make("div", { class: "nasedu-paths", role: "group", "aria-label": "Path sampler", onkeydown: keep },
    ...(last ? [steps] : []), chosen, open, key, picture, words, details));
  standForPicture(model, el);
  slider.oninput = () => go(Number(slider.value));

  function go(to) {
    at = Math.min(Math.max(to, 0), last);
    path = at ? networks[data.steps[at - 1].at(-1)] : [];
    show();
    tell();
  }

  function take(choices) {
    path = choices;
    show();
    tell();
    open.querySelector("button")?.focus();
  }

  let telling = false; // what the page itself sets is no news to it, and "at" is set before "path"

  function tell() {
    telling = true;
    try { model.set("at", at); model.set("path", [...path]); model.save_changes(); } catch { /* no kernel */ }
    telling = false;
  }

  // ---------------------------------------------------------------- what is counted

  const begins = (network) => path.every((choice, i) => network[i] === choice);

  function counts() {
    const found = data.parts.map(() => 0);
    for (const step of data.steps.slice(0, at)) for (const row of step) for (const part of data.reads[row]) found[part] += 1;
    return found;
  }

  /** The parts that every network with these first choices reads. */
  function lit(rows) {
    if (!path.length) return new Set();
    return rows.map((row) => new Set(data.reads[row])).reduce((all, own) => new Set([...all].filter((part) => own.has(part))));
  }

  // ---------------------------------------------------------------- what is seen

  function svg(found, read) {
    const most = Math.max(1, ...found);
    const draw = ([x, y, w, h, label], i) => {
      const step = Math.round(found[i] / most * (data.blues.length - 1));
      const ink = step > data.dark ? "#ffffff" : "#222222"; // as in nasedu/widgets/svg.py
      const say = (words, left, anchor, weight) =>
        `<text x="${left}" y="${y + h / 2 + 4}" font-size="11" fill="${ink}" text-anchor="${anchor}" font-weight="${weight}">${words}</text>`;
      const count = say(found[i], label ? x + w - 5 : x + w / 2, label ? "end" : "middle", read.has(i) ? "bold" : "normal");
      return `<rect class="part" data-part="${i}" x="${x}" y="${y}" width="${w}" height="${h}" fill="${data.blues[step]}" stroke="#767676"/>` +
        (label ? say(label, x + 5, "start", "normal") : "") + count;
    };
    const frame = ([x, y, w, h], i) => read.has(i)
      ? `<rect class="lit" x="${x + 1.5}" y="${y + 1.5}" width="${w - 3}" height="${h - 3}" fill="none" stroke="#e69f00" stroke-width="4"/>` : "";
    const { width, height } = data;
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" ` +
      `font-family="sans-serif" font-size="12"><rect width="${width}" height="${height}" rx="4" fill="#ffffff"/>` +
      data.head + data.parts.map(draw).join("") + data.parts.map(frame).join("") + "</svg>";
  }

  function sentence(rows, found) {
    const times = (count, unit) => `${count} ${unit}${count === 1 ? "" : "s"}`;
    const loss = at && data.losses[at - 1] !== null ? ` Step ${at} had the loss ${data.losses[at - 1].toFixed(3)}.` : "";
    const step = last ? `After ${times(at, "step")} of ${last}: ` : "";
    const whole = rows.find((row) => networks[row].length === path.length);
    if (whole === undefined) {
      const begin = `${rows.length.toLocaleString("en")} networks begin so, and what all of them read is framed.`;
      const begun = path.length ? `the path so far is ${path.join(" ")}; ${begin}` : "no path is chosen yet: choose a first layer.";
      return step + begun + loss;
    }
    const own = data.reads[whole].map((part) => found[part]);
    const sampled = data.steps.slice(0, at).flat().filter((row) => row === whole).length;
    const [least, most] = [Math.min(...own), Math.max(...own)];
    const trained = least === most ? times(most, "time") : `${least} to ${most} times`;
    return `${step}the path ${path.join(" ")} reads ${data.numbers[whole].toLocaleString("en")} of ` +
      `${data.total.toLocaleString("en")} shared numbers. It was sampled ${times(sampled, "time")}; ` +
      `the parts that it reads were trained ${trained}.${loss}`;
  }

  function show() {
    const rows = networks.flatMap((network, row) => (begins(network) ? [row] : []));
    const found = counts(), read = lit(rows), said = sentence(rows, found);
    const chips = path.map((choice, i) => make("button", {
      ...keys, type: "button", class: "taken", title: `Go back to before ${choice}`, onclick: () => take(path.slice(0, i)),
    }, choice));
    chosen.replaceChildren(make("span", {}, "path"), ...(chips.length ? chips : ["nothing chosen yet"]));
    const next = [...new Set(rows.map((row) => networks[row][path.length]).filter(Boolean))];
    const choose = (choice) => make("button", { ...keys, type: "button", onclick: () => take([...path, choice]) }, choice);
    open.replaceChildren(make("span", {}, "next"), ...(next.length ? next.map(choose)
      : ["the network is complete; press a choice of the path to change it"]));
    picture.innerHTML = svg(found, read);
    picture.firstChild.setAttribute("aria-label", said);
    picture.style.setProperty("--least", `${leastWidth(data.width, picture.innerHTML)}px`);
    words.textContent = said;
    slider.value = String(at);
    place.textContent = `step ${at} of ${last}`;
    back.disabled = at === 0;
    forward.disabled = far.disabled = at === last;
    const lines = data.parts.flatMap(([, , , , , name], i) =>
      (found[i] || read.has(i) ? [[name, String(found[i]), read.has(i) ? "yes" : ""]] : []));
    fill(table, [["part of the shared weights", "trained", "read by this path"], ...lines]);
  }

  const moved = () => {
    if (telling || model.get("at") === at && model.get("path").join(" ") === path.join(" ")) return;
    at = model.get("at");
    path = [...model.get("path")];
    show();
  };
  model.on("change:at", moved);
  model.on("change:path", moved);
  show();
  return () => { model.off("change:at", moved); model.off("change:path", moved); };
}

export default { render };
