/* Several cells of the rota at once: chosen by dragging, Shift and the arrows; painted,
   cleared, filled down, copied and pasted. One intent carries them all. */
(function () {
  "use strict";
  if (window.rotaSelect || !window.rotaGrid) return;
  const rota = window.rotaGrid;
  const ranges = {}; /* grid id -> {anchor, head}: two corners, each {row, day} */
  let dragging = null;

  const DAY = /^\d{4}-\d{2}-\d{2}$/;

  function apiOf(grid) {
    try {
      return window.dash_ag_grid.getApi(grid);
    } catch (error) {
      return null;
    }
  }

  function daysOf(api) {
    return api.getAllDisplayedColumns().map((c) => c.getColId()).filter((id) => DAY.test(id));
  }

  function indexOf(api, row) {
    const node = api.getRowNode(row);
    return node && node.rowIndex !== null ? node.rowIndex : -1;
  }

  /* The rows (people only) and days between two corners, in the order shown. */
  function block(grid) {
    const range = ranges[grid];
    const api = range && apiOf(grid);
    if (!api) return { rows: [], days: [] };
    const days = daysOf(api);
    const ends = [days.indexOf(range.anchor.day), days.indexOf(range.head.day)].sort((a, b) => a - b);
    const lines = [indexOf(api, range.anchor.row), indexOf(api, range.head.row)].sort((a, b) => a - b);
    const rows = [];
    if (ends[0] < 0 || lines[0] < 0) return { rows: [], days: [] };
    for (let at = lines[0]; at <= lines[1]; at += 1) {
      const node = api.getDisplayedRowAtIndex(at);
      if (node && node.data && !node.data.head && !node.data.open) rows.push(node);
    }
    return { rows: rows, days: days.slice(ends[0], ends[1] + 1) };
  }

  function count(grid) {
    const chosen = block(grid);
    return chosen.rows.length * chosen.days.length;
  }

  function entry(node, day, code) {
    const value = node.data[day];
    return [node.data.id, day, (value && value.v) || "", code];
  }

  function frameOfGrid(grid) {
    return document.querySelector(`[data-rota="${CSS.escape(grid)}"]`);
  }

  function sendCells(grid, how, cells, code) {
    const frame = frameOfGrid(grid);
    if (frame && rota.editable(frame) && cells.length) {
      rota.send(frame, "cells", null, { how: how, code: code || "", cells: cells });
    }
  }

  function paint(grid, code) {
    const chosen = block(grid);
    const cells = [];
    chosen.rows.forEach((node) => chosen.days.forEach((day) => cells.push(entry(node, day, code))));
    sendCells(grid, code ? "paint" : "clear", cells, code);
  }

  /* The first line's codes in all the lines beneath it. */
  function fillDown(grid) {
    const chosen = block(grid);
    if (chosen.rows.length < 2) return;
    const cells = [];
    chosen.days.forEach((day) => {
      const first = chosen.rows[0].data[day];
      if (!first || !first.v || first.v.includes(",")) return;
      chosen.rows.slice(1).forEach((node) => cells.push(entry(node, day, first.c)));
    });
    sendCells(grid, "fill", cells);
  }

  function text(grid) {
    const chosen = block(grid);
    return chosen.rows
      .map((node) => chosen.days.map((day) => (node.data[day] ? node.data[day].c : "")).join("\t"))
      .join("\n");
  }

  /* A table of codes from the clipboard, laid down from the first chosen cell. */
  function paste(grid, words) {
    const api = apiOf(grid);
    const chosen = block(grid);
    if (!api || !chosen.rows.length) return;
    const days = daysOf(api);
    const left = days.indexOf(chosen.days[0]);
    const lines = words.replace(/\r/g, "").replace(/\n$/, "").split("\n");
    const cells = [];
    let at = chosen.rows[0].rowIndex;
    lines.forEach((line) => {
      let node = api.getDisplayedRowAtIndex(at);
      while (node && (node.data.head || node.data.open)) node = api.getDisplayedRowAtIndex((at += 1));
      at += 1;
      if (!node) return;
      line.split("\t").forEach((code, offset) => {
        const day = days[left + offset];
        if (day && code.trim()) cells.push(entry(node, day, code.trim().slice(0, 40)));
      });
    });
    sendCells(grid, "paste", cells);
  }

  function mark(grid) {
    const frame = frameOfGrid(grid);
    if (!frame) return;
    const chosen = count(grid) > 1 ? block(grid) : { rows: [], days: [] };
    const rows = new Set(chosen.rows.map((node) => node.data.id));
    const days = new Set(chosen.days);
    frame.querySelectorAll(".cell-picked").forEach((cell) => cell.classList.remove("cell-picked"));
    if (rows.size) {
      frame.querySelectorAll(".ag-center-cols-container .ag-row").forEach((line) => {
        if (!rows.has(line.getAttribute("row-id"))) return;
        line.querySelectorAll(".ag-cell[col-id]").forEach((cell) => {
          if (days.has(cell.getAttribute("col-id"))) cell.classList.add("cell-picked");
        });
      });
    }
    const several = rows.size * days.size;
    document.querySelectorAll(`[data-picked-for="${CSS.escape(grid)}"]`).forEach((bar) => {
      bar.hidden = several < 2;
      const words = bar.querySelector("[data-picked-count]");
      if (words) words.textContent = `${several} cells: pick a code, or`;
    });
  }

  function none(grid) {
    delete ranges[grid];
    mark(grid);
  }

  function to(grid, corner, place) {
    const at = { row: place.row, day: place.day };
    if (!ranges[grid] || corner === "anchor") ranges[grid] = { anchor: at, head: at };
    else ranges[grid] = { anchor: ranges[grid].anchor, head: at };
    mark(grid);
  }

  /* A day of a person's line under the mouse, or nothing. */
  function cellAt(target) {
    const frame = rota.frameOf(target);
    const place = frame && rota.placeOf(target);
    return place && place.day && !place.cover && place.row.startsWith("p") ? { frame, place } : null;
  }

  document.addEventListener("mousedown", (event) => {
    const found = event.button === 0 && cellAt(event.target);
    if (!found) return;
    const grid = found.frame.dataset.rota;
    if (event.shiftKey) {
      event.preventDefault();
      to(grid, "head", found.place);
      return;
    }
    to(grid, "anchor", found.place);
    if (!rota.carried[grid]) dragging = grid;
  });

  document.addEventListener("mouseover", (event) => {
    if (!dragging || !(event.buttons & 1)) return;
    const found = cellAt(event.target);
    if (!found || found.frame.dataset.rota !== dragging) return;
    const head = ranges[dragging] && ranges[dragging].head;
    if (head && (head.row !== found.place.row || head.day !== found.place.day)) {
      to(dragging, "head", found.place);
    }
  });

  document.addEventListener("mouseup", () => {
    const grid = dragging;
    dragging = null;
    if (!grid || count(grid) < 2) return;
    const code = rota.painting[grid];
    if (code && code !== "~") {
      paint(grid, code === "-" ? "" : code);
      none(grid);
    }
  });

  const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

  /* The cell one step on from a corner, over headings and lines that are nobody's. */
  function step(api, from, [lines, days]) {
    const all = daysOf(api);
    const day = all[Math.min(all.length - 1, Math.max(0, all.indexOf(from.day) + days))];
    let at = indexOf(api, from.row);
    let node = null;
    do {
      at += lines;
      node = api.getDisplayedRowAtIndex(at);
    } while (lines && node && (node.data.head || node.data.open));
    const row = lines ? node && node.data.id : from.row;
    return row ? { row: row, day: day, index: at } : null;
  }

  document.addEventListener(
    "keydown",
    (event) => {
      const found = cellAt(event.target);
      if (!found) return;
      const grid = found.frame.dataset.rota;
      const command = event.ctrlKey || event.metaKey;
      if (command && event.key.toLowerCase() === "d" && count(grid) > 1) {
        event.preventDefault();
        event.stopImmediatePropagation();
        fillDown(grid);
        return;
      }
      if (!STEPS[event.key] || command) return;
      if (!event.shiftKey) {
        none(grid); /* the next Shift begins where the focus is then */
        return;
      }
      const api = apiOf(grid);
      if (!api) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (!ranges[grid]) to(grid, "anchor", found.place);
      const next = step(api, ranges[grid].head, STEPS[event.key]);
      if (!next) return;
      to(grid, "head", next);
      api.ensureColumnVisible(next.day);
      api.ensureIndexVisible(next.index);
    },
    true
  );

  function here(event) {
    const found = cellAt(event.target) || cellAt(document.activeElement);
    if (found && !ranges[found.frame.dataset.rota]) to(found.frame.dataset.rota, "anchor", found.place);
    return found;
  }

  document.addEventListener("copy", (event) => {
    const found = here(event);
    if (!found || String(window.getSelection())) return;
    event.clipboardData.setData("text/plain", text(found.frame.dataset.rota));
    event.preventDefault();
  });

  document.addEventListener("paste", (event) => {
    const found = here(event);
    if (!found || !rota.editable(found.frame)) return;
    event.preventDefault();
    const grid = found.frame.dataset.rota;
    if (rota.carried[grid]) rota.moveHere(found.frame, found.place);
    else paste(grid, event.clipboardData.getData("text/plain"));
  });

  /* What scrolls into view is drawn anew, without its mark. */
  document.addEventListener(
    "scroll",
    (event) => {
      const frame = event.target.closest && event.target.closest("[data-rota]");
      if (frame && ranges[frame.dataset.rota]) mark(frame.dataset.rota);
    },
    true
  );

  document.addEventListener("click", (event) => {
    const press = event.target.closest && event.target.closest("[data-picked-for] [data-picked-do]");
    if (!press) return;
    const grid = press.closest("[data-picked-for]").dataset.pickedFor;
    const what = press.dataset.pickedDo;
    if (what === "clear") paint(grid, "");
    else if (what === "fill") fillDown(grid);
    else none(grid);
  });

  window.rotaSelect = { count, paint, none };
})();
