// "Copy link": the address of the page, with as_of= when the page gave one.

const DONE_FOR_MS = 2000;
const buttons = new WeakMap();

async function written(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function createButton(host) {
  const state = { asOf: null, timer: 0 };
  const label = document.createElement("span");
  label.textContent = "Copy link";
  const said = document.createElement("span");
  said.className = "said";
  said.setAttribute("aria-live", "polite");
  const button = document.createElement("button");
  button.type = "button";
  button.append(label);
  const root = document.createElement("div");
  root.className = "copy-link";
  root.append(button, said);

  const notice = document.createElement("div");
  notice.className = "notice";
  notice.setAttribute("role", "status");
  const sentence = document.createElement("p");
  const first = document.createElement("strong");
  first.textContent = "The link could not be copied by the browser.";
  sentence.append(first, " Here it is:");
  const address = document.createElement("input");
  address.readOnly = true;
  address.setAttribute("aria-label", "Link to this page");
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "Close";
  notice.append(sentence, address, close);
  const hide = () => {
    notice.remove();
    button.focus();
  };
  close.addEventListener("click", hide);
  notice.addEventListener("keydown", (event) => event.key === "Escape" && hide());

  button.addEventListener("click", async () => {
    const url = new URL(window.location.href);
    if (state.asOf !== null && !url.searchParams.has("as_of")) url.searchParams.set("as_of", String(state.asOf));
    const done = await written(url.href);
    clearTimeout(state.timer);
    if (!done) {
      address.value = url.href;
      root.append(notice);
      address.focus();
      address.select();
      return;
    }
    notice.remove();
    label.textContent = "Link copied";
    said.textContent = "Link copied";
    state.timer = setTimeout(() => {
      label.textContent = "Copy link";
      said.textContent = "";
    }, DONE_FOR_MS);
  });
  host.append(root);
  return state;
}

export default function ({ data, parentElement }) {
  let state = buttons.get(parentElement);
  if (!state) {
    state = createButton(parentElement);
    buttons.set(parentElement, state);
  }
  state.asOf = data?.as_of ?? null;
}
