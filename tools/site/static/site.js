// The switch between light and dark, the search, and what lets a keyboard reach every part of a page.
(() => {
  const page = document.documentElement;
  const root = document.body.dataset.root;

  const button = document.querySelector("button.theme");
  function label() {
    const other = page.dataset.theme === "dark" ? "Light" : "Dark";
    button.textContent = `${other} page`;
    button.setAttribute("aria-label", `${other} page`);
  }
  button.hidden = false;
  label();
  button.onclick = () => {
    page.dataset.theme = page.dataset.theme === "dark" ? "light" : "dark";
    try { localStorage.setItem("theme", page.dataset.theme); } catch { /* a page without storage forgets it */ }
    label();
  };

  // ---------------------------------------------------------------- search

  const MOST = 20; // results
  const AROUND = 60; // letters before and after what was found
  const search = document.querySelector(".search");
  const input = search.querySelector("input");
  const [found, status, list] = ["#found", "#found p", "#found ol"].map((one) => search.querySelector(one));
  search.hidden = false;

  let loading = null;
  function index() {
    loading ??= new Promise((done, fail) => {
      const script = document.createElement("script");
      script.src = `${root}static/search-index.js`;
      script.onload = () => done(window.courseIndex.map((row) => [...row, row.join(" ").toLowerCase()]));
      script.onerror = fail;
      document.head.append(script);
    });
    return loading;
  }

  // Every word must be there; a word in a title counts most, then how often it is there.
  function score([title, section, , , all], words) {
    if (!words.every((word) => all.includes(word))) return 0;
    const titles = `${title} ${section}`.toLowerCase();
    return words.reduce((sum, word) => sum + 20 * titles.includes(word) + Math.min(all.split(word).length - 1, 10), 0);
  }

  function excerpt(text, word) {
    const at = Math.max(text.toLowerCase().indexOf(word), 0);
    const from = Math.max(at - AROUND, 0);
    const mark = document.createElement("mark");
    mark.textContent = text.slice(at, at + word.length);
    const before = (from ? "… " : "") + text.slice(from, at);
    const after = text.slice(at + word.length, at + word.length + AROUND) + " …";
    const line = document.createElement("span");
    line.append(before, mark, after);
    return line;
  }

  function result([title, section, address, text], words) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = root + address;
    const name = document.createElement("strong");
    name.textContent = section && section !== title ? `${title}: ${section}` : title;
    link.append(name, excerpt(text, words.find((word) => text.toLowerCase().includes(word)) ?? ""));
    item.append(link);
    return item;
  }

  async function look() {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) { found.hidden = true; return; }
    const rows = (await index()).map((row) => [score(row, words), row]).filter(([points]) => points);
    rows.sort(([a], [b]) => b - a);
    const places = `${rows.length} ${rows.length === 1 ? "place" : "places"}`;
    status.textContent = !rows.length ? "Nothing found." : rows.length > MOST ? `${places}; the first ${MOST}:` : `${places}:`;
    list.replaceChildren(...rows.slice(0, MOST).map(([, row]) => result(row, words)));
    found.hidden = false;
  }

  input.oninput = look;
  input.onfocus = () => { index(); if (input.value) look(); };
  search.onkeydown = (event) => {
    const links = [...list.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    if (event.key === "Escape") { found.hidden = true; input.focus(); }
    else if (event.key === "ArrowDown") links[Math.min(at + 1, links.length - 1)]?.focus();
    else if (event.key === "ArrowUp") (links[at - 1] ?? input).focus();
    else if (event.key === "Enter" && document.activeElement === input) links[0]?.click();
    else return;
    event.preventDefault();
  };
  list.onclick = () => { found.hidden = true; };
  document.addEventListener("click", (event) => { if (!search.contains(event.target)) found.hidden = true; });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    event.preventDefault();
    input.focus();
  });

  // ---------------------------------------------------------------- reach

  // What is wider than the page is moved sideways: a keyboard must be able to reach it.
  const WIDE = "pre, main table, [style*='overflow-x:auto'], mjx-container[display='true'], .text p, .text li";
  function reach() {
    for (const part of document.querySelectorAll(WIDE)) {
      const wide = part.scrollWidth > part.clientWidth + 1 && part.clientWidth > 0;
      if (wide) part.tabIndex = 0;
      else if (part.getAttribute("tabindex") === "0") part.removeAttribute("tabindex");
    }
  }
  addEventListener("load", reach);
  addEventListener("resize", reach);
  addEventListener("toggle", reach, true);

  // On a narrow page the table of contents begins folded.
  const contents = document.querySelector(".contents details");
  if (contents && matchMedia("(max-width: 1099px)").matches) contents.open = false;
})();
