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
  roster: {
    title: "Liste des participants", import: "Importer", replace: "Remplacer", paste: "Collez la liste ici", hint: "CSV, JSON ou cellules copiées d’un tableur ; la première ligne nomme les colonnes.",
    preview: "Aperçu", people_one: "{{count}} personne", people_many: "{{count}} de personnes", people_other: "{{count}} personnes", line: "Ligne", untitled: "Colonne {{number}}", columnIs: "Ce qu’est « {{column}} »",
    roles: { email: "E-mail", external_id: "Identifiant externe", name: "Nom", room: "Salle", score: "Score", attribute: "Attribut", ignore: "Ne pas importer" },
    more_one: "et {{count}} autre personne", more_many: "et {{count}} d’autres personnes", more_other: "et {{count}} autres personnes", take_one: "Importer {{count}} personne", take_many: "Importer {{count}} de personnes", take_other: "Importer {{count}} personnes",
    wrong_one: "{{count}} problème à corriger d’abord", wrong_many: "{{count}} de problèmes à corriger d’abord", wrong_other: "{{count}} problèmes à corriger d’abord", atLine: "Ligne {{line}} :", atCell: "Ligne {{line}}, colonne {{column}} :",
    missing: "{{name}} (ligne {{line}})",
    problems: {
      empty: "il n’y a personne dans la liste.", quote: "des guillemets ne sont pas fermés, ou se trouvent dans une cellule sans guillemets autour.", json: "ce n’est pas une liste de personnes en JSON.",
      fields: "{{value}} cellules étaient attendues, comme dans la première ligne.", no_key_column: "une colonne doit être l’e-mail ou l’identifiant externe, pour retrouver les personnes.",
      twice_column: "« {{value}} » est la même chose qu’une autre colonne ; n’en gardez qu’une.", no_key: "il n’y a ni e-mail ni identifiant externe.", not_an_email: "« {{value}} » n’est pas une adresse e-mail.",
      not_a_number: "« {{value}} » n’est pas un nombre.", twice: "« {{value}} » figure déjà dans une ligne précédente.", untitled: "un attribut a besoin d’un titre.", too_many: "on peut importer {{value}} personnes au plus.",
    },
  },
  preview: { show: "Aperçu", hide: "Masquer l’aperçu", title: "Ce que verront les participants", note: "Vous pouvez essayer ; rien n’est envoyé.", sample: "Ici se trouve le travail de quelqu’un." },
  device: { replaced: { mic: "Votre micro n’est plus là. {{device}} est utilisé à présent.", camera: "Votre caméra n’est plus là. {{device}} est utilisée à présent." }, another: "Un autre appareil" },
};
