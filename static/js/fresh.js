// Says on an open page that figures have been made anew since it was drawn. It never reloads by
// itself: what somebody reads or types stays until they ask.

const every = 15000;
const said = document.getElementById("words").dataset;
const host = document.getElementById("fresh");
const drawn = performance.getEntriesByType("navigation")[0]?.responseStart ?? 0;

function tell() {
  const box = document.createElement("div");
  box.className = "toast fresh";
  const words = document.createElement("span");
  words.textContent = said.fresh;
  const show = document.createElement("button");
  show.className = "button";
  show.type = "button";
  show.textContent = said.show;
  show.addEventListener("click", () => location.reload());
  const later = document.createElement("button");
  later.className = "button quiet";
  later.type = "button";
  later.textContent = said.later;
  later.addEventListener("click", () => {
    box.remove();
    setTimeout(ask, every * 20);
  });
  box.append(words, show, later);
  document.getElementById("toasts")?.append(box);
}

async function ask() {
  if (!document.hidden) {
    try {
      const answer = await fetch(host.dataset.figures, { credentials: "same-origin" });
      if (!answer.ok) return;
      const { age_seconds: age } = await answer.json();
      const page = (performance.now() - drawn) / 1000;
      if (age !== null && age < page) {
        tell();
        return;
      }
    } catch {
      // the server cannot be reached now: the next question finds out
    }
  }
  setTimeout(ask, every);
}

if (host) setTimeout(ask, every);
