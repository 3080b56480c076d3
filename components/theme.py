"""The design tokens, once: colours, type, space and the shift palette of both themes.

``assets/tokens.css`` is written from here (``python -m components.theme``), so style sheets,
figures and Python agree; a test compares the file with these values.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

FONT = "'Inter Variable', system-ui, -apple-system, 'Segoe UI', sans-serif"


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one theme: surfaces, ink and what a status is painted with."""

    canvas: str
    surface: str
    raised: str
    ink: str
    muted: str
    line: str
    line_strong: str
    accent: str
    accent_ink: str
    accent_tint: str
    good: str
    good_tint: str
    warn: str
    warn_tint: str
    bad: str
    bad_tint: str
    weekend: str
    today: str
    shadow: str


LIGHT = Palette(
    canvas="#F7F8FA",
    surface="#FFFFFF",
    raised="#F1F4F7",
    ink="#17202B",
    muted="#5A6675",
    line="#E1E5EA",
    line_strong="#8592A1",
    accent="#0B6E6E",
    accent_ink="#FFFFFF",
    accent_tint="#E3F1F1",
    good="#1A7F4B",
    good_tint="#EBF7F0",
    warn="#8A5D00",
    warn_tint="#FBF1DA",
    bad="#B42318",
    bad_tint="#FCE9E7",
    weekend="#F1F3F6",
    today="#E3F1F1",
    shadow="0 1px 2px rgb(23 32 43 / 6%), 0 1px 3px rgb(23 32 43 / 8%)",
)

DARK = Palette(
    canvas="#10151B",
    surface="#171E26",
    raised="#1E2731",
    ink="#E6EBF0",
    muted="#9AA7B4",
    line="#2A343F",
    line_strong="#667483",
    accent="#4FC3BF",
    accent_ink="#062525",
    accent_tint="#133434",
    good="#56C288",
    good_tint="#143021",
    warn="#E3B341",
    warn_tint="#352A10",
    bad="#F97066",
    bad_tint="#3B1B1B",
    weekend="#1B232C",
    today="#133434",
    shadow="none",
)


class Category(StrEnum):
    """How a shift or an absence is painted; a shift type names its category."""

    DAY = "day"
    SENIOR_DAY = "senior-day"
    NIGHT = "night"
    SENIOR_NIGHT = "senior-night"
    EARLY = "early"
    LATE = "late"
    OFFICE = "office"
    SLEEP_IN = "sleep-in"
    LEAVE = "leave"
    SICK = "sick"
    TRAINING = "training"
    VACANCY = "vacancy"
    REST = "rest"


@dataclass(frozen=True, slots=True)
class ShiftStyle:
    """One category: its word, and background and ink in both themes."""

    label: str
    light: tuple[str, str]
    dark: tuple[str, str]


_DAY = (("#CFE8FF", "#0A4570"), ("#14395A", "#C4E2FB"))
_NIGHT = (("#DCD8F8", "#362B85"), ("#312B66", "#D8D3FC"))

SHIFT_STYLES: dict[Category, ShiftStyle] = {
    Category.DAY: ShiftStyle("Day", *_DAY),
    Category.SENIOR_DAY: ShiftStyle("Senior day", *_DAY),
    Category.NIGHT: ShiftStyle("Night", *_NIGHT),
    Category.SENIOR_NIGHT: ShiftStyle("Senior night", *_NIGHT),
    Category.EARLY: ShiftStyle("Early", ("#D5F2E3", "#0F5132"), ("#153F2C", "#B9EBD0")),
    Category.LATE: ShiftStyle("Late", ("#FFE3C7", "#7A3E00"), ("#4C2E0E", "#FFD9AE")),
    Category.OFFICE: ShiftStyle("Office", ("#E8EBEF", "#364152"), ("#2E3843", "#D5DCE4")),
    Category.SLEEP_IN: ShiftStyle("Sleep-in", *_NIGHT),
    Category.LEAVE: ShiftStyle("Annual leave", ("#F2F4F6", "#4A5563"), ("#212B35", "#B4C0CB")),
    Category.SICK: ShiftStyle("Sick", ("#FBD5DC", "#8A1233"), ("#501A2A", "#FCCBD6")),
    Category.TRAINING: ShiftStyle("Training", ("#F3EBCB", "#5C4A00"), ("#41380C", "#F2E5AE")),
    Category.VACANCY: ShiftStyle("Vacancy", ("#FFFFFF", "#B42318"), ("#171E26", "#F97066")),
    Category.REST: ShiftStyle("Rest", ("#FFFFFF", "#5A6675"), ("#171E26", "#9AA7B4")),
}

#: categorical order of charts, light and dark side by side
CHART_COLOURS: tuple[tuple[str, str], ...] = (
    ("#0B6E6E", "#4FC3BF"),
    ("#2F6FDE", "#7FA9F5"),
    ("#C77700", "#F0A93B"),
    ("#8E3B8A", "#D48AD0"),
    ("#5A6675", "#9AA7B4"),
    ("#C43D5A", "#F07F98"),
)
TEAL, BLUE, AMBER, PLUM, SLATE, ROSE = (light for light, _ in CHART_COLOURS)
#: the neutral bars of a waterfall, tints behind lines, and status colours inside figures
CHART_EXTRAS: tuple[tuple[str, str], ...] = (
    (LIGHT.good, DARK.good),
    (LIGHT.warn, DARK.warn),
    (LIGHT.bad, DARK.bad),
    (LIGHT.ink, DARK.ink),
)

#: sequential teal; pale enough throughout for dark ink printed on it
SEQUENTIAL: list[list[float | str]] = [
    [0.0, "#F3F8F8"],
    [0.25, "#D9ECEC"],
    [0.5, "#B4DAD9"],
    [0.75, "#8AC5C4"],
    [1.0, "#5CADAB"],
]
#: blue (above) – sand (as planned) – red (below), around zero
DIVERGING: list[list[float | str]] = [
    [0.0, "#E58A7E"],
    [0.25, "#F3C3B8"],
    [0.5, "#F4F0E6"],
    [0.75, "#BDD6F2"],
    [1.0, "#82B0E6"],
]


class Status(StrEnum):
    """A verdict; always shown as an icon and a word as well as a colour."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    INFO = "info"
    NEUTRAL = "neutral"


STATUS_ICONS: dict[Status, str] = {
    Status.GOOD: "check-circle-fill",
    Status.WARN: "exclamation-triangle-fill",
    Status.BAD: "x-octagon-fill",
    Status.INFO: "info-circle-fill",
    Status.NEUTRAL: "dash-circle",
}


def _declarations(palette: Palette, theme: str) -> list[str]:
    dark = theme == "dark"
    lines = [f"color-scheme: {theme};"]
    for name in Palette.__slots__:
        lines.append(f"--{name.replace('_', '-')}: {getattr(palette, name)};")
    for category, style in SHIFT_STYLES.items():
        background, ink = style.dark if dark else style.light
        lines.append(f"--shift-{category}-bg: {background};")
        lines.append(f"--shift-{category}-ink: {ink};")
    for number, pair in enumerate(CHART_COLOURS, start=1):
        lines.append(f"--chart-{number}: {pair[dark]};")
    for number, pair in enumerate(CHART_EXTRAS, start=1):
        lines.append(f"--chart-extra-{number}: {pair[dark]};")
    return lines


def rgb(colour: str) -> str:
    """``#0B6E6E`` as browsers write it back, ``rgb(11, 110, 110)``."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgb({red}, {green}, {blue})"


def rgba(colour: str, alpha: float) -> str:
    """``colour`` made translucent, for bands and tints in figures."""
    return rgb(colour).replace("rgb(", "rgba(").replace(")", f", {alpha:g})")


def _chart_rules() -> list[str]:
    """Dark theme for figures: a style sheet repaints what a figure painted for light.

    Figures are sent once and know no theme. Plotly writes colours as inline styles, which a
    rule can match; so the switch is instant, survives every redraw and leaves exports light.
    """
    rules = []
    pairs = [(f"chart-{n}", p) for n, p in enumerate(CHART_COLOURS, start=1)]
    pairs += [(f"chart-extra-{n}", p) for n, p in enumerate(CHART_EXTRAS, start=1)]
    for name, (light, _) in pairs:
        seen = rgb(light)
        quiet = f"color-mix(in srgb, var(--{name}) 80%, var(--surface))"
        for prop, value in (("fill", quiet), ("stroke", f"var(--{name})")):
            rules.append(
                f'[data-theme="dark"] .js-plotly-plot :not(text)[style*="{prop}: {seen}"] '
                f"{{ {prop}: {value} !important; }}"
            )
    return rules


def tokens_css() -> str:
    """The whole of ``assets/tokens.css``."""
    base = [
        f"--font: {FONT};",
        *(f"--space-{n}: {n * 4}px;" for n in (1, 2, 3, 4, 5, 6, 8)),
        "--radius: 8px;",
        "--radius-cell: 4px;",
        "--row: 28px;",
        "--target: 32px;",
        "--nav: 232px;",
        "--nav-folded: 64px;",
        "--topbar: 56px;",
        "--motion: 120ms;",
    ]

    def block(selector: str, lines: list[str]) -> str:
        body = "\n".join(f"  {line}" for line in lines)
        return f"{selector} {{\n{body}\n}}"

    parts = [
        "/* Written by `python -m components.theme`: change components/theme.py instead. */",
        block(":root", base),
        "@media (pointer: coarse) {\n  :root { --row: 36px; --target: 44px; }\n}",
        block(':root, [data-theme="light"]', _declarations(LIGHT, "light")),
        block('[data-theme="dark"]', _declarations(DARK, "dark")),
        *_chart_rules(),
    ]
    return "\n".join(parts) + "\n"


def contrast(first: str, second: str) -> float:
    """WCAG contrast ratio of two ``#RRGGBB`` colours, 1 to 21."""

    def luminance(colour: str) -> float:
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


if __name__ == "__main__":
    target = Path(__file__).parent.parent / "assets" / "tokens.css"
    target.write_text(tokens_css(), encoding="utf-8")
