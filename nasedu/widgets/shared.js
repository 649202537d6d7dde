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

/** A saved notebook contains a picture of the widget as a separate output. A running widget hides it. */
function standForPicture(model, el) {
  el.classList.add("nasedu-live");
  const key = model.get("_key");
  if (!key) return; // in a saved page the widget replaces the picture
  const kept = `.nasedu-still-${key}`;
  el.append(make("style", {}, `${kept}, .jp-OutputArea-child:has(${kept}) { display: none; }`));
}

