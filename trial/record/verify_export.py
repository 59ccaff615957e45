#!/usr/bin/env python3
"""Check a trail that was taken out of the program: every text has its hash, every event follows the one before it.

    python3 verify_export.py [FILE.zip or FOLDER] [--anchor HASH]

Needs Python 3.9 or newer and nothing else, neither the program nor its database. Without FILE it checks the folder that
it lies in. --anchor: the hash of an anchor that was kept outside the installation; what it seals is then bound by it.
Ends with 0 when everything agrees, with 1 and a line for each difference when not.
"""

import argparse
import hashlib
import io
import json
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

START = "0" * 64
Seen = dict[int, list[tuple[int, str]]]  # by number of an event: the anchors that saw it, each with the hash it saw


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    asked.add_argument("where", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    asked.add_argument("--anchor", default="", help="hash of an anchor that was kept outside")
    given = asked.parse_args()
    try:
        said, wrong = check(given.where, given.anchor)
    except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as fault:
        sys.exit(f"{given.where} cannot be read as an exported trail: {type(fault).__name__}: {fault}")
    print(said)
    for sentence in wrong:
        print(sentence, file=sys.stderr)
    sys.exit(1 if wrong else 0)


def check(where: Path, kept: str = "") -> tuple[str, list[str]]:
    """What was checked, in a sentence, and what is wrong, a sentence each."""
    about = json.loads("".join(lines(where, "trail.json")))
    wrong, anchors, seen = check_anchors(where, about, kept)
    events = shut = number = 0
    head = START
    for line in lines(where, "trail.jsonl"):
        event = json.loads(line)
        events += 1
        number += 1
        name = f"Event {event['number']}"
        if event["number"] != number:
            wrong.append(f"{name}: number {number} is missing before it.")
            number = event["number"]
        if "body" in event:
            body = json.loads(event["body"])
            if digest(event["body"]) != event["hash"]:
                wrong.append(f"{name}: its text does not have its hash.")
            if (body["number"], body["ledger"]) != (number, about["ledger"]):
                wrong.append(f"{name}: its text is that of another event.")
            prev = body["prev"]
        else:  # shut: a text that its reader may not see yet
            shut += 1
            prev = event["prev"]
        if prev != head:
            wrong.append(f"{name}: it does not follow the event before it.")
        head = event["hash"]
        for anchor in seen.pop(number, []):
            if anchor[1] != head:
                wrong.append(f"{name}: it is not the one that anchor {anchor[0]} sealed.")
    if (number, head) != (about["number"], about["head"]):
        wrong.append(f"The last event ({number}) is not the head that was exported ({about['number']}).")
    for missing in sorted(of for of in seen if 0 < of <= about["number"]):
        wrong.append(f"Event {missing}, which an anchor sealed, is missing.")
    said = f"{about['trial']}: {events} events and {anchors} anchors, taken out {about['taken']}"
    if shut:
        said += f"; {shut} without their text, shut until a second verdict is given"
    return f"{said}: {f'{len(wrong)} differences' if wrong else 'everything agrees'}.", wrong


def check_anchors(where: Path, about: dict[str, Any], kept: str) -> tuple[list[str], int, Seen]:
    """What is wrong with the anchors, how many there are, and what they saw of this trail."""
    wrong: list[str] = []
    seen: Seen = {}
    number, prev, found = 0, START, not kept
    for line in lines(where, "anchors.jsonl"):
        anchor = json.loads(line)
        body = json.loads(anchor["body"])
        number += 1
        name = f"Anchor {anchor['number']}"
        if digest(anchor["body"]) != anchor["hash"]:
            wrong.append(f"{name}: its text does not have its hash.")
        if (anchor["number"], body["number"], body["prev"]) != (number, number, prev):
            wrong.append(f"{name}: it does not follow the anchor before it.")
        for ledger, at, head in body["ledgers"]:
            if ledger == about["ledger"]:
                seen.setdefault(at, []).append((anchor["number"], head))
        prev, found = anchor["hash"], found or anchor["hash"] == kept
    if not found:
        wrong.append(f"No anchor has the hash {kept}.")
    return wrong, number, seen


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def lines(where: Path, name: str) -> Iterator[str]:
    """The lines of one file of the export, one by one: a trail may be long."""
    if where.is_dir():
        with (where / name).open(encoding="utf-8") as file:
            yield from file
    else:
        with zipfile.ZipFile(where) as archive, archive.open(name) as file:
            yield from io.TextIOWrapper(file, encoding="utf-8")


if __name__ == "__main__":
    main()
