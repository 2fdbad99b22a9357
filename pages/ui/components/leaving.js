// Whether the reader is on the way to another page. What is sent then would interrupt the drawing of that page, and
// leave it half empty: it waits in the tab until the loop is open again.

const ON_THE_WAY = 1500;

function createLeaving(root) {
  const path = window.location.pathname;
  let since = 0;
  const onLink = (event) => {
    const way = event.composedPath();
    if (!way.includes(root) && way.some((node) => node instanceof HTMLAnchorElement)) since = Date.now();
  };
  // Before the box loses the focus, and for links followed by keyboard.
  document.addEventListener("pointerdown", onLink, true);
  document.addEventListener("click", onLink, true);
  return {
    isLeaving: () => window.location.pathname !== path || since + ON_THE_WAY > Date.now(),
    gone() {
      since = Infinity;
      document.removeEventListener("pointerdown", onLink, true);
      document.removeEventListener("click", onLink, true);
    },
  };
}
