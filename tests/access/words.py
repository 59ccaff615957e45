"""The words in which the tables say who opens an address, and what each of them means for a person."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tests.access.people import WHO
from trial.roles import May

SIGN_IN = "302 to the log-in"
OPEN = "open"


@dataclass(frozen=True, slots=True)
class Who:
    """What opens an address to one method.

    rights: any one of them, asked before any row is looked for. of_site: only for the patients of the person's sites.
    poll: it answers a page's poller, to which the log-in page would look like an answer. absent: the walk has no row
    there, so whom it opens to is told that (404), and everybody else is refused before (403).
    """

    rights: tuple[May, ...] = ()
    of_site: bool = False
    poll: bool = False
    absent: bool = False
    rule: str = "right"


Entry = Mapping[str, Who]  # by the methods, as "GET POST"
Table = Mapping[str, Entry]  # by the address, as the resolver writes it

ANYBODY = Who(rule="anybody")  # without signing in
SIGNED_IN = Who(rule="signed in")
ADMINISTRATOR = Who(rule="administrator")
OWN_OR_ADMINISTRATOR = Who(rule="own or administrator")  # the coordinator's
OWN = Who(rule="own")  # the coordinator's; to everybody else it is not there


def may(*rights: May) -> Who:
    """Everybody in the trial who has one of the rights."""
    return Who(rights)


def poller(*rights: May) -> Who:
    """The same, for the poller of a page; with no right, for everybody who is signed in."""
    return Who(rights, poll=True, rule="right" if rights else "signed in")


def of_site(*rights: May) -> Who:
    """The same, for rows of the patients of his sites."""
    return Who(rights, of_site=True)


def absent(who: Who) -> Who:
    """The same, where the walk has no row: a factor, a mailed key, what begins before the first decision."""
    return replace(who, absent=True)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who asks. role: "" for nobody who is signed in. here: a member of this trial, or its administrator."""

    name: str
    role: str = ""
    here: bool = True
    own_site: bool = True

    @property
    def signed_in(self) -> bool:
        return bool(self.role)

    def has(self, rights: tuple[May, ...]) -> bool:
        return any(self.role in WHO[right] for right in rights)


def expected(who: Who, person: Person, *, rest: bool) -> str:
    """What the person is answered: OPEN, or exactly how he is refused."""
    opened = "404" if who.absent else OPEN
    if who.rule == "anybody":
        return opened
    if not person.signed_in:
        return "401" if rest or who.poll else SIGN_IN
    match who.rule:
        case "signed in":
            return opened
        case "administrator":
            return OPEN if person.role == "administrator" else "403"
        case "own or administrator":
            return OPEN if person.role == "administrator" or person.name == "coordinator" else "403"
        case "own":
            return OPEN if person.name == "coordinator" else "404"
    if not person.here:
        return "404"  # a stranger learns of no trial
    if not person.has(who.rights):
        return "403"  # a member is told which right he lacks
    if who.of_site and not person.own_site:
        return "404"  # for him the patient is not there
    return opened
