"""Administration of wordings: what the messages that leave the house say, with history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash
from dash import Input, Output, State, callback, dcc, html, no_update
from dash.development.base_component import Component

from components import formats
from components.cards import card
from components.feedback import toast
from components.forms import button, field, link_button, text_area, text_field
from components.shell import Ids as Shell
from components.shell import page
from components.state import ScreenState, parse_query, parse_search
from components.tables import facts, simple_table
from components.theme import Status
from pages._admin_parts import admin_tabs
from pages._inputs import afresh, text_of
from rota.access.permissions import Permission
from rota.errors import InvalidInput, NotFound
from rota.mail.defaults import DEFAULTS
from rota.mail.templates import (
    MOST_CHARACTERS,
    Rendered,
    TemplateVersion,
    fill,
    history,
    set_template,
)
from server.context import current_actor, reading, working
from server.gate import requires

PATH = "/admin/wordings/"


class Ids:
    """What callbacks of this page address."""

    SUBJECT = "wordings-subject"
    TEXT = "wordings-text"
    HTML = "wordings-html"
    REASON = "wordings-reason"
    SAVE = "wordings-save"
    TRY = "wordings-try"
    PREVIEW = "wordings-preview"
    LOCATION = "_pages_location"


dash.register_page(
    __name__,
    path=PATH,
    name="Wordings",
    title="Wordings · Staff Rota",
    order=94,
    permission=Permission.ADMINISTER,
)


def layout(**query: Any) -> Component:
    """The messages, or the one whose key stands in ``view``."""
    state = parse_query(query)
    actor = current_actor()
    keys = [_key(state.view)] if state.view else list(DEFAULTS)
    with reading() as session:
        versions = {key: history(session, actor, key) for key in keys}
    body = _editor(state.view, versions[state.view]) if state.view else [_list(versions)]
    return page(
        "Administration",
        [admin_tabs("Wordings"), *body],
        subtitle="What messages say. Earlier wordings stay on record; messages already in the "
        "outbox keep theirs.",
    )


def _key(value: str) -> str:
    if value not in DEFAULTS:
        raise NotFound("There is no such message.", hint="Choose one of the list.")
    return value


def _list(versions: dict[str, list[TemplateVersion]]) -> Component:
    rows = [
        [
            dcc.Link(DEFAULTS[key].title, href=ScreenState(view=key).href(PATH)),
            found[0].subject,
            "As shipped" if found[0].set_at is None else f"{len(found) - 1} of your own",
            f"{found[0].set_by}, {formats.moment(found[0].set_at)}" if found[0].set_at else "",
        ]
        for key, found in versions.items()
    ]
    titles = ["Message", "Subject", "Wording", "Set by"]
    return card(simple_table(titles, rows, caption="Messages"), flush=True)


def _editor(key: str, versions: Sequence[TemplateVersion]) -> list[Component]:
    now = versions[0]
    form = card(
        [
            field("Subject", text_field(Ids.SUBJECT, now.subject, maxlength=300), required=True),
            field("Text", text_area(Ids.TEXT, now.text, rows=14, maxlength=MOST_CHARACTERS),
                  required=True),
            field("Formatted part (HTML)",
                  text_area(Ids.HTML, now.html, rows=4, maxlength=MOST_CHARACTERS),
                  hint="May be empty: then the message is plain text."),
            field("Reason", text_field(Ids.REASON, "", maxlength=400),
                  hint="It stays on the record."),
            html.Div(
                [button("Save", id=Ids.SAVE, kind="primary"), button("Try it", id=Ids.TRY),
                 link_button("All messages", PATH)],
                className="actions",
            ),
        ],
        title=now.title,
    )  # fmt: skip
    examples = [
        (
            f"{{{{ {name} }}}}",
            f"a list: {'; '.join(value)}" if isinstance(value, list) else str(value),
        )
        for name, value in DEFAULTS[key].variables.items()
    ]
    side = html.Div(
        [
            card(html.Div(_preview(fill(now, DEFAULTS[key].variables)), id=Ids.PREVIEW),
                 title="With example values"),
            card(facts(examples), title="What may stand in it"),
        ],
        className="stack",
    )  # fmt: skip
    past = [
        [
            formats.moment(one.set_at) if one.set_at else "–",
            one.set_by or "–",
            one.reason,
            one.subject,
            html.Details([html.Summary("Read"), html.Pre(one.text, className="message-text")]),
        ]
        for one in versions
    ]
    table = simple_table(["When", "Who", "Reason", "Subject", "Text"], past, caption="History")
    return [
        html.Div([form, side], className="columns-2"),
        card(table, title="History", flush=True),
    ]


def _preview(shown: Rendered) -> list[Component]:
    return [html.Strong(shown.subject), html.Pre(shown.text, className="message-text")]


@callback(
    Output(Ids.PREVIEW, "children"),
    Input(Ids.TRY, "n_clicks"),
    State(Ids.SUBJECT, "value"),
    State(Ids.TEXT, "value"),
    State(Ids.HTML, "value"),
    State(Ids.LOCATION, "search"),
    prevent_initial_call=True,
)
@requires(Permission.ADMINISTER)
def try_wording(
    clicks: int | None, subject: Any, text: Any, markup: Any, search: str | None
) -> Any:
    """The wording in the form filled with the example values; nothing is stored."""
    if not clicks:
        return no_update
    key = _key(parse_search(search).view)
    wording = TemplateVersion(
        key, "", text_of(subject, 300), _long(text), _long(markup), "", "", None
    )  # fmt: skip
    return _preview(fill(wording, DEFAULTS[key].variables))


@callback(
    Output(Shell.TOASTS, "children", allow_duplicate=True),
    Output(Ids.LOCATION, "href", allow_duplicate=True),
    Input(Ids.SAVE, "n_clicks"),
    State(Ids.SUBJECT, "value"),
    State(Ids.TEXT, "value"),
    State(Ids.HTML, "value"),
    State(Ids.REASON, "value"),
    State(Ids.LOCATION, "search"),
    prevent_initial_call=True,
)
@requires(Permission.ADMINISTER)
def save_wording(
    clicks: int | None, subject: Any, text: Any, markup: Any, reason: Any, search: str | None
) -> tuple[Any, Any]:
    """Word the message that is open otherwise from now on."""
    if not clicks:
        return no_update, no_update
    key = _key(parse_search(search).view)
    with working() as uow:
        set_template(
            uow, key, subject=text_of(subject, 300), text=_long(text), html=_long(markup),
            reason=text_of(reason, 400),
        )  # fmt: skip
        uow.commit()
    here = ScreenState(view=key).href(PATH)
    return [toast(Status.GOOD, "The wording was saved")], afresh(here, search)


def _long(value: Any) -> str:
    """A text with its line breaks and its last one; a browser's ``\\r\\n`` is one break."""
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > MOST_CHARACTERS:
        raise InvalidInput(f"A message has at most {MOST_CHARACTERS:,} characters.")
    return value.replace("\r\n", "\n")
