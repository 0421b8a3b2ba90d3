/** i18next, set up once. A language is a file beside this one with the same keys as English. */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { en } from "./en";

void i18next.use(initReactI18next).init({
  lng: "en",
  fallbackLng: "en",
  resources: { en: { translation: en } },
  interpolation: { escapeValue: false }, // React escapes
});
document.documentElement.lang = i18next.language;

export { i18next };
