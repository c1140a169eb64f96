// What the theme draws after loading gets names for screen readers, and wide tables a focus.
document$.subscribe(() => {
  document.querySelectorAll(".md-code__nav").forEach((bar, index) => {
    bar.setAttribute("aria-label", `Code block ${index + 1}`);
  });
  document.querySelectorAll(".md-typeset__scrollwrap").forEach((table) => {
    table.setAttribute("tabindex", "0");
  });
});
