// The form of an engine: its fields, their values, and the refused field.

/** JupyterLab passes keys on, such as the arrows of a list, only if the element with the focus itself says so. */
const KEYS = { "data-lm-suppress-shortcuts": "true" };

/** The values of the form as the kernel has them, in the shape in which fields hold them. */
function given(specs) {
  return Object.fromEntries(specs.map(({ name, kind, value }) => [name, kind === "many" ? value : String(value)]));
}

/** A field of the form: {name, kind: "many" | "one" | "text" | "number", label, value, options, help, least, most}. */
function field(spec) {
  if (spec.kind === "many") {
    const box = make("fieldset", { "data-name": spec.name }, make("legend", {}, spec.label));
    for (const option of spec.options) {
      box.append(make("label", {}, make("input", { ...KEYS, type: "checkbox", value: option }), option));
    }
    return box;
  }
  let input;
  if (spec.kind === "one") {
    input = make("select", { ...KEYS, name: spec.name });
    for (const option of spec.options) input.append(make("option", { value: option }, option));
  } else {
    const number = { type: "number", min: spec.least, max: spec.most, step: 1 };
    const kind = spec.kind === "number" ? number : { type: "text" };
    input = make("input", { ...KEYS, ...kind, name: spec.name });
  }
  input.dataset.name = spec.name;
  const label = make("label", {}, make("span", {}, spec.label), input);
  if (!spec.help) return label;
  input.dataset.help = fresh();
  return make("div", {}, label, make("small", { id: input.dataset.help }, spec.help));
}

/** A name that no other element of the page has. */
function fresh() {
  return `nasedu-${Math.random().toString(36).slice(2)}`;
}

const boxesOf = (element) => [...element.querySelectorAll("input[type=checkbox]")];

function valuesOf(form, specs) {
  const values = {};
  for (const { name, kind } of specs) {
    const element = form.querySelector(`[data-name="${name}"]`);
    const checked = () => boxesOf(element).filter((box) => box.checked);
    values[name] = kind === "many" ? checked().map((box) => box.value) : element.value;
  }
  return values;
}

/** The form as it was edited, or else as the kernel has it; the field that was refused points at the alert. */
function drawForm(form, specs, values, refused, alert) {
  form.hidden = !specs.length;
  if (!form.children.length) form.append(...specs.map(field));
  for (const { name, kind } of specs) {
    const element = form.querySelector(`[data-name="${name}"]`);
    if (kind === "many") for (const box of boxesOf(element)) box.checked = values[name].includes(box.value);
    else if (element.value !== values[name]) element.value = values[name];
    const wrong = refused === name;
    element.classList.toggle("nasedu-wrong", wrong);
    if (kind !== "many") element.setAttribute("aria-invalid", String(wrong));
    const described = [element.dataset.help, wrong && alert.id].filter(Boolean).join(" ");
    if (described) element.setAttribute("aria-describedby", described);
    else element.removeAttribute("aria-describedby");
  }
}

