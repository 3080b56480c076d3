/* The frame's own movements: folding, "More" on a phone, search, links, keys, dates.
   One listener each on the document, so nothing has to be attached when pages change. */
(function () {
  "use strict";
  if (window.rotaShell) return;
  window.rotaShell = {};
  const root = document.documentElement;
  const kept = ["home", "unit", "start", "weeks"];

  /* Navigation inside the application, as dcc.Link does it. */
  function go(href) {
    window.history.pushState({}, "", href);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    window.scrollTo(0, 0);
  }
  window.rotaShell.go = go;

  function withState(path, search) {
    const given = new URLSearchParams(search || "");
    const wanted = new URLSearchParams();
    kept.forEach((key) => given.has(key) && wanted.set(key, given.get(key)));
    const query = wanted.toString();
    return query ? path + "?" + query : path;
  }

  window.dash_clientside = Object.assign(window.dash_clientside || {}, {
    shell: {
      navigation(pathname, search, ids) {
        const here = pathname || "/";
        const isHere = (path) =>
          path === "/" ? here === "/" : here === path || here.startsWith(path.replace(/\/?$/, "/"));
        closeSheet();
        return [
          ids.map((id) => withState(id.path, search)),
          ids.map((id) => (isHere(id.path) ? "nav-item is-here" : "nav-item")),
        ];
      },
    },
  });

  /* The style of the entry is Dash's; what a screen reader hears follows it here. */
  const observer = new MutationObserver((changes) => {
    changes.forEach(({ target }) => {
      if (!target.classList || !target.classList.contains("nav-item")) return;
      if (target.classList.contains("is-here")) target.setAttribute("aria-current", "page");
      else target.removeAttribute("aria-current");
    });
  });
  observer.observe(document.documentElement, {
    subtree: true,
    attributes: true,
    attributeFilter: ["class"],
  });

  function sheetButtons() {
    return document.querySelectorAll('[data-shell="more"]');
  }

  function closeSheet() {
    if (!root.hasAttribute("data-sheet")) return;
    root.removeAttribute("data-sheet");
    sheetButtons().forEach((button) => button.setAttribute("aria-expanded", "false"));
  }

  function toggleSheet() {
    if (root.hasAttribute("data-sheet")) return closeSheet();
    root.setAttribute("data-sheet", "open");
    sheetButtons().forEach((button) => button.setAttribute("aria-expanded", "true"));
    const first = document.querySelector("#shell-side .nav-item");
    if (first) first.focus();
  }

  function openSearch() {
    const dialog = document.getElementById("shell-search");
    if (!dialog || !dialog.showModal || dialog.open) return;
    dialog.showModal();
    const input = dialog.querySelector("input");
    if (input) {
      input.focus();
      input.select();
    }
  }

  function openKeys() {
    const dialog = document.getElementById("shell-keys");
    if (dialog && !dialog.open) dialog.showModal();
  }

  function closeSearch() {
    const dialog = document.getElementById("shell-search");
    if (dialog && dialog.open) dialog.close();
  }

  document.addEventListener("click", (event) => {
    const target = event.target;
    if (!target.closest) return;
    const control = target.closest("[data-shell]");
    if (control) {
      const action = control.dataset.shell;
      if (action === "fold") window.rotaTheme.fold();
      if (action === "more") toggleSheet();
      if (action === "search") openSearch();
      if (action === "keys") openKeys();
      if (action === "close") control.closest("dialog").close();
    } else if (root.hasAttribute("data-sheet") && !target.closest("#shell-side")) {
      closeSheet();
    }
    if (target.closest(".search-hit")) closeSearch();
    if (target.matches("dialog.search-dialog")) target.close(); /* a click beside it */
    const period = target.closest(".period");
    if (period) {
      const input = period.querySelector("input[type=date]");
      if (input && input.showPicker) {
        try {
          input.showPicker();
        } catch (error) {
          input.focus();
        }
      }
    }
    const skip = target.closest(".skip-link");
    if (skip) {
      event.preventDefault();
      const main = document.querySelector(skip.getAttribute("href"));
      if (main) main.focus();
    }
    const cell = target.closest("td[data-href]");
    if (cell && !target.closest("a")) go(cell.getAttribute("data-href"));

    const inside = target.closest('a[data-inside="yes"]');
    if (inside && event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey) {
      event.preventDefault();
      go(inside.getAttribute("href"));
    }
  });

  /* The date behind the period: choosing one goes there with the rest of the address kept. */
  document.addEventListener("change", (event) => {
    const place = event.target.closest && event.target.closest("[data-goto]");
    if (!place || event.target.type !== "date" || !event.target.value) return;
    const [path, query] = place.dataset.goto.split("?");
    const wanted = new URLSearchParams(query || "");
    wanted.set("start", event.target.value);
    go(path + "?" + wanted.toString());
  });

  function isTyping(target) {
    return target.closest && target.closest("input, textarea, select, [contenteditable=true]");
  }

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      openSearch();
      return;
    }
    if (event.key === "Escape") closeSheet();
    const dialog = document.getElementById("shell-search");
    if (dialog && dialog.open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const stops = [dialog.querySelector("input"), ...dialog.querySelectorAll(".search-hit")];
      const at = stops.indexOf(document.activeElement);
      const next = stops[Math.max(0, Math.min(stops.length - 1, at + (event.key === "ArrowDown" ? 1 : -1)))];
      if (next) next.focus();
      event.preventDefault();
      return;
    }
    if (dialog && dialog.open && event.key === "Enter" && isTyping(event.target)) {
      const first = dialog.querySelector(".search-hit");
      if (first) first.click();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (event.target.closest && event.target.closest(".ag-root")) return;
    if (event.key === "?") {
      openKeys();
      return;
    }
    const button = document.querySelector(`button[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (button && !button.disabled && button.offsetParent !== null) {
      event.preventDefault();
      button.click();
    }
  });
})();
