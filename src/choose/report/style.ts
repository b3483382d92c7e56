/** The page's style sheet: system fonts, one set of colours for light and one for dark. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #faf9f6; --surface: #ffffff; --ink: #1d1f23; --soft: #5a5e66; --rule: #e2dfd8; --faint: #efede8;
  --computing: #2458a6; --waiting: #a8803a; --bad: #b3261e; --good: #1c6b45; --good-soft: #e7f2ea;
  --bar: #5f6672; --focus: #2458a6;
  --mono: ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #16181c; --surface: #1d2025; --ink: #ebe9e4; --soft: #a9adb5; --rule: #34383f; --faint: #272b31;
    --computing: #7fb0f5; --waiting: #c59a4f; --bad: #ff9489; --good: #7fd1a5; --good-soft: #1f3129;
    --bar: #98a0ad; --focus: #7fb0f5;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 2.5rem 1.5rem 4rem; max-width: 68rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Liberation Sans', Arial, sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: break-word;
}
h1 { margin: .1em 0 .35em; font-size: clamp(1.9rem, 5vw, 2.9rem); line-height: 1.1; letter-spacing: -.02em; font-weight: 650; text-wrap: balance; }
h2 { margin: 0 0 .5rem; font-size: 1.35rem; letter-spacing: -.01em; font-weight: 640; }
h3 { margin: 0; font-size: 1rem; font-weight: 640; }
p { margin: 0 0 .75rem; }
ul, dl, dd, figure, fieldset { margin: 0; padding: 0; border: 0; list-style: none; }
code, kbd { font-family: var(--mono); font-size: .9em; }
kbd { border: 1px solid var(--rule); border-bottom-width: 2px; border-radius: 4px; padding: 0 .35em; background: var(--surface); }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 3px; border-radius: 4px; }
main > section { margin-top: 3.5rem; }
.lead { max-width: 46rem; color: var(--soft); }
.lead b { color: var(--ink); font-weight: 600; }
.note, small { color: var(--soft); font-size: .875rem; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: 1rem; background: var(--surface); padding: .5rem 1rem; }

.eyebrow { color: var(--soft); font-size: .9rem; overflow-wrap: anywhere; }
.eyebrow span { font-weight: 650; color: var(--ink); margin-right: .6em; }
.reason { max-width: 46rem; font-size: 1.15rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: 1.25rem 2.5rem; margin-top: 2rem; border-top: 1px solid var(--rule); padding-top: 1.25rem; }
.facts dt { font-size: .875rem; color: var(--soft); }
.facts dd { margin-top: .15rem; }
.call-bar { display: flex; height: .6rem; margin-top: .6rem; max-width: 18rem; gap: 2px; }
.call-bar > * { flex: 0 1 0; min-width: 2px; }

.computing { background: var(--computing); }
.waiting { background: repeating-linear-gradient(90deg, var(--waiting) 0 2px, transparent 2px 4px); }
.badge { display: inline-block; vertical-align: .08em; margin-left: .35em; padding: .05em .6em; border-radius: 1em; background: var(--good-soft); color: var(--good); font-size: .75rem; font-weight: 600; white-space: nowrap; }
.cross { color: var(--bad); font-weight: 800; font-style: normal; }
.bad { color: var(--bad); }

.legend { display: flex; flex-wrap: wrap; gap: .35rem 1.5rem; font-size: .875rem; color: var(--soft); }
.key { display: inline-flex; align-items: center; gap: .5em; background: none; }
.key:not(.failed)::before { content: ''; width: 1.6rem; height: .75rem; flex: none; }
.key.computing::before { background: var(--computing); }
.key.waiting::before { height: .45rem; background: repeating-linear-gradient(90deg, var(--waiting) 0 2px, transparent 2px 4px); }
.key.measured::before { background: var(--bar); }
.key.fit::before { height: .2rem; background: var(--bar); }

.comparison ul { margin-top: 1rem; border-top: 1px solid var(--rule); }
.comparison li { display: grid; grid-template-columns: 13rem 1fr 1fr; gap: .25rem 2rem; align-items: center; padding: .8rem 0; border-bottom: 1px solid var(--rule); }
.comparison .label { font-weight: 600; }
.comparison .label .badge { margin-left: 0; }
.comparison + .note { margin-top: 1rem; }
.comparison .problem { grid-column: 2 / -1; margin: 0; }
.bars { display: grid; gap: .2rem; min-width: 0; }
.bar { display: flex; align-items: center; gap: .6rem; min-width: 0; --value: 10rem; }
.bar .fill { flex: none; width: calc(var(--part) * (100% - var(--value))); height: 1.05rem; background: var(--bar); border-radius: 0 2px 2px 0; }
.bar .value { font-size: .95rem; white-space: nowrap; }
.bar.measured .value { font-weight: 600; }
.bar small { font-weight: 400; }
.bar.fit .fill { height: .25rem; }
.bar.fit .value { font-size: .875rem; color: var(--soft); }
.key.predicted::before, .bar.predicted .fill {
  min-width: 4px; border: 1.5px solid var(--bar); background: repeating-linear-gradient(135deg, var(--bar) 0 1.5px, transparent 1.5px 5px);
}
.recommended { --bar: var(--good); }
.problem { color: var(--ink); font-size: .95rem; border-left: 3px solid var(--bad); padding: .1rem 0 .1rem .8rem; white-space: pre-line; overflow-wrap: anywhere; }
.problem code { margin: 0 .3em; color: var(--soft); }
.problem .hint { display: block; color: var(--soft); }

.tools { display: flex; flex-wrap: wrap; justify-content: space-between; gap: .5rem 2rem; margin: 1.25rem 0 .5rem; }
.tools fieldset { display: flex; flex-wrap: wrap; gap: .25rem 1rem; font-size: .875rem; color: var(--soft); }
.tools legend { float: left; margin-right: 1rem; padding: 0; }
.tools label { display: inline-flex; gap: .4em; align-items: center; cursor: pointer; }
.tools input { accent-color: var(--computing); margin: 0; }
.keys { font-size: .875rem; color: var(--soft); }
.timeline { margin-top: 1rem; padding: 1rem 1.25rem; background: var(--surface); border: 1px solid var(--rule); border-radius: 8px; }
.timeline figcaption p { margin: .1rem 0 .6rem; color: var(--soft); font-size: .925rem; }
.timeline figcaption b { color: var(--ink); font-weight: 640; }
.timelines > .note { margin-top: .75rem; }
.timeline .note, .timeline .problem { margin: .6rem 0 0; }
.scroll { overflow-x: auto; overscroll-behavior-x: contain; }
.plot { display: grid; grid-template-columns: 6.5rem minmax(30rem, 1fr); padding-bottom: .25rem; }
.names { position: sticky; left: 0; z-index: 2; background: var(--surface); padding-top: 1.75rem; font-size: .75rem; line-height: 1; color: var(--soft); border-right: 1px solid var(--rule); }
.lane-names { position: relative; }
.lane-names span { position: absolute; right: .6rem; transform: translateY(-50%); max-width: 5.7rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.profile-name { position: relative; margin-top: 10px; height: 44px; padding: 0 1.4rem 0 1rem; text-align: right; line-height: 1.25; display: grid; align-items: center; }
.profile-name i { position: absolute; right: .6rem; transform: translateY(-40%); font-style: normal; line-height: 1; }
.track { position: relative; padding: 1.75rem 5rem 0 0; }
.axis { position: absolute; inset: 0 5rem 0 0; font-size: .75rem; line-height: 1; color: var(--soft); }
.axis span { position: absolute; top: 0; bottom: 0; padding-left: .35rem; border-left: 1px solid var(--rule); white-space: nowrap; padding-top: .3rem; }
.axis span:first-child { border-left: 0; }
.axis.own { display: none; }
.ink { position: relative; width: calc(var(--share) * 100%); min-width: 3px; }
.timelines:has(#axis-own:checked) .ink { width: 100%; }
.timelines:has(#axis-own:checked) .axis.own { display: block; }
.timelines:has(#axis-own:checked) .axis.common { display: none; }
.ink svg { display: block; width: 100%; }
.ink path { fill: none; vector-effect: non-scaling-stroke; }
.ink .base { stroke: var(--faint); stroke-width: 1; }
.ink path.waiting { stroke: var(--waiting); stroke-width: calc(var(--thick) * .6px); stroke-dasharray: 2 2; background: none; }
.ink path.computing { stroke: var(--computing); stroke-width: calc(var(--thick) * 1px); background: none; }
.ink .cut { stroke: var(--surface); stroke-width: 1.5; }
.lanes .cross { position: absolute; transform: translate(-50%, -50%); font-size: 1rem; line-height: 1; paint-order: stroke; -webkit-text-stroke: 3px var(--surface); pointer-events: none; }
.profile { position: relative; margin-top: 10px; height: 44px; border-bottom: 1px solid var(--soft); background: repeating-linear-gradient(0deg, transparent 0 calc(100% / var(--levels) - 1px), var(--rule) calc(100% / var(--levels) - 1px) calc(100% / var(--levels))); }
.profile .ink, .profile svg { height: 100%; }
.ink path.area { fill: var(--computing); }
.ink .end { position: absolute; left: 100%; bottom: .3rem; padding: .1rem .4rem; white-space: nowrap; font-size: .8rem; font-weight: 640; line-height: 1; background: var(--surface); }
.cursor { position: absolute; min-width: 5px; border: 2px solid var(--ink); border-radius: 3px; pointer-events: none; scroll-margin: 9rem 6rem 2rem 7.5rem; box-shadow: 0 0 0 1.5px var(--surface); }
#tip { position: fixed; z-index: 9; max-width: min(24rem, calc(100vw - 16px)); padding: .5rem .75rem; background: var(--ink); color: var(--paper); border-radius: 6px; font-size: .85rem; line-height: 1.4; pointer-events: none; overflow-wrap: anywhere; }
#tip div:first-child { font-weight: 640; }
#tip[hidden], .cursor[hidden] { display: none; }

details { margin-top: 1rem; }
summary { cursor: pointer; color: var(--soft); font-size: .925rem; padding: .25rem 0; }

.predictions { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 2rem 3rem; margin-top: 1.25rem; }
.predictions ul { margin-top: .4rem; }
.predictions li { display: grid; grid-template-columns: 7.5rem 1fr; align-items: center; gap: .75rem; padding: .15rem 0; font-size: .925rem; }
.predictions .bar { --value: 5rem; }
.predictions .recommended .label { font-weight: 640; }
.predictions .badge { margin-left: 0; }

table { border-collapse: collapse; width: 100%; font-size: .875rem; background: var(--surface); }
caption { text-align: left; color: var(--soft); font-size: .875rem; padding-bottom: .5rem; }
th, td { padding: .5rem .5rem; text-align: right; border-bottom: 1px solid var(--rule); white-space: nowrap; vertical-align: top; }
thead th { white-space: normal; vertical-align: bottom; font-weight: 600; color: var(--soft); font-size: .825rem; line-height: 1.3; border-bottom-color: var(--soft); }
th:first-child { text-align: left; position: sticky; left: 0; background: var(--surface); font-weight: 600; white-space: normal; min-width: 9.5rem; padding-left: .75rem; }
tbody th .badge { display: block; width: max-content; margin: .15rem 0 0; }
.absent { text-align: left; white-space: normal; color: var(--soft); overflow-wrap: anywhere; min-width: 20rem; }

.failures li { padding: .4rem 0; overflow-wrap: anywhere; }
.failures small { display: block; padding-left: 1.2rem; }
.failures q { font-family: var(--mono); font-size: .875rem; quotes: none; white-space: pre-wrap; }
.method { border-top: 1px solid var(--rule); padding-top: 2rem; font-size: .925rem; color: var(--soft); }
.method p { max-width: 46rem; }
.method b { color: var(--ink); font-weight: 600; }
.method dl { display: grid; gap: .3rem; margin-top: 1rem; }
.method dl div { display: grid; grid-template-columns: 6.5rem 1fr; }
.method dd { overflow-wrap: anywhere; color: var(--ink); }

@media (max-width: 46rem) {
  body { padding: 1.5rem 1rem 3rem; }
  main > section { margin-top: 2.75rem; }
  .comparison li { grid-template-columns: minmax(0, 1fr); }
  .comparison + .note { margin-top: 1rem; }
.comparison .problem { grid-column: 1; }
  .comparison .bar { --value: 10.5rem; }
  .bar .value { white-space: normal; line-height: 1.2; }
  .timeline { padding: .9rem .75rem; margin-inline: -.25rem; }
  .plot { grid-template-columns: 5.75rem minmax(32rem, 1fr); }
  .lane-names span { max-width: 5.2rem; right: .4rem; }
  .profile-name { padding: 0 1.2rem 0 0; }
  .profile-name i { right: .4rem; }
  .predictions { grid-template-columns: minmax(0, 1fr); }
  .predictions li { grid-template-columns: 7rem minmax(0, 1fr); }
  th, td { padding: .45rem .55rem; }
  th:first-child { min-width: 7.5rem; max-width: 7.5rem; }
}
@media (forced-colors: active) {
  .fill, .call-bar > *, .key::before, .ink path { forced-color-adjust: none; }
}
@media print {
  :root {
    --paper: #fff; --surface: #fff; --ink: #000; --soft: #444; --rule: #ccc; --faint: #eee;
    --computing: #2458a6; --waiting: #a8803a; --bad: #b3261e; --good: #1c6b45; --good-soft: #fff; --bar: #5f6672;
  }
  body { padding: 0; max-width: none; font-size: 10pt; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .timeline, .comparison li, tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .tools fieldset, .keys, #tip, .skip { display: none; }
  .scroll { overflow: visible; }
  .plot { grid-template-columns: 6rem 1fr; }
  table { font-size: 7pt; }
  th, td { padding: .25rem .3rem; white-space: normal; }
}
`
