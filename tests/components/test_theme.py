from pathlib import Path

import pytest

from components import theme
from components.theme import DARK, LIGHT, SHIFT_STYLES, contrast

ASSETS = Path(__file__).resolve().parents[2] / "assets"
PALETTES = {"light": LIGHT, "dark": DARK}
TEXT = ("ink", "muted", "accent", "good", "warn", "bad")
GROUNDS = ("canvas", "surface", "raised")


def test_black_on_white_is_twenty_one():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)


@pytest.mark.parametrize("name", PALETTES)
@pytest.mark.parametrize("ink", TEXT)
@pytest.mark.parametrize("ground", GROUNDS)
def test_text_is_legible_on_every_ground(name, ink, ground):
    palette = PALETTES[name]
    assert contrast(getattr(palette, ink), getattr(palette, ground)) >= 4.5


@pytest.mark.parametrize("name", PALETTES)
@pytest.mark.parametrize("ink", ["good", "warn", "bad", "accent"])
def test_a_chip_is_legible_on_its_tint(name, ink):
    palette = PALETTES[name]
    assert contrast(getattr(palette, ink), getattr(palette, f"{ink}_tint")) >= 4.5


@pytest.mark.parametrize("name", PALETTES)
def test_the_primary_button_and_the_weekend_are_legible(name):
    palette = PALETTES[name]
    assert contrast(palette.accent_ink, palette.accent) >= 4.5
    assert contrast(palette.muted, palette.weekend) >= 4.5
    assert contrast(palette.accent, palette.today) >= 4.5


@pytest.mark.parametrize("category", SHIFT_STYLES)
def test_every_shift_code_is_legible_in_both_themes(category):
    style = SHIFT_STYLES[category]
    assert contrast(*style.light) >= 4.5
    assert contrast(*style.dark) >= 4.5


@pytest.mark.parametrize("pair", theme.CHART_COLOURS)
def test_chart_colours_stand_out_from_their_surface(pair):
    light, dark = pair
    assert contrast(light, LIGHT.surface) >= 3
    assert contrast(dark, DARK.surface) >= 3


@pytest.mark.parametrize("scale", [theme.SEQUENTIAL, theme.DIVERGING])
def test_ink_is_legible_on_every_step_of_a_heat_map(scale):
    assert all(contrast(LIGHT.ink, str(colour)) >= 4.5 for _, colour in scale)


def test_the_style_sheet_is_what_the_tokens_say():
    written = (ASSETS / "tokens.css").read_text(encoding="utf-8")
    assert written == theme.tokens_css(), "run: python -m components.theme"


def test_colours_are_written_as_a_browser_writes_them():
    assert theme.rgb("#0B6E6E") == "rgb(11, 110, 110)"
    assert theme.rgba("#0B6E6E", 0.15) == "rgba(11, 110, 110, 0.15)"
