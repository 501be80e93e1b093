// Moves cards between the stages of the board, by pointer or by keys. The card goes at once; a
// refusal brings it back with the sentence of the gate.

let dragged = null;

function toast(detail) {
  document.body.dispatchEvent(new CustomEvent("toast", { detail }));
}

function columns(board) {
  return [...board.querySelectorAll("[data-stage]")];
}

function recount(board) {
  for (const column of columns(board)) {
    const count = column.querySelector("[data-count]");
    if (count) count.textContent = String(Number(column.dataset.total));
  }
}

function shift(column, by) {
  column.dataset.total = String(Number(column.dataset.total) + by);
}

async function move(card, target, reason = "") {
  const board = card.closest("[data-board]");
  const source = card.closest("[data-stage]");
  if (!target || target === source) return;
  const order = columns(board);
  const needsReason = target.dataset.final === "yes" || order.indexOf(target) < order.indexOf(source);
  if (needsReason && !reason) {
    ask(card, target);
    return;
  }
  const next = card.nextElementSibling;
  target.querySelector("ul").prepend(card);
  shift(source, -1);
  shift(target, 1);
  recount(board);
  card.classList.add("moving");
  card.focus();
  const back = () => {
    source.querySelector("ul").insertBefore(card, next);
    shift(source, 1);
    shift(target, -1);
    recount(board);
    card.focus();
  };
  try {
    const answer = await fetch(board.dataset.board, {
      method: "POST",
      credentials: "same-origin",
      headers: {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-CSRFToken": document.querySelector('meta[name="csrf"]').content,
      },
      body: new URLSearchParams({
        key: card.dataset.key,
        to: target.dataset.stage,
        version: card.dataset.version,
        reason,
      }),
    });
    const said = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
    if (answer.ok) {
      card.dataset.version = said.version;
      toast({ sentence: said.sentence });
    } else {
      back();
      toast({ sentence: said.sentence || "That did not work; the card is back.", error: true });
    }
  } catch {
    back();
    toast({ sentence: "The server cannot be reached; the card is back.", error: true });
  } finally {
    card.classList.remove("moving");
  }
}

function ask(card, target) {
  const dialog = document.getElementById("move-why");
  dialog.querySelector("[data-what]").textContent =
    `${card.dataset.key} to ${target.dataset.name}`;
  const form = dialog.querySelector("form");
  form.reset();
  form.onsubmit = (event) => {
    event.preventDefault();
    dialog.close();
    move(card, target, form.elements.reason.value.trim());
  };
  dialog.showModal();
  form.elements.reason.focus();
}

document.addEventListener("dragstart", (event) => {
  const card = event.target.closest?.("[data-card]");
  if (!card) return;
  dragged = card;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", card.dataset.key);
});
document.addEventListener("dragend", () => {
  dragged = null;
  document.querySelectorAll(".over").forEach((each) => each.classList.remove("over"));
});
document.addEventListener("dragover", (event) => {
  const column = event.target.closest?.("[data-stage]");
  if (!dragged || !column) return;
  event.preventDefault();
  document.querySelectorAll("[data-stage].over").forEach((each) => each.classList.remove("over"));
  column.classList.add("over");
});
document.addEventListener("drop", (event) => {
  const column = event.target.closest?.("[data-stage]");
  if (!dragged || !column) return;
  event.preventDefault();
  move(dragged, column);
});

document.addEventListener("keydown", (event) => {
  const card = event.target.closest?.("[data-card]");
  if (!card || event.target !== card) return;
  const order = columns(card.closest("[data-board]"));
  const here = order.indexOf(card.closest("[data-stage]"));
  if (event.shiftKey && event.key === "ArrowRight") {
    event.preventDefault();
    move(card, order[here + 1]);
  } else if (event.shiftKey && event.key === "ArrowLeft") {
    event.preventDefault();
    move(card, order[here - 1]);
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    (event.key === "ArrowDown" ? card.nextElementSibling : card.previousElementSibling)?.focus();
  } else if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
    event.preventDefault();
    const side = order[here + (event.key === "ArrowRight" ? 1 : -1)];
    side?.querySelector("[data-card]")?.focus();
  } else if (event.key === "Enter") {
    card.querySelector("a")?.click();
  }
});
