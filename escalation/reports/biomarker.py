"""The sBCMA sub-study of the cut, without the values of whoever has withdrawn the consent to them by today."""

from collections.abc import Sequence

from django.utils.safestring import SafeString

from assessments.biomarker import present
from assessments.biomarker.present import AssayPart
from assessments.biomarker.results_diagnostic import Diagnostic
from assessments.biomarker.results_groups import Comparison
from assessments.endpoints.present import Count
from trial.paper.document import Block, Facts, Figure, Paragraph, Part, Section

from .. import words
from .efficacy import fixed
from .shapes import listed
from .source import Source

EXPLORATORY = "Exploratory: fewer than 40 patients."


def biomarker(source: Source) -> Section:
    runs = source.biomarker
    if not runs or not runs[0].result["assays"]:
        return Section("Biomarker", [Paragraph("Not estimable: no assay is defined, or nobody is treated yet.")])
    page = present.page(runs[0], "", "")
    sets = page.sets
    blocks: list[Block] = [
        Facts(
            [
                ("Biomarker set", f"{words.count(sets['biomarker'], 'patient')}: consented, and not withdrawn by now"),
            ]
        )
    ]
    if source.today.withdrawn:
        who, are = words.count(source.today.withdrawn, "patient"), "is" if source.today.withdrawn == 1 else "are"
        blocks.append(Paragraph(f"{who} who withdrew the consent {are} in no number of it.", "Left out:", "amber"))
    parts = [part for assay in page.assays for part in _assay(assay)]
    settings = "Times and responses under the settings that stand in the section Efficacy."
    return Section("Biomarker: serum BCMA", [*blocks, Paragraph(f"{page.methods} {settings}", tone="note"), *parts])


def _assay(one: AssayPart) -> list[Part]:
    return [
        Part(
            f"{one.name}: values",
            [
                Facts(
                    [
                        ("Measured", one.measured.text),
                        ("With a baseline value", one.baseline.text),
                        ("Treated, with one", one.treated.text),
                    ]
                ),
                *_figure("sBCMA over time", one.courses, one.courses_read),
            ],
        ),
        Part(f"{one.name}: diagnostic", diagnostic_blocks(one.diagnostic)),
        Part(f"{one.name}: prognostic", _prognostic(one)),
        Part(f"{one.name}: response by baseline", _response(one)),
    ]


def _figure(title: str, svg: SafeString, reads: str) -> list[Block]:
    return [Figure(title, svg, notes=[reads] if reads else [])] if svg else [Paragraph(f"{title}: nothing to draw.")]


def diagnostic_blocks(found: Diagnostic) -> list[Block]:
    said = f"{found.cases.text} patients against {found.controls} controls. {found.because}".strip()
    blocks: list[Block] = [Facts([("AUC (DeLong 95 %)", found.auc), ("Compared", said)])]
    blocks += [Paragraph(EXPLORATORY, tone="note")] if found.exploratory else []
    if found.figure:
        notes = [found.reads, found.below]
        blocks.append(Figure("ROC curve: sensitivity by 1 − specificity", found.figure, notes=notes))
    rows = [
        *([row.cut, row.source, row.sensitivity, row.specificity, row.because] for row in found.cuts),
        *([row.cut, f"Youden, {row.source}", row.sensitivity, row.specificity, ""] for row in found.best),
    ]
    rows = [[cell or "–" for cell in row] for row in rows]
    names = ["Cut-off+", "Source++", "Sensitivity (exact 95 %)++", "Specificity (exact 95 %)++", "Why not+"]
    notes = [f"{found.of_best}."] if found.best else []
    return [*blocks, listed("At cut-offs of the record, and Youden's point", names, rows, *notes)]


def _prognostic(one: AssayPart) -> list[Block]:
    found = one.prognostic
    blocks: list[Block] = [Facts([("Patients with a baseline value", found.n.text), ("Shown", found.shown)])]
    blocks += [Paragraph(EXPLORATORY, tone="note")] if found.exploratory else []
    rows = [[row.words, row.source or "–", *(row.short or [row.because, "–"])] for row in found.splits]
    blocks.append(listed("Divisions by baseline", ["Division+", "Source+", "PFS++", "OS++"], rows))
    blocks += [Paragraph(found.because)] if found.because else []
    for time in found.times:
        blocks += _comparison(time)
    change = one.change
    said = f"by change until day {change.landmark}, n = {change.n}"
    told = " ".join([change.reads, *([f"{'; '.join(change.notes)}."] if change.notes else [])])
    blocks += [Paragraph(told, f"{said.capitalize()}:")] if change.times or change.notes else []
    for time in change.times:
        blocks += _comparison(time, said)
    return blocks


def _comparison(one: Comparison, by: str = "by baseline") -> list[Block]:
    title = f"{one.name} {by}: {one.what}"
    blocks = _figure(title, one.figure, f"{one.reads} Log-rank {one.logrank}. {one.because}".strip())
    rows = [[row.name, row.n.text, row.events.text, row.median, row.hazard] for row in one.groups]
    names = ["Group", "n#", "Events#", "Median++", "Hazard ratio (95 %)++"]
    blocks.append(listed(f"{one.name} {by}: groups", names, rows))
    return (
        [*blocks, fixed(f"{one.name} {by}: share {one.share} at fixed months", one.fixed)] if one.fixed.rows else blocks
    )


def _response(one: AssayPart) -> list[Block]:
    rows = [[row.split, row.source or "–", row.rate, *(_halves(row.groups)), row.test] for row in one.rows]
    values = [[row.best, row.n.text, row.median, row.range] for row in one.values]
    note = [EXPLORATORY] if one.exploratory_response else []
    return [
        listed(
            f"Response rates of high against low at baseline, n = {one.n_response} (Fisher's exact test)",
            ["Division+", "Source+", "Rate", "High++", "Low++", "Test+++"],
            rows,
            *note,
        ),
        listed(
            "Baseline values by best confirmed response, ng/mL",
            ["Best response+", "n#", "Median#", "Range#"],
            values,
            one.values_read,
        ),
    ]


def _halves(groups: Sequence[Count]) -> list[str]:
    return [count.text for count in groups] or ["–", "–"]
