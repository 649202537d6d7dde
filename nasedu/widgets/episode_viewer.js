// The episode viewer: moves letters of the support between classes, and computes prototypes, distances and answers.
// Distances between all examples are here, so nothing waits for a kernel. See nasedu/widgets/episode_viewer.py.

function render({ model, el }) {
  const data = model.get("_data");
  const ways = data.names.length;
  let assigned = [...model.get("assigned")], chosen = model.get("chosen"), by = model.get("by"), held = null;

  const keys = { "data-lm-suppress-shortcuts": "true" };
  const image = (uri) => make("img", { src: uri, alt: "", draggable: "false" });
  const looks = Object.keys(data.features).map((name) => make("button", { ...keys, type: "button", onclick: () => look(name) }, name));
  const back = make("button", { ...keys, type: "button", onclick: putBack, title: "Every letter back to its own class" }, "put all back");
  const tiles = data.images.map((uri, i) => {
    const tile = make("button", {
      ...keys, type: "button", class: "tile draggable", draggable: "true", onclick: () => hold(held === i ? null : i),
      onkeydown: (event) => arrow(event, i), ondragend: () => hold(null),
    }, image(uri));
    tile.addEventListener("dragstart", (event) => { event.dataTransfer.setData("text/plain", String(i)); held = i; });
    return tile;
  });
  const places = data.names.map(() => make("div", { class: "tiles" }));
  const titles = data.names.map((name, k) => make("button", {
    ...keys, type: "button", style: `border-bottom-color:${data.colours[k]}`, onclick: () => { if (held !== null) move(held, k); },
  }, `class ${name}`));
  const columns = data.names.map((name, k) => {
    const column = make("div", { class: "class", role: "group", "aria-label": `Class ${name}` }, titles[k], places[k]);
    column.addEventListener("dragover", (event) => { event.preventDefault(); column.classList.add("over"); });
    column.addEventListener("dragleave", () => column.classList.remove("over"));
    column.addEventListener("drop", (event) => {
      event.preventDefault();
      column.classList.remove("over");
      if (held !== null) move(held, k);
    });
    return column;
  });
  const queries = data.asked.map((uri, q) => make("button", { ...keys, type: "button", class: "tile", onclick: () => ask(q) }, image(uri)));
  const marks = data.asked.map(() => make("div"));
  const asked = data.asked.map((_, q) => make("div", { class: "query" }, queries[q], marks[q]));
  const picture = make("div", { class: "picture" });
  const words = make("p", { class: "words", role: "status", "aria-live": "polite" });
  const { details, table } = folded("The same as a table", "rows");
  const hint = "Drag a letter into another class. Or press it, then press a class; or use the arrow keys ← and → on it.";
  const keep = (event) => event.stopPropagation(); // keys pressed in here are not the notebook's
  el.replaceChildren(make("div", { class: "nasedu-episode", role: "group", "aria-label": "Episode viewer", onkeydown: keep },
    make("div", { class: "line" }, make("span", {}, "features"), ...looks, back),
    make("p", { class: "hint" }, hint),
    make("div", { class: "classes" }, ...columns),
    make("p", { class: "hint" }, "Queries, with their answers. Press one to see its distances."),
    make("div", { class: "line", role: "group", "aria-label": "Queries" }, ...asked), picture, words, details));
  standForPicture(model, el);

  // ---------------------------------------------------------------- what is pressed

  let telling = false; // what the page itself sets is no news to it

  function tell(name, value) {
    telling = true;
    try { model.set(name, value); model.save_changes(); } catch { /* no kernel */ }
    telling = false;
  }

  function look(name) { by = name; show(); tell("by", by); }
  function ask(q) { chosen = q; show(); tell("chosen", q); }
  function hold(i) { held = i; show(); }

  function move(i, to) {
    assigned = assigned.map((k, place) => (place === i ? to : k));
    held = null;
    show();
    tiles[i].focus();
    tell("assigned", [...assigned]);
  }

  function putBack() {
    assigned = [...data.own];
    held = null;
    show();
    tell("assigned", [...assigned]);
  }

  function arrow(event, i) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const to = assigned[i] + step;
    if (to >= 0 && to < ways) move(i, to);
  }

  // ---------------------------------------------------------------- what is computed

  const members = (k) => assigned.flatMap((label, i) => (label === k ? [i] : []));
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

  /** As Features.distances in nasedu/widgets/episode_picture.py; null without examples. */
  function distances() {
    const { between, within } = data.features[by];
    const groups = data.names.map((_, k) => members(k));
    const spreads = groups.map((own) => mean(own.flatMap((i) => own.map((j) => within[i][j]))) / 2);
    return between.map((row) => groups.map((own, k) =>
      (own.length ? Math.max(mean(own.map((i) => row[i])) - spreads[k], 0) : null)));
  }

  const nearest = (row) => row.reduce((best, d, k) => (d !== null && (best < 0 || d < row[best]) ? k : best), -1);
  const short = (value) => { // as Python's .3g
    const text = value.toPrecision(3);
    return text.includes("e") ? text.replace(/(\.\d*?)0+e/, "$1e").replace(".e", "e").replace(/e([+-])(\d)$/, "e$10$2")
      : text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  };

  // ---------------------------------------------------------------- what is seen

  const say = (x, y, what, more = "") => `<text x="${x}" y="${y}" fill="#222222" ${more}>${what}</text>`;

  function bars(row, best) {
    const [left, wide] = data.bars, most = Math.max(1e-9, ...row.filter((d) => d !== null));
    const step = Math.min(24, (data.tall - 40) / ways);
    const line = (d, k) => {
      const y = 24 + k * step, low = y + step / 2 + 4, weight = `font-weight="${k === best ? "bold" : "normal"}"`;
      const name = say(left, low, data.names[k], weight);
      if (d === null) return name + `<text x="${left + 18}" y="${low}" fill="#767676" font-size="11">no prototype</text>`;
      const length = (wide - 80) * d / most, edge = k === best ? ' stroke="#222222" stroke-width="2"' : "";
      return name + `<rect class="bar" x="${left + 18}" y="${y + 3}" width="${Math.max(length, 1)}" height="${step - 6}" fill="${data.colours[k]}"${edge}/>` +
        say(left + 24 + length, low, `${short(d)}${k === best ? " nearest" : ""}`, `font-size="11" ${weight}`);
    };
    return say(left, 14, "squared distance to each prototype", 'font-weight="bold"') + row.map(line).join("");
  }

  function flat(best) {
    const [left, wide] = data.map, { support, asked: there } = data.features[by];
    const at = ([x, y]) => [left + 14 + x * (wide - 28), 34 + (1 - y) * (data.tall - 62)].map((v) => v.toFixed(1));
    const dots = there.map((p) => { const [x, y] = at(p); return `<circle cx="${x}" cy="${y}" r="2" fill="#767676"/>`; }).join("");
    const [qx, qy] = at(there[chosen]);
    const drawn = data.names.map((name, k) => {
      const own = members(k).map((i) => support[i]), colour = data.colours[k];
      if (!own.length) return "";
      const [x, y] = at([0, 1].map((axis) => mean(own.map((p) => p[axis])))).map(Number);
      const letters = own.map((p) => { const [a, b] = at(p).map(Number);
        return `<text x="${a}" y="${b + 4}" fill="${colour}" text-anchor="middle" paint-order="stroke" stroke="#ffffff" stroke-width="4">${name}</text>`; }).join("");
      return letters + (k === best ? `<path d="M${qx} ${qy}L${x} ${y}" stroke="#e69f00" stroke-width="2"/>` : "") +
        `<path class="prototype" d="M${x - 6} ${y - 6}l12 12m-12 0l12 -12" fill="none" stroke="${colour}" stroke-width="2"/>`;
    }).join("");
    return say(left, 14, "features, seen flat", 'font-weight="bold"') +
      `<rect x="${left}" y="20" width="${wide}" height="${data.tall - 34}" fill="none" stroke="#dddddd"/>` + dots + drawn +
      `<circle cx="${qx}" cy="${qy}" r="7" fill="none" stroke="#e69f00" stroke-width="4"/>`;
  }

  function show() {
    const all = distances(), answers = all.map(nearest);
    const right = (q) => answers[q] === data.asked_y[q];
    looks.forEach((button) => button.setAttribute("aria-pressed", String(button.textContent === by)));
    tiles.forEach((tile, i) => {
      if (tile.parentElement !== places[assigned[i]]) places[assigned[i]].append(tile);
      tile.classList.toggle("moved", assigned[i] !== data.own[i]);
      tile.setAttribute("aria-pressed", String(held === i));
      tile.setAttribute("aria-label", `Example ${i + 1}, in class ${data.names[assigned[i]]}`);
    });
    titles.forEach((title, k) => { title.textContent = held === null ? `class ${data.names[k]}` : `to ${data.names[k]}`; });
    queries.forEach((query, q) => {
      query.setAttribute("aria-pressed", String(q === chosen));
      query.setAttribute("aria-label", `Query ${q + 1}, answered ${data.names[answers[q]]}, ${right(q) ? "right" : "wrong"}`);
      marks[q].textContent = `${data.names[answers[q]]} ${right(q) ? "✓" : "✗"}`;
    });
    const moved = assigned.filter((k, i) => k !== data.own[i]).length;
    back.disabled = moved === 0;
    const row = all[chosen], best = answers[chosen], tall = data.tall, wide = data.map[0] + data.map[1] + 10;
    picture.innerHTML = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${wide} ${tall}" width="${wide}" height="${tall}" role="img" ` +
      `font-family="sans-serif" font-size="12"><rect width="${wide}" height="${tall}" rx="4" fill="#ffffff"/>${bars(row, best)}${flat(best)}</svg>`;
    picture.style.setProperty("--least", `${leastWidth(wide, picture.innerHTML)}px`);
    const letters = moved ? ` ${moved} of ${tiles.length} examples moved to another class.` : "";
    words.textContent = `Features: ${by}. Query ${chosen + 1} is of class ${data.names[data.asked_y[chosen]]}. The nearest prototype is ` +
      `${data.names[best]}, at squared distance ${short(row[best])}: ${right(chosen) ? "right" : "wrong"}. ` +
      `${answers.filter((_, q) => right(q)).length} of ${answers.length} queries are answered right.${letters}`;
    picture.firstChild.setAttribute("aria-label", words.textContent);
    const lines = all.map((row, q) => [String(q + 1), data.names[data.asked_y[q]], data.names[answers[q]], ...row.map((d) => (d === null ? "" : short(d)))]);
    fill(table, [["query", "its class", "answer", ...data.names.map((name) => `distance to ${name}`)], ...lines]);
  }

  const changed = () => {
    if (telling) return;
    [assigned, chosen, by] = [[...model.get("assigned")], model.get("chosen"), model.get("by")];
    show();
  };
  const heard = ["change:assigned", "change:chosen", "change:by"];
  heard.forEach((event) => model.on(event, changed));
  show();
  return () => heard.forEach((event) => model.off(event, changed));
}

export default { render };
