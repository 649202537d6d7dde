// What the widgets share. It stands in front of each one's own file: a widget is a single module, and loads nothing.

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

/** A saved notebook keeps a picture of the widget, an output of its own. While the widget lives it is not to be seen. */
function standForPicture(model, el) {
  el.classList.add("nasedu-live");
  const key = model.get("_key");
  if (!key) return; // in a saved page the widget lives where the picture was
  const kept = `.nasedu-still-${key}`;
  el.append(make("style", {}, `${kept}, .jp-OutputArea-child:has(${kept}) { display: none; }`));
}

