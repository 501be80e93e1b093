// Small helpers of the explorer and the week: focus follows what was swapped in, Escape leaves a
// cell, a kept view takes the address as it is now, the next update comes into focus.

document.body.addEventListener("htmx:afterSettle", (event) => {
  const target = event.detail.target;
  if (!target?.isConnected) return;
  const wish = target.matches("td") ? target.querySelector("[data-focus]") : null;
  wish?.focus();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const leave = event.target.closest(".cell-form")?.querySelector("[data-escape]");
  if (leave) {
    event.preventDefault();
    leave.click();
  }
});

// the explorer changes its address without loading: what is kept is the address of the moment
document.addEventListener("submit", (event) => {
  const address = event.target.querySelector?.("[data-address]");
  if (address) address.value = location.search.replace(/^\?/, "");
}, true);

// when an update was posted, the next one waits for text
document.body.addEventListener("htmx:afterSwap", (event) => {
  if (!event.detail.elt?.matches?.(".quick.done")) return;
  const open = document.querySelector(".quick:not(.done) textarea");
  open?.focus();
});
