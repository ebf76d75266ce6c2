extension SpaceTimePage {
  /// Colours come as variables, which the script reads for the canvas.
  // swift-format-ignore
  static let style = #"""
    :root {
      color-scheme: light dark;
      --paper: #ffffff; --panel: #f4f6f8; --ink: #1a1f26; --muted: #5a6573; --rule: #cfd6de; --accent: #1257a8;
      --ordinary: #2f6fb0; --lost: #c0262d; --delayed: #8f5200; --duplicated: #7a3fb8; --flight: #0b706b;
      --follower: #7d8896; --candidate: #a86200; --leader: #19703a; --broken: #c0262d; --band: #6b7786;
    }
    @media (prefers-color-scheme: dark) {
      :root:not(.printing) {
        --paper: #13171c; --panel: #1c2229; --ink: #e8ecf1; --muted: #a0acba; --rule: #3a4450; --accent: #7db8ff;
        --ordinary: #6fb1f0; --lost: #ff8080; --delayed: #f0b35a; --duplicated: #cba3ff; --flight: #4fd1c5;
        --follower: #8b97a6; --candidate: #f0b35a; --leader: #5fcf80; --broken: #ff7474; --band: #93a0b0;
      }
    }
    :root.printing { color-scheme: light; }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; }
    header { padding: 10px 16px 8px; border-left: 6px solid var(--broken); background: var(--panel); }
    header p { margin: 0; overflow-wrap: anywhere; }
    .place { color: var(--muted); font-size: 13px; }
    h1 { margin: 2px 0; font-size: 22px; line-height: 1.2; overflow-wrap: anywhere; }
    h1 small { font-size: 14px; font-weight: normal; color: var(--muted); }
    .broken { color: var(--broken); }
    .evidence { font-size: 17px; white-space: pre-line; max-height: 7.5em; overflow: auto; }
    .rule { font-size: 14px; color: var(--muted); }
    .history { padding: 8px 16px; border-bottom: 1px solid var(--rule); }
    .history details { margin: 0; }
    .history .scroll { overflow-x: auto; max-height: 46vh; }
    .history svg { display: block; font: 12px/1 system-ui, sans-serif; }
    .history text { fill: var(--ink); }
    .history .axis { fill: var(--muted); }
    .history .line { stroke: var(--rule); }
    .history .bar { fill: var(--panel); stroke: var(--ordinary); stroke-width: 1.5; }
    .history .open { stroke-dasharray: 5 3; stroke: var(--flight); }
    .history .culprit { stroke: var(--broken); stroke-width: 3; }
    .history .number { fill: var(--ordinary); }
    .history .digit { fill: var(--paper); font-weight: 700; text-anchor: middle; }
    .history ol { margin: 6px 0; padding-left: 28px; font-size: 14px; }
    .history li { overflow-wrap: anywhere; }
    .history .no { color: var(--broken); font-weight: 600; }
    .tools { display: flex; flex-wrap: wrap; gap: 6px 14px; align-items: center; padding: 6px 16px;
      border-bottom: 1px solid var(--rule); font-size: 14px; }
    .tools fieldset { border: 0; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: 2px 8px; align-items: center; }
    .tools legend { float: left; padding: 0 6px 0 0; color: var(--muted); }
    .tools label { white-space: nowrap; }
    button, select, input[type=search] { font: inherit; color: var(--ink); background: var(--paper);
      border: 1px solid var(--rule); border-radius: 6px; padding: 2px 8px; }
    button { cursor: pointer; }
    button:hover { border-color: var(--accent); }
    :focus-visible { outline: 3px solid var(--accent); outline-offset: 1px; }
    input[type=search] { width: 8em; }
    main { display: grid; grid-template-columns: minmax(0, 1fr) 380px; }
    .stage { position: relative; height: calc(100vh - 150px); min-height: 420px; }
    canvas { display: block; width: 100%; height: 100%; touch-action: none; cursor: grab; }
    canvas:focus-visible { outline-offset: -3px; }
    .count { position: absolute; right: 26px; bottom: 4px; margin: 0; font-size: 12px; color: var(--muted);
      background: var(--paper); padding: 0 4px; pointer-events: none; }
    aside { border-left: 1px solid var(--rule); padding: 10px 14px; height: calc(100vh - 150px); min-height: 420px;
      overflow: auto; background: var(--panel); font-size: 14px; }
    aside h2, section h2 { margin: 0 0 4px; font-size: 16px; }
    aside h3 { margin: 12px 0 2px; font-size: 14px; color: var(--muted); }
    aside p, aside ol, aside ul { margin: 2px 0; overflow-wrap: anywhere; }
    aside ol, aside ul { padding-left: 22px; }
    .missing { color: var(--broken); font-weight: 600; display: block; }
    table { border-collapse: collapse; }
    section table { width: 100%; }
    aside td, aside th { text-align: left; padding: 1px 8px 1px 0; vertical-align: top; overflow-wrap: anywhere; }
    aside td:nth-child(2) { color: var(--muted); }
    details { margin-top: 12px; }
    summary { cursor: pointer; font-weight: 600; }
    .legend { list-style: none; padding: 0; }
    .legend li { display: flex; gap: 8px; align-items: center; margin: 2px 0; }
    .legend svg { flex: none; width: 56px; height: 18px; }
    kbd { border: 1px solid var(--rule); border-radius: 4px; padding: 0 4px; background: var(--paper); font: inherit; }
    section { padding: 12px 16px; }
    section table { font-size: 13px; }
    section th { text-align: left; border-bottom: 2px solid var(--rule); padding: 3px 8px 3px 0; }
    section td { vertical-align: top; border-bottom: 1px solid var(--rule); padding: 3px 8px 3px 0; overflow-wrap: anywhere; }
    section td:first-child { white-space: nowrap; }
    section tr.violation td { background: color-mix(in srgb, var(--broken) 16%, transparent); font-weight: 600; }
    section tr.selected td { outline: 2px solid var(--accent); outline-offset: -2px; }
    .spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
    @media (max-width: 800px) {
      header { padding: 6px 10px; }
      h1 { font-size: 19px; }
      .evidence { font-size: 14px; max-height: 11.5em; }
      .tools { padding: 5px 10px; gap: 4px 10px; font-size: 13px; }
      main { grid-template-columns: minmax(0, 1fr); }
      .stage { height: 62vh; min-height: 260px; }
      aside { height: auto; min-height: 0; border-left: 0; border-top: 1px solid var(--rule); padding: 8px 10px; }
      section { padding: 10px; }
      section th:nth-child(4), section td:nth-child(4) { display: none; }
    }
    @media print {
      .tools, .count, .keys { display: none; }
      main { display: block; }
      .stage { height: auto; min-height: 0; }
      canvas { height: auto; max-width: 100%; }
      aside { height: auto; border: 0; overflow: visible; }
      section td:nth-child(4) { display: table-cell; }
      tr { break-inside: avoid; }
      .evidence { max-height: none; }
    }
    """#
}
