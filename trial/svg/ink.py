"""What a colour means and what it looks like, and the face of the words."""

from enum import StrEnum

from django.utils.safestring import SafeString

Number = int | float


class Ink(StrEnum):
    """A colour by its meaning; `PAINT` holds what it looks like in light and in print."""

    NONE = "none"
    INK = "ink"
    INK2 = "ink2"
    LINE = "line"
    CONTROL = "control"
    SURFACE = "surface"
    ACCENT = "accent"
    SOFT = "soft"
    RED = "red"
    REDSOFT = "redsoft"
    AMBER = "amber"
    AMBERSOFT = "ambersoft"
    GREEN = "green"
    GREENSOFT = "greensoft"
    BLUE = "blue"
    VIOLET = "violet"
    GOLD = "gold"
    LEVEL1 = "level1"
    LEVEL2 = "level2"
    LEVEL3 = "level3"
    LEVEL4 = "level4"


PAINT: dict[Ink, str] = {
    Ink.NONE: "none",
    Ink.INK: "#14212b",
    Ink.INK2: "#4a5b68",
    Ink.LINE: "#dde4e8",
    Ink.CONTROL: "#788b97",
    Ink.SURFACE: "#ffffff",
    Ink.ACCENT: "#0b6477",
    Ink.SOFT: "#e1f0f3",
    Ink.RED: "#b3261e",
    Ink.REDSOFT: "#fbe9e7",
    Ink.AMBER: "#8a5a00",
    Ink.AMBERSOFT: "#fdf3dc",
    Ink.GREEN: "#1b6e3c",
    Ink.GREENSOFT: "#e4f3e9",
    Ink.BLUE: "#1f57a8",
    Ink.VIOLET: "#6a4bb0",
    Ink.GOLD: "#94690a",
    Ink.LEVEL1: "#cfdae0",
    Ink.LEVEL2: "#a9c3cd",
    Ink.LEVEL3: "#7fa8b6",
    Ink.LEVEL4: "#4f8799",
}
FONT = "system-ui, 'Liberation Sans', 'DejaVu Sans', sans-serif"
EMPTY = SafeString("")
