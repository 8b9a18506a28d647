/* 업종 히트맵: a tile per sector, coloured by how unusual its flow is; the table below says the same in figures. */
const MEASURES = {
  z: [["초과 순매수 z", "Abnormal flow z"], (one) => one.rotation.z, [0.5, 1, 2]],
  foreign: [["외국인", "Foreign"], (one) => (one.foreign ? one.foreign.net_amount : null), null],
  institution: [["기관", "Institution"], (one) => (one.institution ? one.institution.net_amount : null), null],
  return: [["수익률", "Return"], (one) => one.sector_performance.return, [0.5, 1.5, 3]],
};
const PHASES = { LEADING: "주도", WEAKENING: "약화", LAGGING: "부진", IMPROVING: "개선" };
const state = { answer: null, measure: "z", chosen: null, text: "" };
const percent = (value) => (value === null || value === undefined ? "–" : `${sign(value)}${count(value, 2)}%`);
const decimal = (value) => (value === null || value === undefined ? "–" : `${sign(value)}${count(value, 1)}`);
const small = (value) => (value === null || value === undefined ? "–" : value < 0.01 ? "< 0.01" : count(value, 2));
const shown = (value) => (state.measure === "z" ? `z ${decimal(value)}` : state.measure === "return" ? percent(value)
  : money(value));
const limits = (sectors) => {
  const [, of, fixed] = MEASURES[state.measure];
  if (fixed) return fixed;
  const most = Math.max(1, ...sectors.map((one) => Math.abs(of(one) || 0)));
  return [0.1 * most, 0.3 * most, 0.6 * most];
};
const step = (value, bounds) => {
  if (value === null || value === undefined) return null;
  const far = bounds.filter((bound) => Math.abs(value) >= bound).length;
  return far === 0 ? "d0" : `d${far}${value > 0 ? "p" : "n"}`;
};
const mark = (one) => (one.rotation.p_adj !== null && one.rotation.p_adj <= 0.1 ? say(" ● 유의", " ● significant") : "");
const why = (block, field) => {
  const found = (block.meta || {})[field] || {};
  return found.reason ? `${found.reason}${found.note ? `: ${found.note}` : ""}` : say("사유 없음", "no reason given");
};
const titled = (one) => `${one.sector_name}${one.market ? ` · ${say({ KOSPI: "코스피", KOSDAQ: "코스닥" }[one.market]
  || one.market, one.market)}` : ""}`;
const tile = (one, bounds) => {
  const [, of] = MEASURES[state.measure], value = of(one), colour = step(value, bounds);
  const dark = colour === "d3p" || colour === "d3n" ? " d3" : "";
  const arrow = value > 0 ? "▲" : value < 0 ? "▼" : "";
  const second = state.measure === "z" ? money(one.rotation.abnormal_net) : `z ${decimal(one.rotation.z)}`;
  return h("button", { type: "button", class: `tile${colour ? dark : " null"}`,
    style: colour ? `background:var(--${colour})` : null, "aria-pressed": String(state.chosen === one.sector_code),
    onclick: () => { state.chosen = state.chosen === one.sector_code ? null : one.sector_code; draw(one.sector_code); },
    "data-code": one.sector_code }, h("b", {}, titled(one)), h("span", {}, `${arrow} ${shown(value)}`),
    h("span", {}, `${second}${mark(one)}`));
};
const legend = (bounds) => {
  const unit = (value) => (state.measure === "z" ? value : state.measure === "return" ? `${value}%` : money(value).replace("+", ""));
  return h("div", { class: "legend" }, say("순유출", "Out"), ["d3n", "d2n", "d1n", "d0", "d1p", "d2p", "d3p"].map((colour) =>
    h("i", { style: `background:var(--${colour})` })), say("순유입", "In"),
    ` · ${say("경계", "bounds")} ±${bounds.map(unit).join(", ")} · `, h("i", { class: "null" }), say("자료 없음", "no figures"));
};
const stocks = (block, who) => (block && block.top_stocks.length ? h("p", {}, `${who}: `, block.top_stocks.slice(0, 3).map(
  (stock, at) => [at ? ", " : "", `${stock.name || stock.code} `, figure(stock.net_amount, money(stock.net_amount))])) : null);
const detail = (one) => (one ? h("div", {}, h("h1", {}, `${titled(one)} (${one.members}${say("종목", " stocks")})`),
  h("p", {}, `${say("초과 순매수", "Abnormal net")} `, figure(one.rotation.abnormal_net, money(one.rotation.abnormal_net)),
    ` · z ${decimal(one.rotation.z)} · ${say("보정 p", "adjusted p")} ${small(one.rotation.p_adj)} · ${say("국면", "phase")} `,
    one.rotation.phase ? say(PHASES[one.rotation.phase] || one.rotation.phase, one.rotation.phase) : "–",
    ` · ${say("수익률", "return")} `, figure(one.sector_performance.return, percent(one.sector_performance.return))),
  one.rotation.z === null ? h("p", { class: "note" }, `z: ${why(one.rotation, "z")}`) : null,
  stocks(one.foreign, say("외국인", "Foreign")), stocks(one.institution, say("기관", "Institution")))
  : h("p", {}, say("업종을 누르면 종목이 보입니다.", "Press a sector to see its stocks.")));
const gaps = (answer) => answer.coverage.map((gap) => h("p", { class: "note" }, `${gap.what}: ${gap.reason}. ${gap.how}`));
const draw = (focus) => {
  const { answer } = state;
  if (!answer) { show(h("p", {}, state.text || say("답이 없습니다", "No answer"))); return; }
  const sectors = answer.sector_flows, [, of] = MEASURES[state.measure], bounds = limits(sectors);
  const { period } = answer, span = `${period.start} ~ ${period.end}`;
  if (!sectors.length) {
    show(h("h1", {}, `${say("업종별 수급", "Sectors")} · ${answer.sector_scheme} · ${span}`), badges(answer),
      h("p", {}, say("이 기간에 답할 수 있는 업종이 없습니다.", "No sector can be answered for this period.")), gaps(answer));
    return;
  }
  const known = sectors.filter((one) => one.rotation.z !== null);
  const first = known.reduce((most, one) => (most && Math.abs(most.rotation.z) >= Math.abs(one.rotation.z) ? most : one), null);
  const sentence = first ? say(`가장 드문 업종: ${titled(first)} z ${decimal(first.rotation.z)}`,
    `Most unusual: ${titled(first)} z ${decimal(first.rotation.z)}`) : say("업종별 수급", "Sectors");
  const order = [...sectors].sort((one, other) => (of(other) ?? -Infinity) - (of(one) ?? -Infinity));
  const opened = document.querySelector("details[open]") !== null;
  show(h("h1", {}, `${sentence} · ${period.name} ${span}`), badges(answer),
    h("p", {}, say("초과 순매수는 시총 몫을 넘는 순매수입니다. 배분 추정이며 자금 추적이 아닙니다.",
      "Abnormal flow is beyond the sector's share of the market: an attribution, money is not tracked.")),
    h("div", { class: "bar" }, choice(say("색으로 볼 값", "Coloured by"), Object.entries(MEASURES).map(([name, [words]]) =>
      [name, say(...words)]), state.measure, (name) => { state.measure = name; draw(); })),
    h("div", { class: "tiles", role: "group", "aria-label": say("업종", "Sectors") }, order.map((one) => tile(one, bounds))),
    legend(bounds), h("div", { "aria-live": "polite" }, detail(sectors.find((one) => one.sector_code === state.chosen))),
    gaps(answer),
    table(say("업종별 표", "Table by sector"), [say("업종", "Sector"), say("초과 순매수", "Abnormal net"), "z", say("보정 p", "adj. p"),
      say("외국인", "Foreign"), say("기관", "Institution"), say("수익률", "Return")], order.map((one) => [titled(one),
      figure(one.rotation.abnormal_net, money(one.rotation.abnormal_net)), decimal(one.rotation.z), small(one.rotation.p_adj),
      ...["foreign", "institution"].map((who) => figure((one[who] || {}).net_amount, money((one[who] || {}).net_amount))),
      figure(one.sector_performance.return, percent(one.sector_performance.return))])),
    h("p", {}, say("확인된 수치의 서술이며 투자 권유가 아닙니다.", "A description of figures, no advice.")));
  if (opened) document.querySelector("details").open = true;
  if (focus) document.querySelector(`[data-code="${CSS.escape(focus)}"]`).focus({ preventScroll: true });
};
host.redraw = () => { if (state.answer) draw(); };
host.on("ui/notifications/tool-result", (result) => {
  state.text = told(result);
  state.answer = result.isError ? null : result.structuredContent || null;
  state.chosen = null;
  draw();
});
host.on("ui/notifications/tool-cancelled", () => show(h("p", {}, say("취소되었습니다", "Cancelled"))));
host.connect("sugeup-sector-map");
