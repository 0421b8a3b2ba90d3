export const summaryFr = {
  summary: {
    download: "Télécharger", downloadOf: "Télécharger : {{what}}", showAll: "Tout afficher ({{count}})", notThere: "Le bilan n’a pas pu être chargé.",
    came: "Participants venus", ofExpected: "sur {{count}} attendus", counted: "{{what}} : {{count}}", length: "Durée", activity: "Participation", activityNote: "réponses, travaux et évaluations faits sur ceux demandés",
    learnersTalk: "Parole des participants", spoke_one: "{{count}} participant a parlé", spoke_many: "{{count}} de participants ont parlé", spoke_other: "{{count}} participants ont parlé",
    talk: "Temps de parole", talkNote: "Combien de temps chacun a parlé.", nobodySpoke: "Personne n’a parlé.",
    noPolls: "Il n’y a pas eu de sondage.", notShared: "Les résultats n’ont pas été partagés.", noReviews: "Il n’y a pas eu d’évaluation par les pairs.", feedback: "Retours sur votre travail",
    works_one: "{{count}} travail remis", works_many: "{{count}} de travaux remis", works_other: "{{count}} travaux remis", worksOf: "Travaux de {{title}}", byCriterion: "{{title}} : résultat par critère", reached: "Atteint", authors: "Travail de",
    reviewsDone: "Évaluations", overall: "Total", agreement: "Accord",
    groups: "Salles de groupe", noGroups: "Il n’y a pas eu de salles de groupe.", round: "Tour {{number}}", nobody: "Personne",
  },
  chart: { asTable: "Afficher en tableau", asChart: "Afficher en graphique", room: "Salle", votes: "Votes", answer: "Réponse", first: "Premier vote", second: "Second vote", byRoom: "Résultats par salle" },
};
