// Drives a space-time diagram in a browser: node space-time.mjs FILE.html [--measure] [--screenshots FOLDER]
//
// Checks stepping, the filter, the choice of nodes and the jump to the violation, by keyboard alone, at two widths and in
// light and dark. With --measure it also demands that the page opens within 2 s and pans with 30 frames a second.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { chromium, openBrowser } from "./browser.mjs";

const options = process.argv.slice(2);
const file = resolve(options[0] ?? "");
const measures = options.includes("--measure");
const folder = options.includes("--screenshots") ? options[options.indexOf("--screenshots") + 1] : null;
if (!options[0]) {
  console.error("usage: node space-time.mjs FILE.html [--measure] [--screenshots FOLDER]");
  process.exit(64);
}
if (!chromium) {
  console.log("skipped: there is no Chromium here (apt-get install chromium, or name one in CHROMIUM)");
  process.exit(0);
}

const page = await openBrowser();
const selected = () => page.evaluate("spaceTime.state.selected");
const shown = () => page.evaluate("spaceTime.shown()");
const text = id => page.evaluate(`document.getElementById(${JSON.stringify(id)}).textContent`);

async function checkKeyboard() {
  const violation = await page.evaluate("spaceTime.picture.violation.event");
  assert.equal(await selected(), violation, "the page opens at the violation");
  assert.match(await text("details"), /the property is broken/);
  await page.evaluate("document.getElementById('diagram').focus()");

  const before = await shown();
  const place = before.indexOf(violation);
  await page.press("ArrowUp");
  assert.equal(await selected(), before[Math.max(0, place - 1)], "↑ steps to the event before");
  await page.press("ArrowDown");
  assert.equal(await selected(), violation, "↓ steps to the event after");
  await page.press("Home");
  assert.equal(await selected(), before[0], "Home goes to the first event");
  const nodeOf = async () => page.evaluate("spaceTime.picture.events[spaceTime.state.selected].node");
  const node = await nodeOf();
  await page.press("ArrowRight");
  await page.press("ArrowLeft");
  assert.ok(await nodeOf() <= node, "→ and ← go from node to node");
  await page.press("v");
  assert.equal(await selected(), violation, "v jumps to the violation");
  assert.match(await text("spoken"), /ms/, "what is chosen is said");
  await page.press("c");
  assert.notEqual(await selected(), violation, "c goes to the cause");

  await page.press("1");
  const decisive = (await shown()).length;
  await page.press("2");
  const past = (await shown()).length;
  await page.press("3");
  const all = (await shown()).length;
  assert.ok(decisive <= past + 20 && past <= all, "1, 2 and 3 show more and more");
  assert.equal(all, await page.evaluate("spaceTime.picture.events.length"));

  await page.press("/");
  const label = await page.evaluate("spaceTime.picture.messages[0].label");
  await page.call("Input.insertText", { text: label });
  await page.settle();
  const found = await shown();
  assert.ok(found.length > 0 && found.length <= all, "the filter shows some of the events");
  const violationId = violation;
  const fits = await page.evaluate(`spaceTime.shown().every(id => id === ${violationId}
    || JSON.stringify(spaceTime.picture.events[id]).toLowerCase().includes(${JSON.stringify(label.toLowerCase())}))`);
  assert.ok(fits, "every event shown fits the filter");
  await page.press("Escape");
  await page.evaluate(`(() => { const box = document.getElementById("filter"); box.value = "";
    box.dispatchEvent(new Event("input")); })()`);
  await page.evaluate("document.querySelector('#nodes input').click()");
  assert.ok(await page.evaluate("spaceTime.shown().every(id => spaceTime.picture.events[id].node !== 1)"),
    "a node can be left out");
  await page.evaluate("document.querySelector('#nodes input').click()");
  await page.press("v");
  assert.equal(await selected(), violation, "v brings the violation back");
}

async function checkTwin() {
  const rows = await page.evaluate("document.querySelectorAll('#rows tr').length");
  const count = (await shown()).length;
  assert.ok(rows >= Math.min(60, count), "the table has the first events");
  await page.evaluate(`(() => { while (!document.getElementById("more").hidden) document.getElementById("more").click(); })()`);
  assert.equal(await page.evaluate("document.querySelectorAll('#rows tr').length"), count,
    "the table has every event that the picture shows");
  assert.ok(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out sideways");
}

async function measure(opening) {
  const result = await page.evaluate(`(async () => {
    const level = document.getElementById("level");
    level.value = "all";
    level.dispatchEvent(new Event("change"));
    spaceTime.state.top = 0;
    const canvas = document.getElementById("diagram"), times = [];
    await new Promise(done => requestAnimationFrame(done));
    let last = performance.now();
    for (let frame = 0; frame < 120; frame++) {
      canvas.dispatchEvent(new WheelEvent("wheel", { deltaY: 40, cancelable: true }));
      await new Promise(done => requestAnimationFrame(done));
      times.push(performance.now() - last);
      last = performance.now();
    }
    const start = performance.now();
    for (let frame = 0; frame < 20; frame++) spaceTime.draw();
    return { rate: 120000 / times.reduce((sum, time) => sum + time), draw: (performance.now() - start) / 20,
      events: spaceTime.shown().length };
  })()`);
  console.log(`${result.events} events: opened in ${opening.toFixed(0)} ms, pans with ${result.rate.toFixed(0)} frames `
    + `a second, a frame is drawn in ${result.draw.toFixed(1)} ms`);
  if (!measures) return;
  assert.ok(opening < 2000, "the page opens within 2 s");
  assert.ok(result.rate >= 30, "the page pans with 30 frames a second");
}

try {
  for (const [width, height] of [[1280, 800], [390, 844]]) {
    for (const scheme of ["light", "dark"]) {
      const opening = await page.open(file, { width, height, scheme });
      if (folder) {
        writeFileSync(join(folder, `${basename(file, ".html")}-${width}-${scheme}.png`), await page.screenshot());
      }
      await checkKeyboard();
      await checkTwin();
      if (scheme === "light") await measure(opening);
    }
  }
  assert.deepEqual(page.errors, [], "the console has no errors");
  console.log("passed: " + basename(file));
} catch (error) {
  console.error("failed: " + error.message);
  process.exitCode = 1;
} finally {
  page.close();
}
