"""The dose ladder in words: what its figure shows, as a table."""

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from .ladder import LadderLevel, LadderPatient, banner, cohort_words, outcome


def ladder_table(levels: Sequence[LadderLevel], patients: Sequence[LadderPatient]) -> SafeString:
    """The same as a table: a group of rows for each level, the highest first."""
    bodies = format_html_join(
        "",
        '<tbody><tr class="level-{}"><th scope="rowgroup" colspan="3">{} <span class="muted">{} · {}</span></th></tr>'
        "{}</tbody>",
        (
            (level.state, level.label, level.doses, banner(level), _rows([p for p in patients if p.level == index]))
            for index, level in reversed(list(enumerate(levels)))
        ),
    )
    return format_html(
        '<table class="table table-tight"><caption>Patients by dose level, in order of entry</caption>'
        '<thead><tr><th scope="col">Patient</th><th scope="col">Cohort</th><th scope="col">Outcome</th></tr></thead>'
        "{}</table>",
        bodies,
    )


def _rows(patients: Sequence[LadderPatient]) -> SafeString:
    if not patients:
        return format_html('<tr><td colspan="3" class="muted">{}</td></tr>', "no patients")
    return format_html_join(
        "",
        '<tr class="patient-{}"><td>{}</td><td>{}</td><td>{}</td></tr>',
        (
            (
                patient.state,
                format_html('<a href="{}">{}</a>', patient.url, patient.number) if patient.url else patient.number,
                cohort_words(patient),
                outcome(patient),
            )
            for patient in patients
        ),
    )
