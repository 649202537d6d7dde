// The canvas in the browser: it draws pixels; the kernel answers what the network says of them.

const SIDE = 264; // of the picture on the page, in pixels
const BRUSH = 0.75; // radius of a stroke, in pixels of the image

function render({ model, el }) {
  const first = model.get("shown");
  const { height, width } = first;
  const scale = SIDE / Math.max(height, width);
  let pixels = Float32Array.from(first.pixels);
  let last = null; // the last point of the stroke under way
  let cursor = { x: Math.floor(width / 2), y: Math.floor(height / 2) };

  const board = make("canvas", {
    width: width * scale, height: height * scale, tabindex: "0", role: "img",
    "aria-label": "Draw here. Arrow keys move, Space draws or erases a pixel.",
    onpointerdown: begin, onpointermove: stroke, onpointerup: end, onpointercancel: end,
    onkeydown: pressedKey, onfocus: paint, onblur: paint,
  });
  const clear = make("button", { type: "button", onclick: () => { pixels.fill(0); paint(); send(); board.focus(); } }, "Clear");
  const bars = make("div", { class: "bars" });
  const words = make("p", { role: "status", "aria-live": "polite" });
  const keep = (event) => event.stopPropagation(); // keys pressed in here are not the notebook's
  el.replaceChildren(make("div", { class: "nasedu-canvas", "data-lm-suppress-shortcuts": "true", onkeydown: keep },
    make("div", {}, board, make("div", {}, clear)), make("div", { class: "says" }, words, bars)));
  standForPicture(model, el);

  function send() {
    model.send({ pixels: Array.from(pixels, Math.round) });
  }

  // ---------------------------------------------------------------- drawing

  function place(event) {
    const box = board.getBoundingClientRect();
    return { x: (event.clientX - box.left) * width / box.width, y: (event.clientY - box.top) * height / box.height };
  }

  // Brightness falls from the middle of the stroke to its edge, as in a scanned digit.
  function dab(at) {
    for (let y = Math.max(0, Math.floor(at.y - 2)); y < Math.min(height, at.y + 2); y++) {
      for (let x = Math.max(0, Math.floor(at.x - 2)); x < Math.min(width, at.x + 2); x++) {
        const far = Math.hypot(x + 0.5 - at.x, y + 0.5 - at.y);
        const bright = 255 * Math.min(1, Math.max(0, (BRUSH + 0.5 - far) / BRUSH));
        pixels[y * width + x] = Math.max(pixels[y * width + x], bright);
      }
    }
  }

  function begin(event) {
    event.preventDefault();
    board.focus();
    board.setPointerCapture(event.pointerId);
    last = place(event);
    dab(last);
    paint();
  }

  function stroke(event) {
    if (!last) return;
    const to = place(event);
    const steps = Math.max(1, Math.ceil(4 * Math.hypot(to.x - last.x, to.y - last.y)));
    for (let step = 1; step <= steps; step++) {
      dab({ x: last.x + (to.x - last.x) * step / steps, y: last.y + (to.y - last.y) * step / steps });
    }
    last = to;
    paint();
  }

  function end() {
    if (!last) return;
    last = null;
    send();
  }

  function pressedKey(event) {
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
    if (dx || dy) {
      cursor = { x: Math.min(Math.max(cursor.x + dx, 0), width - 1), y: Math.min(Math.max(cursor.y + dy, 0), height - 1) };
    } else if (event.key === " ") {
      const at = cursor.y * width + cursor.x;
      pixels[at] = pixels[at] > 0 ? 0 : 255;
      send();
    } else {
      return;
    }
    event.preventDefault();
    paint();
  }

  // ---------------------------------------------------------------- showing

  function paint() {
    const pen = board.getContext("2d");
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const v = 255 - Math.round(pixels[y * width + x]); // dark strokes on a light ground, as in the plots
        pen.fillStyle = `rgb(${v},${v},${v})`;
        pen.fillRect(x * scale, y * scale, scale + 1, scale + 1);
      }
    }
    pen.strokeStyle = "#b0b0b0";
    for (let part = 1; part < first.guides; part++) {
      const x = part * width * scale / first.guides, y = part * height * scale / first.guides;
      pen.beginPath();
      pen.moveTo(x, 0);
      pen.lineTo(x, height * scale);
      pen.moveTo(0, y);
      pen.lineTo(width * scale, y);
      pen.stroke();
    }
    if (document.activeElement === board && board.matches(":focus-visible")) {
      pen.strokeStyle = "#e69f00";
      pen.strokeRect(cursor.x * scale + 1, cursor.y * scale + 1, scale - 2, scale - 2);
    }
  }

  function show() {
    const view = model.get("shown");
    if (!last) pixels = Float32Array.from(view.pixels);
    words.textContent = view.words;
    const inOrder = [...view.chances].sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }));
    bars.replaceChildren(...inOrder.map(([name, chance]) => make("div", { class: "bar" },
      make("span", { class: "name" }, name),
      make("span", { class: "rail" }, make("span", { class: "fill", style: `width:${100 * chance}%` })),
      make("span", { class: "share" }, chance.toFixed(2)))));
    paint();
  }

  show();
  model.on("change:shown", show);
  return () => model.off("change:shown", show);
}

export default { render };
