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
};
