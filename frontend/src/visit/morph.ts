/**
 * Makes `old` look like `fresh` with as few changes as possible, so that focus, selection and where one
 * reads stay. Elements with an id are told apart by it; custom elements look after themselves.
 */
export function morph(old: Element, fresh: Element): void {
  if (old.tagName.includes("-")) return;
  morphAttributes(old, fresh);
  morphChildren(old, fresh);
}

/** The same for what is inside of the two. */
export function morphChildren(old: Element, fresh: Element): void {
  const staying = new Set([...fresh.children].map(({ id }) => id));
  for (const child of [...old.children]) if (child.id && !staying.has(child.id)) child.remove();
  let at: ChildNode | null = old.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    const match = matching(old, at, wanted);
    if (match === null) {
      old.insertBefore(wanted, at);
      continue;
    }
    if (match === at) at = at.nextSibling;
    else old.insertBefore(match, at);
    if (match instanceof Element) morph(match, wanted as Element);
    else if (match.nodeValue !== wanted.nodeValue) match.nodeValue = wanted.nodeValue;
  }
  while (at !== null) {
    const next: ChildNode | null = at.nextSibling;
    at.remove();
    at = next;
  }
}

function matching(old: Element, at: ChildNode | null, wanted: ChildNode): ChildNode | null {
  if (wanted instanceof Element && wanted.id) {
    return [...old.children].find(({ id }) => id === wanted.id) ?? null;
  }
  const alike = at !== null && at.nodeName === wanted.nodeName;
  return alike && !(at instanceof Element && at.id) ? at : null;
}

function morphAttributes(old: Element, fresh: Element): void {
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}
