// What the theme draws after loading gets names for screen readers, and wide tables a focus.
// Markdown has no table without headings, so empty ones are removed.
document$.subscribe(() => {
  document.querySelectorAll(".md-typeset thead").forEach((head) => {
    if (!head.textContent.trim()) head.remove();
  });
  document.querySelectorAll(".md-typeset th:empty").forEach((heading) => {
    heading.replaceWith(document.createElement("td"));
  });
  document.querySelectorAll(".md-code__nav").forEach((bar, index) => {
    bar.setAttribute("aria-label", `Code block ${index + 1}`);
  });
  document.querySelectorAll(".md-typeset__scrollwrap").forEach((table) => {
    table.setAttribute("tabindex", "0");
  });
});
