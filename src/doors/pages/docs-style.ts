/** Style of the documentation page, light or dark as the reader's system is. */
export const docsStyle = `
:root {
  color-scheme: light dark;
  --ground: #fdfdfc;
  --raised: #f5f5f2;
  --line: #e2e1db;
  --text: #1f2328;
  --soft: #5c636b;
  --accent: #5b3fc4;
  --code: #efeee9;
  --mark: #fff3bf;
  --read: #dbeafe; --read-text: #1e4a86;
  --create: #d6f2dd; --create-text: #14592b;
  --update: #fdecc8; --update-text: #7a4a00;
  --delete: #fbdcdc; --delete-text: #8c1d1d;
  --sans: system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14161a;
    --raised: #1b1e24;
    --line: #2e323a;
    --text: #e4e6ea;
    --soft: #9aa2ad;
    --accent: #b3a1ff;
    --code: #23272f;
    --mark: #3d3512;
    --read: #16304f; --read-text: #a9cdff;
    --create: #12381f; --create-text: #95e0ab;
    --update: #41300c; --update-text: #f4cf83;
    --delete: #461a1a; --delete-text: #ffb1b1;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1.25rem; }
body {
  margin: 0;
  background: var(--ground);
  color: var(--text);
  font: 1rem/1.6 var(--sans);
  -webkit-text-size-adjust: 100%;
}
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: 0.2em; }
a:focus-visible, summary:focus-visible, pre:focus-visible, .scroll:focus-visible {
  outline: 2px solid var(--accent);
  outline-offset: 2px;
}
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: 1rem; z-index: 1; background: var(--ground); padding: 0.5rem 1rem; }
.sandbox {
  max-width: none;
  margin: 0;
  padding: 0.5rem 1.25rem;
  background: var(--update);
  color: var(--update-text);
  text-align: center;
}
.page {
  display: grid;
  grid-template-columns: 16rem minmax(0, 1fr);
  max-width: 82rem;
  margin: 0 auto;
}
.index {
  position: sticky;
  top: 0;
  align-self: start;
  height: 100vh;
  overflow-y: auto;
  padding: 1.75rem 1.25rem 3rem;
  border-right: 1px solid var(--line);
  font-size: 0.875rem;
  scrollbar-width: thin;
}
.index ul { list-style: none; margin: 0; padding: 0; }
.index a {
  display: block;
  padding: 0.15rem 0.6rem;
  border-radius: 0.35rem;
  color: var(--soft);
  text-decoration: none;
}
.index a:hover { background: var(--raised); color: var(--text); }
.index .brand { margin: 0 0 0.75rem; font-size: 1rem; font-weight: 650; }
.index .brand a { color: var(--text); }
.index details { margin-top: 1.25rem; }
.index summary { cursor: pointer; padding: 0.15rem 0; font-weight: 650; }
.index summary small { color: var(--soft); font-weight: 400; }
.index .group { margin: 0.6rem 0 0.1rem; font-size: 0.75rem; letter-spacing: 0.04em; text-transform: uppercase; }
.index details ul a { font-family: var(--mono); font-size: 0.8125rem; overflow-wrap: anywhere; }
main { padding: 1.75rem clamp(1.25rem, 4vw, 3.5rem) 6rem; min-width: 0; }
main > section { margin-top: 3.5rem; }
h1, h2, h3, h4, h5 { line-height: 1.25; margin: 0; text-wrap: balance; }
h1 { font-size: 2.25rem; letter-spacing: -0.02em; }
h2 { font-size: 1.6rem; letter-spacing: -0.015em; padding-bottom: 0.5rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1.2rem; margin: 2.5rem 0 1rem; color: var(--soft); font-weight: 600; }
h4 { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem; font-size: 1.125rem; }
h5 { margin: 1.5rem 0 0.5rem; font-size: 0.8125rem; letter-spacing: 0.04em; text-transform: uppercase; color: var(--soft); }
p { margin: 0.75rem 0; max-width: 46rem; }
a.button {
  display: inline-block;
  padding: 0.6rem 1.25rem;
  border-radius: 0.5rem;
  background: var(--accent);
  color: var(--ground);
  font-weight: 600;
  text-decoration: none;
}
.lead { font-size: 1.175rem; color: var(--soft); }
.meta, .then, .none { font-size: 0.875rem; color: var(--soft); }
.then { margin: 0.75rem 0 0.5rem; }
code { font-family: var(--mono); font-size: 0.86em; padding: 0.1em 0.32em; border-radius: 0.3rem; background: var(--code); overflow-wrap: anywhere; }
pre {
  margin: 0.5rem 0;
  padding: 0.9rem 1.1rem;
  border: 1px solid var(--line);
  border-radius: 0.5rem;
  background: var(--raised);
  overflow-x: auto;
  line-height: 1.5;
}
pre code { padding: 0; background: none; font-size: 0.8125rem; overflow-wrap: normal; }
article {
  margin: 0 0 1.5rem;
  padding: 1.35rem 1.5rem 1.5rem;
  border: 1px solid var(--line);
  border-radius: 0.75rem;
}
article:target { border-color: var(--accent); box-shadow: 0 0 0 1px var(--accent); }
.anchor { font-family: var(--mono); color: var(--text); text-decoration: none; overflow-wrap: anywhere; }
.anchor:hover { text-decoration: underline; }
.outward { white-space: nowrap; }
.outward::after { content: ' \\2197'; }
.badge {
  padding: 0.1rem 0.55rem;
  border-radius: 1rem;
  background: var(--code);
  color: var(--soft);
  font-size: 0.75rem;
  font-weight: 600;
  white-space: nowrap;
}
.badge.read { background: var(--read); color: var(--read-text); }
.badge.create { background: var(--create); color: var(--create-text); }
.badge.update { background: var(--update); color: var(--update-text); }
.badge.delete { background: var(--delete); color: var(--delete-text); }
.badge.off { background: var(--text); color: var(--ground); }
dl { margin: 1rem 0 0; font-size: 0.9375rem; }
.facts, .words { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0.35rem 1.25rem; }
dt { color: var(--soft); }
dd { margin: 0; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: 0.9375rem; }
th { padding: 0.4rem 1rem 0.4rem 0; text-align: left; font-size: 0.8125rem; font-weight: 600; color: var(--soft); white-space: nowrap; }
td { padding: 0.5rem 1rem 0.5rem 0; border-top: 1px solid var(--line); vertical-align: top; }
td:last-child, th:last-child { padding-right: 0; }
td:first-child code { overflow-wrap: normal; white-space: nowrap; }
.fields td:nth-child(2) { white-space: nowrap; }
tr:target { background: var(--mark); }
.limits { display: block; font-size: 0.8125rem; color: var(--soft); }
.sheet { max-width: 48rem; margin: 0 auto; }
.sheet h1 { font-size: 1.75rem; overflow-wrap: anywhere; }
.sheet h2 { margin-top: 2rem; font-size: 1.2rem; }
.search { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem; margin: 1.5rem 0; font-size: 0.9375rem; }
.search input, .search button {
  padding: 0.4rem 0.75rem;
  border: 1px solid var(--soft);
  border-radius: 0.5rem;
  background: var(--ground);
  color: var(--text);
  font: inherit;
}
.search input { flex: 1 1 10rem; min-width: 0; }
.found { padding-left: 1.25rem; }
.found a { font-family: var(--mono); font-size: 0.9375rem; overflow-wrap: anywhere; }
@media (max-width: 56rem) {
  .page { display: block; }
  .index { position: static; height: auto; max-height: 22rem; border-right: 0; border-bottom: 1px solid var(--line); }
  .facts { grid-template-columns: 1fr; gap: 0; }
  .facts dd { margin-bottom: 0.5rem; }
  article { padding: 1.1rem; }
  .fields { min-width: 34rem; }
}
@media print {
  .index, .skip { display: none; }
  .page { display: block; }
  article { break-inside: avoid; }
}
`.trimStart();
