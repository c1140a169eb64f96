// What the theme draws after loading gets names for screen readers.
document$.subscribe(() => {
  document.querySelectorAll(".md-code__nav").forEach((bar, index) => {
    bar.setAttribute("aria-label", `Code block ${index + 1}`);
  });
});
