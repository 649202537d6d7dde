// The scatter of two scores: a press on a dot, a button or an arrow key shows the network. Everything is here.

function render({ model, el }) {
  const data = model.get("_data");
  const count = data.networks.length;
  let chosen = model.get("chosen"), byRank = model.get("by_rank");
  const places = () => data.views[Number(byRank)].places;

  const keys = { "data-lm-suppress-shortcuts": "true" };
  const all = [...Array(count).keys()];
  const orders = data.scores.map((scores) => [...all].sort((a, b) => scores[a] - scores[b] || a - b));
  const gap = (at) => data.ranks[1][at] - data.ranks[0][at]; // above 0: the cheap score ranks it too high
  const most = (of) => all.reduce((best, at) => (of(at) > of(best) ? at : best), 0);
  const goals = [
    [`best by ${data.names[0]}`, orders[0].at(-1)], [`best by ${data.names[1]}`, orders[1].at(-1)],
    ["ranked far too high", most(gap)], ["ranked far too low", most((at) => -gap(at))],
  ];
  const buttons = goals.map(([name, at]) => make("button", { ...keys, type: "button", onclick: () => choose(at) }, name));
  const ranks = make("button", {
    ...keys, type: "button", title: "Ranks on the axes instead of scores", onclick: () => turn(!byRank),
  }, "show ranks");
  const picture = make("div", {
    ...keys, class: "picture", tabindex: "0", role: "group", onclick: pressed, onkeydown: moved,
    "aria-label": "The networks. Left and right arrow: by the first score; up and down: by the second.",
  });
  const hint = make("p", { class: "hint" }, "Each dot is a network. Press a dot: below the picture you see its layers.");
  const network = make("div", { class: "network" });
  const words = make("p", { class: "words", role: "status", "aria-live": "polite" });
  const { details, table } = folded(`The best ten by ${data.names[0]} (press one to see it)`, "rows");
  const keep = (event) => event.stopPropagation(); // keys pressed in here are not the notebook's
  el.replaceChildren(make("div", { class: "nasedu-scatter", role: "group", "aria-label": "Scatter of two scores", onkeydown: keep },
    make("div", { class: "line" }, ...buttons, ranks), hint, picture, network, words, details));
  standForPicture(model, el);

  const named = (at) => data.networks[at].map((choice) => data.choices[choice]);

  function choose(at) {
    chosen = at;
    show();
    try { model.set("chosen", at); model.save_changes(); } catch { /* no kernel */ }
  }

  function turn(to) {
    byRank = to;
    draw();
    try { model.set("by_rank", to); model.save_changes(); } catch { /* no kernel */ }
  }

  function pressed(event) {
    const box = picture.firstChild.getBoundingClientRect();
    const x = (event.clientX - box.left) * data.width / box.width, y = (event.clientY - box.top) * data.height / box.height;
    const [xs, ys] = places();
    choose(most((at) => -Math.hypot(xs[at] - x, ys[at] - y)));
  }

  function moved(event) {
    const [axis, step] = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowDown: [1, -1], ArrowUp: [1, 1] }[event.key] ?? [];
    if (axis === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const to = orders[axis].indexOf(chosen) + step;
    if (to >= 0 && to < count) choose(orders[axis][to]);
  }

  function svg() {
    const { width, height } = data, [xs, ys] = places();
    const dots = xs.map((x, at) => `M${x} ${ys[at]}h0`).join("");
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" ` +
      `font-family="sans-serif" font-size="12"><rect width="${width}" height="${height}" rx="4" fill="#ffffff"/>${data.views[Number(byRank)].head}` +
      `<path d="${dots}" fill="none" stroke="#0072b2" stroke-opacity="0.85" stroke-width="6" stroke-linecap="round"/>` +
      `<circle class="chosen" r="8" fill="none" stroke="#e69f00" stroke-width="4"/></svg>`;
  }

  function draw() {
    picture.innerHTML = svg();
    picture.style.setProperty("--least", `${leastWidth(data.width, picture.innerHTML)}px`);
    ranks.setAttribute("aria-pressed", String(byRank));
    show();
  }

  function show() {
    const ring = picture.querySelector(".chosen");
    ["cx", "cy"].forEach((side, axis) => ring.setAttribute(side, places()[axis][chosen]));
    network.replaceChildren(...named(chosen).map((choice) => {
      const [colour, tall] = data.looks[choice] ?? ["#ffffff", 14];
      return make("span", { class: "block", style: `background:${colour};height:${tall}px` }, choice);
    }));
    const both = data.names.map((name, i) =>
      `${name} ${data.scores[i][chosen].toFixed(3)} (rank ${data.ranks[i][chosen]} of ${count.toLocaleString("en")})`);
    const said = `${named(chosen).join(" ")}: ${both.join(", ")}. Kendall's tau of all ${count.toLocaleString("en")} is ${data.tau}.`;
    words.textContent = said;
    picture.firstChild.setAttribute("aria-label", said);
  }

  const rows = orders[0].slice(-10).reverse().map((at) => [
    data.scores[0][at].toFixed(3), String(data.ranks[0][at]), data.scores[1][at].toFixed(3), String(data.ranks[1][at]),
    make("button", { ...keys, type: "button", onclick: () => choose(at) }, named(at).join(" ")),
  ]);
  fill(table, [[data.names[0], "rank", data.names[1], "rank", "network"], ...rows]);
  draw();
  const told = () => { if (model.get("chosen") !== chosen) { chosen = model.get("chosen"); show(); } };
  const turned = () => { if (model.get("by_rank") !== byRank) { byRank = model.get("by_rank"); draw(); } };
  model.on("change:chosen", told);
  model.on("change:by_rank", turned);
  return () => { model.off("change:chosen", told); model.off("change:by_rank", turned); };
}

export default { render };
