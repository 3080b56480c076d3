"""The frame around every screen: navigation, top bar, toasts, search, and a page's own head.

The shell is built once per full load of the application; pages change inside it. A page
returns :func:`page`, whose filter bar the style sheet lifts into the top bar, so no callback
carries filters from one to the other. What only moves on the screen (folding, theme, search
dialog) is in ``assets/shell.js``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import dash
import dash_bootstrap_components as dbc
from dash import ALL, ClientsideFunction, Input, Output, State, dcc, html
from dash.development.base_component import Component

from components.cards import badge
from components.icons import icon
from components.overlays import SEARCH_INPUT, SEARCH_RESULTS, keys_dialog, search_dialog
from components.theme import Status


class Ids:
    """What pages and the application address in the shell."""

    TOASTS = "shell-toasts"
    JOBS = "shell-jobs"
    CONTENT = "shell-content"
    SEARCH_INPUT = SEARCH_INPUT
    SEARCH_RESULTS = SEARCH_RESULTS
    NAV_TYPE = "shell-nav"
    BADGE_TYPE = "shell-badge"


@dataclass(frozen=True, slots=True)
class UserView:
    """Who is logged in, as the frame shows it."""

    name: str
    role: str

    @property
    def initials(self) -> str:
        """Two letters at most: first and last name."""
        words = self.name.split()
        letters = [words[0][0], words[-1][0]] if len(words) > 1 else [w[0] for w in words[:1]]
        return "".join(letters).upper()


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the navigation; ``badge`` is a count that waits there, ``of`` says of what."""

    label: str
    icon: str
    href: str
    badge: int = 0
    of: str = ""
    section: str = ""


def shell(
    user: UserView,
    nav: Sequence[NavItem],
    content: Component,
    *,
    csrf_token: str,
    jobs_running: int = 0,
    jobs_href: str = "/scenarios/",
    search: bool = False,
    product: str = "Staff Rota",
    account_href: str = "/accounts/",
    logout_href: str = "/accounts/logout/",
    extra: Sequence[Component] = (),
) -> Component:
    """The whole frame with ``content`` (usually ``dash.page_container``) in it.

    ``extra`` takes what the application needs in the page but not on the screen (stores,
    intervals). Call :func:`register` once for the callbacks of the navigation.
    """
    return html.Div(
        [
            html.A("Skip to content", href=f"#{Ids.CONTENT}", className="skip-link"),
            _side_nav(nav, product),
            _top_bar(
                user,
                csrf_token=csrf_token,
                jobs=jobs_indicator(jobs_running, jobs_href),
                search=search,
                account_href=account_href,
                logout_href=logout_href,
            ),
            html.Main(content, id=Ids.CONTENT, className="shell-main", tabIndex=-1),
            _bottom_bar(nav),
            html.Div(
                id=Ids.TOASTS,
                className="shell-toasts",
                role="status",
                **{"aria-live": "polite", "aria-atomic": "false"},
            ),
            *([search_dialog()] if search else []),
            keys_dialog(),
            *extra,
        ],
        className="shell",
    )


def page(
    title: str,
    children: Component | Sequence[Component],
    *,
    subtitle: Component | str = "",
    filters: Component | None = None,
    secondary: Sequence[Component] = (),
    primary: Component | None = None,
    fill: bool = False,
    id: str | None = None,
) -> Component:
    """What a page's ``layout`` returns: filters for the top bar, head, content.

    ``fill`` gives the content all the height there is (the rota); otherwise the page scrolls.
    """
    actions = [*secondary, *([primary] if primary is not None else [])]
    head: list[Component] = [
        html.Div(
            [
                html.H1(title, className="page-title"),
                *([html.Div(subtitle, className="page-subtitle")] if subtitle else []),
            ],
            className="page-words",
        )
    ]
    if actions:
        head.append(html.Div(actions, className="actions"))
    parts: list[Component] = [] if filters is None else [filters]
    if title or actions:
        parts.append(html.Header(head, className="page-head"))
    parts.append(html.Div(children, className="page-content"))
    attributes: dict[str, Any] = {"id": id} if id else {}
    return html.Div(parts, className="page page-fill" if fill else "page", **attributes)


def jobs_indicator(running: int, href: str) -> Component:
    """Jobs at work; replace it as the child of ``Ids.JOBS`` (a list of one)."""
    words = f"{running} job{'' if running == 1 else 's'} running" if running else "No job running"
    inner: list[Component | str] = [icon("arrow-repeat", class_name="spin" if running else "")]
    if running:
        inner.append(html.Span(str(running), className="num"))
    link = dcc.Link(
        [*inner, html.Span(words, className="visually-hidden")],
        href=href,
        className="bar-button jobs jobs-running" if running else "bar-button jobs",
        title=words,
    )
    return html.Div(link, id=Ids.JOBS)


def nav_badge(item: NavItem) -> Component | str:
    """The count beside an entry: children of ``{"type": Ids.BADGE_TYPE, "path": href}``."""
    if not item.badge:
        return ""
    return badge(item.badge, label=item.of or "waiting", status=Status.WARN)


def register(app: dash.Dash) -> None:
    """The clientside callback that keeps the navigation true to the address.

    A function, not module level: a callback in an imported module exists only in the first
    application of a process.
    """
    entry = {"type": Ids.NAV_TYPE, "path": ALL, "place": ALL}
    app.clientside_callback(
        ClientsideFunction("shell", "navigation"),
        Output(entry, "href"),
        Output(entry, "className"),
        Input("_pages_location", "pathname"),
        Input("_pages_location", "search"),
        State(entry, "id"),
    )


def _link(item: NavItem, place: str, *, with_badge: bool = True) -> Component:
    parts: list[Component | str] = [
        icon(item.icon),
        html.Span(item.label, className="nav-label"),
    ]
    if with_badge:
        parts.append(
            html.Span(
                nav_badge(item),
                className="nav-badge",
                **({"id": {"type": Ids.BADGE_TYPE, "path": item.href}} if place == "side" else {}),
            )
        )
    return dcc.Link(
        parts,
        href=item.href,
        id={"type": Ids.NAV_TYPE, "path": item.href, "place": place},
        className="nav-item",
        title=item.label,
    )


def _side_nav(nav: Sequence[NavItem], product: str) -> Component:
    entries: list[Component] = []
    section = ""
    for item in nav:
        if item.section and item.section != section:
            section = item.section
            entries.append(html.Div(section, className="nav-section"))
        entries.append(_link(item, "side"))
    return html.Nav(
        [
            html.Div(
                [
                    html.Span(className="brand-mark"),
                    html.Span(product, className="brand-name"),
                ],
                className="brand",
            ),
            html.Div(entries, className="nav-list"),
            html.Button(
                [icon("layout-sidebar-inset"), html.Span("Fold", className="nav-label")],
                type="button",
                className="nav-item nav-fold",
                title="Fold or unfold the navigation",
                **{"data-shell": "fold", "aria-label": "Fold or unfold the navigation"},
            ),
        ],
        className="shell-nav",
        id="shell-side",
        **{"aria-label": "Main"},
    )


def _bottom_bar(nav: Sequence[NavItem]) -> Component:
    """At most five on a phone: all, or four and "More", which opens the side as a sheet."""
    first = list(nav if len(nav) <= 5 else nav[:4])
    rest = len(nav) > len(first)
    entries = [_link(item, "bottom") for item in first]
    if rest:
        entries.append(
            html.Button(
                [icon("list"), html.Span("More", className="nav-label")],
                type="button",
                className="nav-item",
                **{"data-shell": "more", "aria-controls": "shell-side", "aria-expanded": "false"},
            )
        )
    return html.Nav(entries, className="shell-bottom", **{"aria-label": "Main, short"})


def _top_bar(
    user: UserView,
    *,
    csrf_token: str,
    jobs: Component,
    search: bool,
    account_href: str,
    logout_href: str,
) -> Component:
    tools: list[Component] = []
    if search:
        tools.append(
            html.Button(
                [
                    icon("search"),
                    html.Span("Search", className="bar-word"),
                    html.Kbd("Ctrl K", className="bar-word"),
                ],
                type="button",
                className="bar-button bar-search",
                **{"data-shell": "search", "aria-label": "Search (Ctrl K)"},
            )
        )
    tools += [
        jobs,
        html.Button(
            icon("circle-half"),
            type="button",
            className="bar-button",
            title="Light or dark",
            **{"data-shell": "theme", "aria-label": "Switch between light and dark"},
        ),
        _user_menu(user, csrf_token, account_href, logout_href),
    ]
    return html.Header(
        [html.Div(className="bar-slot"), html.Div(tools, className="bar-tools")],
        className="shell-bar",
    )


def _user_menu(user: UserView, csrf_token: str, account_href: str, logout_href: str) -> Component:
    """Name, role and the two things one does with an account; logging out is a real POST."""
    return dbc.DropdownMenu(
        [
            html.Div(
                [
                    html.Div(user.name, className="user-name"),
                    html.Div(user.role, className="user-role"),
                ],
                className="user-head",
            ),
            dbc.DropdownMenuItem(
                [icon("person-gear"), "Your account"], href=account_href, external_link=True
            ),
            html.Button(
                [icon("keyboard"), "Keys", html.Kbd("?")],
                type="button",
                className="dropdown-item",
                **{"data-shell": "keys"},
            ),
            html.Form(
                [
                    dcc.Input(type="hidden", name="csrf_token", value=csrf_token),
                    html.Button(
                        [icon("box-arrow-right"), "Log out"],
                        type="submit",
                        className="dropdown-item",
                    ),
                ],
                method="post",
                action=logout_href,
            ),
        ],
        label=html.Span(
            [
                html.Span(user.initials, className="user-initials"),
                html.Span(f"Account of {user.name}", className="visually-hidden"),
            ]
        ),
        align_end=True,
        caret=False,
        toggle_class_name="bar-button user-button",
        className="user-menu",
    )
