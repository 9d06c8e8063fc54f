// Keeps the live parts of an open page as the gateway would draw them now. Without this script every page works and shows what was true
// when it was loaded.

const button = document.querySelector("button.live");
let stream = null;
// The last page that came, while a part of it waits for somebody to leave.
let waiting = null;

function show(text, isOn, isLost) {
  if (button.textContent !== text) {
    button.textContent = text;
  }

  button.setAttribute("aria-pressed", String(isOn));
  button.classList.toggle("lost", isLost);
}

// A part that somebody is in (focus, selection, an open hint) stays as it is until they leave.
function isInUse(part) {
  const selection = document.getSelection();
  return part.contains(document.activeElement) || (selection && !selection.isCollapsed && part.contains(selection.anchorNode))
    || part.querySelector(".column:hover, .cell:hover") !== null;
}

function take(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  waiting = null;
  for (const part of document.querySelectorAll("[data-live]")) {
    const other = fresh.getElementById(part.id);
    if (other === null || other.innerHTML === part.dataset.seen) {
      continue;
    }

    if (isInUse(part)) {
      waiting = html;
      continue;
    }

    part.dataset.seen = other.innerHTML;
    const open = new Set([...part.querySelectorAll("details[open]")].map((one) => one.id));
    const scrolled = new Map([...part.querySelectorAll(".scroll")].map((one, i) => [i, one.scrollLeft]));
    part.replaceChildren(...other.childNodes);
    part.querySelectorAll("details").forEach((one) => { one.open = one.open || open.has(one.id); });
    part.querySelectorAll(".scroll").forEach((one, i) => { one.scrollLeft = scrolled.get(i) ?? 0; });
  }
}

function start() {
  stream?.close();
  const address = new URL(location.href);
  stream = new EventSource("/live" + address.pathname + address.search);
  stream.addEventListener("page", (event) => { show("Live", true, false); take(event.data); });
  stream.addEventListener("same", () => { show("Live", true, false); if (waiting !== null) take(waiting); });
  stream.addEventListener("failed", () => show("Out of date", true, true));
  stream.addEventListener("error", lose);
  show("Live", true, false);
}

// A browser comes again by itself where the connection broke, and never where it was refused: the session is over, or the gateway another. The page as it is asked for anew knows which.
async function lose() {
  show("Reconnecting", true, true);
  const refused = stream;
  if (refused?.readyState !== EventSource.CLOSED) {
    return;
  }

  await new Promise((resolve) => setTimeout(resolve, 5000));
  if (stream === refused && !document.hidden) {
    const page = await fetch(location.href, { method: "HEAD" }).catch(() => null);
    if (page?.status === 401 || page?.status === 404) {
      location.reload();
    } else if (page?.ok) {
      // The stream alone was refused: there are too many.
      start();
    } else {
      lose();
    }
  }
}

function stop() {
  stream?.close();
  stream = null;
  show("Paused", false, false);
}

if (button !== null && document.querySelector("[data-live]") !== null) {
  button.hidden = false;
  button.addEventListener("click", () => (stream === null ? start() : stop()));
  // A window that nobody looks at costs nothing.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      stream?.close();
    } else if (stream !== null) {
      start();
    }
  });
  start();
  if (document.hidden) {
    // Opened in the background.
    stream.close();
  }
}

// On a phone the menu is wider than the window: the page that is open stands in its middle. Not scrollIntoView, which would move the page too.
const here = document.querySelector(".side nav a[aria-current]");
const menu = here?.closest("nav");
if (menu && menu.scrollWidth > menu.clientWidth) {
  const [link, frame] = [here.getBoundingClientRect(), menu.getBoundingClientRect()];
  menu.scrollLeft += link.left + link.width / 2 - (frame.left + frame.width / 2);
}

// What lies under the pointer, in words below the chart; the same words are in its table.
document.addEventListener("pointerover", (event) => {
  const column = event.target instanceof Element ? event.target.closest(".column") : null;
  const readout = column?.closest("figure")?.querySelector(".readout");
  if (readout) {
    readout.textContent = column.querySelector("title").textContent;
  }
});
