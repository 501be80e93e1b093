// Keys: Ctrl-K finds anything, "/" goes to the search of a page or finds anything where there is
// none, "g" then a letter goes to a page, "?" lists them all.

const places = new Map(
  [...document.querySelectorAll("[data-key]")].map((link) => [link.dataset.key, link.href]),
);
const open = () => document.dispatchEvent(new Event("find"));
let waiting = 0;

function typing(target) {
  return target.closest?.("input, select, textarea, [contenteditable], dialog[open]");
}

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey) {
    event.preventDefault();
    open();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && event.target.matches?.("input[type=search]")) {
    event.target.blur();
    return;
  }
  if (typing(event.target)) return;
  const wentBefore = performance.now() - waiting < 1200;
  if (wentBefore && places.has(event.key)) {
    waiting = 0;
    event.preventDefault();
    location.assign(places.get(event.key));
  } else if (event.key === "g") {
    waiting = performance.now();
  } else if (event.key === "/") {
    const search = [...document.querySelectorAll("main input[type=search]")].find((each) =>
      each.checkVisibility());
    event.preventDefault();
    if (search) {
      search.focus();
      search.select();
    } else {
      open();
    }
  } else if (document.querySelector(`[data-shortcut="${CSS.escape(event.key)}"]:enabled`)) {
    event.preventDefault();
    document.querySelector(`[data-shortcut="${CSS.escape(event.key)}"]`).focus();
  } else if (event.key === "?") {
    document.getElementById("keys")?.showModal();
  }
});

// an address may ask for what stands on the page: its search, or one of its dialogs
if (location.hash === "#search") document.querySelector("main input[type=search]")?.focus();
else if (location.hash.length > 1) {
  const wanted = document.getElementById(location.hash.slice(1));
  if (wanted?.matches("dialog")) wanted.showModal();
}
