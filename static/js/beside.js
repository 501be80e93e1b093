// What stands beside a page: the help that belongs to it, and the stop of the tour.

const help = document.getElementById("help");

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-does-help]");
  if (!button || !help) return;
  document.getElementById("side")?.matches(":popover-open") && document.getElementById("side").hidePopover();
  if (help.matches(":popover-open")) {
    help.hidePopover();
    return;
  }
  help.showPopover();
  window.htmx.trigger("#help-body", "help-wanted");
  help.focus({ preventScroll: true });
  help.opener = button;
});

help?.addEventListener("toggle", (event) => {
  if (event.newState === "closed" && help.opener) help.opener.focus({ preventScroll: true });
});

help?.addEventListener("keydown", (event) => {
  if (event.key === "Escape") help.hidePopover();
});

const card = document.getElementById("tour");
if (card) {
  const at = card.dataset.at ? document.querySelector(`main :is(${card.dataset.at})`) : null;
  at?.classList.add("toured");
  at?.scrollIntoView({ block: "center" });
  document.getElementById("tour-next")?.focus({ preventScroll: true });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !document.querySelector("dialog[open], :popover-open")) {
      card.querySelector("a").click();
    }
  });
}
