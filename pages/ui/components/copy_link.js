// "Copy link": the address of the page, with as_of= when the page gave one. As it stands on every page, it also
// keeps the name that labels are given under in this browser, so that a reload does not ask for it again.

const DONE_FOR_MS = 2000;
const PLACE_FOR_MS = 3000;
const buttons = new WeakMap();

const PERSON = "passfail.person";

/** Storage may be switched off: then the name is asked for again. */
function stored(change) {
  try {
    return change(window.localStorage);
  } catch {
    return null;
  }
}

/** Keep a name that was given, forget one that was taken back, offer a kept one once to each session: a server that was
 * started anew knows of nobody, which is not to take the name back. */
function keepPerson(state, name, session, offer) {
  if (session !== state.session) Object.assign(state, { session, person: "", offered: false });
  if (name) stored((storage) => storage.setItem(PERSON, name));
  else if (state.person) stored((storage) => storage.removeItem(PERSON));
  else if (!state.offered) {
    const kept = stored((storage) => storage.getItem(PERSON));
    if (kept) offer(kept.slice(0, 80));
  }
  state.offered = true;
  state.person = name;
}

async function written(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

let usedAt = 0;
for (const kind of ["pointerdown", "wheel", "keydown"])
  window.addEventListener(kind, () => (usedAt = performance.now()), { passive: true });

/** On a narrow screen the navigation is a row that scrolls: the page one is on must be seen in it, however late its links
 * and their style arrive, unless somebody moves the row. The link to Home has no path of its own, so the last one that fits
 * is meant. */
function showPlace() {
  const from = performance.now();
  const look = () => {
    if (usedAt > from || performance.now() > from + PLACE_FOR_MS) return;
    const row = document.querySelector(".st-key-nav");
    const here = [...(row?.querySelectorAll("a") ?? [])].findLast((link) => link.pathname === window.location.pathname);
    if (here) {
      const [outer, inner] = [row.getBoundingClientRect(), here.getBoundingClientRect()];
      if (inner.right > outer.right || inner.left < outer.left)
        row.scrollLeft += inner.left - outer.left - outer.width / 3;
    }
    setTimeout(look, 100);
  };
  requestAnimationFrame(look);
}

function createButton(host) {
  const state = { asOf: null, timer: 0, person: "", offered: false, session: null };
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

export default function ({ data, parentElement, setStateValue }) {
  let state = buttons.get(parentElement);
  if (!state) {
    state = createButton(parentElement);
    buttons.set(parentElement, state);
  }
  state.asOf = data?.as_of ?? null;
  showPlace();
  if (data?.person !== undefined) keepPerson(state, data.person, data.session ?? "", (name) => setStateValue("person", name));
}
