"""The basis of a decision: what differs between two engine inputs, in words."""

from typing import Any

from ..stored import inputs as stored_inputs


def changes(was: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """What differs between two engine inputs, in words, a patient or setting each."""
    if wrong := stored_inputs.fault(was):
        return [f"the stored inputs cannot be read: {wrong}"]
    before = {p["patient"]: p for p in was["patients"]}
    after = {p["patient"]: p for p in now["patients"]}
    found = []
    for number in sorted(before.keys() | after.keys()):
        old, new = before.get(number), after.get(number)
        if old == new:
            continue
        if new is None:
            found.append(f"patient {number:03d} left the count")
        elif old is None:
            found.append(f"patient {number:03d} was dosed ({_words(new['outcome'])})")
        elif old["outcome"] != new["outcome"]:
            found.append(f"patient {number:03d} was {_words(old['outcome'])}, is now {_words(new['outcome'])}")
        else:
            found.append(f"patient {number:03d} counts at another level")
    return found + [said for key, said in SETTINGS.items() if was[key] != now[key]]


SETTINGS = {
    "variant": "the protocol's variant is another",
    "levels": "the dose ladder has more or fewer levels",
    "start": "the trial starts at another place of the ladder",
    "settings": "the numbers of the protocol's rule are others",
    "closed_by_committee": "the committee's decision about closed levels is another",
}
WORDS = {
    "dlt": "DLT",
    "no_dlt": "no DLT",
    "pending": "pending",
    "suspected": "suspected DLT",
    "not_evaluable": "not evaluable",
}


def _words(outcome: str) -> str:
    return WORDS[outcome]
