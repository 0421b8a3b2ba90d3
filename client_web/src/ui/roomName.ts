import { useCallback } from "react";
import { useTranslation } from "react-i18next";

/** Rooms that nobody has named carry the server's names, which are English; here they are said in the viewer's language. */
const NUMBERED = /^Room ([1-9]\d{0,3})$/;

export function useRoomName(): (name: string) => string {
  const { t } = useTranslation();
  return useCallback(
    (name: string) => {
      const number = NUMBERED.exec(name)?.[1];
      if (number !== undefined) return t("breakouts.roomNumber", { number });
      return name === "Plenary" ? t("rooms.plenary") : name;
    },
    [t],
  );
}
