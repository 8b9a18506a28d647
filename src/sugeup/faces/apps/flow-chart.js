/* 누적 순매수: adjusted price, nets of one group, and running sums of four, on one time axis. */
const GROUPS = { foreign: ["외국인", "Foreign"], institution: ["기관", "Institution"], individual: ["개인", "Individual"],
  other_corporation: ["기타법인", "Other corp."] };
const WIDE = 720, LEFT = 8, RIGHT = 92, INNER = WIDE - LEFT - RIGHT;
const state = { answer: null, series: null, span: 60, group: "foreign", at: null, text: "" };
const named = (group) => say(...GROUPS[group]);
const view = () => {
  const { series } = state, n = series.sessions.length;
  let from = Math.max(0, n - state.span);
  while (from < n - 1 && Object.keys(GROUPS).every((one) => series.groups[one][from] === null)) from += 1;
  const cut = (column) => column.slice(from);
  const nets = {}, sums = {};
  for (const one of Object.keys(GROUPS)) {
    nets[one] = cut(series.groups[one]);
    let sum = 0, known = true;
    sums[one] = nets[one].map((net) => { known = known && net !== null; sum += net || 0; return known ? sum : null; });
  }
  return { days: cut(series.sessions), close: cut(series.close), nets, sums, unit: series.unit };
};
const scale = (values, top, high, zero) => {
  const known = values.filter((value) => value !== null);
  if (zero) known.push(0);
  let low = Math.min(...known), most = Math.max(...known);
  if (low === most) { low -= 1; most += 1; }
  const room = (most - low) * 0.08;
  low -= room; most += room;
  return { y: (value) => top + high * (1 - (value - low) / (most - low)), low, most };
};
const path = (values, x, y) => values.reduce(({ d, pen }, value, at) => (value === null ? { d, pen: false }
  : { d: `${d}${pen ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`, pen: true }), { d: "", pen: false }).d;
const label = (y, text, more) => g("text", { x: WIDE - RIGHT + 6, y: y + 4, ...more }, text);
const apart = (marks) => {
  marks.sort((one, other) => one.y - other.y);
  for (let at = 1; at < marks.length; at += 1) marks[at].y = Math.max(marks[at].y, marks[at - 1].y + 13);
  return marks;
};
const chart = (seen) => {
  const n = seen.days.length, x = (at) => LEFT + INNER * (n === 1 ? 0.5 : (at + 0.5) / n);
  const parts = [], priced = seen.close.some((value) => value !== null);
  let top = 16;
  const pane = (title, high) => {
    const own = top;
    parts.push(g("text", { x: LEFT, y: own - 4 }, title));
    parts.push(g("line", { x1: LEFT, x2: WIDE - RIGHT, y1: own + high, y2: own + high, stroke: "var(--line)" }));
    top += high + 24;
    return own;
  };
  if (priced) {
    const own = pane(say("수정주가, 원", "Adjusted price, won"), 110), { y } = scale(seen.close, own, 110);
    parts.push(g("path", { d: path(seen.close, x, y), fill: "none", stroke: "var(--text)", "stroke-width": 1.5 }));
    const last = seen.close.findLastIndex((value) => value !== null);
    parts.push(label(y(seen.close[last]), count(seen.close[last]), { "font-weight": 700 }));
  }
  const bars = seen.nets[state.group], own = pane(`${named(state.group)} ${say("순매수", "net")}`, 70);
  const flat = scale(bars, own, 70, true), wide = Math.max(1, (INNER / n) * 0.7);
  parts.push(g("line", { x1: LEFT, x2: WIDE - RIGHT, y1: flat.y(0), y2: flat.y(0), stroke: "var(--ctl)" }));
  bars.forEach((net, at) => { if (net) parts.push(g("rect", { x: x(at) - wide / 2, width: wide,
    y: Math.min(flat.y(net), flat.y(0)), height: Math.max(0.5, Math.abs(flat.y(net) - flat.y(0))),
    fill: net > 0 ? "var(--up)" : "var(--down)" })); });
  const biggest = bars.reduce((most, net) => Math.max(most, Math.abs(net || 0)), 0);
  if (biggest) parts.push(label(own + 8, `±${money(biggest, seen.unit).slice(1)}`));
  const sums = pane(say("누적 순매수", "Cumulative net"), 170);
  const all = scale(Object.values(seen.sums).flat(), sums, 170, true);
  parts.push(g("line", { x1: LEFT, x2: WIDE - RIGHT, y1: all.y(0), y2: all.y(0), stroke: "var(--ctl)" }));
  const until = Math.min(...Object.keys(GROUPS).map((one) => ended(seen, one)));
  if (until < n - 1) parts.push(hatch(), g("rect", { x: x(until) + INNER / n / 2, y: sums, height: 170,
    width: WIDE - RIGHT - x(until) - INNER / n / 2, fill: "url(#hatch)" }));
  const marks = [];
  for (const one of Object.keys(GROUPS)) {
    const line = seen.sums[one], last = line.findLastIndex((value) => value !== null);
    if (last < 0) continue;
    const dash = one === "other_corporation" ? "2 3" : null;
    parts.push(g("path", { d: path(line, x, all.y), fill: "none", stroke: `var(--${one})`, "stroke-width": 2,
      "stroke-dasharray": dash }));
    if (last < n - 1) parts.push(g("circle", { cx: x(last), cy: all.y(line[last]), r: 3, fill: `var(--${one})` }));
    marks.push({ y: all.y(line[last]), one });
  }
  for (const { y, one } of apart(marks)) parts.push(label(y, named(one), { style: `fill:var(--${one});font-weight:700` }));
  for (const at of [0, Math.floor((n - 1) / 2), n - 1]) {
    const anchor = at === 0 ? "start" : at === n - 1 ? "end" : "middle";
    parts.push(g("text", { x: x(at), y: top - 6, "text-anchor": anchor }, seen.days[at].slice(2).replaceAll("-", ".")));
  }
  const at = state.at === null ? null : Math.min(state.at, n - 1);
  if (at !== null) parts.push(g("line", { x1: x(at), x2: x(at), y1: 12, y2: top - 20, stroke: "var(--focus)" }));
  const move = (to) => { state.at = Math.max(0, Math.min(n - 1, to)); draw(true); };
  const keys = { ArrowLeft: () => move((at ?? n) - 1), ArrowRight: () => move((at ?? n - 2) + 1), Home: () => move(0),
    End: () => move(n - 1) };
  const drawing = g("svg", { viewBox: `0 0 ${WIDE} ${top}`, role: "img", tabindex: "0", id: "chart",
    "aria-label": `${summary(seen)} ${say("화살표 키로 거래일을 옮깁니다.", "Arrow keys move between sessions.")}`,
    onkeydown: (event) => { if (keys[event.key]) { event.preventDefault(); keys[event.key](); } },
    onpointermove: (event) => {
      const box = event.currentTarget.getBoundingClientRect();
      const to = Math.floor((((event.clientX - box.left) / box.width) * WIDE - LEFT) / (INNER / n));
      if (to >= 0 && to < n && to !== state.at) move(to);
    } }, parts);
  return drawing;
};
const hatch = () => g("defs", {}, g("pattern", { id: "hatch", width: 7, height: 7, patternUnits: "userSpaceOnUse",
  patternTransform: "rotate(45)" }, g("rect", { width: 7, height: 7, fill: "var(--null-a)" }),
  g("rect", { width: 2, height: 7, fill: "var(--null-b)" })));
const ended = (seen, one) => seen.sums[one].findLastIndex((value) => value !== null);
const span = (seen) => {
  const last = Math.max(...Object.keys(GROUPS).map((one) => ended(seen, one)));
  if (last < 0) return say("누적할 자료 없음", "no figures to sum");
  return say(`누적 ${seen.days[0]} ~ ${seen.days[last]} (${last + 1}거래일)`,
    `Sum ${seen.days[0]} to ${seen.days[last]} (${last + 1} sessions)`);
};
const summary = (seen) => Object.keys(GROUPS).map((one) => {
  const last = ended(seen, one);
  return last < 0 ? null : `${named(one)} ${money(seen.sums[one][last], seen.unit)}`;
}).filter((part) => part).join(", ");
const reading = (seen) => {
  const at = state.at === null ? seen.days.length - 1 : Math.min(state.at, seen.days.length - 1);
  const price = seen.close[at] === null ? null : ` · ${count(seen.close[at])}${say("원", " won")}`;
  return h("output", { "aria-live": "polite" }, seen.days[at], price,
    Object.keys(GROUPS).map((one) => [` · ${named(one)} `, figure(seen.nets[one][at], money(seen.nets[one][at], seen.unit)),
      ` (${say("누적", "sum")} `, figure(seen.sums[one][at], money(seen.sums[one][at], seen.unit)), ")"]));
};
const stopped = (seen) => {
  const short = Object.keys(GROUPS).filter((one) => ended(seen, one) < seen.days.length - 1);
  if (!short.length) return null;
  const first = seen.days[Math.min(...short.map((one) => ended(seen, one))) + 1];
  return h("p", { class: "note" }, `${short.map(named).join(", ")}: ${first} ${say("자료가 없어 누적을 멈췄습니다",
    "has no figures, so the sum stops before it")}`);
};
const blocks = () => {
  const found = (state.answer && state.answer.investor_data) || {};
  const rows = Object.keys(GROUPS).filter((one) => found[one]).map((one) => {
    const { net_amount: won, net_volume: shares } = found[one];
    return [named(one), figure(won, money(won)), figure(shares, money(shares, "shares"))];
  });
  if (!rows.length) return null;
  const { period } = state.answer;
  return table(`${period.name} ${period.start} ~ ${period.end}`, [say("투자자", "Investor"), say("순매수 금액", "Net won"),
    say("순매수 수량", "Net shares")], rows);
};
const draw = (keep) => {
  const { answer, series } = state;
  if (!answer && !series) { show(h("p", {}, state.text || say("답이 없습니다", "No answer"))); return; }
  const about = answer && answer.stock_info;
  const name = about ? `${about.name || ""} ${about.code}` : (answer && answer.market) || (series && series.name);
  if (!series || !series.sessions.length) {
    const why = say("거래일별 자료가 없어 그림 대신 표를 보여 줍니다. 시장은 코스피나 코스닥을 따로 물으세요.",
      "No figures by session: a table instead of a chart. Ask for KOSPI or KOSDAQ, not both.");
    show(h("h1", {}, name), badges(answer || series), h("p", {}, why), blocks());
    const open = document.querySelector("details");
    if (open) open.open = true;
    return;
  }
  const seen = view(), opened = document.querySelector("details[open]") !== null;
  const columns = [say("거래일", "Session"), say("수정주가", "Price"), ...Object.keys(GROUPS).map(named)];
  const rows = seen.days.map((day, at) => [day, seen.close[at] === null ? "–" : count(seen.close[at]),
    ...Object.keys(GROUPS).map((one) => figure(seen.nets[one][at], money(seen.nets[one][at], seen.unit)))]).reverse();
  const redraw = (change) => (value) => { change(value); draw(); };
  show(h("h1", {}, `${name} · ${span(seen)}: ${summary(seen)}`),
    badges(series),
    h("div", { class: "bar" },
      choice(say("기간", "Period"), [20, 60, 120].map((days) => [days, say(`${days}일`, `${days}`)]), state.span,
        redraw((days) => { state.span = days; state.at = null; })),
      choice(say("막대로 볼 투자자", "Investor of the bars"), Object.keys(GROUPS).map((one) => [one, named(one)]), state.group,
        redraw((one) => { state.group = one; }))),
    chart(seen), reading(seen), stopped(seen),
    series.note ? h("p", { class: "note" }, series.note) : null,
    series.no_price ? h("p", { class: "note" }, `${say("가격 없음", "No price")}: ${series.no_price}`) : null,
    table(say("거래일별 표 (순매수)", "Table by session (net)"), columns, rows),
    h("p", {}, say("확인된 수치의 서술이며 투자 권유가 아닙니다.", "A description of figures, no advice.")));
  if (opened) document.querySelector("details").open = true;
  if (keep) document.getElementById("chart").focus({ preventScroll: true });
};
const read = async (code) => {
  if (!host.capabilities.serverResources || !code) return;
  const found = await host.ask("resources/read", { uri: `sugeup://stock/${code}/series` });
  state.series = JSON.parse(found.contents[0].text);
  draw();
};
host.redraw = () => { if (state.answer || state.series) draw(); };
host.on("ui/notifications/tool-result", (result) => {
  state.text = told(result);
  state.answer = result.isError ? null : result.structuredContent || null;
  state.series = (result._meta && result._meta["sugeup/series"]) || null;
  state.at = null;
  const days = { "20D": 20, "60D": 60 }[state.answer && state.answer.period && state.answer.period.name];
  if (days) state.span = days;
  draw();
  if (state.answer && !state.series && state.answer.stock_info) read(state.answer.stock_info.code).catch(() => {});
});
host.on("ui/notifications/tool-cancelled", () => show(h("p", {}, say("취소되었습니다", "Cancelled"))));
host.connect("sugeup-flow-chart");
