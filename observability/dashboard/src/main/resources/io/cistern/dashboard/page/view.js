// Small helpers over the DOM. Text is always set as text, never as markup.

export const $ = (id) => document.getElementById(id);

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

export function text(element, value) {
  const now = String(value);
  if (element.textContent !== now) element.textContent = now;
}

export function kind(element, base, now) {
  const name = base + " " + now;
  if (element.className !== name) element.className = name;
}

export function options(select, names) {
  if (select.dataset.names === names.join("\n")) return;
  const before = select.value;
  select.dataset.names = names.join("\n");
  select.replaceChildren(...names.map((name) => h("option", { value: name }, name)));
  if (names.includes(before)) select.value = before;
}

export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
