"""The HTML page around the Dash application: ``Dash(index_string=index_string(...))``."""

from __future__ import annotations


def index_string(assets_url: str) -> str:
    """The index page. ``assets_url`` is where ``assets/`` is served, such as ``/assets``.

    The grid's script comes apart from Dash's and is asked for only when a grid is drawn; it is
    fetched beforehand, while nothing else is to do, so that the first rota does not wait for it.
    The theme is chosen by a script in the head, before anything is painted; it comes from a
    file because the content policy allows no inline script but Dash's own.
    """
    base = assets_url.rstrip("/")
    return f"""<!DOCTYPE html>
<html lang="en-GB">
    <head>
        {{%metas%}}
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>{{%title%}}</title>
        <link rel="icon" href="{base}/icon.svg" type="image/svg+xml">
        <script src="{base}/theme.js"></script>
        {{%css%}}
        <link rel="prefetch" href="/_dash-component-suites/dash_ag_grid/async-community.js">
    </head>
    <body>
        {{%app_entry%}}
        <footer>
            {{%config%}}
            {{%scripts%}}
            {{%renderer%}}
        </footer>
    </body>
</html>"""
