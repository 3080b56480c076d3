/* Mouse and keyboard on the rota become intents in a store; the server does the work.
   Cells are found by AG Grid's own row-id and col-id attributes. Several cells at once are
   the business of rota-select.js. */
(function () {
  "use strict";
  if (window.rotaGrid) return;
  const painting = {}; /* grid id -> code, "" for choosing, "-" for clearing */
  const carried = {}; /* grid id -> the cell whose shift is being moved */
  const MOVE = "~"; /* the palette's tool for moving */
  const published = {}; /* grid id -> row id -> day -> code last published, while comparing */
  const shades = {}; /* grid id -> row id -> day -> [kind, words], while one paints */
  let count = 0;

  function frameOf(node) {
    return node && node.closest ? node.closest("[data-rota]") : null;
  }

  function placeOf(node) {
    const cell = node.closest ? node.closest(".ag-cell[col-id]") : null;
    const row = cell && cell.closest(".ag-row[row-id]");
    if (!row || row.classList.contains("row-heading")) return null;
    const day = cell.getAttribute("col-id");
    return {
      cell: cell,
      row: row.getAttribute("row-id").replace(/^[bt]-/, ""),
      day: /^\d{4}-\d{2}-\d{2}$/.test(day) ? day : "",
      cover: row.classList.contains("row-cover"),
    };
  }

  /* The token of the cell as this screen shows it: an edit says what it was based on. */
  function seenAt(grid, place) {
    try {
      const node = window.dash_ag_grid.getApi(grid).getRowNode(place.row);
      const value = node && node.data && node.data[place.day];
      return (value && value.v) || "";
    } catch (error) {
      return "";
    }
  }

  function send(frame, action, place, extra) {
    count += 1;
    const intent = Object.assign(
      { n: Date.now() * 1000 + (count % 1000), action: action, row: place ? place.row : "", day: place ? place.day : "" },
      place && place.cover ? { cover: true } : {},
      place && place.day && !place.cover ? { seen: seenAt(frame.dataset.rota, place) } : {},
      extra || {}
    );
    window.dash_clientside.set_props(frame.dataset.rota + "-intent", { data: intent });
  }

  function editable(frame) {
    return frame.dataset.editable === "yes";
  }

  function palettesOf(grid) {
    return document.querySelectorAll(`[data-palette="${CSS.escape(grid)}"]`);
  }

  function pick(grid, code) {
    painting[grid] = code;
    carry(grid, null);
    palettesOf(grid).forEach((palette) => {
      palette.querySelectorAll("[data-code]").forEach((tool) => {
        tool.setAttribute("aria-pressed", tool.dataset.code === code ? "true" : "false");
      });
    });
    document.querySelectorAll(`[data-rota="${CSS.escape(grid)}"]`).forEach((frame) => {
      if (code) frame.dataset.painting = code;
      else delete frame.dataset.painting;
      if (shades[grid]) redraw(grid, null);
      if (editable(frame)) {
        const brush = code === "-" || code === MOVE ? "" : code;
        window.dash_clientside.set_props(grid + "-brush", { data: { code: brush } });
      }
    });
  }

  function redraw(grid, cells) {
    shades[grid] = cells;
    try {
      window.dash_ag_grid.getApi(grid).refreshCells({ force: true });
    } catch (error) {
      /* the grid is not there (any more): nothing to redraw */
    }
  }

  /* [kind, words] of a free cell while one paints, or nothing. */
  function shadeAt(grid, row, day) {
    const rows = shades[grid];
    return rows ? (rows[row] || {})[day] || ["free", "Free"] : null;
  }

  /* The code last published in a cell that differs from it ("" for none), or nothing. */
  function wasAt(grid, row, day) {
    const rows = published[grid];
    return rows && rows[row] && day in rows[row] ? rows[row][day] : null;
  }

  /* Lay changed lines and days over what is shown. The rules' marks of a line come with it
     as a whole: what is not among them has none (any more). */
  function merge(delta) {
    const api = window.dash_ag_grid.getApi(delta.grid);
    const update = [];
    delta.rows.forEach((line) => {
      if (line.whole) {
        update.push(line.whole);
        return;
      }
      const node = api.getRowNode(line.id);
      if (!node) return;
      const { days, ...head } = line;
      const row = Object.assign({}, node.data, head);
      ["note", "flag"].forEach((name) => {
        if (!(name in head)) delete row[name];
      });
      Object.keys(row).forEach((day) => {
        if (row[day] && row[day].x && !(day in days)) {
          row[day] = Object.assign({}, row[day]);
          delete row[day].x;
          delete row[day].f;
        }
      });
      Object.keys(days).forEach((day) => {
        if (days[day]) row[day] = days[day];
        else delete row[day];
      });
      update.push(row);
    });
    api.applyTransaction({ update: update });
    const lines = api.getPinnedBottomRowCount();
    for (let at = 0; at < lines; at += 1) {
      const node = api.getPinnedBottomRow(at);
      const row = Object.assign({}, node.data);
      Object.entries(delta.cover).forEach(([day, values]) => {
        if (values[at]) row[day] = { pl: values[at][0], rq: values[at][1] };
      });
      if (Object.keys(delta.cover).length) node.setData(row);
    }
  }

  /* The days share the room there is: whole pixels, the first ones taking what is over, as in
     components/rota_grid.py. The room goes into a cookie, so that the next rota comes with the
     right widths and is laid out once. */
  function fit(grid, viewport) {
    const room = viewport.clientWidth;
    if (!room) return; /* hidden: on a phone there are lists instead */
    const api = window.dash_ag_grid.getApi(grid);
    const days = api.getAllGridColumns().filter((c) => /^\d{4}-/.test(c.getColId()));
    if (!days.length) return;
    const { minWidth: least, maxWidth: most } = days[0].getColDef();
    const each = Math.min(Math.max(Math.floor(room / days.length), least), most);
    const over = each < most ? Math.min(Math.max(room - each * days.length, 0), days.length) : 0;
    const wrong = days
      .map((day, at) => ({ key: day, newWidth: each + (at < over ? 1 : 0) }))
      .filter((change) => change.key.getActualWidth() !== change.newWidth);
    if (wrong.length) api.setColumnWidths(wrong, true, "api");
    const secure = window.location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `rota_room=${room}; path=/; max-age=31536000; SameSite=Lax${secure}`;
  }

  /* Fit the days once the grid is there, and whenever its room changes. */
  function keepFitting(grid, tries) {
    const viewport = document.querySelector(
      `[data-rota="${CSS.escape(grid)}"] .ag-center-cols-viewport`
    );
    if (!viewport || !viewport.querySelector(".ag-row")) {
      if (tries > 0) window.setTimeout(keepFitting, 50, grid, tries - 1);
      return;
    }
    new ResizeObserver(() => {
      try {
        fit(grid, viewport);
      } catch (error) {
        /* the grid is not there (any more): nothing to fit */
      }
    }).observe(viewport); /* observing calls it once at once */
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.rota = {
    fit: function (place, grid) {
      keepFitting(grid, 600);
      return window.dash_clientside.no_update;
    },
    compare: function (data) {
      if (data) {
        published[data.grid] = data.cells;
        redraw(data.grid, shades[data.grid]);
      }
      return window.dash_clientside.no_update;
    },
    merge: function (delta) {
      if (delta) merge(delta);
      return window.dash_clientside.no_update;
    },
    shade: function (data) {
      if (data && data.code === painting[data.grid]) redraw(data.grid, data.cells);
      return window.dash_clientside.no_update;
    },
  };

  /* Take up the shift of a cell, or (null) put it back. */
  function carry(grid, place) {
    carried[grid] = place;
    document.querySelectorAll(".cell-carried").forEach((cell) => cell.classList.remove("cell-carried"));
    if (place) place.cell.classList.add("cell-carried");
  }

  /* Carry a shift off, or put the carried one down here: onto a free day, or in exchange. */
  function moveHere(frame, place) {
    const grid = frame.dataset.rota;
    const from = carried[grid];
    if (!from) {
      if (seenAt(grid, place)) carry(grid, Object.assign({ seen: seenAt(grid, place) }, place));
      else send(frame, "select", place);
      return;
    }
    carry(grid, null);
    if (from.row === place.row && from.day === place.day) return;
    send(frame, "move", place, { from: from.seen });
  }

  function apply(frame, place) {
    const code = painting[frame.dataset.rota] || "";
    if (editable(frame) && place.day && !place.cover && (code === MOVE || carried[frame.dataset.rota])) {
      moveHere(frame, place);
      return;
    }
    if (!editable(frame) || !code || !place.day || place.cover) send(frame, "select", place);
    else if (code === "-") send(frame, "clear", place);
    else send(frame, "assign", place, { code: code });
  }

  document.addEventListener("click", (event) => {
    const tool = event.target.closest && event.target.closest("[data-palette] [data-code]");
    if (tool) {
      const grid = tool.closest("[data-palette]").dataset.palette;
      const select = window.rotaSelect;
      const several = select && tool.dataset.code && tool.dataset.code !== MOVE && select.count(grid) > 1;
      /* with cells chosen, a code is for them; otherwise it begins painting */
      if (several) select.paint(grid, tool.dataset.code === "-" ? "" : tool.dataset.code);
      else pick(grid, tool.dataset.code);
      return;
    }
    const frame = frameOf(event.target);
    const place = frame && placeOf(event.target);
    if (place && !event.shiftKey) apply(frame, place);
  });

  function codeOfKey(grid, key) {
    for (const palette of palettesOf(grid)) {
      const tool = palette.querySelector(`[data-hotkey="${CSS.escape(key)}"][data-code]`);
      if (tool && tool.dataset.code && tool.dataset.code !== "-" && tool.dataset.code !== MOVE) return tool.dataset.code;
    }
    return "";
  }

  /* One day on, in the grid's own idea of the focus as well as the browser's. */
  function moveOn(frame, place) {
    const next = place.cell.nextElementSibling;
    if (!next || !next.classList.contains("ag-cell")) return;
    try {
      const api = window.dash_ag_grid.getApi(frame.dataset.rota);
      api.setFocusedCell(api.getRowNode(place.row).rowIndex, next.getAttribute("col-id"));
    } catch (error) {
      next.focus();
    }
  }

  document.addEventListener(
    "keydown",
    (event) => {
      const frame = frameOf(event.target);
      const palette = event.target.closest && event.target.closest("[data-palette]");
      if (!frame && palette && event.key === "Escape") pick(palette.dataset.palette, "");
      if (!frame) return;
      const command = event.ctrlKey || event.metaKey;
      const key = event.key.toLowerCase();
      if (command && key === "z" && editable(frame)) {
        event.preventDefault();
        send(frame, event.shiftKey ? "redo" : "undo", null);
        return;
      }
      if (command && key === "x" && editable(frame)) {
        const place = placeOf(event.target);
        if (place && place.day && seenAt(frame.dataset.rota, place)) {
          event.preventDefault();
          carry(frame.dataset.rota, null);
          moveHere(frame, place);
        }
        return;
      }
      if (command && key === "y" && editable(frame)) {
        event.preventDefault();
        send(frame, "redo", null);
        return;
      }
      if (command || event.altKey) return;
      if (event.key === "Escape") {
        pick(frame.dataset.rota, "");
        if (window.rotaSelect) window.rotaSelect.none(frame.dataset.rota);
        return;
      }
      const place = placeOf(event.target);
      if (!place) return;
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        apply(frame, place);
        return;
      }
      if (!editable(frame) || !place.day || place.cover) return;
      const several = window.rotaSelect && window.rotaSelect.count(frame.dataset.rota) > 1;
      if (several && (event.key === "Delete" || event.key === "Backspace")) {
        event.preventDefault();
        window.rotaSelect.paint(frame.dataset.rota, "");
        return;
      }
      if (event.key === "Delete" || event.key === "Backspace") {
        event.preventDefault();
        send(frame, "clear", place);
        return;
      }
      const code = codeOfKey(frame.dataset.rota, key);
      if (code && several) {
        event.preventDefault();
        window.rotaSelect.paint(frame.dataset.rota, code);
      } else if (code) {
        event.preventDefault();
        send(frame, "assign", place, { code: code });
        moveOn(frame, place);
      } else if (key === "l") {
        event.preventDefault();
        send(frame, "lock", place);
      }
    },
    true
  );

  /* The panel beside the grid opens for the chosen cell; the keyboard stays with that cell. */
  document.addEventListener("focusin", (event) => {
    const panel = event.target;
    if (!panel.classList || !panel.classList.contains("drawer")) return;
    const before = event.relatedTarget;
    if (before && frameOf(before)) before.focus();
  });

  window.rotaGrid = { pick, shadeAt, wasAt, frameOf, placeOf, send, editable, seenAt, carry, moveHere, carried, painting };
})();
