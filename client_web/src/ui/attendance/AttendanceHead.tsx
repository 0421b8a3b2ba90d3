import { useTranslation } from "react-i18next";

/** The head of a table of people, how long they were there, and how much of the time that is. */
export function AttendanceHead() {
  const { t } = useTranslation();
  return (
    <thead>
      <tr>
        <th scope="col">{t("attendance.name")}</th>
        <th scope="col" className="number">{t("attendance.time")}</th>
        <th scope="col" className="number">{t("attendance.share")}</th>
      </tr>
    </thead>
  );
}
