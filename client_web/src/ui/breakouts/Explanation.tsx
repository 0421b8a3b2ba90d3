import { useTranslation } from "react-i18next";
import type { Reason } from "../../protocol/wire";
import type { WorkshopView } from "../../state/selectors";

/** Why the groups are as they are, in words. */
export function Explanation({ reasons, view }: { reasons: readonly Reason[]; view: WorkshopView }) {
  const { t, i18n } = useTranslation();
  const nameOf = (id: string): string => view.people.find((person) => person.participant_id === id)?.name ?? id;
  const listed = new Intl.ListFormat(i18n.language, { type: "conjunction" });
  if (reasons.length === 0) return null;
  return (
    <details className="explanation">
      <summary>{t("breakouts.why")}</summary>
      <ul>
        {reasons.map(({ code, params, people }, index) => (
          <li key={`${code} ${String(index)}`}>
            {t(textOf(code, params), { ...params, people: listed.format((people ?? []).map(nameOf)), count: Number(params["count"] ?? params["pairs"] ?? params["least"] ?? 0) })}
          </li>
        ))}
      </ul>
    </details>
  );
}

/** Groups that are all of one size need no range. */
function textOf(code: Reason["code"], params: Reason["params"]): "reason.no_repeats" {
  const same = code === "sizes_even" && params["smallest"] === params["largest"];
  return `reason.${same ? "sizes_same" : code}` as "reason.no_repeats";
}
