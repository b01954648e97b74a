// Elements made of text, never of markup, so that no row can bring a script along, and what all that listens shares.

export const byId = (id) => document.getElementById(id);
export const squeezed = (text) => text.replace(/\s+/g, "");

export const composes = (event) => event.isComposing || event.keyCode === 229;

export function act(event, work) {
  event.preventDefault();
  work();
}

export function el(tag, given = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name in made && typeof value !== "string") made[name] = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((one) => one !== null && one !== undefined && one !== false));
  return made;
}
