"""One line a patient over all cohorts: what he received, what it did to him, and what it did for him."""

from assessments.endpoints.present import ENDPOINTS
from assessments.tables import page
from trial.paper.document import Section

from .. import words
from .shapes import listed
from .source import Source


def patients(source: Source) -> Section:
    runs = source.efficacy
    of_run = {one["number"]: one for one in runs[0].result["patients"]} if runs else {}
    facts = {f.patient.number: f for f in source.here.facts}
    rows, times = [], []
    for one in source.safety.patients:
        f, said = facts[one.number], of_run.get(one.number)
        worst = max((event.grade for event in source.of_patient.get(one.number, [])), default=0)
        state = (
            f"died {words.shown(one.died)}"
            if one.died
            else f"stopped: {one.stop_reason}"
            if one.stopped
            else "on treatment"
        )
        rows.append(
            [
                one.code,
                one.level,
                str(f.patient.cohort.number) + (f", {f.patient.role}" if not f.counted else ""),
                f.patient.site.code,
                words.OUTCOMES[f.outcome],
                str(worst) if worst else "none",
                page.intensities(one) or "–",
                said["best_confirmed"] if said else "–",
                state,
            ]
        )
        if said:
            times.append([one.code, one.level, *(_time(said["times"][name]) for name in ENDPOINTS)])
    return Section(
        "Patients over all cohorts",
        [
            listed(
                "Toxicity, dose intensity and response of each treated patient",
                [
                    "Patient",
                    "Level",
                    "Cohort",
                    "Site",
                    "DLT+",
                    "Worst grade#",
                    "Dose intensity++",
                    "Best confirmed",
                    "State++",
                ],
                rows,
                "Worst grade: of treatment-emergent events.",
                empty="Nobody is treated yet.",
            ),
            listed(
                "Times to an event of each treated patient, with the reason of each",
                ["Patient", "Level", *(f"{name}+" for name in ENDPOINTS)],
                times,
                empty="Nobody is treated yet.",
            ),
        ],
        wide=True,
    )


def _time(said: dict[str, object] | None) -> str:
    if said is None:
        return "does not apply"
    return f"{said['days']} days, {said['because']}"
