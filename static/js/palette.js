// The command palette: Ctrl-K or Cmd-K anywhere. The field keeps the focus; the arrows move the
// chosen option, Enter opens it, Ctrl-Enter opens it in a tab of its own.

const dialog = document.getElementById("palette");
const input = document.getElementById("palette-input");
const list = document.getElementById("palette-list");
const said = document.getElementById("palette-said");
const pause = 110;
let timer = 0;
let asking = null;
let answered = null;

const options = () => [...list.querySelectorAll("a[role=option]")];

function choose(option) {
  for (const each of options()) each.setAttribute("aria-selected", String(each === option));
  if (option) {
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else {
    input.removeAttribute("aria-activedescendant");
  }
}

function step(by) {
  const all = options();
  if (!all.length) return;
  const now = all.findIndex((each) => each.getAttribute("aria-selected") === "true");
  choose(all[(now + by + all.length) % all.length]);
}

async function ask() {
  const text = input.value.trim();
  asking?.abort();
  asking = new AbortController();
  try {
    const answer = await fetch(`${input.dataset.url}?q=${encodeURIComponent(text)}`, {
      headers: { "HX-Request": "true" },
      credentials: "same-origin",
      signal: asking.signal,
    });
    if (answer.status === 401 || answer.redirected) {
      location.reload();
      return;
    }
    if (!answer.ok) throw new Error(answer.statusText);
    list.innerHTML = await answer.text();
    list.scrollTop = 0;
    answered = text;
    said.textContent = list.querySelector("[data-said]")?.dataset.said ?? "";
    choose(options()[0]);
  } catch (error) {
    if (error.name === "AbortError") return;
    said.textContent = document.getElementById("words").dataset.unreachable;
    list.textContent = said.textContent;
  }
}

function follow(option, event) {
  const { does } = option.dataset;
  if (!does) {
    if (event.ctrlKey || event.metaKey) window.open(option.href, "_blank", "noopener");
    else location.assign(option.href);
    return;
  }
  dialog.close();
  if (does === "keys") document.getElementById("keys").showModal();
  else document.querySelector(`[data-does-${does}]`)?.click();
}

function open() {
  if (!dialog || dialog.open) return;
  dialog.showModal();
  input.select();
  ask();
}

input?.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(ask, pause);
});

input?.addEventListener("keydown", async (event) => {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    step(event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Enter") {
    event.preventDefault();
    if (answered !== input.value.trim()) {
      clearTimeout(timer);
      await ask();
    }
    const option = list.querySelector("[aria-selected=true]");
    if (option) follow(option, event);
  }
});

list?.addEventListener("click", (event) => {
  const option = event.target.closest("a[role=option]");
  if (!option?.dataset.does) return;
  event.preventDefault();
  follow(option, event);
});

list?.addEventListener("pointermove", (event) => {
  const option = event.target.closest("a[role=option]");
  if (option && option.getAttribute("aria-selected") !== "true") choose(option);
});

dialog?.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
});

document.addEventListener("find", open);
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-find]")) open();
});
