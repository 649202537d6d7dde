// A page without a kernel: answers the clicks of explorer.js from the graph in the page (nasedu/widgets/explorer_graph.py).
// It shows what explorer.py, explorer_picture.py and trial_plot.py show for the same network.

const BOUND = 60; // neighbours that are listed, at most
const FAILED = "This browser cannot answer without a kernel: open the lesson on Binder or on your own machine.";
const [INK, PAPER, FAINT, GREY, BLUE, ORANGE] = ["#222222", "#ffffff", "#dddddd", "#767676", "#0072b2", "#e69f00"];

/** Called for each message that the widget would send to its kernel. */
function answer(model, message) {
  model.answers ??= unpacked(model.get("_graph")).then((graph) => new Answers(model, graph));
  model.answers.then((answers) => answers.answer(message)).catch((error) => {
    console.error(error);
    model.set("shown", { ...model.get("shown"), note: FAILED });
  });
}

async function unpacked(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(plain).text());
}

const named = (path) => path.join("\n");
const number = (score) => score.toFixed(Math.abs(score) <= 1 ? 3 : 2);
const thousands = (count) => count.toLocaleString("en-US");
const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

class Answers {
  constructor(model, graph) {
    const { choices, search } = model.get("shown"), networks = graph.networks.map(named);
    const tried = (search?.rows ?? []).map(([, , network]) => networks.indexOf(named(network)));
    Object.assign(this, { model, graph, before: [], tried, path: choices.map(([choice]) => choice) });
    const { parent, choice } = graph.states;
    this.paths = [];
    parent.forEach((from, at) => this.paths.push(from < 0 ? [] : [...this.paths[from], graph.parts[choice[at]]]));
    this.at = new Map(this.paths.map((path, at) => [named(path), at]));
    const scores = graph.table?.scores ?? [];
    this.ranks = scores.map((score) => 1 + scores.filter((other) => other > score).length);
  }

  answer({ do: kind, value }) {
    let note = "";
    if (kind === "undo") this.path = this.before.pop() ?? this.path.slice(0, -1);
    if (kind === "choose") this.go([...this.path, value]);
    if (kind === "go") this.go(value);
    if (kind === "reset") this.go([]);
    if (kind === "random") this.go(this.random());
    if (kind === "score") note = this.score();
    this.model.set("shown", this.shown(note));
  }

  go(path) {
    if (!this.at.has(named(path)) || named(path) === named(this.path)) return;
    this.before.push(this.path);
    this.path = path;
  }

  /** A walk on which each open choice is equally likely. */
  random() {
    const { parent } = this.graph.states;
    let at = 0;
    for (let next = [0]; next.length; next = this.paths.flatMap((_, to) => (parent[to] === at ? [to] : [])))
      at = next[Math.floor(Math.random() * next.length)];
    return this.paths[at];
  }

  score() {
    const network = this.graph.states.network[this.at.get(named(this.path))];
    if (network < 0) return `${this.words()} Choose on, then score it`;
    if (this.tried.includes(network)) return `Scored before: ${number(this.graph.table.scores[network])}. It costs no try.`;
    if (!this.left) return this.used;
    this.tried.push(network);
    return "";
  }

  get used() { return `All ${this.graph.search.tries} tries are used: load this page again for new ones.`; }

  get left() { return this.graph.search ? this.graph.search.tries - this.tried.length : 0; }

  // ---------------------------------------------------------------- what is shown

  shown(note) {
    const { states, parts, groups, rows, drawings, layers, looks } = this.graph;
    const at = this.at.get(named(this.path)), network = states.network[at];
    const joined = (numbers = []) => numbers.map((part) => parts[part]).join("");
    const made = this.path.map((_, place) => parts[states.made[this.at.get(named(this.path.slice(0, place + 1)))]]);
    return {
      note,
      choices: this.path.map((choice, place) => [choice, made[place]]),
      decides: parts[states.decides[at]],
      part: this.graph.part,
      words: this.words() + this.scored(network),
      groups: groups[states.groups[at]],
      cell: joined(states.cell[at]),
      drawing: joined(drawings[network]),
      layers: (layers[network] ?? []).map((row) => rows[row]),
      undo: Boolean(this.before.length || this.path.length),
      truth: this.graph.table && this.left <= 0 && network >= 0 ? this.truth(network) : null,
      looks,
      search: this.graph.search && this.searched(),
    };
  }

  words() {
    const { states, sizes, table } = this.graph;
    const at = this.at.get(named(this.path)), network = states.network[at], spoken = this.path.join(" ") || "No choice yet";
    if (network < 0) return `${spoken}: it cannot be built before more choices are made.`;
    const size = `${spoken}${states.complete[at] ? "" : ", stopped here"}: ${sizes[network]}`;
    if (!table || this.left > 0) return size;
    const [score, ...spread] = table.texts[network].split(" ");
    const seeds = table.seeds > 1 ? ` ${spread.join(" ")} over ${table.seeds} seeds` : "";
    return `${size} On ${table.task}: ${score}${seeds}, rank ${thousands(this.ranks[network])} of ${thousands(table.texts.length)}.`;
  }

  /** What the search by hand says of the network. */
  scored(network) {
    const { tried, left, graph: { search, table } } = this;
    if (!search || !tried.includes(network)) return "";
    if (left <= 0) return network === tried.at(-1) ? ` ${this.used}` : "";
    const score = table.scores[network], best = Math.max(...tried.map((one) => table.scores[one]));
    const compared = score === best ? "the best so far" : `the best so far has ${number(best)}`;
    return ` Score ${number(score)} on try ${tried.indexOf(network) + 1} of ${search.tries}: ${compared}.`;
  }

  truth(own) {
    const { networks, table } = this.graph;
    const near = networks.flatMap((other, place) => (oneEdit(networks[own], other) ? [place] : []));
    near.sort((a, b) => this.ranks[a] - this.ranks[b] || (networks[a].join("\0") < networks[b].join("\0") ? -1 : 1));
    const listed = near.slice(0, BOUND);
    const rows = listed.map((one) =>
      [edit(networks[own], networks[one]), table.texts[one], thousands(this.ranks[one]), networks[one]]);
    const better = listed.filter((one) => this.ranks[one] < this.ranks[own]).length;
    const out = near.length > listed.length ? ` ${near.length - listed.length} more are not shown.` : "";
    const words = rows.length
      ? `${better} of ${rows.length} neighbours score higher on ${table.task} than this network ` +
        `(${number(table.scores[own])}); the best has ${number(table.scores[listed[0]])} (${rows[0][0]}).${out}`
      : `0 neighbours in the table for ${table.task}.${out}`;
    return { plot: dotPlot(table, own, listed, rows.map(([change]) => change), words), words, rows };
  }

  searched() {
    const { search, table, networks } = this.graph;
    const found = this.tried.map((network) => table.scores[network]);
    const best = found.indexOf(Math.max(...found));
    const words = best < 0 ? search.words
      : `${found.length} of ${search.tries} trial${search.tries > 1 ? "s" : ""}; best score ${found[best].toFixed(3)}: ` +
        `${networks[this.tried[best]].join(" ")}.`;
    const x = (place) => (search.x[0] + (search.x[1] - search.x[0]) * place).toFixed(1);
    const y = (score) => (search.y[0] + (search.y[1] - search.y[0]) * score).toFixed(1);
    const better = (score, i) => i > 0 && score > Math.max(...found.slice(0, i));
    const line = found.map((score, i) => `${i ? "" : `M${x(1)} ${y(score)}`}H${x(i + 1)}${better(score, i) ? `V${y(score)}` : ""}`);
    const dots = found.map((score, i) =>
      `<circle class="dot" cx="${x(i + 1)}" cy="${y(score)}" r="4" fill="${search.colour}" fill-opacity="0.8">` +
      `<title>${score.toFixed(3)} ${escaped(networks[this.tried[i]].join(" "))}</title></circle>`);
    const path = found.length ? `<path class="best" d="${line.join("")}" fill="none" stroke="${ORANGE}" stroke-width="2.5"/>` : "";
    return {
      left: this.left,
      plot: search.plot.replaceAll(search.words, words).replace("</svg>", `${path}${dots.join("")}</svg>`),
      words,
      rows: found.map((score, i) => [String(i + 1), number(score), networks[this.tried[i]]]),
    };
  }
}

// ---------------------------------------------------------------- neighbours

/** How many choices two networks share at the beginning, and then at the end. */
function shared(a, b) {
  const least = Math.min(a.length, b.length);
  let begin = 0, end = 0;
  while (begin < least && a[begin] === b[begin]) begin++;
  while (end < least - begin && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  return [begin, end];
}

/** Whether one choice replaced, inserted or removed leads from one network to the other. */
function oneEdit(a, b) {
  const [begin, end] = shared(a, b);
  return Math.max(a.length, b.length) - begin - end === 1;
}

function edit(a, b) {
  const [begin, end] = shared(a, b);
  const [old, now] = [a, b].map((network) => network.slice(begin, network.length - end).join(" "));
  if (!old) return `${begin + 1}: + ${now}`;
  return now ? `${begin + 1}: ${old} → ${now}` : `${begin + 1}: − ${old}`;
}

// ---------------------------------------------------------------- the dot plot of explorer_picture.py

const [WIDTH, SIDE, HILL, DOTS, STACK, BINS] = [640, 30, 56, 10, 8, 60];

const text = (x, y, words, more = "") => `<text x="${x}" y="${y}" fill="${INK}"${more}>${escaped(words)}</text>`;

function dotPlot({ scores, texts, low: least, high }, own, listed, changes, words) {
  const low = Math.min(least, scores[own]);
  const x = (score) => SIDE + ((WIDTH - 2 * SIDE) * (Math.max(score, low) - low)) / (high - low);
  const heights = stacked(listed.map((one) => x(scores[one])));
  const base = 24 + DOTS * (1 + Math.max(0, ...heights)), floor = base + 18 + HILL;
  const dots = listed.map((one, place) => {
    const at = x(scores[one]), y = base - 6 - DOTS * heights[place];
    const form = scores[one] >= low ? `<circle cx="${at.toFixed(1)}" cy="${y}" r="4.5"/>`
      : `<path d="M${(at + 4).toFixed(1)} ${y - 5}v10l-8 -5z"/>`;
    const title = `<title>${number(scores[one])}: ${escaped(changes[place])}</title>`;
    return `<g class="neighbour" data-place="${place}" fill="${BLUE}" stroke="${PAPER}">${title}${form}</g>`;
  });
  const here = x(scores[own]), score = `this one: ${number(scores[own])}`;
  const ticks = [0, 1, 2, 3, 4].map((part) => {
    const at = SIDE + ((WIDTH - 2 * SIDE) * part) / 4, most = part === 0 && Math.min(...scores) < low ? "≤ " : "";
    return `<path d="M${at} ${floor}v4" stroke="${INK}"/>` +
      text(at, floor + 18, most + number(low + ((high - low) * part) / 4), ' text-anchor="middle"');
  });
  const halo = ` paint-order="stroke" stroke="${PAPER}" stroke-width="4" stroke-linejoin="round"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${floor + 38}" width="${WIDTH}" height="${floor + 38}" ` +
    `role="img" aria-label="${escaped(words)}" style="max-width:100%;height:auto" font-family="sans-serif" font-size="12">` +
    `<title>${escaped(words)}</title><rect width="${WIDTH}" height="${floor + 38}" rx="4" fill="${PAPER}"/>` +
    text(SIDE, 16, `neighbours (${listed.length})`) +
    hill(scores.map((one) => Math.max(one, low)), low, high, floor) +
    `<path d="M${SIDE} ${floor}H${WIDTH - SIDE}" stroke="${INK}"/>` + ticks.join("") +
    text(WIDTH / 2, floor + 33, "score", ' text-anchor="middle"') +
    `<g class="own"><title>${score}</title><path d="M${here.toFixed(1)} 22V${floor}" stroke="${INK}" stroke-dasharray="4 3"/>` +
    `<path d="M${here.toFixed(1)} ${floor - 7}l7 7l-7 7l-7 -7z" fill="${ORANGE}" stroke="${INK}"/></g>` +
    text(Math.min(Math.max(here, SIDE + 150), WIDTH - SIDE - 30).toFixed(1), 16, score, ' text-anchor="middle"') +
    text(SIDE, base + 12, `all ${thousands(texts.length)} networks of the table`, halo) + dots.join("") + "</svg>";
}

/** How many dots are below each dot. */
function stacked(places) {
  const taken = [];
  return places.map((place) => {
    const free = taken.findIndex((row) => row.every((other) => Math.abs(place - other) >= DOTS));
    const up = Math.min(free < 0 ? taken.length : free, STACK - 1);
    (taken[up] ??= []).push(place);
    return up;
  });
}

function hill(scores, low, high, floor) {
  const counts = Array(BINS).fill(0);
  const edge = (bin) => bin * ((high - low) / BINS) + low;
  for (const score of scores) {
    let bin = Math.min(Math.floor(((score - low) / (high - low)) * BINS), BINS - 1);
    if (score < edge(bin)) bin--; // a score on an edge belongs to the bin above
    else if (bin < BINS - 1 && score >= edge(bin + 1)) bin++;
    counts[bin]++;
  }
  const most = Math.max(...counts.slice(1), 1);
  const tops = counts.map((count) => floor - (HILL - 8) * Math.min(count / most, 1));
  const wide = ((WIDTH - 2 * SIDE) / BINS).toFixed(2);
  const steps = tops.map((top) => `V${top.toFixed(1)}h${wide}`).join("");
  return `<path d="M${SIDE} ${floor}${steps}V${floor}z" fill="${FAINT}" stroke="${GREY}" stroke-width="0.5"/>`;
}
