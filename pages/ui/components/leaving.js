// Whether the reader is on the way to another page. What is sent then would interrupt the drawing of that page, and
// leave it half empty: it waits in the tab until the loop is open again. So a click that leads away lets go first what
// the server does not have yet, and goes on when the server has it, or after a moment.

const ON_THE_WAY = 1500;
const LONGEST_HOLD = 700;

/** `sendsNow()` sends what is not sent and says whether anything is on its way. */
function createLeaving(root, sendsNow) {
  const path = window.location.pathname;
  let since = 0;
  let followed = null;

  function follow(link, until) {
    if (sendsNow() && Date.now() < until) {
      setTimeout(follow, 20, link, until);
      return;
    }
    followed = link;
    link.click();
    followed = null;
  }

  const onClick = (event) => {
    const way = event.composedPath();
    const link = way.find((node) => node instanceof HTMLAnchorElement);
    const elsewhere = event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || link?.target === "_blank";
    if (!link || way.includes(root) || elsewhere) return;
    if (link === followed || !sendsNow()) {
      since = Date.now();
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    follow(link, Date.now() + LONGEST_HOLD);
  };
  document.addEventListener("click", onClick, true);
  return {
    isLeaving: () => window.location.pathname !== path || since + ON_THE_WAY > Date.now(),
    gone() {
      since = Infinity;
      document.removeEventListener("click", onClick, true);
    },
  };
}
