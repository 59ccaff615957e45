"""What a page was asked for, in the words of its own fields."""

from collections.abc import Iterable
from html.parser import HTMLParser

PAGE, SORT = "page", "sort"  # which part of the rows, and their order
DOWN = "-"


class _Fields(HTMLParser):
    """The fields of a page's forms: the words of each, and of what can be chosen in it."""

    def __init__(self) -> None:
        super().__init__()
        self.labels: dict[str, str] = {}  # by the field's id
        self.legends: dict[str, str] = {}  # by the field's name, of several choices
        self.ids: dict[str, str] = {}  # by the field's name
        self.choices: dict[tuple[str, str], str] = {}  # by name and value
        self.chosen: dict[str, tuple[str, str]] = {}  # name and value of a choice, by its id
        self._select = self._legend = ""
        self._open: tuple[str, str] | None = None  # tag whose words are read, and of which id or value
        self._words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        name, of = said.get("name", ""), said.get("id", "")
        if tag in ("input", "select") and name:
            self.ids.setdefault(name, of)
            self._select = name if tag == "select" else ""
            if said.get("type") == "radio":
                self.chosen[of], self.legends[name] = (name, said.get("value", "")), self._legend
        elif tag in ("label", "legend"):
            self._open, self._words = (tag, said.get("for", "")), []
        elif tag == "option" and self._select:
            self._open, self._words = (tag, said.get("value", "")), []
        elif tag == "span" and "optional" in said.get("class", "").split():
            self._close()

    def handle_endtag(self, tag: str) -> None:
        if self._open and tag == self._open[0]:
            self._close()

    def handle_data(self, data: str) -> None:
        if self._open:
            self._words.append(data)

    def _close(self) -> None:
        if self._open is None:
            return
        (tag, of), words = self._open, " ".join("".join(self._words).split())
        self._open = None
        if tag == "label":
            self.labels[of] = words
        elif tag == "legend":
            self._legend = words
        else:
            self.choices[self._select, of] = words

    def label(self, name: str) -> str:
        found = self.legends.get(name) or self.labels.get(self.ids.get(name, ""))
        return found or name.replace("_", " ").capitalize()

    def words(self, name: str, value: str) -> str:
        of = next((one for one, chosen in self.chosen.items() if chosen == (name, value)), "")
        return self.labels.get(of) or self.choices.get((name, value)) or value


def words(page: str, asked: Iterable[tuple[str, list[str]]]) -> list[str]:
    """asked: the query of the page's address, name by name."""
    fields = _Fields()
    fields.feed(page)
    found = []
    for name, values in asked:
        given = [value for value in values if value.strip()]
        if given and name == SORT:
            order = given[-1]
            found.append(f"Sorted by {order.removeprefix(DOWN)}{', downward' if order.startswith(DOWN) else ''}")
        elif given and name != PAGE:
            found.append(f"{fields.label(name)}: {', '.join(fields.words(name, value) for value in given)}")
    return found
