export const summaryEn = {
  summary: {
    download: "Download", downloadOf: "Download: {{what}}", showAll: "Show all {{count}}", notThere: "The summary could not be fetched.",
    came: "Learners who came", ofExpected: "of {{count}} expected", counted: "{{what}}: {{count}}", length: "Length", activity: "Took part", activityNote: "answers, works and reviews done of those asked for",
    learnersTalk: "Talk by learners", spoke_one: "{{count}} learner spoke", spoke_other: "{{count}} learners spoke",
    talk: "Talk balance", talkNote: "How long everybody spoke.", nobodySpoke: "Nobody spoke.",
    noPolls: "There were no polls.", notShared: "The results were not shared.", noReviews: "There was no peer review.", feedback: "Feedback on your work",
    works_one: "{{count}} work handed in", works_other: "{{count}} works handed in", worksOf: "Works of {{title}}", byCriterion: "{{title}}: reached by criterion", reached: "Reached", authors: "Work of",
    reviewsDone: "Reviews", overall: "Overall", agreement: "Agreement",
    groups: "Breakout rooms", noGroups: "There were no breakout rooms.", round: "Round {{number}}", nobody: "Nobody",
  },
  chart: { asTable: "Show as a table", asChart: "Show as a chart", room: "Room", votes: "Votes", answer: "Answer", first: "First vote", second: "Second vote", byRoom: "Results by room" },
  roster: {
    title: "Roster", import: "Import", replace: "Replace", paste: "Paste the roster here", hint: "CSV, JSON, or cells copied from a spreadsheet; the first line names the columns.",
    preview: "Preview", people_one: "{{count}} person", people_other: "{{count}} people", line: "Line", untitled: "Column {{number}}", columnIs: "What “{{column}}” is",
    roles: { email: "Email", external_id: "External id", name: "Name", room: "Room", score: "Score", attribute: "Attribute", ignore: "Leave out" },
    more_one: "and {{count}} more person", more_other: "and {{count}} more people", take_one: "Import {{count}} person", take_other: "Import {{count}} people",
    wrong_one: "{{count}} problem to mend first", wrong_other: "{{count}} problems to mend first", atLine: "Line {{line}}:", atCell: "Line {{line}}, column {{column}}:",
    missing: "{{name}} (line {{line}})",
    problems: {
      empty: "there are no people in it.", quote: "a quoted cell is not closed, or there are quotes inside a cell that is not quoted.", json: "this is no list of people in JSON.",
      fields: "{{value}} cells were expected, as in the first line.", no_key_column: "one column has to be the email or the external id, so that people can be found.",
      twice_column: "“{{value}}” is the same as another column; leave one out.", no_key: "there is neither an email nor an external id.", not_an_email: "“{{value}}” is no email address.",
      not_a_number: "“{{value}}” is no number.", twice: "“{{value}}” stands in an earlier line, too.", untitled: "an attribute needs a title.", too_many: "at most {{value}} people can be imported.",
    },
  },
  preview: { show: "Preview", hide: "Hide the preview", title: "What learners will see", note: "You can try it; nothing is sent.", sample: "Here stands the work of somebody." },
  device: { replaced: { mic: "Your microphone is gone. {{device}} is used now.", camera: "Your camera is gone. {{device}} is used now." }, another: "Another one" },
};
