// The switch for light and dark, kept by this browser; help for the keyboard; pages that rest while hidden.
(() => {
  "use strict";
  const root = document.documentElement;
  const themes = ["system", "light", "dark"];
  const names = { system: "as the system", light: "light", dark: "dark" };

  const kept = () => {
    try { return localStorage.getItem("pantau-theme"); } catch { return null; }
  };
  const wear = (theme) => {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
  };
  wear(kept());

  document.addEventListener("DOMContentLoaded", () => {
    // Of days in a row the newest stand at the right, and are what one comes for.
    for (const wide of document.querySelectorAll(".scroll")) {
      if (wide.querySelector(".coverage")) wide.scrollLeft = wide.scrollWidth;
    }

    const button = document.getElementById("theme");
    let now = themes.includes(kept()) ? kept() : "system";
    const tell = () => {
      const label = `Colours: ${names[now]}. Change`;
      button.setAttribute("aria-label", label);
      button.title = label;
    };
    button.hidden = false;
    tell();
    button.addEventListener("click", () => {
      now = themes[(themes.indexOf(now) + 1) % themes.length];
      wear(now);
      tell();
      try { localStorage.setItem("pantau-theme", now); } catch { /* it lasts as long as the page */ }
    });
  });

  document.addEventListener("keydown", (event) => {
    // Escape hides what explains a word, as long as it has the focus.
    if (event.key === "Escape" && document.activeElement?.classList.contains("gloss")) {
      document.activeElement.blur();
    }
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const field = document.getElementById("find");
      if (field) { event.preventDefault(); field.focus(); field.select(); }
    }
  });

  // A page that nobody looks at asks for nothing anew.
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (document.hidden) event.preventDefault();
  });
})();
