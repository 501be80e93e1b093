// The viewer's choice of light or dark; the server reads the cookie, so pages arrive right.

const root = document.documentElement;
const year = 365 * 24 * 3600;

function current() {
  return root.dataset.theme
    || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
}

function name(button) {
  const other = current() === "dark" ? "light" : "dark";
  const words = document.getElementById("words").dataset;
  button.textContent = other === "dark" ? words.dark : words.light;
  button.setAttribute("aria-label", other === "dark" ? words.toDark : words.toLight);
}

const buttons = document.querySelectorAll("[data-theme-toggle]");
buttons.forEach(name);

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-theme-toggle]");
  if (!button) return;
  const other = current() === "dark" ? "light" : "dark";
  root.dataset.theme = other;
  document.cookie = `theme=${other};path=/;max-age=${year};samesite=lax`;
  buttons.forEach(name);
  document.dispatchEvent(new Event("themechange"));
});
