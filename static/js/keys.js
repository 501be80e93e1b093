// Keys: "/" goes to search, "g" then a letter to a page, "?" lists them all.

const places = new Map(
  [...document.querySelectorAll("[data-key]")].map((link) => [link.dataset.key, link.href]),
);
let waiting = 0;

function typing(target) {
  return target.closest("input, select, textarea, [contenteditable], dialog[open]");
}

document.addEventListener("keydown", (event) => {
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
    const search = document.querySelector("input[type=search]");
    event.preventDefault();
    if (search) {
      search.focus();
      search.select();
    } else if (places.has("p")) {
      location.assign(`${places.get("p")}#search`);
    }
  } else if (document.querySelector(`[data-shortcut="${CSS.escape(event.key)}"]:enabled`)) {
    event.preventDefault();
    document.querySelector(`[data-shortcut="${CSS.escape(event.key)}"]`).focus();
  } else if (event.key === "?") {
    document.getElementById("keys")?.showModal();
  }
});

if (location.hash === "#search") document.querySelector("input[type=search]")?.focus();
