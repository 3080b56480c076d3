"""What callbacks of the rota page address."""

from __future__ import annotations

from components.rota_grid import brush_id, delta_id, intent_id

PATH = "/rota/"


class Ids:
    """Ids of the page's parts."""

    GRID = "rota-grid"
    INTENT = intent_id(GRID)
    BRUSH = brush_id(GRID)
    DELTA = delta_id(GRID)
    MERGED = "rota-merged"
    FITTED = "rota-fitted"
    SHADES = "rota-shades"
    SHADED = "rota-shaded"
    HEAD = "rota-head"
    PLACE = "rota-context"
    SEEN = "rota-seen"
    HISTORY = "rota-history"
    PENDING = "rota-pending"
    POLL = "rota-poll"
    DRAWER = "rota-drawer"
    DRAWER_TITLE = f"{DRAWER}-title"
    DRAWER_BODY = f"{DRAWER}-body"
    CELLS_DIALOG = "rota-cells-dialog"
    CELLS_BODY = "rota-cells-body"
    VERSIONS = "rota-versions"
    VERSIONS_DIALOG = "rota-versions-dialog"
    VERSIONS_BODY = "rota-versions-body"
    VERSIONS_REASON = "rota-versions-reason"
    COMPARE = "rota-compare"
    COMPARED = "rota-compared"
    PUBLISH = "rota-publish"
    PUBLISH_DIALOG = "rota-publish-dialog"
    PUBLISH_BODY = "rota-publish-body"
    PUBLISH_GO = "rota-publish-go"
    FILL = "rota-fill"
    FILL_DIALOG = "rota-fill-dialog"
    FILL_GO = "rota-fill-go"
    COPY = "rota-copy"
    COPY_DIALOG = "rota-copy-dialog"
    COPY_FROM = "rota-copy-from"
    COPY_TO = "rota-copy-to"
    COPY_GO = "rota-copy-go"
