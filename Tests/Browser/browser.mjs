// A headless Chromium driven over a pipe by its debugging protocol: no package is needed.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const places = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/// The browser's program, or undefined where there is none.
export const chromium = places.find(place => place && existsSync(place));

export async function openBrowser() {
  const folder = mkdtempSync(join(tmpdir(), "picture-"));
  const program = spawn(chromium, [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--no-first-run",
    "--user-data-dir=" + folder, "about:blank",
  ], { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
  const [commands, answers] = [program.stdio[3], program.stdio[4]];
  const waiting = new Map(), listeners = new Set(), errors = [];
  let next = 1, rest = "";
  answers.setEncoding("utf8");
  answers.on("data", data => {
    const parts = (rest + data).split("\0");
    rest = parts.pop();
    for (const message of parts.map(part => JSON.parse(part))) {
      if (!message.id) {
        for (const listener of listeners) listener(message);
        continue;
      }
      const { resolve, reject } = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.error) reject(new Error(message.error.message)); else resolve(message.result);
    }
  });
  const send = (method, params, sessionId) => new Promise((resolve, reject) => {
    waiting.set(next, { resolve, reject });
    commands.write(JSON.stringify({ id: next++, method, params: params ?? {}, sessionId }) + "\0");
  });
  const { targetId } = await send("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
  const call = (method, params) => send(method, params, sessionId);
  const happened = method => new Promise(resolve => {
    const listener = message => {
      if (message.method !== method) return;
      listeners.delete(listener);
      resolve(message.params);
    };
    listeners.add(listener);
  });
  listeners.add(({ method, params }) => {
    if (method === "Runtime.exceptionThrown") errors.push(params.exceptionDetails.exception?.description);
    if (method === "Runtime.consoleAPICalled" && params.type === "error") errors.push(JSON.stringify(params.args));
    if (method === "Log.entryAdded" && params.entry.level === "error") errors.push(params.entry.text);
  });
  for (const part of ["Page", "Runtime", "Log"]) await call(part + ".enable");

  const evaluate = async expression => {
    const answer = await call("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (answer.exceptionDetails) throw new Error(answer.exceptionDetails.exception?.description);
    return answer.result.value;
  };
  const settle = () => evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
  return {
    call, evaluate, settle, errors,
    /// Opens a file, and returns after how many milliseconds it had been drawn.
    async open(file, { width, height, scheme }) {
      await call("Emulation.setDeviceMetricsOverride",
        { width, height, deviceScaleFactor: 1, mobile: width < 600 });
      await call("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
      const loaded = happened("Page.loadEventFired");
      const start = performance.now();
      await call("Page.navigate", { url: "file://" + file });
      await loaded;
      await settle();
      return performance.now() - start;
    },
    async press(key) {
      const text = key.length === 1 ? key : undefined;
      await call("Input.dispatchKeyEvent", { type: text ? "keyDown" : "rawKeyDown", key, text });
      await call("Input.dispatchKeyEvent", { type: "keyUp", key });
      await settle();
    },
    async screenshot() {
      return Buffer.from((await call("Page.captureScreenshot", { format: "png" })).data, "base64");
    },
    close() {
      program.kill();
      program.once("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
    },
  };
}
