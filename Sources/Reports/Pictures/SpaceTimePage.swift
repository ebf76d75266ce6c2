/// What every space-time diagram's page consists of, beside the run itself.
enum SpaceTimePage {
  /// The page fetches nothing, and runs nothing but what stands in it.
  static let policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"

  // swift-format-ignore
  static let body = #"""
    <noscript><p>The picture is drawn by a script inside this file; the lines above say what broke.</p></noscript>
    <form class="tools" aria-label="What is shown">
    <label>Show <select id="level"><option value="decisive">what decided it</option>
    <option value="past">all that led to it</option><option value="all">everything</option></select></label>
    <fieldset id="nodes"><legend>Nodes</legend></fieldset>
    <label>Filter <input type="search" id="filter" placeholder="a word" autocomplete="off"></label>
    <label><input type="checkbox" id="highlight" checked> dim what is no cause</label>
    <label><input type="checkbox" id="true-time"> true time</label>
    <span><button type="button" id="jump">Go to the violation</button>
    <button type="button" id="zoom-out" aria-label="zoom out">−</button>
    <button type="button" id="zoom-in" aria-label="zoom in">+</button></span>
    </form>
    <main>
    <div class="stage">
    <canvas id="diagram" tabindex="0" role="application" aria-roledescription="space-time diagram"
    aria-label="The run, time downwards, a line a node. Arrow keys step through the events; the table below has the same events."></canvas>
    <p class="count" id="count"></p>
    </div>
    <aside aria-label="The event">
    <div id="details"></div>
    <details id="broken"><summary>What was broken</summary><ul id="faults"></ul></details>
    <details id="legend" open><summary>Legend and keys</summary>
    <ul class="legend" id="signs"></ul>
    <p class="keys"><kbd>↓</kbd> <kbd>↑</kbd> next and previous event, <kbd>←</kbd> <kbd>→</kbd> other nodes, <kbd>v</kbd> the violation,
    <kbd>c</kbd> the cause of the event, <kbd>/</kbd> filter, <kbd>1</kbd> <kbd>2</kbd> <kbd>3</kbd> show less or more,
    <kbd>d</kbd> dim the rest, <kbd>t</kbd> true time, <kbd>+</kbd> <kbd>−</kbd> zoom, <kbd>Home</kbd> <kbd>End</kbd> first and last event.
    Drag or turn the wheel to move; hold <kbd>Ctrl</kbd> with the wheel to zoom.</p>
    </details>
    </aside>
    </main>
    <p class="spoken" id="spoken" role="status" aria-live="polite"></p>
    <section aria-label="The events in words">
    <h2>The same events in words</h2>
    <table><thead><tr><th scope="col">Time</th><th scope="col">Node</th><th scope="col">What happened</th>
    <th scope="col">What the handler did</th><th scope="col">What changed</th></tr></thead><tbody id="rows"></tbody></table>
    <p><button type="button" id="more" hidden>More events</button></p>
    </section>
    """#
}
