/* Password fields on the account pages: show what was typed, say when caps lock is on. */
(function () {
  "use strict";
  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("[data-show]");
    if (!button) return;
    const input = document.getElementById(button.dataset.show);
    const shown = input.type === "text";
    input.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", shown ? "false" : "true");
    button.firstElementChild.className = shown ? "bi bi-eye" : "bi bi-eye-slash";
    input.focus();
  });

  document.addEventListener("keyup", (event) => {
    const place = event.target.closest && event.target.closest(".account-secret");
    if (!place || !event.getModifierState) return;
    const more = document.getElementById(event.target.id + "-more");
    let note = more.querySelector(".caps-lock");
    if (event.getModifierState("CapsLock") && !note) {
      note = document.createElement("div");
      note.className = "field-hint caps-lock";
      note.textContent = "Caps lock is on.";
      more.prepend(note);
    } else if (!event.getModifierState("CapsLock") && note) {
      note.remove();
    }
  });

  // an invitation's code comes behind the #, which no server sees; it leaves the address at once
  const token = document.querySelector("#invitation-form #token");
  if (token && location.hash.length > 20) {
    token.value = decodeURIComponent(location.hash.slice(1));
    history.replaceState(null, "", location.pathname);
    const next = document.getElementById("new");
    if (next) next.focus();
  }
})();
