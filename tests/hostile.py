"""What a program, or somebody with one, may send in place of what the schema of the REST interface asks for."""

from collections.abc import Iterator
from typing import Any

HUGE = 10**40
DEEP: Any = []
for _ in range(400):
    DEEP = [DEEP]
NUL = "a\x00b"
LONG = "9" * 5000


class Schema:
    """The OpenAPI description, with its references followed."""

    DAY = "2026-02-03"

    def __init__(self, schema: dict[str, Any]) -> None:
        self.schema = schema

    def operations(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        for path, methods in self.schema["paths"].items():
            for method, operation in methods.items():
                yield path, method.upper(), operation

    def fields(self, operation: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
        """Where it stands, its name and its shape, of everything that may be sent."""
        query = [("query", name, of) for name, of in self.queries(operation).items()]
        return query + [("body", name, of) for name, of in self.body(operation).get("properties", {}).items()]

    def queries(self, operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
        return {p["name"]: self.plain(p["schema"]) for p in operation.get("parameters", []) if p["in"] == "query"}

    def body(self, operation: dict[str, Any]) -> dict[str, Any]:
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        return self.plain(content["schema"]) if content else {}

    def plain(self, of: dict[str, Any]) -> dict[str, Any]:
        """Without references; of a choice between two, the first that says anything."""
        while True:
            if "$ref" in of:
                of = {**self.schema["components"]["schemas"][of["$ref"].split("/")[-1]], "nullable": of.get("nullable")}
            elif parts := of.get("allOf") or of.get("oneOf"):
                of = {**parts[0], "nullable": of.get("nullable")}
            else:
                return of

    def fine(self, of: dict[str, Any]) -> Any:
        """Something that has the right shape."""
        of = self.plain(of)
        if "enum" in of:
            return next(value for value in of["enum"] if value)
        match of.get("type"):
            case "object":
                return {name: self.fine(part) for name, part in of.get("properties", {}).items()}
            case "array":
                return [self.fine(of["items"])]
            case "integer" | "number":
                return of.get("minimum", 1)
            case "boolean":
                return True
        return {
            "date": self.DAY, "date-time": "2026-02-03T08:00:00Z", "time": "08:00", "decimal": "1",
            "uuid": "01a22b9d-2450-7401-9069-8f622d315811",
        }.get(of.get("format", ""), "x")  # fmt: skip

    def wrong(self, of: dict[str, Any]) -> list[Any]:
        """Values that are none of these, each to be refused by the field's name."""
        of = self.plain(of)
        null = [] if of.get("nullable") else [None]
        every = [DEEP, {"a": {"b": [1]}}, *null]
        if "enum" in of:
            return [*every, NUL, LONG, -1, True]
        match of.get("type"):
            case "object":
                return [[1], "x", 1, *null]
            case "array":
                return [{"a": 1}, "x", 1, *null, *([value] for value in self.wrong(of["items"])[:3])]
            case "integer":
                return [*every, HUGE, -HUGE, "x", LONG, NUL, 1.5, "1e400"]
            case "number":
                return [*every, HUGE, "x", NUL, "1e400"]
            case "boolean":
                return [*every, "x", NUL, HUGE, 2]
        match of.get("format"):
            case "date" | "date-time" | "time":
                return [*every, "0000-00-00", "10000-01-01", "2026-02-30", NUL, LONG, HUGE, True]
            case "uuid":
                return [*every, "x", NUL, LONG, HUGE, -1]
            case "decimal":
                return [*every, "NaN", "Infinity", "1e999999", LONG, NUL, HUGE]
        return [*every, NUL, True]

    def odd(self, of: dict[str, Any]) -> list[Any]:
        """Values of the right shape at its ends: whatever is answered, it is no fault of the program."""
        of = self.plain(of)
        if of.get("type") == "integer":
            return [0, -1, 2**31, 2**63, 2**31 - 1]
        return {
            "date": ["0001-01-01", "9999-12-31", "1900-01-01"],
            "date-time": ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59-14:00"],
            "time": ["23:59:59.999999"], "decimal": ["1e12", "-1", "0.00000001", "99999999999999999999"],
            "uuid": ["00000000-0000-0000-0000-000000000000"],
        }.get(of.get("format", ""), ["", "\u202e\U0001f600", "x" * 300, "' OR 1=1 --"])  # fmt: skip
