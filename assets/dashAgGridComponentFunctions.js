/* Cells of the grids that are more than text. React elements only: no HTML strings. */
(function () {
  "use strict";
  const made = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  const h = (...args) => React.createElement(...args);
  const short = (value) => hours.format(value >= 100 ? Math.round(value) : value);
  const hours = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 1 });
  const icons = {
    good: "check-circle-fill",
    warn: "exclamation-triangle-fill",
    bad: "x-octagon-fill",
    info: "info-circle-fill",
    neutral: "dash-circle",
  };
  const markWords = {
    overtime: "overtime",
    agency: "agency",
    draft: "draft",
    locked: "locked",
    extra: "supernumerary",
    note: "has a note",
    warning: "rule warning",
    breach: "rule breach",
  };

  function cover(value) {
    const gap = value.pl - value.rq;
    const kind = gap < 0 ? "short" : gap > 0 ? "over" : "even";
    const sign = gap < 0 ? "\u2212" + -gap : gap > 0 ? "+" + gap : "";
    const wide = value.rq >= 10; /* a whole home: the gap says it all, the rest is in the title */
    const words = gap < 0 ? `${-gap} short` : gap > 0 ? `${gap} more than required` : "as required";
    return h(
      "span",
      { className: "cover cover-" + kind, title: `${value.pl} planned, ${value.rq} required: ${words}` },
      wide ? sign || "\u2713" : `${value.pl}/${value.rq}`,
      gap < 0 && !wide ? h("sup", null, sign) : null
    );
  }

  /* A free cell while one paints: what the rules would say, as a sign as well as a colour. */
  const shadeSigns = { free: "", warned: "!", barred: "\u00d7" };
  function shade(props) {
    const row = props.data || {};
    if (row.head || row.open || row.cover || !window.rotaGrid) return null;
    const frame = props.eGridCell && props.eGridCell.closest("[data-rota]");
    if (!frame) return null;
    const found = window.rotaGrid.shadeAt(frame.dataset.rota, row.id, props.column.getColId());
    if (!found) return null;
    return h("span", { className: "shade shade-" + found[0], title: found[1] }, shadeSigns[found[0]]);
  }

  /* While comparing: what people last saw here, struck through; a plus for what is new. */
  function wasOf(props) {
    const row = props.data || {};
    const frame = window.rotaGrid && props.eGridCell && props.eGridCell.closest("[data-rota]");
    const before = frame ? window.rotaGrid.wasAt(frame.dataset.rota, row.id, props.column.getColId()) : null;
    if (before === null) return null;
    return h(
      "span",
      { className: "code-was", title: before ? `Published: ${before}` : "New since the last version" },
      before ? h("s", null, before) : "+"
    );
  }

  made.RotaCell = function RotaCell(props) {
    const value = props.value;
    const was = wasOf(props);
    if (!value) return was ? was : shade(props);
    if (value.rq !== undefined) return cover(value);
    const marks = value.x ? (value.m || []).concat(value.x) : value.m || [];
    const spoken = marks.map((mark) => markWords[mark] || mark).join(", ");
    const title = [value.t, spoken, value.f].filter(Boolean).join(" \u00b7 ");
    const code = h(
      "span",
      {
        className: ["code", "shift-" + value.k, ...marks.map((mark) => "mark-" + mark)].join(" "),
        title: title || undefined,
      },
      value.c,
      spoken ? h("span", { className: "visually-hidden" }, " " + spoken) : null
    );
    if (was) return h(React.Fragment, null, was, code);
    if (!value.p) return code;
    return h(React.Fragment, null, code, h("span", { className: "code-proposed" }, value.p));
  };

  made.RotaPerson = function RotaPerson(props) {
    const row = props.data || {};
    if (row.head || row.cover || row.open) {
      const alert = row.alert ? " is-alert" : "";
      return h("span", { className: "person-name" + alert, title: row.note || undefined }, row.name);
    }
    const share = row.ch > 0 ? row.rh / row.ch : row.rh > 0 ? 1 : 0;
    const over = row.ch > 0 && row.rh > row.ch + 0.01;
    const words = `${hours.format(row.rh)} of ${hours.format(row.ch)} contracted hours rostered`;
    return h(
      "span",
      { className: "person", title: row.note ? `${row.name}: ${row.note}` : row.name },
      row.flag ? h("span", { className: "visually-hidden" }, markWords[row.flag]) : null,
      h("span", { className: "person-name" + (row.flag ? " flag-" + row.flag : "") }, row.name),
      h("span", { className: "person-grade" }, row.g),
      h(
        "span",
        { className: "person-hours", title: words },
        h("span", { className: "num" }, `${short(row.ch)} | ${short(row.rh)}`),
        h(
          "span",
          { className: "person-bar" + (over ? " is-over" : "") },
          h("span", { style: { width: Math.min(100, share * 100) + "%" } })
        )
      )
    );
  };

  /* Nights and weekend days against the share that the contract makes somebody's. */
  made.RotaBurden = function RotaBurden(props) {
    const row = props.data || {};
    if (!props.value) return null;
    const share = ((props.shares || {})[row.g] || 0) * row.ch;
    const heavy = row.ni + row.we > Math.max(1.25 * share, share + 2);
    const words = `${row.ni} nights, ${row.we} weekend days` +
      (share ? `; the share of the contract is ${hours.format(share)} together` : "") +
      (heavy ? ": more than their share" : "");
    return h(
      "span",
      { className: "burden" + (heavy ? " is-heavy" : ""), title: words },
      props.value,
      heavy ? h("span", { className: "visually-hidden" }, " more than their share") : null
    );
  };

  made.RotaStatus = function RotaStatus(props) {
    if (!props.value) return null;
    const [kind, ...words] = String(props.value).split("|");
    return h(
      "span",
      { className: "chip chip-" + kind },
      h("i", { className: "bi bi-" + (icons[kind] || icons.neutral), "aria-hidden": "true" }),
      h("span", null, words.join("|"))
    );
  };

  made.RotaCode = function RotaCode(props) {
    if (!props.value) return null;
    const [code, kind] = String(props.value).split("|");
    return h("span", { className: "code shift-" + kind }, code);
  };

  /* A link inside the application: same address rules as dcc.Link, without leaving the page. */
  made.RotaLink = function RotaLink(props) {
    const value = props.value;
    if (!value) return null;
    if (typeof value === "string") return value;
    const href = String(value.href || "");
    if (!href.startsWith("/") || href.startsWith("//")) return value.text;
    return h("a", { href: href, "data-inside": "yes" }, value.text);
  };
})();
