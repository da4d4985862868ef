/** The page's style sheet: two themes, by what the reader's system asks for. */

export const PAGE_STYLE = `
:root { --ink: #1f2328; --faint: #59636e; --paper: #ffffff; --box: #f6f8fa; --line: #d1d9e0; --link: #0969da;
  --good: #1a7f37; --bad: #b3261e; --open: #7a5b00; --card: #ffffff;
  --e1: #e3effa; --e2: #c3ddf5; --e3: #9cc6ee; --c1: #fdeedd; --c2: #fbd9b5; --c3: #f5bf88; --u: #eceff2; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #f0f6fc; --faint: #9198a1; --paper: #0d1117; --box: #151b23; --line: #3d444d; --link: #4493f8;
    --good: #3fb950; --bad: #ff7b72; --open: #d29922; --card: #151b23;
    --e1: #12293f; --e2: #14395c; --e3: #174a7a; --c1: #3a2615; --c2: #523115; --c3: #6b3d13; --u: #262c33; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; }
h1 + section h2, form + section h2 { margin-top: .75rem; }
h3 { font-size: 1rem; margin: 1.25rem 0 .4rem; }
.finding { margin: .25rem 0; }
#machines { display: none; gap: .5rem 1rem; flex-wrap: wrap; margin: .5rem 0; }
.live #machines { display: flex; }
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
.matrices { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1rem; margin-top: .75rem; }
.heat { table-layout: fixed; line-height: 1.3; }
.heat caption { text-align: left; padding: .4rem .5rem; background: var(--box); border-bottom: 1px solid var(--line); }
.heat th, .heat td { padding: .3rem .4rem; border-right: 1px solid var(--line); overflow-wrap: anywhere; }
.heat th:first-child { width: 4.4rem; }
.heat tr > :last-child { border-right: 0; }
.heat tbody th { position: static; font-weight: 600; vertical-align: middle; }
sup { line-height: 0; }
.heat small { display: block; font-weight: normal; font-size: .75rem; }
.heat .ratio, .heat td small span { white-space: nowrap; }
.heat .supported, .heat .refuted, .heat .undecided { color: var(--ink); }
.supported.step-1 { background: var(--e1); } .supported.step-2 { background: var(--e2); } .supported.step-3 { background: var(--e3); }
.refuted.step-1 { background: var(--c1); } .refuted.step-2 { background: var(--c2); } .refuted.step-3 { background: var(--c3); }
.heat .undecided { background: var(--u); }
@media (max-width: 40rem) { main { padding: .75rem .75rem 3rem; } h1 { font-size: 1.15rem; } h2 { font-size: 1.05rem; } .finding { font-size: .9375rem; line-height: 1.35; } .heat { font-size: .8125rem; } .heat th:first-child { width: 3.4rem; } .heat th, .heat td { padding: .25rem .3rem; } .heat small { font-size: .6875rem; } }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
th.number { white-space: normal; }
th button { text-align: inherit; }
.nowrap { white-space: nowrap; }
.verdict { font-weight: 600; }
.supported { color: var(--good); } .refuted { color: var(--bad); } .undecided { color: var(--open); }
#charts { display: grid; gap: 1.25rem; grid-template-columns: minmax(0, 1fr); }
figure { margin: 0; min-width: 0; max-width: 54rem; }
figure > div { background: var(--card); border: 1px solid var(--line); border-radius: 8px; overflow-x: auto; }
figure svg { display: block; max-width: 100%; height: auto; }
figcaption { color: var(--faint); font-size: .875rem; margin-top: .35rem; }
#tally { font-weight: 600; }
#announce { color: var(--faint); font-size: .875rem; margin-left: .5rem; }
`;
