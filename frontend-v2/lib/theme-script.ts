export const THEME_KEY = "rundown-theme";
const CANVAS = { dark: "#0b0d12", light: "#f6f7f9" } as const;

/**
 * Runs in the document's head, before the first paint, so that no reader sees the other theme flash by. It is the one
 * place that turns a choice into a theme: at the start, when the choice is stored (here or in another tab), and when the
 * machine changes. The server allows it by its hash.
 */
export const THEME_SCRIPT = `(function () {
  var root = document.documentElement;
  var light = matchMedia("(prefers-color-scheme: light)");
  function apply() {
    var choice = null;
    try { choice = localStorage.getItem("${THEME_KEY}"); } catch (e) { /* storage is shut: dark */ }
    var theme = choice === "light" || (choice === "system" && light.matches) ? "light" : "dark";
    root.dataset.theme = theme;
    var bar = document.querySelector('meta[name="theme-color"]');
    if (bar) bar.setAttribute("content", theme === "light" ? "${CANVAS.light}" : "${CANVAS.dark}");
  }
  apply();
  addEventListener("DOMContentLoaded", apply);
  addEventListener("storage", apply);
  light.addEventListener("change", apply);
})();`;
