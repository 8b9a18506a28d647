"use strict";
/* The way to the host (MCP Apps, 2026-01-26), elements without markup, and figures as Korean screens write them. */
const host = { context: {}, capabilities: {} };
(() => {
  let last = 0;
  const waiting = new Map();
  const heard = {};
  const send = (message) => window.parent.postMessage({ jsonrpc: "2.0", ...message }, "*");
  host.on = (name, listener) => { heard[name] = listener; };
  host.ask = (method, params) => new Promise((done, failed) => {
    last += 1;
    waiting.set(last, { done, failed });
    send({ id: last, method, params });
  });
  window.addEventListener("message", (event) => {
    if (event.source !== window.parent) return;
    const message = event.data;
    if (!message || message.jsonrpc !== "2.0") return;
    if (message.method === "ping" || message.method === "ui/resource-teardown") send({ id: message.id, result: {} });
    else if (message.method) { if (heard[message.method]) heard[message.method](message.params || {}); }
    else if (waiting.has(message.id)) {
      const { done, failed } = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.error) failed(new Error(message.error.message)); else done(message.result);
    }
  });
  const take = (context) => {
    Object.assign(host.context, context);
    const dark = host.context.theme ? host.context.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    document.documentElement.lang = host.korean() ? "ko" : "en";
    if (host.redraw) host.redraw();
  };
  host.korean = () => !host.context.locale || host.context.locale.toLowerCase().startsWith("ko");
  host.connect = async (name) => {
    take({});
    host.on("ui/notifications/host-context-changed", take);
    const appInfo = { name, version: "1" };
    const found = await host.ask("ui/initialize", { appInfo, appCapabilities: {}, protocolVersion: "2026-01-26" });
    host.capabilities = found.hostCapabilities || {};
    take(found.hostContext || {});
    send({ method: "ui/notifications/initialized" });
    const size = () => {
      const { scrollWidth: width } = document.documentElement;
      send({ method: "ui/notifications/size-changed", params: { width, height: document.body.offsetHeight } });
    };
    new ResizeObserver(size).observe(document.body);
  };
})();
const say = (korean, english) => (host.korean() ? korean : english);
const put = (node, attributes, inside) => {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined) node.setAttribute(name, value);
  }
  for (const child of [inside].flat(3)) if (child !== null && child !== undefined) node.append(child);
  return node;
};
const h = (tag, attributes, ...inside) => put(document.createElement(tag), attributes, inside);
const g = (tag, attributes, ...inside) => put(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, inside);
const count = (value, digits = 0) => Math.abs(value).toLocaleString("en-US", { maximumFractionDigits: digits,
  minimumFractionDigits: digits });
const sign = (value) => (value > 0 ? "+" : value < 0 ? "-" : "");
const direction = (value) => (value > 0 ? "up" : value < 0 ? "down" : "");
/* Won in 조 and 억, shares in 만주; English in KRW bn and shares. Null is a dash, never 0. */
const money = (value, unit = "won") => {
  if (value === null || value === undefined) return "–";
  const size = Math.abs(value), s = sign(value);
  if (unit === "shares") {
    if (!host.korean()) return `${s}${count(value)} sh`;
    return size < 1e4 ? `${s}${count(value)}주` : `${s}${count(value / 1e4, size < 1e6 ? 1 : 0)}만주`;
  }
  if (!host.korean()) return `${s}KRW ${count(value / 1e9, 1)}bn`;
  if (size < 1e8) return `${s}${count(value / 1e4)}만`;
  if (size < 1e12) return `${s}${count(value / 1e8)}억`;
  const trillions = Math.floor(size / 1e12), rest = Math.floor((size % 1e12) / 1e8);
  return `${s}${count(trillions)}조${rest ? ` ${count(rest)}억` : ""}`;
};
const figure = (value, text) => h("span", { class: direction(value) }, text);
const badges = (answer) => h("ul", { class: "badges" },
  answer.as_of ? h("li", {}, `${say("기준", "as of")} ${answer.as_of.slice(0, 16).replace("T", " ")}`) : null,
  h("li", {}, answer.venue || "KRX"),
  answer.provisional ? h("li", { class: "warn" }, say("잠정", "Provisional")) : h("li", {}, say("확정", "Final")),
  answer.simulated ? h("li", { class: "warn" }, say("모의 시장. 실제 값 아님", "Simulated market")) : null,
  (answer.sources || []).length ? h("li", {}, `${say("출처", "source")} ${answer.sources.join(", ")}`) : null);
const choice = (label, options, chosen, choose) => h("div", { class: "choice", role: "group", "aria-label": label },
  options.map(([value, text]) => h("button", { type: "button", "aria-pressed": String(value === chosen),
    onclick: () => choose(value) }, text)));
const table = (caption, head, rows) => h("details", {}, h("summary", {}, caption), h("div", { class: "scroll", tabindex: "0" },
  h("table", {}, h("thead", {}, h("tr", {}, head.map((cell) => h("th", { scope: "col" }, cell)))),
    h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell, at) => h(at ? "td" : "th", at ? {} : { scope: "row" }, cell))))))));
const show = (...parts) => document.getElementById("page").replaceChildren(...parts.flat().filter((part) => part));
const told = (result) => ((result.content || []).find((part) => part.type === "text") || {}).text || "";
