// The viewer's choice of light or dark; the server reads the cookie, so pages arrive right.

const root = document.documentElement;
const year = 365 * 24 * 3600;

function current() {
  return root.dataset.theme
    || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
}

function name(button) {
  const other = current() === "dark" ? "light" : "dark";
  button.textContent = other === "dark" ? "Dark" : "Light";
  button.setAttribute("aria-label", `Change to the ${other} theme`);
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
