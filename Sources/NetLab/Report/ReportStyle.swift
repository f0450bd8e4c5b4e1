// What the report looks like: by day, by night, on a narrow screen, on paper; and the few lines of
// JavaScript that a browser without `::details-content` needs. Without them the page makes sense.

enum ReportStyle {
  /// Areas that must be told apart without colour.
  static let patterns = """
    <svg width="0" height="0" class="patterns" aria-hidden="true" focusable="false">
    <defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" \
    patternTransform="rotate(45)"><rect class="hatch-ground" width="6" height="6"/>\
    <rect class="hatch-line" width="2.5" height="6"/></pattern></defs></svg>

    """

  static let script = """
    <script>
    function reveal() {
      var at = location.hash ? document.getElementById(location.hash.slice(1)) : null;
      var box = at ? at.closest("details") : null;
      if (box) { box.open = true; at.scrollIntoView(); }
    }
    addEventListener("hashchange", reveal);
    addEventListener("load", reveal);
    addEventListener("beforeprint", function () {
      document.querySelectorAll("details").forEach(function (box) { box.open = true; });
    });
    </script>

    """

  static let sheet = "<style>\n" + colours + layout + pictures + paper + "</style>\n"

  private static let colours = """
    :root { --ground: #ffffff; --ink: #1b1f24; --faint: #57606a; --rule: #d0d7de; --box: #f6f8fa;
      --link: #0550ae; --good: #0a6b3d; --bad: #b3261e; --open: #7a5200; --label: #ffffff;
      --s0: #0072b2; --s1: #d55e00; --s2: #009e73; --s3: #b8589a; --s4: #a86f00; --s5: #2f8fc9;
      --ring: #0072b2; --sndbuf: #d55e00; --rcvbuf: #009e73; --ipq: #f0e442; --ifq: #cc79a7;
      --txring: #56b4e9; --reass: #e69f00; --hand: #8c8c8c; --leaked: #000000; --free: #eef1f4;
      --runs: #0072b2; --ready: #7cc0ea; --lock: #7a3d7c; --room: #e69f00; --rest: #b9c1ca; }
    @media (prefers-color-scheme: dark) {
      :root { --ground: #0f1419; --ink: #e6eaef; --faint: #a3adb8; --rule: #38414b;
        --box: #191f26; --link: #79b8ff; --good: #5fd38d; --bad: #ff8f87; --open: #f0c36a;
        --label: #0f1419;
        --s0: #5ab4f0; --s1: #ff8a3d; --s2: #35c99a; --s3: #e39cca; --s4: #f0b429; --s5: #9fd6f7;
        --ring: #3b9bdc; --sndbuf: #f0762a; --rcvbuf: #1fb789; --ipq: #f0e442; --ifq: #d98fbb;
        --txring: #8fd0f5; --reass: #e69f00; --hand: #9aa4af; --leaked: #ffffff; --free: #232b34;
        --runs: #3b9bdc; --ready: #1e4f73; --lock: #d98fbb; --room: #e69f00; --rest: #4a555f; }
    }

    """

  private static let layout = """
    * { box-sizing: border-box; }
    body { margin: 0 auto; padding: 0 1rem 3rem; max-width: 62rem; background: var(--ground);
      color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
    h1 { font-size: 1.5rem; margin: 1.25rem 0 .5rem; }
    h2 { font-size: 1.15rem; margin: 1.5rem 0 .5rem; }
    h3 { font-size: 1.1rem; margin: 2rem 0 .5rem; border-bottom: 1px solid var(--rule);
      padding-bottom: .25rem; }
    h4 { font-size: 1rem; margin: 1rem 0 .25rem; }
    a { color: var(--link); }
    .skip { position: absolute; left: -100rem; }
    .skip:focus { left: 1rem; top: .5rem; background: var(--ground); padding: .5rem; z-index: 1; }
    :focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
    .patterns { position: absolute; }
    pre, code { font: .875rem/1.45 ui-monospace, "DejaVu Sans Mono", monospace; }
    pre { background: var(--box); border: 1px solid var(--rule); border-radius: 6px;
      padding: .6rem .75rem; overflow-x: auto; margin: .5rem 0; }
    .lead { margin: .75rem 0 .25rem; color: var(--faint); }
    .cut { border: 2px solid var(--bad); border-radius: 6px; padding: .6rem .75rem;
      font-weight: 600; }
    .run { border: 1px solid var(--rule); border-radius: 8px; margin: 1rem 0; }
    .run > summary { padding: .75rem 1rem; cursor: pointer; background: var(--box);
      border-radius: 8px; }
    .run > summary h2 { display: inline; margin: 0 .5rem 0 0; }
    .body { padding: 0 1rem 1rem; }
    .verdict { font-weight: 700; border: 1.5px solid currentColor; border-radius: 4px;
      padding: 0 .4rem; white-space: nowrap; }
    .verdict.good { color: var(--good); } .verdict.bad { color: var(--bad); }
    .verdict.open { color: var(--open); }
    .facts { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; margin: 1rem 0 .5rem; }
    .facts div { max-width: 100%; }
    .facts dt { color: var(--faint); font-size: .8125rem; }
    .facts dd { margin: 0; font-weight: 600; }
    .scroll { overflow-x: auto; }
    table { border-collapse: collapse; font-size: .875rem; }
    caption { text-align: left; color: var(--faint); padding: .25rem 0; }
    th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0;
      border-bottom: 1px solid var(--rule); overflow-wrap: normal; }
    .n { text-align: right; font-variant-numeric: tabular-nums; }
    td.n { white-space: nowrap; }
    summary { cursor: pointer; }
    footer { color: var(--faint); font-size: .875rem; }

    """

  private static let pictures = """
    figure { margin: 1.25rem 0; }
    figcaption strong { display: block; }
    .note { color: var(--faint); font-size: .875rem; }
    .numbers > summary { color: var(--faint); font-size: .875rem; padding: .25rem 0; }
    .chart { display: block; width: 100%; min-width: 700px; max-width: 960px; height: auto;
      font-family: system-ui, sans-serif; }
    .chart text { fill: var(--ink); }
    .grid { stroke: var(--rule); fill: none; }
    .line { fill: none; stroke-width: 1.75; stroke: var(--c); } .fill { fill: var(--c); }
    .most { fill: none; stroke: var(--ink); stroke-width: 1; }
    .mark { stroke: var(--ink); stroke-width: 1.25; stroke-dasharray: 4 3; fill: none; }
    .label text { fill: var(--ink); paint-order: stroke; stroke: var(--ground); stroke-width: 3px;
      stroke-linejoin: round; font-weight: 600; }
    .s0 { --c: var(--s0); } .s1 { --c: var(--s1); } .s2 { --c: var(--s2); }
    .s3 { --c: var(--s3); } .s4 { --c: var(--s4); } .s5 { --c: var(--s5); }
    .line.s1 { stroke-dasharray: 7 3; } .line.s2 { stroke-dasharray: 2 2; }
    .line.s3 { stroke-dasharray: 9 3 2 3; }
    .h-ring, .h-used { --c: var(--ring); } .h-sndbuf { --c: var(--sndbuf); }
    .h-rcvbuf { --c: var(--rcvbuf); } .h-ipq, .h-arpq { --c: var(--ipq); }
    .h-ifq { --c: var(--ifq); } .h-txring { --c: var(--txring); }
    .h-reass, .h-arphold { --c: var(--reass); } .h-hand { --c: var(--hand); }
    .h-leaked { --c: var(--leaked); } .h-free { --c: var(--free); }
    path.fill[class*="h-"] { stroke: var(--ground); stroke-width: .75; }
    .t-runs { --c: var(--runs); } .t-ready { --c: var(--ready); }
    .t-lacksBuffer { --c: url(#hatch); } .t-lacksLock { --c: var(--lock); }
    .t-lacksRoom { --c: var(--room); } .t-idles { --c: var(--rest); }
    .t-sleeps { --c: var(--s2); } .t-off { --c: var(--rule); }
    .hatch-ground { fill: var(--ground); } .hatch-line { fill: var(--bad); }
    .good { fill: var(--good); }
    .bad { stroke: var(--bad); stroke-width: 3; fill: none; }
    .open { fill: none; stroke: var(--open); stroke-width: 2.5; }

    """

  private static let paper = """
    @media print {
      :root { --box: #ffffff; }
      body { max-width: none; font-size: 10pt; }
      details::details-content { content-visibility: visible; block-size: auto; }
      .skip { display: none; }
      .run { border: 0; } .run + .run { break-before: page; }
      .scroll { overflow: visible; } .chart, pre, tr { break-inside: avoid; }
      figure > .scroll { break-inside: avoid; break-before: avoid; }
      pre { white-space: pre-wrap; } .chart { min-width: 0; }
      h2, h3, h4, .lead, figcaption { break-after: avoid; break-inside: avoid; }
    }
    @media (max-width: 40rem) { body { padding: 0 .5rem 2rem; } .body { padding: 0 .6rem 1rem; } }

    """
}
