// The entry: Streamlit calls the default export at every new set of data, also for theme changes.
// One instance per mount; listeners are registered once and removed with the component.

const instances = new WeakMap();
const mounted = new Set();

// Keys typed here belong to the control that has the focus.
const OWN_KEYS = "input,textarea,select,[contenteditable],[role=textbox],[role=listbox],[role=combobox],[role=grid],[role=slider],[role=menu],[role=tablist],[role=radiogroup],[role=dialog],canvas";

/** Where a key was pressed: "typing" in a text box or another control, "inside" or "outside" the component. */
function keyPlace(event, root) {
  const path = event.composedPath();
  const controls = path.filter((node) => node instanceof Element && node.matches(OWN_KEYS));
  if (controls.length) return "typing";
  return path.includes(root) ? "inside" : "outside";
}

function readMode(root) {
  const pane = el("section", { class: "trace-pane" });
  root.replaceChildren(pane);
  let drawn = "";
  let view = null;
  return {
    update(data) {
      const wanted = JSON.stringify([data.trace, data.search, data.show_head, data.first_failure]);
      if (wanted === drawn) return;
      drawn = wanted;
      view = drawTrace(pane, data.trace ?? {}, { search: data.search ?? "", showHead: data.show_head !== false, marks: { place: data.first_failure ?? null } });
    },
    onKey(event) {
      const place = keyPlace(event, root);
      if (place === "typing" || event.repeat || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
      // Several traces on one page: only the focused one listens.
      if (place === "outside" && mounted.size > 1) return;
      if (event.key === "n") view?.moveHit(1);
      else if (event.key === "N") view?.moveHit(-1);
      else if (place === "inside" && event.key === "ArrowDown") view?.moveMessage(1);
      else if (place === "inside" && event.key === "ArrowUp") view?.moveMessage(-1);
      else return;
      event.preventDefault();
    },
    destroy() {},
  };
}

function createInstance(host, mode) {
  const root = el("div", { class: `passfail ${mode}` });
  host.append(root);
  const instance = mode === "label" ? labelMode(root) : readMode(root);
  const onKey = (event) => instance.onKey(event);
  document.addEventListener("keydown", onKey);
  mounted.add(instance);
  return {
    mode,
    calls: 0,
    update: instance.update,
    destroy() {
      document.removeEventListener("keydown", onKey);
      mounted.delete(instance);
      instance.destroy();
      root.remove();
    },
  };
}

export default function ({ data, parentElement, setStateValue }) {
  const host = parentElement;
  const mode = data?.mode === "label" ? "label" : "read";
  let instance = instances.get(host);
  if (instance && instance.mode !== mode) {
    instance.destroy();
    instance = undefined;
  }
  if (!instance) {
    instance = createInstance(host, mode);
    instances.set(host, instance);
  }
  instance.calls += 1;
  const call = instance.calls;
  instance.update(data ?? {}, setStateValue);
  return () => {
    // An overtaken call is cleaned up while the component lives on: only the newest may end it.
    if (instances.get(host) !== instance || instance.calls !== call) return;
    instances.delete(host);
    instance.destroy();
  };
}
