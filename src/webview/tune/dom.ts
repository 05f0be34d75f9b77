/** A new element. */
export function create(name: string, className: string, text = ''): HTMLElement {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

/** Replaces the children of an element, unless they are the same: what is not replaced keeps its focus. */
export function fill(parent: HTMLElement, children: readonly HTMLElement[]): void {
  const isSame = children.length === parent.childElementCount && children.every((child, index) => parent.children[index]?.isEqualNode(child));
  if (!isSame) {
    parent.replaceChildren(...children);
  }
}

/** Sets the text of an element, unless it has it: what is not changed is not read out again. */
export function say(selector: string, text: string): void {
  const found = element(selector, HTMLElement);
  if (found.textContent !== text) {
    found.textContent = text;
  }
}

/** Acts when an element is clicked, or pressed by the keyboard. */
export function onClick(selector: string, act: () => void): void {
  element(selector, HTMLElement).addEventListener('click', act);
}

/** The element of the page, which the extension has made, with this selector. */
export function element<Kind extends HTMLElement>(selector: string, kind: new () => Kind, within: ParentNode = document): Kind {
  const found = within.querySelector(selector);
  if (!(found instanceof kind)) {
    throw new Error(`The page has no ${selector}.`);
  }
  return found;
}
