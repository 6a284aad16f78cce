// The switch to dark mode, and full-text search: every word typed must begin a word of the section. The sections are in
// search_words.js, which build_site.py writes.
document.addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("titlearea");
  if (!place || typeof searchWords === "undefined") return;
  const box = document.createElement("div");
  box.id = "book-search";
  box.innerHTML = '<input type="search" placeholder="Search the book and the code" ' +
    'aria-label="Search"><div id="book-found" role="listbox"></div>';
  place.appendChild(box);
  const toggle = document.createElement("doxygen-awesome-dark-mode-toggle");
  toggle.title = "Light or dark";
  toggle.updateIcon();
  box.appendChild(toggle);
  const input = box.querySelector("input"), found = box.querySelector("#book-found");
  document.body.appendChild(found);
  const escaped = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
  const pattern = (word) =>
    new RegExp("(^|[^\\p{L}\\p{N}])(" + word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&") + ")", "iu");

  const excerpt = (text, patterns) => {
    const at = Math.max(0, text.search(patterns[0]) - 60);
    let part = escaped((at > 0 ? "…" : "") + text.slice(at, at + 180) + "…");
    for (const p of patterns) part = part.replace(p, "$1<mark>$2</mark>");
    return part;
  };

  const search = () => {
    const words = input.value.trim().split(/\s+/).filter((word) => word.length > 1);
    if (!words.length) { found.style.display = "none"; return; }
    const patterns = words.map(pattern);
    const hits = [];
    for (const section of searchWords) {
      const heading = section.page + " " + section.title;
      if (!patterns.every((p) => p.test(heading) || p.test(section.text))) continue;
      const inTitle = patterns.filter((p) => p.test(section.title)).length;
      hits.push({ section, rank: inTitle * 10 + (section.book ? 5 : 0) });
    }
    hits.sort((a, b) => b.rank - a.rank);
    found.innerHTML = hits.slice(0, 30).map(({ section }) =>
      `<a href="${section.url}"><b>${escaped(section.title)}</b> ` +
      `<small>${escaped(section.page)}</small><br>${excerpt(section.text, patterns)}</a>`).join("") ||
      "<p>Nothing found.</p>";
    found.style.display = "block";
    const rect = input.getBoundingClientRect();
    found.style.top = `${rect.bottom + 6}px`;
  };
  input.addEventListener("input", search);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { input.value = ""; search(); }
    if (event.key === "Enter") found.querySelector("a")?.click();
  });
  document.addEventListener("click", (event) => {
    if (!found.contains(event.target) && event.target !== input) found.style.display = "none";
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !/INPUT|TEXTAREA/.test(document.activeElement.tagName)) {
      event.preventDefault();
      input.focus();
    }
  });
  const asked = new URLSearchParams(location.search).get("q");
  if (asked) { input.value = asked; search(); }
});
