"""Invented names of homes, units and people. Any likeness to somebody real is chance."""

from __future__ import annotations

from dataclasses import dataclass


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST_NAMES: tuple[str, ...] = _words(
    """
    Ailsa Aileen Alasdair Alison Alistair Andrea Angus Anna Archie Arran Beth Blair Bonnie
    Brodie Bruce Caitlin Calum Cameron Campbell Carly Catriona Ceit Chloe Coinneach Colin
    Cora Craig Daisy Davina Dougal Duncan Eachann Effie Eilidh Elspeth Emma Ewan Fergus
    Finlay Fiona Flora Fraser Freya Gavin Gillian Gordon Graeme Grant Greer Gregor Hamish
    Hazel Heather Hector Ina Iona Irvine Isla Isobel Jamie Janet Jean Jenna Jessie Kara Keir
    Keith Kenna Kerr Kirsten Kirsty Lachlan Laura Leah Lewis Lileas Logan Lorna Lorraine
    Magnus Mairi Malcolm Marsali Maureen Megan Mhairi Moira Morag Morven Muir Mungo Murdo
    Nairn Neil Niall Nicola Niamh Nora Oighrig Olivia Orla Paige Peigi Rhona Rhuaridh Robyn
    Ronan Rory Rosie Ross Rowan Ruaraidh Sandra Scott Seonaid Shona Sine Skye Sorcha
    Steaphan Struan Stuart Tavish Tess Torquil Una Ursula Vaila Wallace Wilma Zara Agnieszka
    Amara Aleksander Blessing Chidi Ewelina Fatima Grace Kwame Magda Mercy Ngozi Pawel Priya
    Rohan Samina Tendai Tomasz Victor Yusuf Zainab
    """
)
LAST_NAMES: tuple[str, ...] = _words(
    """
    Abercairn Affleck Ainslie Aird Airth Allardyce Arbuckle Ardmore Auchter Baird Balfron
    Balloch Bannoch Barclay Begg Birnie Blackwood Bonar Borthwick Bruar Buchan Cairnie
    Calder Cargill Carnoch Chalmers Clunie Cochrane Corrie Craigie Crombie Cullen Culross
    Dalgety Dallas Dalry Darroch Deuchar Dewar Dinnet Dornie Drummond Dunbar Dunlop Durward
    Eccles Elgin Erskine Fairlie Farquhar Fenwick Fettes Fife Findlater Fleming Forbes
    Forsyth Fyvie Galbraith Garvie Geddes Gilchrist Gilfillan Glen Glennie Gourlay Gowrie
    Grieve Guthrie Haddow Haldane Halkett Hepburn Heriot Imrie Inglis Innes Irvine Jardine
    Keillor Keith Kelso Kinloch Kinnaird Kirkwood Laidlaw Laing Lamont Lauder Leask Leslie
    Liddell Lockhart Logie Lorne Lundie Lyall Lyle Machrie Maitland Marnoch Maule Meldrum
    Melrose Menteith Methven Moncur Moffat Monteath Morton Mounsey Muirhead Munro Nairn
    Naismith Nisbet Ogilvy Oliphant Ormiston Pender Pirie Pitlochy Pringle Purdie Raeburn
    Ralston Ramage Rattray Redpath Renwick Riddoch Rintoul Rossie Rutherford Scrymgeour
    Selkirk Shand Skene Skirving Smeaton Sorley Soutar Strachan Strang Struthers Sutherland
    Swinton Tarbet Tennant Threipland Tulloch Tweedie Urquhart Usher Waddell Wardlaw Warrick
    Wauchope Weir Wemyss Whitelaw Wishart Yuill
    """
)


@dataclass(frozen=True, slots=True)
class HomeName:
    """A home's name, the short form in front of its units, its town's postcode and place."""

    name: str
    short: str
    postcode: str
    latitude: float
    longitude: float
    units: tuple[str, ...]


_ORCHARD = ("Mulberry", "Willow", "Oak", "Pear", "Plum", "Cherry", "Quince", "Damson")
_GARDEN = ("Rose", "Lily", "Tulip", "Crocus", "Iris")
_FIVE = (
    HomeName("Orchard Grove", "OG", "G99 1AA", 55.872, -4.301, _ORCHARD),
    HomeName(
        "Glenaird House", "GH", "G99 2AB", 55.853, -4.205,
        ("Thistle", "Heather", "Bluebell", "Harebell", "Foxglove", "Primrose", "Bracken", "Gorse"),
    ),
    HomeName(
        "Kirkmure Lodge", "KL", "PA99 1AC", 55.846, -4.424,
        ("Curlew", "Lapwing", "Osprey", "Puffin", "Tern", "Kestrel", "Dunlin", "Wren"),
    ),
    HomeName(
        "Burnside Haven", "BH", "ML99 1AD", 55.790, -4.110,
        ("Clyde", "Tay", "Spey", "Tweed", "Dee", "Nith", "Annan", "Forth"),
    ),
    HomeName("Victoria Gardens", "VG", "G99 4AE", 55.836, -4.262, _GARDEN),
)  # fmt: skip
_FRONT = (
    "Ard",
    "Bal",
    "Cairn",
    "Dal",
    "Dun",
    "Fern",
    "Glen",
    "Inver",
    "Kil",
    "Loch",
    "Mill",
    "Strath",
)
_BACK = ("brae", "dour", "garth", "lea", "mar", "moor", "noch", "rig", "side", "wick")
_KIND = ("House", "Lodge", "Court", "Haven", "Manor", "View", "Grange", "Rise")


def home_name(number: int) -> HomeName:
    """The name of home ``number`` (0, 1, 2 …); unique for every number under 900."""
    profile = _FIVE[number % len(_FIVE)]
    if number < len(_FIVE):
        return profile
    extra = number - len(_FIVE)
    front = _FRONT[extra % len(_FRONT)]
    back = _BACK[extra // len(_FRONT) % len(_BACK)]
    kind = _KIND[(extra + extra // 120) % len(_KIND)]
    name = f"{front}{back} {kind}"
    short = f"{front[0]}{back[0].upper()}{number + 1}"
    return HomeName(
        name, short, f"G99 {number % 10}B{chr(65 + number % 26)}",
        profile.latitude + 0.01 * (number % 13 - 6), profile.longitude + 0.015 * (number % 11 - 5),
        profile.units,
    )  # fmt: skip


def person_name(number: int) -> tuple[str, str]:
    """First and last name of person ``number``; the first 20 000 or so are all different.

    Walks all pairs with steps that share no factor with the lists' lengths, so that
    neighbours in a list do not look alike.
    """
    pairs = len(FIRST_NAMES) * len(LAST_NAMES)
    step = number * 7919 % pairs  # a prime: every pair comes up once
    first, last = FIRST_NAMES[step % len(FIRST_NAMES)], LAST_NAMES[step // len(FIRST_NAMES)]
    again = number // pairs
    return first, f"{last}-{LAST_NAMES[(number + again) % len(LAST_NAMES)]}" if again else last
