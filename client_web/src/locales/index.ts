/** i18next, set up once. English is always there; another language is fetched when the browser prefers it. */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { en } from "./en";
import type { Translation } from "./translation";

const LANGUAGES: Record<string, () => Promise<Translation>> = {
  fr: () => import("./fr").then((module) => module.fr),
  ja: () => import("./ja").then((module) => module.ja),
};

/** The first of the browser's languages that there is. */
function preferred(): string {
  const wanted = navigator.languages.map((each) => each.split("-")[0]?.toLowerCase() ?? "");
  return wanted.find((each) => each === "en" || each in LANGUAGES) ?? "en";
}

/** Resolves when the texts of the browser's language are there; with English if they cannot be had. */
export async function setUpTexts(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: "en",
    fallbackLng: "en",
    resources: { en: { translation: en } },
    interpolation: { escapeValue: false }, // React escapes
  });
  const language = preferred();
  try {
    const texts = await LANGUAGES[language]?.();
    if (texts) {
      i18next.addResourceBundle(language, "translation", texts);
      await i18next.changeLanguage(language);
    }
  } catch {
    // The file did not come; English will do.
  }
  document.documentElement.lang = i18next.language;
}

export { i18next };
