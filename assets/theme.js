/* Light or dark, and a folded navigation, before anything is painted.
   Stands in <head> of every page; Dash loads it a second time with the other assets. */
(function () {
  "use strict";
  if (window.rotaTheme) return;
  const root = document.documentElement;
  const prefersDark = window.matchMedia("(prefers-color-scheme: dark)");

  function read(key) {
    try {
      return window.localStorage.getItem(key);
    } catch (error) {
      return null;
    }
  }

  function write(key, value) {
    try {
      window.localStorage.setItem(key, value);
    } catch (error) {
      /* private mode: the choice lasts as long as the page */
    }
  }

  function paint(theme) {
    root.dataset.theme = theme;
    root.dataset.bsTheme = theme;
    root.dataset.agThemeMode = theme;
  }

  function current() {
    const chosen = read("rota-theme");
    if (chosen === "light" || chosen === "dark") return chosen;
    return prefersDark.matches ? "dark" : "light";
  }

  paint(current());
  if (read("rota-nav") === "folded") root.dataset.nav = "folded";
  prefersDark.addEventListener("change", () => paint(current()));
  window.addEventListener("storage", () => paint(current()));
  /* Paper is white, whatever the screen is. */
  window.addEventListener("beforeprint", () => paint("light"));
  window.addEventListener("afterprint", () => paint(current()));
  window.matchMedia("print").addEventListener("change", (event) =>
    paint(event.matches ? "light" : current())
  );

  window.rotaTheme = {
    toggle() {
      const next = root.dataset.theme === "dark" ? "light" : "dark";
      write("rota-theme", next);
      paint(next);
    },
    fold() {
      const folded = root.dataset.nav !== "folded";
      if (folded) root.dataset.nav = "folded";
      else delete root.dataset.nav;
      write("rota-nav", folded ? "folded" : "open");
      window.setTimeout(() => window.dispatchEvent(new Event("resize")), 150);
    },
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest('[data-shell="theme"]');
    if (button) window.rotaTheme.toggle();
  });
})();
