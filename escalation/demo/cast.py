"""The people of simulated trials: one for each role, two where two are needed. Pure: the launcher reads it too."""

from dataclasses import dataclass

from trial.roles import Role

DEMO = "demo.example"  # can sign in with the demo's password
REPLAY = "replay.example"  # where there is no demo: nobody can sign in as one of these
PASSWORD = "three-plus-three"


@dataclass(frozen=True, slots=True)
class Person:
    key: str  # before the @ of the address
    name: str
    role: Role
    site: str = ""  # code; investigators are the principal ones of their site

    def email(self, domain: str) -> str:
        return f"{self.key}@{domain}"

    @property
    def does(self) -> str:
        return f"{self.role.label}, site {self.site}" if self.site else str(self.role.label)


CAST = (
    Person("coordinator", "Demo Coordinator 01", Role.COORDINATOR, "01"),
    Person("investigator", "Demo Investigator 01", Role.INVESTIGATOR, "01"),
    Person("coordinator2", "Demo Coordinator 02", Role.COORDINATOR, "02"),
    Person("investigator2", "Demo Investigator 02", Role.INVESTIGATOR, "02"),
    Person("monitor", "Demo Medical Monitor", Role.MEDICAL_MONITOR),
    Person("dsmb", "Demo Committee Member 1", Role.DSMB),
    Person("dsmb2", "Demo Committee Member 2", Role.DSMB),
    Person("dsmb3", "Demo Committee Member 3", Role.DSMB),
    Person("statistician", "Demo Statistician", Role.STATISTICIAN),
    Person("cra", "Demo Monitor (CRA)", Role.MONITOR),
    Person("auditor", "Demo Auditor", Role.AUDITOR),
    Person("administrator", "Demo Administrator", Role.ADMINISTRATOR),
)
MEMBERS = tuple(person for person in CAST if person.role is not Role.ADMINISTRATOR)


def logins(password: str = PASSWORD) -> list[tuple[str, str, str]]:
    """(role, e-mail, password) of each person of the demo."""
    return [(person.does, person.email(DEMO), password) for person in CAST]
