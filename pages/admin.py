"""Administration: accounts with their roles and homes, and the audit trail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash
from dash import Input, Output, State, callback, ctx, dcc, html, no_update
from dash.development.base_component import Component

from components import formats
from components.cards import card, chip
from components.feedback import empty_state, toast
from components.forms import (
    button,
    checks,
    field,
    form_row,
    link_button,
    select,
    switch,
    text_field,
)
from components.shell import Ids as Shell
from components.shell import page
from components.state import ScreenState, parse_query, parse_search
from components.tables import simple_table
from components.theme import Status
from pages._admin_parts import admin_tabs
from pages._inputs import afresh, text_of
from rota.access import invitations, queries, second_factor, service
from rota.access.invitations import InvitationState, InvitationView
from rota.access.permissions import ROLE_NAMES, Permission
from rota.access.scope import HomeChoice, homes_of
from rota.errors import InvalidInput
from server.context import current_actor, reading, working
from server.gate import requires

PATH = "/admin/"
AUDIT = "audit"
NEW = "new"


class Ids:
    """What callbacks of this page address."""

    SEARCH = "admin-search"
    SAP = "admin-sap"
    NAME = "admin-name"
    EMAIL = "admin-email"
    ROLE = "admin-role"
    HOMES = "admin-homes"
    ALL_HOMES = "admin-all-homes"
    ACTIVE = "admin-active"
    SAVE = "admin-save"
    RESET = "admin-reset"
    INVITE = "admin-invite"
    REVOKE = "admin-revoke"
    FACTOR = "admin-factor"
    SESSIONS = "admin-sessions"
    ACCOUNT = "admin-account"
    ONE_TIME = "admin-one-time"
    LOCATION = "_pages_location"


dash.register_page(
    __name__,
    path=PATH,
    name="Administration",
    title="Administration · Staff Rota",
    order=90,
    icon="gear",
    permission=Permission.ADMINISTER,
)


def layout(**query: Any) -> Component:
    """Accounts with one of them opened, or the audit trail."""
    state = parse_query(query)
    actor = current_actor()
    with reading() as session:
        homes = homes_of(session, actor)
        if state.view == AUDIT:
            body: list[Component] = [_audit(queries.audit_trail(session, actor, search=state.q))]
        else:
            shown = queries.accounts(session, actor, search=state.q)
            opened = queries.account(session, actor, state.person) if state.person else None
            invited = invitations.states(session, actor, [one.id for one in shown])
            body = [_accounts(shown, homes, invited, state)]
            if opened is not None or state.view == NEW:
                body.insert(0, _form(opened, homes))
    words = "Who may log in, as what, for which homes"
    return page(
        "Administration",
        [
            admin_tabs("Audit trail" if state.view == AUDIT else "Accounts"),
            field("Find", text_field(Ids.SEARCH, state.q, kind="search", debounce=True)),
            *body,
        ],
        subtitle="What was done, by whom, from where" if state.view == AUDIT else words,
        secondary=[
            link_button(
                "CSV",
                ScreenState(q=state.q).href("/download/audit.csv"),
                external=True,
                icon_name="download",
            )
        ]
        if state.view == AUDIT
        else [],
        primary=dcc.Link(
            "New account", href=ScreenState(view=NEW).href(PATH), className="btn btn-primary"
        ),
    )


def _accounts(
    shown: Sequence[queries.AccountView],
    homes: Sequence[HomeChoice],
    invited: Mapping[int, InvitationView],
    state: ScreenState,
) -> Component:
    if not shown:
        return empty_state("No account like that", "Search by SAP number or name.")
    names = {home.id: home.name for home in homes}
    rows = [
        [
            dcc.Link(one.name, href=state.to(person=one.id, view="").href(PATH)),
            one.sap_number,
            one.role_name,
            "All homes"
            if one.all_homes
            else ", ".join(sorted(names[i] for i in one.home_ids if i in names)) or "None",
            _standing(one, invited.get(one.id)),
            formats.moment(one.last_login_at) if one.last_login_at else "Never",
        ]
        for one in shown
    ]
    table = simple_table(
        ["Name", "SAP number", "Role", "Homes", "State", "Last login"], rows, caption="Accounts"
    )
    return card(html.Div(table, className="table-scroll"), flush=True)


def _standing(one: queries.AccountView, invited: InvitationView | None) -> Component:
    if not one.is_active:
        return chip("Closed", Status.NEUTRAL)
    if invited is not None and one.last_login_at is None:
        wrong = (InvitationState.FAILED, InvitationState.BOUNCED, InvitationState.EXPIRED)
        status = Status.BAD if invited.state in wrong else Status.INFO
        return html.Span(chip(invited.state.value, status), title=invited.error or None)
    if one.is_locked:
        return chip("Waits after failures", Status.WARN)
    if one.must_change_password:
        return chip("Temporary password", Status.INFO)
    return chip("Active", Status.GOOD)


def _form(opened: queries.AccountView | None, homes: Sequence[HomeChoice]) -> Component:
    """The form of one account; a new one asks for SAP number and name as well."""
    new = opened is None
    identity = [
        field("SAP number", text_field(Ids.SAP, "" if new else opened.sap_number, disabled=not new),
              required=True),
        field("Name", text_field(Ids.NAME, "" if new else opened.name, disabled=not new),
              required=True),
        field("E-mail", text_field(Ids.EMAIL, "" if new else opened.email, kind="email",
                                   disabled=not new)),
    ]  # fmt: skip
    role = "" if new else opened.role.value
    chosen = [] if new else [str(home_id) for home_id in sorted(opened.home_ids)]
    parts: list[Component] = [
        form_row(*identity),
        form_row(
            field(
                "Role",
                select(
                    Ids.ROLE, [(r.value, words) for r, words in ROLE_NAMES.items()], role or "om"
                ),
                required=True,
            ),
            html.Div(
                [
                    switch(Ids.ALL_HOMES, "All homes", not new and opened.all_homes),
                    switch(Ids.ACTIVE, "May log in", new or opened.is_active),
                ],
                className="stack",
            ),
        ),
        field("Homes", checks(Ids.HOMES, [(str(h.id), h.name) for h in homes], chosen)),
        html.Div(id=Ids.ONE_TIME, role="status"),
        html.Div(
            [
                button("Create" if new else "Save", id=Ids.SAVE, kind="primary"),
                html.Div(
                    [
                        button("Send invitation", id=Ids.INVITE, icon_name="envelope"),
                        button("Revoke invitation", id=Ids.REVOKE),
                        button("New temporary password", id=Ids.RESET, icon_name="key"),
                        button("Reset second factor", id=Ids.FACTOR, icon_name="shield-x"),
                        button("End sessions", id=Ids.SESSIONS, icon_name="box-arrow-right"),
                        link_button(
                            "Everything stored",
                            "" if new else f"/download/subject-access.zip?person={opened.id}",
                            icon_name="download",
                            external=True,
                        ),
                    ],
                    className="actions",
                    hidden=new,
                ),
            ],
            className="actions",
        ),
        dcc.Store(Ids.ACCOUNT, data=None if new else opened.id),
    ]
    return card(parts, title="New account" if new else opened.name)


def _audit(lines: Sequence[queries.AuditLine]) -> Component:
    if not lines:
        return empty_state("Nothing found", "Search by person, action or thing.")
    rows = [
        [
            formats.moment(line.at), line.actor, line.action, f"{line.entity} {line.entity_id}",
            line.home, _change(line), line.source,
        ]
        for line in lines
    ]  # fmt: skip
    table = simple_table(
        ["When", "Who", "Did", "What", "Home", "Change", "From"], rows, caption="Audit trail"
    )
    return card(html.Div(table, className="table-scroll"), flush=True)


def _change(line: queries.AuditLine) -> str:
    """What differs between before and after, or the reason given."""
    before, after = line.before or {}, line.after or {}
    words = [
        f"{key}: {before.get(key, '–')} → {after.get(key, '–')}"
        for key in sorted(before.keys() | after.keys())
        if before.get(key) != after.get(key)
    ]
    text = "; ".join(words[:3]) + (" …" if len(words) > 3 else "")
    return text or line.reason


@callback(
    Output(Ids.LOCATION, "href", allow_duplicate=True),
    Input(Ids.SEARCH, "value"),
    State(Ids.LOCATION, "search"),
    prevent_initial_call=True,
)
@requires(Permission.ADMINISTER)
def find(text: Any, search: str | None) -> Any:
    """Search accounts or the audit trail."""
    state = parse_search(search)
    wanted = text_of(text, 100)
    return no_update if wanted == state.q else state.to(q=wanted, person=None).href(PATH)


@callback(
    Output(Ids.ONE_TIME, "children"),
    Output(Shell.TOASTS, "children", allow_duplicate=True),
    Output(Ids.LOCATION, "href", allow_duplicate=True),
    Input(Ids.SAVE, "n_clicks"),
    Input(Ids.RESET, "n_clicks"),
    State(Ids.ACCOUNT, "data"),
    State(Ids.SAP, "value"),
    State(Ids.NAME, "value"),
    State(Ids.EMAIL, "value"),
    State(Ids.ROLE, "value"),
    State(Ids.HOMES, "value"),
    State(Ids.ALL_HOMES, "value"),
    State(Ids.ACTIVE, "value"),
    State(Ids.LOCATION, "search"),
    prevent_initial_call=True,
)
@requires(Permission.ADMINISTER)
def save(
    saved: int | None, reset: int | None, account_id: Any, sap: Any, name: Any, email: Any,
    role: Any, homes: Any, all_homes: Any, active: Any, search: str | None,
) -> tuple[Any, Any, Any]:  # fmt: skip
    """Create or change an account, or give it a new temporary password."""
    if not saved and not reset:
        return no_update, no_update, no_update
    with working() as uow:
        if ctx.triggered_id == Ids.RESET:
            clear = service.reset_password(uow, _account_id(account_id))
            uow.commit()
            return _secret(clear), no_update, no_update
        chosen, home_ids = _role(role), _homes(homes)
        if account_id is None:
            _, clear = service.create_user(
                uow, sap_number=text_of(sap, 32), name=text_of(name, 200),
                email=text_of(email, 254), role=chosen, home_ids=home_ids,
                all_homes=bool(all_homes),
            )  # fmt: skip
            uow.commit()
            return _secret(clear), [toast(Status.GOOD, "The account was created")], no_update
        service.change_account(
            uow, _account_id(account_id), role=chosen, is_active=bool(active),
            all_homes=bool(all_homes), home_ids=home_ids,
        )  # fmt: skip
        uow.commit()
    state = parse_search(search)
    return (
        no_update,
        [toast(Status.GOOD, "The account was changed", hint="It applies from the next click on.")],
        afresh(state.href(PATH), search),
    )


@callback(
    Output(Ids.ONE_TIME, "children", allow_duplicate=True),
    Output(Shell.TOASTS, "children", allow_duplicate=True),
    Input(Ids.INVITE, "n_clicks"),
    Input(Ids.REVOKE, "n_clicks"),
    Input(Ids.FACTOR, "n_clicks"),
    Input(Ids.SESSIONS, "n_clicks"),
    State(Ids.ACCOUNT, "data"),
    prevent_initial_call=True,
)
@requires(Permission.ADMINISTER)
def account_act(
    invite: int | None, revoke: int | None, factor: int | None, ended: int | None, account_id: Any
) -> tuple[Any, Any]:
    """Invite an account's owner again, revoke that, reset the second factor, end sessions."""
    if not any((invite, revoke, factor, ended)):
        return no_update, no_update
    user_id, shown = _account_id(account_id), no_update
    with working() as uow:
        if ctx.triggered_id == Ids.INVITE:
            made = invitations.invite(uow, user_id)
            said = "The invitation is on its way" if made.mailed else "The invitation was made"
            if not made.mailed:
                shown = _secret(made.token, "Invitation code, shown this once: ")
        elif ctx.triggered_id == Ids.REVOKE:
            invitations.revoke(uow, user_id)
            said = "The invitation was revoked"
        elif ctx.triggered_id == Ids.FACTOR:
            second_factor.reset(uow, user_id)
            said = "The second factor was reset"
        else:
            service.end_sessions(uow, user_id)
            said = "Every session of the account has ended"
        uow.commit()
    return shown, [toast(Status.GOOD, said)]


def _secret(clear: str, words: str = "Temporary password, shown this once: ") -> Component:
    return html.Div(
        [
            html.Span(words),
            html.Code(clear, className="num"),
            html.Span(" Give it to its owner and to nobody else."),
        ],
        className="panel padded",
    )


def _account_id(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidInput("Choose an account first.")
    return value


def _role(value: Any) -> Any:
    for role in ROLE_NAMES:
        if role.value == value:
            return role
    raise InvalidInput("Choose a role.")


def _homes(value: Any) -> frozenset[int]:
    """The homes ticked, which must be among those there are."""
    with reading() as session:
        known = {str(home.id) for home in homes_of(session, current_actor())}
    if not isinstance(value, list) or any(not isinstance(v, str) or v not in known for v in value):
        raise InvalidInput("Choose homes from the list.")
    return frozenset(int(v) for v in value)
