// What moves on an open page: fragments that refresh while a job runs, sentences in passing,
// passports beside their figures, menus beside their buttons.

const spoken = document.getElementById("words").dataset;

/* --- HTMX ------------------------------------------------------------------------------- */

document.body.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector('meta[name="csrf"]')?.content;
  if (token) event.detail.headers["X-CSRFToken"] = token;
});

// a refusal is an answer: show its fragment, or its sentence
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (xhr.status === 422) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});
document.body.addEventListener("htmx:responseError", (event) => {
  const { xhr } = event.detail;
  if (xhr.status === 401) {
    location.reload();
    return;
  }
  const said = xhr.getResponseHeader("X-Sentence");
  toast({ sentence: said || spoken.failed, error: true });
});
document.body.addEventListener("htmx:sendError", () => {
  toast({ sentence: spoken.unreachable, error: true });
});

/* --- polling: <div data-live="URL" data-every="2000"> until the answer has no data-live ---- */

const slowest = 20000;
const patience = 30000; // an answer that hangs longer is asked for anew

function watch(host) {
  let wait = Number(host.dataset.every || 2000);
  const ask = async () => {
    if (!host.isConnected) return;
    if (document.hidden) {
      setTimeout(ask, wait);
      return;
    }
    try {
      const answer = await fetch(host.dataset.live, {
        headers: { "HX-Request": "true" },
        credentials: "same-origin",
        signal: AbortSignal.timeout(patience),
      });
      if (answer.status === 401 || answer.status === 404) return;
      if (answer.ok) {
        wait = Number(host.dataset.every || 2000);
        const text = await answer.text();
        if (text !== host.lastText) {
          const fresh = replace(host, text);
          if (!fresh?.dataset.live) {
            document.dispatchEvent(new CustomEvent("livedone", { detail: { element: fresh } }));
          }
          return;
        }
      } else {
        wait = Math.min(wait * 2, slowest);
      }
    } catch {
      wait = Math.min(wait * 2, slowest);
    }
    setTimeout(ask, wait);
  };
  setTimeout(ask, wait);
}

function replace(host, text) {
  const holder = document.createElement("template");
  holder.innerHTML = text.trim();
  const fresh = holder.content.firstElementChild;
  if (!fresh) return null;
  const focused = host.contains(document.activeElement) ? document.activeElement.id : "";
  fresh.lastText = text;
  host.replaceWith(fresh);
  window.htmx?.process(fresh);
  fresh.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true, detail: { elt: fresh } }));
  if (focused) document.getElementById(focused)?.focus();
  return fresh;
}

function adopt(root) {
  const hosts = root.matches?.("[data-live]") ? [root] : root.querySelectorAll("[data-live]");
  for (const host of hosts) {
    if (host.watched) continue;
    host.watched = true;
    watch(host);
  }
}

/* --- toasts ------------------------------------------------------------------------------ */

function toast({ sentence, undo, error }) {
  const shelf = document.getElementById("toasts");
  const box = document.createElement("div");
  box.className = error ? "toast error" : "toast";
  const words = document.createElement("span");
  words.textContent = sentence;
  box.append(words);
  if (undo) {
    const back = document.createElement("button");
    back.className = "button";
    back.type = "button";
    back.textContent = spoken.undo;
    back.addEventListener("click", () => {
      window.htmx.ajax("POST", undo, { swap: "none" });
      box.remove();
    });
    box.append(back);
  }
  shelf.append(box);
  const stay = error ? 12000 : undo ? 10000 : 5000;
  let timer = setTimeout(() => box.remove(), stay);
  box.addEventListener("pointerenter", () => clearTimeout(timer));
  box.addEventListener("pointerleave", () => {
    timer = setTimeout(() => box.remove(), 2500);
  });
}
document.body.addEventListener("toast", (event) => toast(event.detail));

/* --- popovers beside what opened them ----------------------------------------------------- */

function place(popover, anchor) {
  if (matchMedia("(max-width: 44rem)").matches && !popover.classList.contains("menu")) return;
  const at = anchor.getBoundingClientRect();
  const room = 12;
  const { offsetWidth: width, offsetHeight: height } = popover;
  const left = Math.min(Math.max(at.left, room), innerWidth - width - room);
  const below = at.bottom + 6;
  const above = at.top - height - 6;
  const top = below + height < innerHeight - room || above < room
    ? Math.min(below, Math.max(room, innerHeight - height - room))
    : above;
  popover.style.left = `${Math.max(left, room)}px`;
  popover.style.top = `${top}px`;
}

let opener = null;

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-passport]");
  if (!button) return;
  const popover = document.getElementById("passport");
  const wait = document.createElement("p");
  wait.className = "loading";
  wait.textContent = spoken.looking;
  document.getElementById("passport-body").replaceChildren(wait);
  opener?.setAttribute("aria-expanded", "false");
  opener = button;
  button.setAttribute("aria-expanded", "true");
  popover.showPopover();
  place(popover, button);
});

document.getElementById("passport")?.addEventListener("toggle", (event) => {
  if (event.newState === "closed" && opener) {
    opener.setAttribute("aria-expanded", "false");
    opener.focus({ preventScroll: true });
    opener = null;
  }
});

document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "passport-body" && opener) {
    const popover = document.getElementById("passport");
    place(popover, opener);
    popover.focus({ preventScroll: true });
  }
});

document.addEventListener("toggle", (event) => {
  const popover = event.target;
  if (event.newState !== "open" || !popover.matches?.(".popover.menu, .popover.placed")) return;
  const anchor = document.querySelector(`[popovertarget="${popover.id}"]`);
  if (anchor) place(popover, anchor);
}, true);

/* --- small helpers ------------------------------------------------------------------------ */

// a select or a checkbox with data-submit sends its form at once
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form?.requestSubmit();
});

// a form with data-clean leaves empty fields out of the address
document.addEventListener("formdata", (event) => {
  if (!event.target.matches("[data-clean]")) return;
  for (const [key, value] of [...event.formData.entries()]) {
    if (value === "") event.formData.delete(key);
  }
});

document.addEventListener("click", (event) => {
  const refused = event.target.closest('[aria-disabled="true"]');
  if (refused) {
    event.preventDefault();
    event.stopImmediatePropagation();
    if (refused.title) toast({ sentence: refused.title });
    return;
  }
  const opens = event.target.closest("[data-dialog]");
  if (opens) document.getElementById(opens.dataset.dialog)?.showModal();
  if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
  if (event.target.closest("[data-print]")) print();
}, true);

// Ctrl+Enter sends the form one is typing in
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.target.closest("textarea")?.form?.requestSubmit();
  }
});

// a row that becomes a block on a phone says which column each of its values is of
function name(root) {
  for (const table of root.querySelectorAll("table.folds")) {
    // a head that only a screen reader hears stands over a button, which says itself what it does
    const heads = [...(table.tHead?.rows[0]?.cells ?? [])].map((head) => head.querySelector(".sr") ? "" : head.textContent.trim());
    for (const row of table.tBodies[0]?.rows ?? []) {
      if (row.cells.length !== heads.length) continue;
      for (const cell of row.querySelectorAll("td:not([data-label])")) {
        if (heads[cell.cellIndex]) cell.dataset.label = heads[cell.cellIndex];
      }
    }
  }
}

name(document);
document.body.addEventListener("htmx:load", (event) => name(event.detail.elt));
adopt(document.body);
document.body.addEventListener("htmx:load", (event) => adopt(event.detail.elt));
