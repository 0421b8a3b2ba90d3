"""One rehearsal, from the sheet to the report."""

from dataclasses import dataclass
from random import Random
from typing import Any

from rooms.commands.agenda import SetAgenda
from rooms.commands.rosters import ImportRoster
from rooms.events.agenda import AgendaSheet
from rooms.roster import read_roster
from server.agenda.durations import written
from server.rehearsal.acting import Actors
from server.rehearsal.facilitating import WHO, Facilitator
from server.rehearsal.people import Cast, drawn
from server.rehearsal.stage import Stage
from server.rehearsal.watching import Finding, StepReport, Watcher


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`late`, `dropouts`, `came`: learners. Findings in the order of the sheet, serious ones first within a step."""

    title: str
    seed: int
    learners: int
    late: int
    dropouts: int
    planned_ms: int
    took_ms: int
    steps: tuple[StepReport, ...]
    findings: tuple[Finding, ...]

    @property
    def serious(self) -> int:
        return sum(finding.severity == "serious" for finding in self.findings)


def rehearse(sheet: AgendaSheet, cast: Cast, seed: int, *, roster: str = "", length_ms: int | None = None) -> Report:
    """Play a checked sheet. `roster`: who is expected, as CSV or JSON; `length_ms`: how long it may take."""
    draw = Random(seed)
    planned_ms = sum(step.duration_ms for step in sheet.steps)
    stage = Stage(draw, sheet.title)
    watcher = Watcher(stage)
    facilitator = Facilitator(stage, watcher)
    expected = [(row.name, row.external_id, row.email) for row in read_roster(roster)] if roster else []
    learners = drawn(draw, cast, planned_ms, expected)
    actors = Actors(stage, draw, learners)
    facilitator.come()
    if roster:
        stage.do(WHO, ImportRoster(text=roster))
    stage.do(WHO, SetAgenda(title=sheet.title, show=sheet.show, steps=sheet.steps))
    actors.bring_in()
    facilitator.start()
    if length_ms is not None and planned_ms > length_ms:
        message = f"The steps take {written(planned_ms)} together; there are {written(length_ms)}."
        watcher.find("serious", "too_long", message, sheet.steps[-1])
    stage.play(2 * planned_ms + 3_600_000)
    watcher.finish()
    order = {step.step_id: place for place, step in enumerate(sheet.steps)}
    findings = sorted(
        watcher.findings, key=lambda each: (order.get(each.step_id, 0) if each.step_id else -1, each.severity)
    )
    ends = [each.ended_ms for each in watcher.steps.values() if each.ended_ms is not None]
    return Report(
        title=sheet.title,
        seed=seed,
        learners=len(learners),
        late=sum(learner.comes_ms > 0 for learner in learners),
        dropouts=sum(learner.lost_ms is not None for learner in learners),
        planned_ms=planned_ms,
        took_ms=max(ends, default=0),
        steps=tuple(watcher.steps.values()),
        findings=tuple(findings),
    )


# ── told ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def as_text(report: Report) -> str:
    """The report for people."""
    lines = [
        f"{report.title or 'Run sheet'}: {len(report.steps)} steps, planned {written(report.planned_ms)}, "
        f"played in {written(report.took_ms // 1_000 * 1_000)}.",
        f"{report.learners} learners, {report.late} late, {report.dropouts} losing the connection. Seed {report.seed}.",
        "",
    ]
    for step in report.steps:
        remarks = f"  ({'; '.join(step.remarks)})" if step.remarks else ""
        lines.append(f"  {_clock(step.started_ms or 0):>7}  {step.title}{remarks}")
        lines += [
            f"           {'!!' if finding.severity == 'serious' else ' !'} {finding.message}"
            for finding in report.findings
            if finding.step_id == step.step_id
        ]
    shown = {step.step_id for step in report.steps}
    lines += [
        f"  {'!!' if each.severity == 'serious' else ' !'} {f'{each.title}: ' if each.title else ''}{each.message}"
        for each in report.findings
        if each.step_id not in shown
    ]
    warnings = len(report.findings) - report.serious
    lines += ["", f"{_counted(report.serious, 'serious finding').capitalize()}, {_counted(warnings, 'warning')}."]
    return "\n".join(lines)


def as_json(report: Report) -> dict[str, Any]:
    """The report for programs. Times in milliseconds since the start."""
    return {
        "title": report.title,
        "seed": report.seed,
        "learners": report.learners,
        "late": report.late,
        "dropouts": report.dropouts,
        "planned_ms": report.planned_ms,
        "took_ms": report.took_ms,
        "serious": report.serious,
        "steps": [{name: getattr(step, name) for name in StepReport.__dataclass_fields__} for step in report.steps],
        "findings": [
            {name: getattr(finding, name) for name in Finding.__dataclass_fields__} for finding in report.findings
        ],
    }


def _clock(ms: int) -> str:
    minutes, seconds = divmod(ms // 1_000, 60)
    return f"{minutes}:{seconds:02}"


def _counted(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"
