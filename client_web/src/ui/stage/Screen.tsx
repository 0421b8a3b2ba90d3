import { IconArrowsMaximize, IconZoomIn, IconZoomOut } from "@tabler/icons-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Video } from "../Media";
import { Tool } from "./Tool";

const ZOOMS = [1, 1.5, 2, 3] as const;

/** Somebody's shared screen; it can be enlarged, moved about by scrolling, and shown on the whole display. */
export function Screen({ track, name }: { track: MediaStreamTrack | null; name: string }) {
  const { t } = useTranslation();
  const [zoom, setZoom] = useState(0);
  const figure = useRef<HTMLElement>(null);
  const label = t("stage.screenOf", { name });
  const by = (step: number): void => setZoom((before) => Math.min(ZOOMS.length - 1, Math.max(0, before + step)));
  const whole = (): void => {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void figure.current?.requestFullscreen().catch(() => undefined);
  };
  const percent = `${String((ZOOMS[zoom] ?? 1) * 100)}%`;
  return (
    <figure className="screen" ref={figure}>
      <div className="screen-scroll" tabIndex={zoom > 0 ? 0 : -1} aria-label={label} role="group">
        <div className="screen-picture" style={{ width: percent, height: percent }}>{track && <Video track={track} label={label} />}</div>
      </div>
      <figcaption className="plate">{label}</figcaption>
      <div className="screen-tools">
        <Tool label={t("stage.zoomOut")} disabled={zoom === 0} onClick={() => by(-1)}><IconZoomOut size={18} /></Tool>
        <Tool label={t("stage.zoomIn")} disabled={zoom === ZOOMS.length - 1} onClick={() => by(1)}><IconZoomIn size={18} /></Tool>
        {document.fullscreenEnabled && <Tool label={t("stage.fullScreen")} onClick={whole}><IconArrowsMaximize size={18} /></Tool>}
      </div>
    </figure>
  );
}
