/* Saving a chart as PNG, SVG, CSV or XLSX, from the figure that is on the screen, and copying a
   link to it. Nothing is sent to anybody else: the product itself is asked which homes and data
   versions an export shows, and writes the workbook. */
(function () {
  "use strict";
  if (window.rotaCharts) return;
  window.rotaCharts = {};

  function textOf(frame, selector) {
    const node = frame.querySelector(selector);
    return node ? node.textContent.trim() : "";
  }

  function chosenSize(frame) {
    const select = frame.querySelector(".chart-size");
    const found = /^(\d+)x(\d+)$/.exec((select && select.value) || "");
    return found ? { width: Number(found[1]), height: Number(found[2]) } : null;
  }

  function savePicture(frame, graph, format, facts) {
    const title = textOf(frame, ".chart-title");
    const subtitle = textOf(frame, ".chart-subtitle");
    const escaped = (text) =>
      text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
    const words = [title ? `<b>${escaped(title)}</b>` : "", subtitle ? `<span style="font-size:12px">${escaped(subtitle)}</span>` : ""]
      .concat(`<span style="font-size:10px">${escaped(factLine(facts))}</span>`)
      .filter(Boolean)
      .join("<br>");
    const margin = Object.assign({ l: 60, r: 24, b: 48 }, (graph.layout || {}).margin || {});
    const legend = (graph._fullLayout || {}).showlegend ? 28 : 0;
    margin.t = Math.max(margin.t || 0, (words ? 88 : 16) + legend);
    const layout = Object.assign({}, graph.layout, {
      title: { text: words, x: 0, xref: "container", xanchor: "left", y: 1, yref: "container",
        yanchor: "top", pad: { t: 14, l: 16 }, font: { size: 16 } },
      margin: margin,
      paper_bgcolor: "#FFFFFF",
      plot_bgcolor: "#FFFFFF",
      autosize: false,
    });
    const box = graph.getBoundingClientRect();
    const size = chosenSize(frame) || {
      width: Math.max(720, Math.round(box.width)),
      height: Math.max(360, Math.round(box.height) + 88),
    };
    return window.Plotly.downloadImage(
      { data: graph.data, layout: layout },
      {
        format: format,
        filename: frame.dataset.filename || "chart",
        width: size.width,
        height: size.height,
        scale: format === "png" ? 2 : 1,
      }
    );
  }

  /* A cell that a spreadsheet would run as a formula is made text. */
  function cell(value) {
    if (value === null || value === undefined) return "";
    if (typeof value === "number") return String(value);
    let text = String(value);
    if (/^[=+\-@\t\r]/.test(text) && !/^[+-]?\d+([.,]\d+)?%?$/.test(text)) text = "'" + text;
    return /[",\n\r]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  }

  function listOf(values) {
    return values && typeof values === "object" && "length" in values ? Array.from(values) : [];
  }

  /* The figure's own table where it brought one; otherwise one column per trace over x. */
  function tableOf(graph) {
    const meta = (graph.layout || {}).meta;
    if (meta && meta.columns) return { columns: meta.columns, rows: meta.rows };
    const traces = (graph._fullData || []).filter((trace) => trace.visible !== "legendonly");
    if (traces.length && traces[0].z) {
      const xs = listOf(traces[0].x);
      const rows = listOf(traces[0].y).map((y, i) => [y, ...listOf(traces[0].z[i])]);
      return { columns: ["", ...xs], rows: rows };
    }
    const sideways = traces.some((trace) => trace.orientation === "h");
    const keys = [];
    const seen = new Map();
    const add = (key, column, value) => {
      const name = String(key);
      if (!seen.has(name)) {
        seen.set(name, {});
        keys.push(key);
      }
      seen.get(name)[column] = value;
    };
    traces.forEach((trace, i) => {
      const along = listOf(sideways ? trace.y : trace.x);
      const values = listOf(sideways ? trace.x : trace.y);
      along.forEach((key, j) => add(key, i, values[j]));
    });
    return {
      columns: ["", ...traces.map((trace, i) => trace.name || "Series " + (i + 1))],
      rows: keys.map((key) => [key, ...traces.map((_, i) => seen.get(String(key))[i])]),
    };
  }

  /* The facts stand under the table: its header stays the first line. */
  function toCsv(table, facts) {
    const under = facts && facts.length ? [[], ...facts] : [];
    const lines = [table.columns, ...table.rows, ...under].map((row) => row.map(cell).join(","));
    return "\ufeff" + lines.join("\r\n") + "\r\n";
  }

  /* What an export says about itself. The page knows its title and what it shows; the server adds
     homes, filters, data versions, time and person. */
  async function factsOf() {
    const heading = document.querySelector(".page-title");
    const showing = document.querySelector(".page-subtitle");
    const address = location.pathname + location.search;
    const own = [
      ["Page", heading ? heading.textContent.trim() : ""],
      ["Showing", showing ? showing.textContent.trim() : ""],
    ].filter(([, value]) => value);
    try {
      const answer = await fetch(
        "/download/chart/facts?address=" + encodeURIComponent(address),
        { headers: { Accept: "application/json" } }
      );
      return own.concat(await answer.json());
    } catch (error) {
      return own.concat([["Made", new Date().toLocaleString("en-GB")], ["Address", address]]);
    }
  }

  function factLine(facts) {
    const wanted = ["Home", "Data version", "Made"];
    return facts
      .filter(([name]) => wanted.includes(name))
      .map(([name, value]) => (name === "Home" ? value : name.toLowerCase() + " " + value))
      .join(" · ");
  }

  async function saveWorkbook(frame, graph, facts) {
    const table = tableOf(graph);
    const of = (name) => (facts.find(([key]) => key === name) || ["", ""])[1];
    const plain = (value) =>
      value === undefined || (typeof value === "number" && !Number.isFinite(value)) ? null : value;
    const token = /(?:^|; )_csrf_token=([^;]*)/.exec(document.cookie);
    const answer = await fetch("/download/chart/workbook", {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "X-CSRFToken": token ? decodeURIComponent(token[1]) : "",
      },
      body: JSON.stringify({
        address: location.pathname + location.search,
        page: of("Page"),
        showing: of("Showing").slice(0, 500),
        title: textOf(frame, ".chart-title").slice(0, 500),
        subtitle: textOf(frame, ".chart-subtitle").slice(0, 500),
        filename: frame.dataset.filename || "chart",
        columns: table.columns.map((column) => String(column).slice(0, 500)),
        rows: table.rows.map((row) => Array.from(row, plain)),
      }),
    });
    if (!answer.ok) return say(frame, "The workbook could not be made. Load the page again.");
    saveBlob((frame.dataset.filename || "chart") + ".xlsx", await answer.blob());
  }

  async function copyLink(frame) {
    const graph = frame.querySelector(".chart-graph");
    const address = location.origin + location.pathname + location.search +
      (graph && graph.id ? "#" + graph.id : "");
    try {
      await navigator.clipboard.writeText(address);
    } catch (error) {
      /* no permission, or not a secure context: the old way */
      const box = document.createElement("textarea");
      box.value = address;
      box.style.position = "fixed";
      box.style.opacity = "0";
      document.body.appendChild(box);
      box.select();
      document.execCommand("copy");
      box.remove();
    }
    say(frame, "Link copied");
  }

  /* A word beside the buttons, announced, gone after a while. */
  function say(frame, words) {
    const tools = frame.querySelector(".chart-tools");
    if (!tools) return;
    let note = tools.querySelector(".chart-said");
    if (!note) {
      note = document.createElement("span");
      note.className = "chart-said";
      note.setAttribute("role", "status");
      tools.prepend(note);
    }
    note.textContent = words;
    window.setTimeout(() => note.remove(), 4000);
  }

  function saveText(name, text) {
    saveBlob(name, new Blob([text], { type: "text/csv;charset=utf-8" }));
  }

  function saveBlob(name, blob) {
    const url = URL.createObjectURL(blob);
    const link = document.createElement("a");
    link.href = url;
    link.download = name;
    document.body.appendChild(link);
    link.click();
    link.remove();
    window.setTimeout(() => URL.revokeObjectURL(url), 1000);
  }

  window.rotaCharts = { toCsv, tableOf, cell };

  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("[data-export]");
    const frame = button && button.closest(".chart");
    if (frame) whenDrawn(frame, (graph) => save(frame, graph, button.dataset.export));
  });

  async function save(frame, graph, format) {
    if (format === "link") return copyLink(frame);
    const facts = await factsOf();
    if (format === "csv") {
      saveText((frame.dataset.filename || "chart") + ".csv", toCsv(tableOf(graph), facts));
    } else if (format === "xlsx") {
      await saveWorkbook(frame, graph, facts);
    } else {
      await savePicture(frame, graph, format, facts);
    }
  }

  /* The buttons are there before the chart is: a press is kept until it can be answered. */
  function whenDrawn(frame, then, tries = 200) {
    const graph = frame.querySelector(".js-plotly-plot");
    if (graph && graph._fullData && window.Plotly) then(graph);
    else if (tries > 0 && frame.isConnected) window.setTimeout(whenDrawn, 50, frame, then, tries - 1);
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target.closest && event.target.closest(".chart-tools")) {
      event.target.blur();
    }
  });
  /* A copied link names its chart behind the #: the page is there before the chart is. */
  function showNamed(tries = 100) {
    const name = decodeURIComponent(location.hash.slice(1));
    if (!/^[\w-]+$/.test(name)) return;
    const graph = document.getElementById(name);
    const frame = graph && graph.closest(".chart");
    if (frame) frame.scrollIntoView({ block: "center" });
    else if (tries > 0) window.setTimeout(showNamed, 100, tries - 1);
  }
  if (location.hash.length > 1) showNamed();
})();
