export const agendaFr = {
  agenda: {
    title: "Déroulé", label: "Déroulé",
    step: "Étape {{number}} sur {{of}}", left: "encore {{time}}", over: "dépassé de {{time}}", up: "Le temps est écoulé",
    onTime: "À l’heure", behind: "{{minutes}} min de retard", ahead: "{{minutes}} min d’avance", endsAt: "fin à {{time}}",
    next: "Suivant", nextIs: "Ensuite : {{title}}", nextUnknown: "Étape suivante", last: "Ensuite, c’est fini", finish: "Terminer", back: "Retour", start: "Démarrer",
    more: "{{minutes}} min de plus", anyway: "Démarrer quand même", goOn: "Continuer", cancel: "Annuler",
    reviewRuns: "L’évaluation par les pairs est encore en cours. Continuer la ferme définitivement.",
    ready: "Le déroulé est prêt : {{steps}} étapes, {{time}}.", ended: "Le déroulé est terminé.",
    kinds: { plenary: "Plénière", breakouts: "Sous-groupes", poll: "Sondage", review: "Évaluation par les pairs", break: "Pause" },
    status: { running: "en cours", done: "fait", skipped: "sauté" },
    actions: "Actions pour {{title}}", goTo: "Aller à cette étape", skip: "La sauter", unskip: "Ne pas la sauter", prepare: "La préparer maintenant",
    hours: "{{hours}} h {{minutes}} min", minutes: "{{minutes}} min", seconds: "{{seconds}} s", planned: "prévu à {{time}}", notes: "Notes", hiddenStep: "Étape {{number}}",
    edit: "Modifier ou importer", import: "Importer un déroulé", empty: "Il n’y a pas encore de déroulé", emptyHint: "Un déroulé dit ce qui se passe et quand, et ouvre ce dont chaque étape a besoin.",
    sheet: "Déroulé", sheetHint: "Un texte YAML. Ce qui est fait ou en cours reste tel quel.", fromFile: "Depuis un fichier", toFile: "Enregistrer", use: "Utiliser ce déroulé",
    line: "Ligne {{line}}", offline: "Le serveur ne répond pas.",
  },
};
