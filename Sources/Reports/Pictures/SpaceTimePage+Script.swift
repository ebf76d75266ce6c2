extension SpaceTimePage {
  /// Draws the picture on a canvas, only what is in sight, and tells about each event in words.
  // swift-format-ignore
  static let script = #"""
    "use strict";
    (() => {
    // Every text below reaches the page by textContent or by the canvas alone.
    const picture = JSON.parse(document.getElementById("picture").textContent);
    const events = picture.events, messages = picture.messages, facts = picture.facts;
    const violation = picture.violation;
    const past = new Set(violation.past), decisive = new Set(violation.decisive);
    const lastEvents = new Set(violation.lastEvents);
    const concerned = new Set(facts.concernedNodes);
    const nodeCount = facts.nodeCount;
    const find = id => document.getElementById(id);
    const canvas = find("diagram"), pen = canvas.getContext("2d");

    // ---- What each event did

    const sentBy = events.map(() => []);
    for (const message of messages) if (message.sentEvent != null) sentBy[message.sentEvent].push(message);
    const operationOf = new Map();
    for (const operation of picture.operations) {
      for (const id of [...operation.requests, ...operation.replies]) operationOf.set(id, operation);
    }
    const previousOnNode = [];
    {
      const latest = [];
      for (const event of events) {
        previousOnNode.push(latest[event.node]);
        if (event.kind !== "lost") latest[event.node] = event.id;
      }
    }
    // How far each node's log reaches after each event: what a vote should depend on.
    const logAfter = [];
    {
      const last = [];
      for (const event of events) {
        const change = event.changes.find(change => change.field === "last");
        if (change) last[event.node] = change.after;
        logAfter.push(last[event.node]);
      }
    }
    const milliseconds = time => (time / 1000).toFixed(3) + " ms";
    const causeOf = event => {
      const message = event.kind === "receive" && event.message != null ? messages[event.message] : null;
      return message && message.sentEvent != null ? message.sentEvent : previousOnNode[event.id];
    };
    const isWarned = event => event.notes.length > 0 || event.effects.some(effect => effect.note);

    function headline(event) {
      switch (event.kind) {
      case "receive": return "← " + event.label + " n" + event.from;
      case "lost": return "lost: " + event.label + " n" + event.from;
      case "timer": return "timer " + event.label;
      case "request": return event.label;
      case "start": return event.boot > 1 ? "starts again" : "starts";
      case "crash": return "crashes";
      case "pause": return "is paused";
      case "resume": return "goes on";
      default: return "goes on";
      }
    }

    function summary(event) {
      const parts = [];
      const change = field => event.changes.find(change => change.field === field);
      const role = change("role"), term = change("term"), vote = change("vote");
      if (event.kind === "start") {
        return event.notes.length
          ? "⚠ " + [term, vote, change("last")].filter(Boolean).map(change => (change.field === "last" ? "log" : change.field)
            + " " + change.before + " → " + change.after).join(" · ") : "";
      }
      if (role) parts.push(role.after + (term ? ", term " + term.after : ""));
      else if (term) parts.push("term " + term.before + " → " + term.after);
      if (vote && vote.after !== "none") parts.push("votes " + vote.after);
      const last = change("last"), commit = change("commit"), members = change("members");
      if (last) parts.push("log to " + last.after + (Number(last.after) < Number(last.before) ? ", was " + last.before : ""));
      else if (event.logChange) parts.push("log rewritten");
      else if ((role && role.after !== "follower" || vote && vote.after !== "none") && logAfter[event.id]) {
        parts.push(Number(logAfter[event.id]) === 0 ? "its log is empty" : "its log ends at " + logAfter[event.id]);
      }
      if (commit) parts.push("commit " + commit.after + (Number(commit.after) < Number(commit.before) ? ", was " + commit.before : ""));
      if (members) parts.push("members " + members.after);
      if (event.effects.some(effect => effect.note)) parts.push("⚠ not persisted");
      else if (event.notes.length) parts.push("⚠ cut short");
      const operation = operationOf.get(event.id);
      if (operation && operation.replies.includes(event.id) && (operation.isConcerned || event.kind === "request" && !operation.result.startsWith("accepted"))) {
        parts.push("answers " + operation.result);
      }
      return parts.join(" · ");
    }
    const headlines = events.map(headline), summaries = events.map(summary);
    // Where there is little room; the badge beside the line tells role and term.
    const shortened = words => words.replace(/, term \d+/, "").replace("candidate", "runs").replace("leader", "leads")
      .replace("follower", "steps down").replace("not persisted", "unsaved");
    const haystacks = events.map(event => [event.words, event.label || "", event.kind,
      ...event.effects.map(effect => effect.words)].join(" ").toLowerCase());

    // ---- What is shown

    const state = {
      level: violation.decisive.length > 2 && events.length > 40 ? "decisive" : "all",
      hidden: new Set(), filter: "", dims: true, trueTime: false, zoom: 1, top: 0,
      selected: violation.event == null ? 0 : violation.event, hovered: null, hoveredMessage: null,
    };
    let shown = [], rowY = [], height = 0, buckets = new Map(), bars = [], laneCount = 0;
    const bucketHeight = 400;
    const longWait = 20000;
    const isPhone = window.matchMedia("(max-width: 800px)");

    function isShown(event) {
      if (state.hidden.has(event.node)) return false;
      if (state.filter && !haystacks[event.id].includes(state.filter)) return false;
      if (event.id === violation.event) return true;
      if (state.level === "decisive") return decisive.has(event.id);
      if (state.level === "past") return past.has(event.id);
      return true;
    }

    // Where an event is, also one that is not shown: between its neighbours. All of this at zoom 1.
    function rowOf(id) {
      let low = 0, high = shown.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (shown[middle] < id) low = middle + 1; else high = middle;
      }
      return low;
    }
    function yOf(id) {
      if (!shown.length) return 0;
      if (state.trueTime) return yOfTime(id < events.length ? events[id].timeMicroseconds : picture.endMicroseconds);
      const row = rowOf(id);
      if (row < shown.length && shown[row] === id) return rowY[row];
      if (row === 0) return rowY[0] - 14;
      if (row >= shown.length) return rowY[row - 1] + 14;
      return (rowY[row - 1] + rowY[row]) / 2;
    }
    // Nothing shown comes after it.
    const isBelow = id => shown.length > 0 && id > shown[shown.length - 1];
    const yOfTime = time => 30 + (time - events[shown[0]].timeMicroseconds) / 1000 * 6;

    function layOut() {
      shown = [];
      for (const event of events) if (isShown(event)) shown.push(event.id);
      rowY = new Array(shown.length);
      let y = 26, time = shown.length ? events[shown[0]].timeMicroseconds : 0;
      for (let row = 0; row < shown.length; row++) {
        const event = events[shown[row]];
        if (state.trueTime) {
          rowY[row] = yOfTime(event.timeMicroseconds);
        } else {
          if (row > 0 && event.timeMicroseconds - time > longWait) y += 20;
          rowY[row] = y;
          y += summaries[event.id] ? 40 : 27;
        }
        time = event.timeMicroseconds;
      }
      height = (rowY.length ? rowY[rowY.length - 1] : 0) + 60;
      buckets = new Map();
      for (const message of messages) {
        if (state.hidden.has(message.from) || state.hidden.has(message.to)) continue;
        const isSenderShown = message.sentEvent != null && contains(message.sentEvent);
        const ends = [...message.arrivals, ...message.losses];
        const areEndsShown = ends.some(contains);
        if (!isSenderShown && !areEndsShown) continue;
        if (state.level === "decisive" && message.fate === "ordinary" && !(isSenderShown && areEndsShown)
          && !(isSenderShown && message.losses.length)) continue;
        const from = message.sentEvent == null ? rowY[0] - 14 : yOf(message.sentEvent);
        let to = from + 30;
        for (const end of ends) to = Math.max(to, yOf(end));
        message.top = from;
        for (let bucket = Math.floor(from / bucketHeight); bucket <= Math.floor(to / bucketHeight); bucket++) {
          if (!buckets.has(bucket)) buckets.set(bucket, []);
          buckets.get(bucket).push(message);
        }
      }
      layOutOperations();
      find("count").textContent = shown.length + " of " + (events.length + picture.eventsLeftOut) + " events"
        + (picture.eventsLeftOut ? " (the first " + picture.eventsLeftOut + " are not in this file)" : "");
      if (isPhone.matches) {
        const tall = Math.max(260, Math.min(window.innerHeight * 0.62, height + headHeight));
        canvas.parentElement.style.height = tall + "px";
      } else canvas.parentElement.style.height = "";
      clampTop();
      restartTable();
      wantsDrawing();
    }
    const contains = id => { const row = rowOf(id); return row < shown.length && shown[row] === id; };

    const hasConcerned = picture.operations.some(operation => operation.isConcerned);
    function layOutOperations() {
      bars = [];
      const laneEnds = [];
      for (const operation of picture.operations) {
        const ids = [...operation.requests, ...operation.replies];
        if (!operation.isConcerned && (hasConcerned && state.level === "decisive" || !ids.some(contains))) continue;
        const from = yOf(operation.requests[0]);
        const to = operation.replies.length ? yOf(operation.replies[operation.replies.length - 1]) : height - 40;
        let lane = laneEnds.findIndex(end => end < from - 4);
        if (lane < 0) lane = laneEnds.length;
        laneEnds[lane] = Math.max(to, from + 16);
        bars.push({ operation, from, to: Math.max(to, from + 16), lane });
      }
      laneCount = Math.min(laneEnds.length, 6);
    }

    // ---- Colours and sizes

    let colours = {}, width = 0, viewHeight = 0, ratio = 1, isNarrow = false;
    function readColours() {
      const style = getComputedStyle(document.documentElement);
      for (const name of ["paper", "panel", "ink", "muted", "rule", "accent", "ordinary", "lost", "delayed",
        "duplicated", "flight", "follower", "candidate", "leader", "broken", "band"]) {
        colours[name] = style.getPropertyValue("--" + name).trim();
      }
    }
    function resize() {
      ratio = window.devicePixelRatio || 1;
      width = canvas.clientWidth;
      viewHeight = canvas.clientHeight;
      isNarrow = width < 620;
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(viewHeight * ratio);
      clampTop();
      wantsDrawing();
    }
    const headHeight = 30, overviewWidth = 14;
    const gutter = () => isNarrow ? 46 : 80;
    const laneWidth = () => isNarrow ? (hasConcerned && laneCount < 4 ? 44 : 11)
      : Math.max(16, Math.min(150, 260 / Math.max(1, laneCount)));
    const shownNodes = () => Array.from({ length: nodeCount }, (_, at) => at + 1).filter(node => !state.hidden.has(node));
    let columns = new Map(), columnWidth = 0;
    function layOutColumns() {
      const nodes = shownNodes();
      const right = width - overviewWidth - laneCount * laneWidth() - (laneCount ? 6 : 0);
      columnWidth = (right - gutter()) / Math.max(1, nodes.length);
      const indent = Math.min(columnWidth * 0.4, isNarrow ? 26 : 46);
      columns = new Map(nodes.map((node, at) => [node, {
        left: gutter() + at * columnWidth, line: gutter() + at * columnWidth + indent }]));
    }
    const screenY = y => headHeight + y * state.zoom - state.top;
    function clampTop() {
      const most = Math.max(0, height * state.zoom - (viewHeight - headHeight));
      state.top = Math.max(0, Math.min(most, state.top));
    }

    // ---- Drawing

    let isWanted = false;
    function wantsDrawing() {
      if (isWanted) return;
      isWanted = true;
      requestAnimationFrame(() => { isWanted = false; draw(); });
    }
    const textWidths = new Map();
    function fit(text, most) {
      if (most < 12) return "";
      const key = pen.font + "\u0000" + text;
      let whole = textWidths.get(key);
      if (whole === undefined) {
        if (textWidths.size > 20000) textWidths.clear();
        whole = pen.measureText(text.slice(0, 300)).width;
        textWidths.set(key, whole);
      }
      if (whole <= most) return text.slice(0, 300);
      const kept = Math.max(0, Math.floor(Math.min(300, text.length) * most / whole) - 1);
      return kept > 1 ? text.slice(0, kept) + "…" : "";
    }
    function haloed(text, x, y, colour, most) {
      const fitting = fit(text, most);
      if (!fitting) return;
      pen.lineWidth = 4;
      pen.strokeStyle = colours.paper;
      pen.lineJoin = "round";
      pen.strokeText(fitting, x, y);
      pen.fillStyle = colour;
      pen.fillText(fitting, x, y);
    }
    function line(x1, y1, x2, y2) { pen.moveTo(x1, y1); pen.lineTo(x2, y2); }

    const hatches = new Map();
    function hatch(colour, slant) {
      const key = colour + slant + ratio;
      if (hatches.has(key)) return hatches.get(key);
      const tile = document.createElement("canvas");
      tile.width = tile.height = 8;
      const ink = tile.getContext("2d");
      ink.strokeStyle = colour;
      ink.lineWidth = 1.2;
      for (const shift of [-8, 0, 8]) {
        ink.beginPath();
        if (slant > 0) { ink.moveTo(shift, 8); ink.lineTo(shift + 8, 0); }
        else { ink.moveTo(shift, 0); ink.lineTo(shift + 8, 8); }
        ink.stroke();
      }
      const pattern = pen.createPattern(tile, "repeat");
      hatches.set(key, pattern);
      return pattern;
    }

    function draw() {
      layOutColumns();
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      pen.fillStyle = colours.paper;
      pen.fillRect(0, 0, width, viewHeight);
      pen.textBaseline = "middle";
      pen.save();
      pen.beginPath();
      pen.rect(0, headHeight, width - overviewWidth, viewHeight - headHeight);
      pen.clip();
      drawFaults();
      drawViolationLine();
      drawRoles();
      drawMessages();
      drawBadges();
      drawOperations();
      drawEvents();
      pen.restore();
      drawHead();
      drawOverview();
    }

    // Spans, computed once: which part of a node's line is down, paused or cut off, and from whom.
    const nodeSpans = [];
    for (const fault of picture.faults) {
      if (fault.kind === "crashed" || fault.kind === "paused" || fault.kind === "clock") {
        nodeSpans.push({ node: fault.node, from: fault.startEvent, to: fault.endEvent, kind: fault.kind,
          words: fault.kind === "crashed" ? "down" : fault.kind === "paused" ? "paused" : fault.words.replace(/^n\d+: its /, "") });
      }
    }
    {
      const steps = new Map();
      const step = at => { if (!steps.has(at)) steps.set(at, { added: [], removed: [] }); return steps.get(at); };
      for (const fault of picture.faults) if (fault.kind === "cut") {
        step(fault.startEvent).added.push(...fault.links);
        if (fault.endEvent != null) step(fault.endEvent).removed.push(...fault.links);
      }
      const cut = new Set(), open = new Map();
      const key = (from, to) => from * 100 + to;
      for (const at of [...steps.keys()].sort((a, b) => a - b)) {
        for (const link of steps.get(at).removed) cut.delete(key(link.from, link.to));
        for (const link of steps.get(at).added) cut.add(key(link.from, link.to));
        for (let node = 1; node <= nodeCount; node++) {
          const both = [], only = [];
          for (let other = 1; other <= nodeCount; other++) if (other !== node) {
            const out = cut.has(key(node, other)), back = cut.has(key(other, node));
            if (out && back) both.push("n" + other);
            else if (out) only.push("→n" + other);
            else if (back) only.push("←n" + other);
          }
          const count = both.length + only.length;
          const words = !count ? "" : both.length === nodeCount - 1 ? "✂ all" : "✂ " + [...both, ...only].join(" ");
          const known = open.get(node);
          if (known && known.words === words) continue;
          if (known) { known.to = at; open.delete(node); }
          if (words) {
            const span = { node, from: at, to: null, kind: "cut", words, isFar: 2 * count >= nodeCount };
            open.set(node, span);
            nodeSpans.push(span);
          }
        }
      }
    }

    function drawFaults() {
      pen.font = "11px system-ui, sans-serif";
      for (const span of nodeSpans) {
        const column = columns.get(span.node);
        if (!column) continue;
        if (isBelow(span.from)) continue;
        const from = screenY(yOf(span.from)) - (span.kind === "cut" ? 8 : 0);
        const to = span.to == null ? screenY(height) : screenY(yOf(span.to));
        if (to < headHeight || from > viewHeight || to - from < 2) continue;
        const isThin = span.kind === "clock" || span.kind === "cut" && !span.isFar;
        const wide = isThin ? 5 : columnWidth - 6;
        const colour = span.kind === "crashed" ? colours.broken : span.kind === "paused" ? colours.delayed : colours.band;
        pen.globalAlpha = isThin ? 0.5 : 0.1;
        pen.fillStyle = colour;
        pen.fillRect(column.left + 2, from, wide, to - from);
        pen.globalAlpha = isThin ? 0.9 : 0.32;
        pen.fillStyle = hatch(colour, span.kind === "crashed" ? -1 : 1);
        pen.fillRect(column.left + 2, from, wide, to - from);
        pen.globalAlpha = 1;
        // The words stay in sight as long as the span is.
        const at = Math.min(Math.max(from + 9, headHeight + 9), to - 4);
        pen.font = "600 11px system-ui, sans-serif";
        // Where there is little room, a crash's own words say it.
        if (!isNarrow || !isThin && span.kind !== "crashed") {
          pen.textAlign = "right";
          const right = column.left + columnWidth - 8;
          haloed(span.words, right, at, colour, columnWidth - 16);
          pen.textAlign = "left";
        }
      }
      // Links that are slow or lossy: bars beside the times.
      let lane = 0;
      for (const fault of picture.faults) if (fault.kind === "slow" || fault.kind === "lossy") {
        if (isBelow(fault.startEvent)) continue;
        const from = screenY(yOf(fault.startEvent));
        const to = fault.endEvent == null ? screenY(height) : screenY(yOf(fault.endEvent));
        if (to < headHeight || from > viewHeight) continue;
        const x = gutter() - 5 - 4 * (lane++ % 2);
        pen.strokeStyle = fault.kind === "slow" ? colours.delayed : colours.lost;
        pen.lineWidth = 2.5;
        pen.setLineDash(fault.kind === "slow" ? [6, 3] : [2, 3]);
        pen.beginPath();
        line(x, Math.max(from, 0), x, Math.min(to, viewHeight));
        pen.stroke();
        pen.setLineDash([]);
      }
    }

    function roleSpansIn(top, bottom, body) {
      for (const span of picture.roles) {
        const column = columns.get(span.node);
        if (!column) continue;
        const from = screenY(yOf(span.startEvent));
        const to = span.endEvent == null ? screenY(height - 30) : screenY(yOf(span.endEvent));
        if (to < top || from > bottom || to - from < 2 || isBelow(span.startEvent)) continue;
        body(span, column, from, to);
      }
    }
    const letters = { follower: "F", candidate: "C", leader: "L" };
    function drawRoles() {
      roleSpansIn(headHeight, viewHeight, (span, column, from, to) => {
        const top = Math.max(from, headHeight - 10), bottom = Math.min(to, viewHeight + 10);
        const colour = colours[span.role];
        pen.strokeStyle = colour;
        pen.lineWidth = span.role === "leader" ? 9 : span.role === "candidate" ? 4 : 1.8;
        pen.globalAlpha = span.role === "leader" ? 0.55 : 1;
        pen.setLineDash(span.role === "candidate" ? [7, 4] : []);
        pen.lineDashOffset = state.top % 11;
        pen.beginPath();
        line(column.line, top, column.line, bottom);
        pen.stroke();
        pen.globalAlpha = 1;
        if (span.role === "leader") {
          pen.lineWidth = 9;
          pen.setLineDash([2, 6]);
          pen.lineDashOffset = state.top % 8;
          pen.beginPath();
          line(column.line, top, column.line, bottom);
          pen.stroke();
        }
        pen.setLineDash([]);
        pen.lineDashOffset = 0;
      });
    }
    function drawBadges() {
      const badges = new Map();
      roleSpansIn(headHeight, viewHeight, (span, column, from, to) => {
        const colour = colours[span.role];
        const at = Math.max(from, headHeight + 8);
        const taken = badges.get(span.node) ?? -100;
        if (at > Math.min(to, viewHeight) || at - taken < 15) return;
        badges.set(span.node, at);
        pen.font = "700 11px system-ui, sans-serif";
        const text = isNarrow ? letters[span.role] + span.term : letters[span.role] + " t" + span.term;
        const wide = Math.min(pen.measureText(text).width + 8, column.line - column.left - 7);
        const left = column.line - wide - 8;
        pen.fillStyle = span.role === "follower" ? colours.paper : colour;
        pen.strokeStyle = colour;
        pen.lineWidth = 1.2;
        pen.setLineDash(span.role === "candidate" ? [3, 2] : []);
        pen.beginPath();
        pen.roundRect(left, at - 8, wide, 16, span.role === "leader" ? 2 : 7);
        pen.fill();
        pen.stroke();
        pen.setLineDash([]);
        pen.fillStyle = span.role === "follower" ? colours.muted : colours.paper;
        pen.textAlign = "center";
        pen.fillText(text, left + wide / 2, at + 0.5, wide - 3);
        pen.textAlign = "left";
      });
    }

    function kindOf(message, isLoss, isFlying) {
      if (message.fate === "lost" || isLoss) return "lost";
      if (isFlying) return "flight";
      if (message.fate === "duplicated") return "duplicated";
      return message.isDelayed ? "delayed" : "ordinary";
    }
    const dashes = { ordinary: [], lost: [2, 4], delayed: [10, 5], duplicated: [], flight: [5, 4] };
    let drawnArrows = [];
    function drawMessages() {
      const groups = new Map();
      drawnArrows = [];
      const seen = new Set();
      const focus = state.hovered ?? state.selected;
      const add = (message, kind, x1, y1, x2, y2, isHot, isFocused) => {
        if (Math.max(y1, y2) < headHeight || Math.min(y1, y2) > viewHeight) return;
        const key = kind + (isFocused ? 2 : isHot ? 1 : 0);
        if (!groups.has(key)) groups.set(key, { kind, isHot, isFocused, lines: [] });
        groups.get(key).lines.push([x1, y1, x2, y2]);
        drawnArrows.push({ message, x1, y1, x2, y2 });
      };
      const top = (state.top) / state.zoom, bottom = (state.top + viewHeight) / state.zoom;
      for (let bucket = Math.floor(top / bucketHeight); bucket <= Math.floor(bottom / bucketHeight); bucket++) {
        for (const message of buckets.get(bucket) ?? []) {
          if (seen.has(message.id)) continue;
          seen.add(message.id);
          const from = columns.get(message.from), to = columns.get(message.to);
          if (!from || !to) continue;
          const y1 = screenY(message.top);
          let x1 = from.line, x2 = to.line;
          // A message to oneself leaves the line and comes back to it.
          if (message.from === message.to) x1 += 14;
          const isFocused = message.sentEvent === focus || message.arrivals.includes(focus)
            || message === state.hoveredMessage;
          const step = Math.max(16, 26 * Math.min(1, state.zoom));
          if (message.fate === "lost") {
            add(message, "lost", x1, y1, x1 + (x2 - x1) * 0.62, y1 + step * 0.6, false, isFocused);
          }
          for (const end of message.losses) {
            const y2 = screenY(yOf(end));
            add(message, "lost", x1, y1, x1 + (x2 - x1) * 0.86, y1 + (y2 - y1) * 0.86, false, isFocused);
          }
          for (const end of message.arrivals) {
            const isHot = past.has(end) && (message.sentEvent == null || past.has(message.sentEvent));
            add(message, kindOf(message), x1, y1, x2, screenY(yOf(end)), isHot, isFocused);
          }
          if (message.inFlight > 0) {
            add(message, "flight", x1, y1, x1 + (x2 - x1) * 0.5, y1 + step, false, isFocused);
          }
        }
      }
      const order = group => group.isFocused ? 2 : group.isHot ? 1 : 0;
      const isCrowded = drawnArrows.length > 1500;
      for (const group of [...groups.values()].sort((a, b) => order(a) - order(b))) {
        const isDim = state.dims && !group.isHot && !group.isFocused;
        pen.globalAlpha = isDim ? (group.kind === "ordinary" ? 0.25 : 0.45) : 1;
        pen.strokeStyle = pen.fillStyle = colours[group.kind];
        pen.lineWidth = group.isFocused ? 2.6 : isDim ? 1 : 1.6;
        pen.setLineDash(isCrowded ? [] : dashes[group.kind]);
        pen.beginPath();
        // Where there are more than the eye can tell apart, some of them do.
        const stride = Math.max(1, Math.ceil(group.lines.length / 700));
        for (let at = 0; at < group.lines.length; at += stride) {
          const [x1, y1, x2, y2] = group.lines[at];
          if (at % 100 < stride && at > 0) { pen.stroke(); pen.beginPath(); }
          if (group.kind === "duplicated" && !isCrowded) {
            line(x1, y1 - 2, x2, y2 - 2);
            line(x1, y1 + 2, x2, y2 + 2);
          } else line(x1, y1, x2, y2);
        }
        pen.stroke();
        pen.setLineDash([]);
        if (isCrowded) continue;
        pen.lineWidth = group.isFocused ? 2.6 : 1.8;
        pen.beginPath();
        for (const [x1, y1, x2, y2] of group.lines) {
          const angle = Math.atan2(y2 - y1, x2 - x1);
          if (group.kind === "lost") {
            line(x2 - 5, y2 - 5, x2 + 5, y2 + 5);
            line(x2 - 5, y2 + 5, x2 + 5, y2 - 5);
          } else if (group.kind === "flight") {
            pen.moveTo(x2 + 5, y2);
            pen.arc(x2, y2, 5, 0, 2 * Math.PI);
          } else {
            const tip = 5, length = 9;
            const x = x2 - Math.cos(angle) * tip, y = y2 - Math.sin(angle) * tip;
            for (const side of [0.42, -0.42]) {
              line(x, y, x - Math.cos(angle + side) * length, y - Math.sin(angle + side) * length);
            }
          }
        }
        pen.stroke();
        if (group.kind === "delayed") {
          // An hourglass in the middle of the way.
          pen.beginPath();
          for (const [x1, y1, x2, y2] of group.lines) {
            const x = (x1 + x2) / 2, y = (y1 + y2) / 2;
            pen.moveTo(x - 4, y - 5); pen.lineTo(x + 4, y - 5); pen.lineTo(x - 4, y + 5); pen.lineTo(x + 4, y + 5);
            pen.closePath();
          }
          pen.fill();
        }
      }
      pen.globalAlpha = 1;
    }

    function drawOperations() {
      if (!bars.length) return;
      const wide = laneWidth();
      const start = width - overviewWidth - laneCount * wide - 2;
      pen.font = "11px system-ui, sans-serif";
      for (const bar of bars) {
        if (bar.lane >= laneCount) continue;
        const from = screenY(bar.from), to = screenY(bar.to);
        if (to < headHeight || from > viewHeight) continue;
        const x = start + bar.lane * wide;
        const isConcerned = bar.operation.isConcerned;
        const isOpen = !bar.operation.replies.length;
        const colour = isConcerned ? colours.broken : colours.accent;
        pen.globalAlpha = isConcerned ? 0.3 : 0.14;
        pen.fillStyle = colour;
        pen.fillRect(x, from, wide - 3, to - from);
        pen.globalAlpha = 1;
        pen.strokeStyle = colour;
        pen.lineWidth = isConcerned ? 2.2 : 1;
        pen.setLineDash(isOpen ? [4, 3] : []);
        pen.strokeRect(x, from, wide - 3, to - from);
        pen.setLineDash([]);
        if (wide < 40) continue;
        const at = Math.max(from, headHeight) + 9;
        pen.save();
        pen.beginPath();
        pen.rect(x, from, wide - 3, to - from);
        pen.clip();
        pen.fillStyle = colours.ink;
        pen.font = (isConcerned ? "700 " : "") + "11px system-ui, sans-serif";
        pen.fillText(fit("c" + bar.operation.client + " " + bar.operation.words, wide - 9), x + 4, at);
        pen.fillText(fit(isOpen ? "no answer" : "→ " + bar.operation.result, wide - 9), x + 4, at + 13);
        pen.restore();
      }
    }

    let drawnEvents = [];
    function drawEvents() {
      drawnEvents = [];
      if (!shown.length) {
        pen.font = "14px system-ui, sans-serif";
        pen.fillStyle = colours.muted;
        pen.fillText("No event fits the filter.", gutter(), headHeight + 30);
        return;
      }
      let first = 0, end = shown.length;
      while (first < end) {
        const middle = (first + end) >> 1;
        if (screenY(rowY[middle]) < headHeight - 30) first = middle + 1; else end = middle;
      }
      let lastTime = -100, hasLine = [];
      for (let row = first; row < shown.length; row++) {
        const y = screenY(rowY[row]);
        if (y > viewHeight + 20) break;
        hasLine.push(row);
      }
      const isCrowded = hasLine.length > 2000;
      const lastDrawn = new Map();
      for (const row of hasLine) {
        const event = events[shown[row]], y = screenY(rowY[row]), column = columns.get(event.node);
        if (!column) continue;
        const isHot = past.has(event.id) || event.kind === "crash";
        const isDim = state.dims && !isHot;
        drawnEvents.push({ event, x: column.line, y });
        if (!isCrowded || isHot && y - (lastDrawn.get(event.node) ?? -9) > 1.5) {
          lastDrawn.set(event.node, y);
          pen.globalAlpha = isDim ? 0.45 : 1;
          shape(event, column.line, y, isCrowded ? 2 : 5);
          pen.globalAlpha = 1;
        }
        if (y - lastTime > 13) {
          lastTime = y;
          pen.font = (isNarrow ? "10" : "11") + "px system-ui, sans-serif";
          pen.fillStyle = colours.muted;
          pen.textAlign = "right";
          const time = event.timeMicroseconds / 1000;
          pen.fillText(isNarrow ? time.toFixed(time < 1000 ? 1 : 0) : time.toFixed(time < 1000 ? 2 : 1) + " ms",
            gutter() - 13, y);
          pen.textAlign = "left";
          if (row > 0 && !state.trueTime && state.zoom > 0.4) {
            const wait = event.timeMicroseconds - events[shown[row - 1]].timeMicroseconds;
            if (wait > longWait) drawWait(wait, (y + screenY(rowY[row - 1])) / 2 + 8 * state.zoom);
          }
        }
      }
      drawLabels(hasLine);
      for (const id of lastEvents) mark(id, 11, colours.broken, []);
      mark(state.selected, 8, colours.accent, []);
      if (state.hovered != null && state.hovered !== state.selected) mark(state.hovered, 8, colours.accent, [3, 3]);
    }
    function drawWait(wait, y) {
      pen.fillStyle = colours.muted;
      pen.font = "italic 10px system-ui, sans-serif";
      pen.textAlign = "right";
      const amount = wait >= 1e6 ? (wait / 1e6).toFixed(1) + " s" : Math.round(wait / 1000) + (isNarrow ? "" : " ms");
      pen.fillText("⋮ " + amount, gutter() - 13, y);
      pen.textAlign = "left";
    }
    function mark(id, radius, colour, dash) {
      if (id == null || !contains(id)) return;
      const column = columns.get(events[id].node), y = screenY(yOf(id));
      if (!column || y < headHeight - 12 || y > viewHeight + 12) return;
      pen.strokeStyle = colour;
      pen.lineWidth = 2.5;
      pen.setLineDash(dash);
      pen.beginPath();
      pen.arc(column.line, y, radius, 0, 2 * Math.PI);
      pen.stroke();
      pen.setLineDash([]);
    }
    function shape(event, x, y, size) {
      pen.fillStyle = event.kind === "crash" ? colours.broken : colours.ink;
      pen.strokeStyle = event.kind === "crash" ? colours.broken : event.kind === "lost" ? colours.lost : colours.ink;
      pen.lineWidth = 2;
      pen.beginPath();
      switch (event.kind) {
      case "receive": pen.arc(x, y, size - 0.5, 0, 2 * Math.PI); pen.fill(); break;
      case "timer":
        pen.moveTo(x, y - size - 1); pen.lineTo(x + size + 1, y); pen.lineTo(x, y + size + 1); pen.lineTo(x - size - 1, y);
        pen.closePath(); pen.fill(); break;
      case "request": pen.rect(x - size, y - size, 2 * size, 2 * size); pen.fill(); break;
      case "start": case "resume":
        pen.moveTo(x - size, y - size); pen.lineTo(x + size, y - size); pen.lineTo(x, y + size); pen.closePath(); pen.fill(); break;
      case "crash":
        pen.lineWidth = 3.5; line(x - size - 2, y - size - 2, x + size + 2, y + size + 2);
        line(x - size - 2, y + size + 2, x + size + 2, y - size - 2); pen.stroke(); break;
      case "pause": pen.rect(x - size, y - size, size - 1, 2 * size); pen.rect(x + 1, y - size, size - 1, 2 * size); pen.fill(); break;
      case "lost": break;
      default: pen.arc(x, y, size - 1, 0, 2 * Math.PI); pen.stroke();
      }
    }
    function drawLabels(rows) {
      const taken = new Map();
      const isFree = (node, from, to) => {
        const spans = taken.get(node) ?? [];
        if (spans.some(span => from < span[1] && to > span[0])) return false;
        spans.push([from, to]);
        taken.set(node, spans);
        return true;
      };
      const rank = id => id === state.selected || id === violation.event ? 0 : lastEvents.has(id) ? 1 : decisive.has(id) ? 2
        : past.has(id) ? 3 : 4;
      // Where rows lie closer than a label is tall, only a few of them can have one.
      const order = rows.slice(0, 1200).map(row => shown[row]).sort((a, b) => rank(a) - rank(b) || a - b);
      const lanes = width - overviewWidth - laneCount * laneWidth() - 6;
      const visibleBars = bars.filter(bar => screenY(bar.to) > headHeight && screenY(bar.from) < viewHeight);
      const endAt = y => visibleBars.some(bar => screenY(bar.from) < y + 22 && screenY(bar.to) > y - 10)
        ? lanes : width - overviewWidth - 4;
      const size = isNarrow ? 10.5 : 12;
      let drawn = 0;
      for (const id of order) {
        if (drawn > 160) break;
        const event = events[id], column = columns.get(event.node);
        if (!column) continue;
        const y = screenY(yOf(id));
        const below = isNarrow ? shortened(summaries[id]) : summaries[id];
        // Each row has one event, so that its words may reach over the other columns; not so in true time.
        if (!isFree(state.trueTime ? event.node : 0, y - 8, y + (below ? 20 : 8))) continue;
        drawn += 1;
        const room = (state.trueTime ? column.left + columnWidth : endAt(y)) - column.line - 13;
        const isLeft = room < (isNarrow ? 74 : 120) && !state.trueTime && column.left > gutter() + 60;
        const most = isLeft ? column.left - gutter() - 4 : Math.min(room, 340);
        const x = isLeft ? column.left - 6 : column.line + 10;
        const isDim = state.dims && !past.has(id) && event.kind !== "crash";
        const colour = isWarned(event) || event.kind === "crash" ? colours.broken : colours.ink;
        pen.globalAlpha = isDim ? 0.5 : 1;
        pen.textAlign = isLeft ? "right" : "left";
        pen.font = size + "px system-ui, sans-serif";
        haloed(headlines[id], x, y, event.kind === "crash" ? colours.broken : colours.ink, most);
        if (below) {
          pen.font = "600 " + (size - 0.5) + "px system-ui, sans-serif";
          haloed(below, x, y + 13, colour, most);
        }
        pen.globalAlpha = 1;
        pen.textAlign = "left";
      }
    }

    function drawViolationLine() {
      if (violation.event == null || !contains(violation.event)) return;
      const y = screenY(yOf(violation.event));
      if (y < headHeight || y > viewHeight) return;
      pen.fillStyle = colours.broken;
      pen.globalAlpha = 0.14;
      pen.fillRect(0, y - 10, width, 20);
      pen.globalAlpha = 1;
      pen.strokeStyle = colours.broken;
      pen.lineWidth = 1.5;
      pen.setLineDash([6, 3]);
      pen.beginPath();
      line(0, y + 24, width, y + 24);
      pen.stroke();
      pen.setLineDash([]);
      pen.font = "700 12px system-ui, sans-serif";
      const words = facts.property.startsWith("No progress") ? " up to here" : ": broken here";
      haloed("✘ " + facts.property + words, gutter(), y + 35, colours.broken, width - gutter() - 20);
    }

    function drawHead() {
      pen.fillStyle = colours.panel;
      pen.fillRect(0, 0, width, headHeight);
      pen.strokeStyle = colours.rule;
      pen.lineWidth = 1;
      pen.beginPath();
      line(0, headHeight + 0.5, width, headHeight + 0.5);
      pen.stroke();
      pen.font = "700 14px system-ui, sans-serif";
      for (const [node, column] of columns) {
        const isConcerned = concerned.has(node);
        pen.fillStyle = isConcerned ? colours.broken : colours.ink;
        const given = (facts.givenNodes || [])[node - 1];
        const name = given && columnWidth > 90 ? "n" + node + " (" + given + ")" : "n" + node;
        pen.fillText(name + (isConcerned ? " ✘" : ""), column.line - 6, headHeight / 2, columnWidth);
      }
      pen.font = "12px system-ui, sans-serif";
      pen.fillStyle = colours.muted;
      pen.fillText(isNarrow ? "ms" : "time ↓", 8, headHeight / 2);
      if (laneCount) {
        const wide = laneCount * laneWidth();
        pen.fillText(fit("clients", wide), width - overviewWidth - wide, headHeight / 2);
      }
    }
    function drawOverview() {
      const left = width - overviewWidth, tall = viewHeight;
      pen.fillStyle = colours.panel;
      pen.fillRect(left, 0, overviewWidth, tall);
      const scale = tall / Math.max(1, height);
      pen.fillStyle = colours.muted;
      if (shown.length < 4000) {
        pen.globalAlpha = 0.5;
        for (let row = 0; row < shown.length; row++) {
          if (decisive.has(shown[row])) pen.fillRect(left + 4, rowY[row] * scale, 6, 1);
        }
        pen.globalAlpha = 1;
      }
      if (violation.event != null) {
        pen.fillStyle = colours.broken;
        pen.fillRect(left + 1, yOf(violation.event) * scale - 2, overviewWidth - 2, 4);
      }
      pen.strokeStyle = colours.accent;
      pen.lineWidth = 1.5;
      const seen = (viewHeight - headHeight) / state.zoom;
      pen.strokeRect(left + 1, state.top / state.zoom * scale + 1, overviewWidth - 2,
        Math.max(6, Math.min(tall - 2, seen * scale - 2)));
    }

    // ---- Words about an event

    function element(tag, text, ...children) {
      const made = document.createElement(tag);
      if (text) made.textContent = text;
      made.append(...children);
      return made;
    }
    function jumpButton(id, words) {
      const button = element("button", words);
      button.type = "button";
      button.addEventListener("click", () => { reveal(id); select(id); });
      return button;
    }
    function wayOf(message) {
      const parts = ["sent at " + milliseconds(message.sentMicroseconds)];
      if (message.fate === "lost") parts.push("lost at once");
      if (message.fate === "duplicated") parts.push("duplicated by the network");
      for (const id of message.arrivals) {
        const time = events[id].timeMicroseconds;
        parts.push("arrived at " + milliseconds(time) + ", after " + milliseconds(time - message.sentMicroseconds));
      }
      for (const id of message.losses) parts.push("lost on arrival at " + milliseconds(events[id].timeMicroseconds));
      if (message.inFlight > 0) parts.push(message.inFlight > 1 ? "both copies still on the way at the end" : "still on the way at the end");
      if (message.isDelayed) parts.push("delayed");
      return parts.join("; ");
    }
    function describe(event) {
      const parts = [];
      parts.push(element("h2", milliseconds(event.timeMicroseconds) + " · " + event.words));
      if (event.id === violation.event) {
        const note = element("p", "✘ With this event the property is broken.");
        note.className = "missing";
        parts.push(note);
      } else if (!past.has(event.id)) parts.push(element("p", "Not among the causes of what broke."));
      for (const words of event.notes) {
        const note = element("p", "⚠ " + words);
        note.className = "missing";
        parts.push(note);
      }
      if (event.message != null) parts.push(element("p", "The message: " + wayOf(messages[event.message]) + "."));
      const operation = operationOf.get(event.id);
      if (operation) {
        parts.push(element("p", "Client " + operation.client + ": " + operation.words + " → "
          + (operation.result ?? "no answer") + (operation.isConcerned ? "; the evidence is about it" : "")));
      }
      if (!["lost", "crash", "pause", "resume"].includes(event.kind)) {
        parts.push(element("h3", "What the handler did, in order"));
        const list = element("ol");
        for (const effect of event.effects) {
          const item = element("li", effect.words);
          if (effect.note) {
            const note = element("span", "⚠ " + effect.note);
            note.className = "missing";
            item.append(note);
          }
          list.append(item);
        }
        parts.push(event.effects.length ? list : element("p", "nothing"));
        parts.push(element("h3", "What changed"));
        if (event.changes.length || event.logChange) {
          const table = element("table");
          for (const change of event.changes) {
            table.append(element("tr", "", element("td", change.field), element("td", change.before), element("td", "→ " + change.after)));
          }
          if (event.logChange) {
            const cell = element("td", event.logChange);
            cell.colSpan = 2;
            table.append(element("tr", "", element("td", "log"), cell));
          }
          parts.push(table);
        } else parts.push(element("p", "nothing that the node shows"));
      }
      const links = element("p");
      const before = previousOnNode[event.id], sender = event.message == null ? null : messages[event.message].sentEvent;
      if (sender != null) links.append(jumpButton(sender, "↖ sent by n" + events[sender].node), " ");
      if (event.continues != null) links.append(jumpButton(event.continues, "↑ its handler"), " ");
      if (before != null) links.append(jumpButton(before, "↑ before on n" + event.node), " ");
      for (const message of sentBy[event.id].slice(0, 9)) {
        for (const id of message.arrivals) links.append(jumpButton(id, "↘ " + message.label + " at n" + message.to), " ");
      }
      if (links.childNodes.length) parts.push(element("h3", "Go to"), links);
      return parts;
    }
    function describeMessage(message) {
      return [element("h2", message.label + " from n" + message.from + " to n" + message.to), element("p", wayOf(message) + ".")];
    }
    function showDetails() {
      const details = find("details");
      if (state.hoveredMessage) return details.replaceChildren(...describeMessage(state.hoveredMessage));
      const event = events[state.hovered ?? state.selected];
      details.replaceChildren(...(event ? describe(event) : [element("h2", "No event")]));
    }

    // ---- Moving

    function scrollTo(id, share) {
      const y = yOf(id) * state.zoom, room = viewHeight - headHeight;
      if (share === undefined) {
        if (y - state.top < 40) state.top = y - room * 0.3;
        else if (y - state.top > room - 60) state.top = y - room * 0.7;
      } else state.top = y - room * share;
      clampTop();
    }
    function select(id) {
      if (!events[id]) return;
      state.selected = id;
      state.hovered = state.hoveredMessage = null;
      scrollTo(id);
      showDetails();
      find("spoken").textContent = milliseconds(events[id].timeMicroseconds) + ", " + events[id].words
        + (summaries[id] ? ", " + summaries[id] : "");
      markRow();
      wantsDrawing();
    }
    // Shows more until the event is among what is shown.
    function reveal(id) {
      if (contains(id)) return;
      state.filter = find("filter").value = "";
      state.hidden.delete(events[id].node);
      state.level = past.has(id) && state.level !== "all" ? (decisive.has(id) ? state.level : "past") : "all";
      setForm();
      layOut();
    }
    function toViolation() {
      if (violation.event == null) return;
      reveal(violation.event);
      select(violation.event);
      scrollTo(violation.event, 0.78);
      wantsDrawing();
    }
    function step(by) {
      if (!shown.length) return;
      let row = rowOf(state.selected);
      if (shown[row] !== state.selected && by > 0) row -= 1;
      select(shown[Math.max(0, Math.min(shown.length - 1, row + by))]);
    }
    function sideways(by) {
      const nodes = shownNodes();
      let at = nodes.indexOf(events[state.selected].node) + by;
      const row = rowOf(state.selected);
      for (; at >= 0 && at < nodes.length; at += by) {
        for (let far = 1; far < shown.length; far++) {
          for (const other of [row - far, row + far]) {
            if (other >= 0 && other < shown.length && events[shown[other]].node === nodes[at]) return select(shown[other]);
          }
        }
      }
    }
    function zoomBy(factor, around) {
      const least = Math.min(1, (viewHeight - headHeight) / Math.max(1, height));
      const zoom = Math.max(least, Math.min(8, state.zoom * factor));
      const y = (around ?? screenY(yOf(state.selected))) - headHeight;
      state.top = (state.top + y) * zoom / state.zoom - y;
      state.zoom = zoom;
      clampTop();
      wantsDrawing();
    }
    function setForm() {
      find("level").value = state.level;
      for (const input of document.querySelectorAll("#nodes input")) input.checked = !state.hidden.has(Number(input.value));
      find("highlight").checked = state.dims;
      find("true-time").checked = state.trueTime;
    }
    function relay(change) {
      const before = screenY(yOf(state.selected));
      change();
      setForm();
      layOut();
      state.top += screenY(yOf(state.selected)) - before;
      clampTop();
      scrollTo(state.selected);
    }

    canvas.addEventListener("wheel", event => {
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        return zoomBy(Math.exp(-event.deltaY * 0.002), event.offsetY);
      }
      const before = state.top;
      state.top += event.deltaY * (event.deltaMode === 1 ? 18 : 1);
      clampTop();
      if (state.top !== before) event.preventDefault();
      wantsDrawing();
    }, { passive: false });
    const pointers = new Map();
    let wasDragged = false, pinch = 0;
    canvas.addEventListener("pointerdown", event => {
      canvas.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, event);
      wasDragged = false;
      canvas.style.cursor = "grabbing";
      if (event.offsetX > width - overviewWidth) toOverview(event.offsetY);
    });
    function toOverview(y) {
      wasDragged = true;
      state.top = y / viewHeight * height * state.zoom - (viewHeight - headHeight) / 2;
      clampTop();
      wantsDrawing();
    }
    canvas.addEventListener("pointermove", event => {
      const known = pointers.get(event.pointerId);
      if (!known) return hover(event.offsetX, event.offsetY);
      if (pointers.size === 2) {
        const [one, two] = [...pointers.values()];
        const far = Math.hypot(one.offsetX - two.offsetX, one.offsetY - two.offsetY);
        if (pinch) zoomBy(far / pinch, (one.offsetY + two.offsetY) / 2);
        pinch = far;
        wasDragged = true;
      } else if (known.offsetX > width - overviewWidth) {
        toOverview(event.offsetY);
      } else {
        const by = event.offsetY - known.offsetY;
        if (!wasDragged && Math.abs(by) < 4) return;
        wasDragged = true;
        state.top -= by;
        clampTop();
        wantsDrawing();
      }
      pointers.set(event.pointerId, event);
    });
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, event => {
      pointers.delete(event.pointerId);
      pinch = 0;
      canvas.style.cursor = "";
      if (wasDragged || name === "pointercancel") return;
      const hit = eventAt(event.offsetX, event.offsetY, 22);
      if (hit != null) return select(hit);
      const arrow = arrowAt(event.offsetX, event.offsetY);
      if (arrow) select(arrow.arrivals[0] ?? arrow.losses[0] ?? arrow.sentEvent);
    });
    canvas.addEventListener("pointerleave", () => hover(-100, -100));
    function eventAt(x, y, reach) {
      let best = null, least = reach;
      for (const drawn of drawnEvents) {
        // The words beside an event belong to it.
        const side = x - drawn.x;
        const far = Math.hypot(side > 0 && side < columnWidth * 0.55 ? side / 8 : side, y - drawn.y);
        if (far < least) { least = far; best = drawn.event.id; }
      }
      return best;
    }
    function arrowAt(x, y) {
      let best = null, least = 5;
      for (const { message, x1, y1, x2, y2 } of drawnArrows) {
        const length = (x2 - x1) ** 2 + (y2 - y1) ** 2 || 1;
        const share = Math.max(0, Math.min(1, ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / length));
        const far = Math.hypot(x1 + share * (x2 - x1) - x, y1 + share * (y2 - y1) - y);
        if (far < least) { least = far; best = message; }
      }
      return best;
    }
    function hover(x, y) {
      let event = eventAt(x, y, 9);
      let message = event == null ? arrowAt(x, y) : null;
      if (event === state.hovered && message === state.hoveredMessage) return;
      state.hovered = event;
      state.hoveredMessage = message;
      showDetails();
      wantsDrawing();
    }

    document.addEventListener("keydown", event => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const isTyping = event.target instanceof HTMLInputElement && event.target.type === "search";
      if (isTyping) {
        if (event.key === "Escape" || event.key === "Enter") { canvas.focus(); event.preventDefault(); }
        return;
      }
      const level = { 1: "decisive", 2: "past", 3: "all" }[event.key];
      if (event.key.startsWith("Arrow") || event.key === "Home" || event.key === "End") {
        if (event.target !== canvas && event.target !== document.body) return;
      }
      switch (event.key) {
      case "ArrowDown": step(1); break;
      case "ArrowUp": step(-1); break;
      case "ArrowLeft": sideways(-1); break;
      case "ArrowRight": sideways(1); break;
      case "Home": if (shown.length) select(shown[0]); break;
      case "End": if (shown.length) select(shown[shown.length - 1]); break;
      case "v": toViolation(); canvas.focus(); break;
      case "c": { const id = causeOf(events[state.selected]); if (id != null) { reveal(id); select(id); } break; }
      case "/": find("filter").focus(); find("filter").select(); break;
      case "+": case "=": zoomBy(1.25); break;
      case "-": zoomBy(0.8); break;
      case "d": relay(() => { state.dims = !state.dims; }); break;
      case "t": relay(() => { state.trueTime = !state.trueTime; }); break;
      default:
        if (!level) return;
        relay(() => { state.level = level; });
      }
      event.preventDefault();
    });

    // ---- The form

    find("level").addEventListener("change", () => relay(() => { state.level = find("level").value; }));
    for (let node = 1; node <= nodeCount; node++) {
      const input = element("input");
      input.type = "checkbox";
      input.value = node;
      input.addEventListener("change", () => relay(() => {
        if (input.checked) state.hidden.delete(node); else state.hidden.add(node);
      }));
      find("nodes").append(element("label", "", input, " n" + node));
    }
    find("filter").addEventListener("input", () => relay(() => { state.filter = find("filter").value.trim().toLowerCase(); }));
    find("highlight").addEventListener("change", () => relay(() => { state.dims = find("highlight").checked; }));
    find("true-time").addEventListener("change", () => relay(() => { state.trueTime = find("true-time").checked; }));
    find("jump").addEventListener("click", () => { toViolation(); canvas.focus(); });
    find("zoom-in").addEventListener("click", () => zoomBy(1.25));
    find("zoom-out").addEventListener("click", () => zoomBy(0.8));
    document.querySelector("form").addEventListener("submit", event => event.preventDefault());

    // ---- The same events in words, built as far as one has read

    const rows = find("rows"), more = find("more");
    let built = 0;
    const rowsByEvent = new Map();
    function restartTable() {
      rows.replaceChildren();
      rowsByEvent.clear();
      built = 0;
      buildRows(60);
    }
    function buildRows(count) {
      const part = document.createDocumentFragment();
      const end = Math.min(shown.length, built + count);
      for (; built < end; built++) {
        const event = events[shown[built]];
        const time = element("button", milliseconds(event.timeMicroseconds));
        time.type = "button";
        time.addEventListener("click", () => { select(event.id); });
        const did = element("td");
        event.effects.forEach((effect, at) => {
          did.append((at ? "; " : "") + effect.words);
          if (effect.note) {
            const note = element("span", "⚠ " + effect.note);
            note.className = "missing";
            did.append(note);
          }
        });
        const changed = event.changes.map(change => change.field + " " + change.before + " → " + change.after);
        if (event.logChange) changed.push("log: " + event.logChange);
        const what = element("td", (event.id === violation.event ? "✘ " : "") + event.words);
        for (const words of event.notes) {
          const note = element("span", "⚠ " + words);
          note.className = "missing";
          what.append(note);
        }
        const row = element("tr", "", element("td", "", time), element("td", "n" + event.node), what, did,
          element("td", changed.join("; ")));
        if (event.id === violation.event) row.className = "violation";
        rowsByEvent.set(event.id, row);
        part.append(row);
      }
      rows.append(part);
      more.hidden = built >= shown.length;
      more.textContent = "More events (" + (shown.length - built) + " left)";
      markRow();
    }
    let markedRow = null;
    function markRow() {
      if (markedRow) markedRow.classList.remove("selected");
      markedRow = rowsByEvent.get(state.selected) ?? null;
      if (markedRow) markedRow.classList.add("selected");
    }
    more.addEventListener("click", () => buildRows(500));
    new IntersectionObserver(seen => { if (seen.some(entry => entry.isIntersecting)) buildRows(200); }).observe(more);

    // ---- Legend and faults

    function sign(words, paint) {
      const space = "http://www.w3.org/2000/svg";
      const svg = document.createElementNS(space, "svg");
      svg.setAttribute("viewBox", "0 0 56 18");
      svg.setAttribute("aria-hidden", "true");
      for (const [tag, attributes] of paint) {
        const made = document.createElementNS(space, tag);
        for (const name in attributes) made.setAttribute(name, attributes[name]);
        svg.append(made);
      }
      find("signs").append(element("li", "", svg, words));
    }
    const stroke = (name, wide, dash) => ({ stroke: "var(--" + name + ")", "stroke-width": wide, fill: "none", "stroke-dasharray": dash || "none" });
    const head = name => ["path", { d: "M42 4 L50 9 L42 14", ...stroke(name, 1.8) }];
    const ink = { fill: "var(--ink)" };
    sign("a message", [["path", { d: "M4 9 H50", ...stroke("ordinary", 1.8) }], head("ordinary")]);
    sign("delayed: took longer than 10 ms", [["path", { d: "M4 9 H50", ...stroke("delayed", 1.8, "10 5") }], head("delayed"),
      ["path", { d: "M20 4 H28 L20 14 H28 Z", fill: "var(--delayed)" }]]);
    sign("duplicated: arrives twice", [["path", { d: "M4 7 H48 M4 11 H48", ...stroke("duplicated", 1.6) }], head("duplicated")]);
    sign("lost", [["path", { d: "M4 9 H40", ...stroke("lost", 1.8, "2 4") }], ["path", { d: "M35 4 L45 14 M45 4 L35 14", ...stroke("lost", 2) }]]);
    sign("still on its way at the end", [["path", { d: "M4 9 H34", ...stroke("flight", 1.8, "5 4") }],
      ["circle", { cx: 40, cy: 9, r: 5, ...stroke("flight", 1.8) }]]);
    sign("● receives  ◆ timer  ■ request", [["circle", { cx: 9, cy: 9, r: 4.5, ...ink }], ["path", { d: "M28 3 L34 9 L28 15 L22 9 Z", ...ink }],
      ["rect", { x: 42, y: 4, width: 10, height: 10, ...ink }]]);
    sign("crashes; starts", [["path", { d: "M5 3 L17 15 M17 3 L5 15", ...stroke("broken", 3.5) }], ["path", { d: "M36 4 H48 L42 15 Z", ...ink }]]);
    if (picture.roles.length) {
      sign("F follower, with its term", [["path", { d: "M4 9 H52", ...stroke("follower", 1.8) }]]);
      sign("C candidate", [["path", { d: "M4 9 H52", ...stroke("candidate", 4, "7 4") }]]);
      sign("L leader", [["path", { d: "M4 9 H52", ...stroke("leader", 9), opacity: 0.55 }], ["path", { d: "M4 9 H52", ...stroke("leader", 9, "2 6") }]]);
    }
    sign("shaded: down, paused (hatched), or ✂ cut off from those nodes", [["rect", { x: 4, y: 2, width: 48, height: 14, fill: "var(--band)", opacity: 0.25 }],
      ["path", { d: "M6 16 L20 2 M20 16 L34 2 M34 16 L48 2", ...stroke("band", 1.2) }]]);
    sign("beside the times: links are slow, or lossy", [["path", { d: "M16 1 V17", ...stroke("delayed", 2.5, "6 3") }],
      ["path", { d: "M36 1 V17", ...stroke("lost", 2.5, "2 3") }]]);
    sign("the property broke with this event", [["circle", { cx: 28, cy: 9, r: 7, ...stroke("broken", 2.5) }], ["circle", { cx: 28, cy: 9, r: 3.5, ...ink }]]);
    sign("the event described here", [["circle", { cx: 28, cy: 9, r: 7, ...stroke("accent", 2.5) }], ["circle", { cx: 28, cy: 9, r: 3.5, ...ink }]]);

    function linkWords(links) {
      const pairs = links.slice(0, 12).map(link => "n" + link.from + " → n" + link.to);
      if (links.length === nodeCount * (nodeCount - 1)) return "all links";
      return pairs.join(", ") + (links.length > 12 ? " and " + (links.length - 12) + " more" : "");
    }
    for (const fault of picture.faults.slice(0, 400)) {
      const end = fault.endMicroseconds == null ? "to the end" : "to " + milliseconds(fault.endMicroseconds);
      const what = fault.links.length ? linkWords(fault.links) + ": " + fault.words : fault.words;
      find("faults").append(element("li", milliseconds(fault.startMicroseconds) + " " + end + ": " + what));
    }
    find("broken").hidden = !picture.faults.length;
    if (isPhone.matches) find("legend").open = false;

    // ---- Print, colours, beginning

    window.addEventListener("beforeprint", () => {
      document.documentElement.classList.add("printing");
      buildRows(2000);
      readColours();
      draw();
    });
    window.addEventListener("afterprint", () => {
      document.documentElement.classList.remove("printing");
      readColours();
      draw();
    });
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { readColours(); wantsDrawing(); });
    // At once: a canvas of another size is empty, and a frame may be shown before the next one is drawn.
    new ResizeObserver(() => { resize(); draw(); }).observe(canvas);
    readColours();
    resize();
    setForm();
    layOut();
    toViolation();
    showDetails();
    // What fits nowhere is the last thing in its history.
    const history = document.querySelector(".history .scroll");
    if (history) history.scrollLeft = history.scrollWidth;
    // For whoever measures and tests the page.
    window.spaceTime = { state, draw, shown: () => shown, select, picture };
    })();
    """#
}
