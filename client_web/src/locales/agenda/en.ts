export const agendaEn = {
  agenda: {
    title: "Agenda", label: "Agenda",
    step: "Step {{number}} of {{of}}", left: "{{time}} left", over: "{{time}} over", up: "Time is up",
    onTime: "On time", behind: "{{minutes}} min behind", ahead: "{{minutes}} min ahead", endsAt: "ends at {{time}}",
    next: "Next", nextIs: "Next: {{title}}", nextUnknown: "Next step", last: "Then it is over", finish: "Finish", back: "Back", start: "Start agenda",
    more: "{{minutes}} min more", anyway: "Start anyway", goOn: "Go on", cancel: "Cancel",
    reviewRuns: "The review round is still running. Going on closes it for good.",
    ready: "The agenda is ready: {{steps}} steps, {{time}}.", ended: "The agenda is over.",
    kinds: { plenary: "Plenary", breakouts: "Breakout rooms", poll: "Poll", review: "Peer review", break: "Break" },
    status: { running: "now", done: "done", skipped: "skipped" },
    actions: "Actions for {{title}}", goTo: "Go to this step", skip: "Skip it", unskip: "Do not skip it", prepare: "Prepare it now",
    hours: "{{hours}} h {{minutes}} min", minutes: "{{minutes}} min", seconds: "{{seconds}} s", planned: "planned {{time}}", notes: "Notes", hiddenStep: "Step {{number}}",
    edit: "Edit or import", import: "Import an agenda", empty: "There is no agenda yet", emptyHint: "A run sheet says what happens when, and opens what each step needs.",
    sheet: "Run sheet", sheetHint: "A YAML text. What is done or running stays as it is.", fromFile: "From file", toFile: "Save as file", use: "Use this sheet",
    line: "Line {{line}}", offline: "The server cannot be reached.",
  },
};
