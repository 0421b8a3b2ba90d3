import type { TFunction } from "i18next";

/** "15 min", "1 h 30 min", "45 s". */
export function durationText(t: TFunction, ms: number): string {
  if (ms < 60_000) return t("agenda.seconds", { seconds: Math.round(ms / 1000) });
  const minutes = Math.round(ms / 60_000);
  return minutes < 60 ? t("agenda.minutes", { minutes }) : t("agenda.hours", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

/** The time of day on this device. */
export function dayTime(ms: number, language: string): string {
  return new Intl.DateTimeFormat(localeFor(language), { hour: "numeric", minute: "2-digit" }).format(ms);
}

/** The reader's own region where it has the page's language: 14:05 or 2:05 PM. */
export const localeFor = (language: string): string => navigator.languages.find((each) => each.startsWith(language)) ?? language;
