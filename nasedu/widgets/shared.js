// The common code of all widgets. It is prepended to each widget's own file: a widget is one module and loads nothing.

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** Rows as a table; the first one is its head. */
function fill(table, [head = [], ...rows]) {
  const line = (tag, cells, more = {}) => make("tr", {}, ...cells.map((cell) => make(tag, more, cell)));
  const top = head.length ? [line("th", head, { scope: "col" })] : [];
  table.replaceChildren(make("thead", {}, ...top), make("tbody", {}, ...rows.map((row) => line("td", row))));
}

/** A table in a part that unfolds. */
function folded(title, scrolls, open = false) {
  const table = make("table");
  return { details: make("details", { open }, make("summary", {}, title), make("div", { class: scrolls }, table)), table };
}

/** The pixels to which an SVG may shrink: its smallest letters are 9 high (nasedu/core/html.py). */
function leastWidth(width, svg) {
  const letters = [...svg.matchAll(/font-size=["']([\d.]+)/g)].map(([, size]) => Number(size));
  return Math.ceil(width * Math.min(9 / Math.min(...letters), 1));
}

/** A saved notebook contains a picture of the widget as a separate output. A running widget hides it. */
function standForPicture(model, el) {
  el.classList.add("nasedu-live");
  const key = model.get("_key");
  if (!key) return; // in a saved page the widget replaces the picture
  const kept = `.nasedu-still-${key}`;
  el.append(make("style", {}, `${kept}, .jp-OutputArea-child:has(${kept}) { display: none; }`));
}

