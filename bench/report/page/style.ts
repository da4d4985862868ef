/** The page's style sheet: two themes, by what the reader's system asks for. */

export const PAGE_STYLE = `
:root { --ink: #1f2328; --faint: #59636e; --paper: #ffffff; --box: #f6f8fa; --line: #d1d9e0; --link: #0969da;
  --good: #1a7f37; --bad: #b3261e; --open: #7a5b00; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #f0f6fc; --faint: #9198a1; --paper: #0d1117; --box: #151b23; --line: #3d444d; --link: #4493f8;
    --good: #3fb950; --bad: #ff7b72; --open: #d29922; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; }
p, li { max-width: 60rem; }
code { font-size: .875em; }
.note { color: var(--faint); font-size: .875rem; margin: .4rem 0 0; }
.answer { padding-left: 1.2rem; }
.scripted { display: none; }
.live #choices { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: .75rem; }
.live section.scripted { display: block; }
.live button.scripted { display: inline-block; }
.vega-bindings { display: none; }
#choices { background: var(--box); border: 1px solid var(--line); border-radius: 8px; padding: .75rem; margin: 1.5rem 0; }
fieldset { border: 0; margin: 0; padding: 0; min-width: 0; display: flex; flex-wrap: wrap; gap: .1rem .8rem; align-content: flex-start; align-items: center; }
#choices > fieldset:first-of-type { grid-column: 1 / -1; }
#choices > fieldset:first-of-type .note { flex-basis: 100%; }
legend { font-weight: 600; padding: 0; margin-bottom: .2rem; }
#slowdown { flex: 1 1 12rem; max-width: 30rem; accent-color: var(--link); }
input[type=number] { width: 5.5rem; font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: 6px; padding: .15rem .4rem; }
input[type=checkbox], input[type=radio] { accent-color: var(--link); }
button, select { font: inherit; color: inherit; background: var(--box); border: 1px solid var(--line); border-radius: 6px; padding: .25rem .7rem; cursor: pointer; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.scroll { overflow: auto; max-height: 34rem; border: 1px solid var(--line); border-radius: 8px; }
table { border-collapse: separate; border-spacing: 0; width: 100%; font-size: .875rem; }
th, td { padding: .35rem .6rem; text-align: left; border-bottom: 1px solid var(--line); vertical-align: top; }
tbody tr:last-child td { border-bottom: 0; }
th { position: sticky; top: 0; background: var(--box); vertical-align: bottom; z-index: 1; }
th button { border: 0; padding: 0; background: none; font-weight: 600; }
th button::after { content: ' ↕'; color: var(--faint); }
th[aria-sort=ascending] button::after { content: ' ↑'; color: var(--ink); }
th[aria-sort=descending] button::after { content: ' ↓'; color: var(--ink); }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
th.number { white-space: normal; }
th button { text-align: inherit; }
.nowrap { white-space: nowrap; }
.verdict { font-weight: 600; }
.supported { color: var(--good); } .refuted { color: var(--bad); } .undecided { color: var(--open); }
#charts { display: grid; gap: 1.25rem; grid-template-columns: minmax(0, 1fr); }
figure { margin: 0; min-width: 0; max-width: 54rem; }
figure > div { background: #ffffff; border: 1px solid var(--line); border-radius: 8px; overflow-x: auto; }
figure svg { display: block; max-width: 100%; height: auto; }
figcaption { color: var(--faint); font-size: .875rem; margin-top: .35rem; }
#tally { font-weight: 600; }
#announce { color: var(--faint); font-size: .875rem; margin-left: .5rem; }
`;
