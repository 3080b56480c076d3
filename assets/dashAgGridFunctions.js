/* Functions that AG Grid columns name: how values are written and which keys are ours.
   They follow components/formats.py. */
(function () {
  "use strict";
  const dagfuncs = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});
  const NONE = "\u2013";
  const days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
  const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const whole = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });
  const tenth = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 1 });

  function written(value, format) {
    if (value === null || value === undefined || value === "") return NONE;
    return format(Number(value)).replace("-", "\u2212");
  }

  dagfuncs.rotaNumber = (value) => written(value, (n) => tenth.format(n));
  dagfuncs.rotaHours = (value) => written(value, (n) => (Math.abs(n) >= 999.5 ? whole : tenth).format(n) + "\u00a0h");
  dagfuncs.rotaMoney = (value) =>
    written(value, (n) => (n <= -50 ? "-" : "") + "\u00a3" + whole.format(Math.abs(n) / 100));
  dagfuncs.rotaPercent = (value) => written(value, (n) => tenth.format(n * 100) + "%");
  dagfuncs.rotaDay = (value) => {
    if (!value) return NONE;
    const [year, month, day] = String(value).slice(0, 10).split("-").map(Number);
    const date = new Date(Date.UTC(year, month - 1, day));
    return `${days[date.getUTCDay()]} ${day} ${months[month - 1]}`;
  };
  dagfuncs.rotaByText = (a, b) =>
    String((a && a.text) || a || "").localeCompare(String((b && b.text) || b || ""), "en-GB");

  dagfuncs.rotaPerson = (params) => {
    const row = params.data || {};
    return [row.name, row.g, row.ch, row.rh, row.flag, row.note, row.alert].join("|");
  };

  dagfuncs.rotaBurden = (params) => {
    const row = params.data || {};
    return row.ch === undefined ? "" : `${row.ni} \u00b7 ${row.we}`;
  };

  /* Keys the rota grid handles itself, so that AG Grid neither edits nor scrolls on them. */
  dagfuncs.rotaOwnKey = (params) => {
    const key = params.event.key;
    return /^[0-9a-zA-Z]$/.test(key) || key === "Delete" || key === "Backspace" || key === "Enter";
  };
})();
