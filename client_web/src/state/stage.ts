/** Who is shown on the stage, and how large. Pure. */
import type { ParticipantRecord } from "../protocol/wire";

const WIDEST = 16 / 9;
const GAP = 12;

export interface Grid {
  columns: number;
  /** Size of one tile, CSS pixels. */
  width: number;
  height: number;
}

/** The grid of `count` tiles that makes most of an area this large. Tiles are between 4:3 and 16:9, in narrow areas also square. */
export function gridFor(count: number, width: number, height: number): Grid {
  const narrowest = width < 600 ? 1 : 4 / 3;
  let best: Grid = { columns: 1, width: 0, height: 0 };
  for (let columns = 1; columns <= Math.max(1, count); columns += 1) {
    const rows = Math.ceil(count / columns);
    const cellWidth = (width - GAP * (columns - 1)) / columns;
    const cellHeight = (height - GAP * (rows - 1)) / rows;
    const tileWidth = Math.floor(Math.max(0, Math.min(cellWidth, cellHeight * WIDEST)));
    const tileHeight = Math.floor(Math.max(0, Math.min(cellHeight, tileWidth / narrowest)));
    if (tileWidth * tileHeight >= best.width * best.height) best = { columns, width: tileWidth, height: tileHeight };
  }
  return best;
}

/** In a row of tiles: none is narrower, and so wide is the button that shows the next ones where not all fit. */
const NARROWEST_IN_ROW = 84;
const MORE_WIDTH = 52;

/** The row of `count` tiles, or of as many as fit, in an area too low for a grid. Tiles are between square and 16:9. */
export function rowFor(count: number, width: number, height: number): Grid {
  const fit = (room: number): number => Math.max(1, Math.floor((room + GAP) / (NARROWEST_IN_ROW + GAP)));
  const room = count <= fit(width) ? width : width - MORE_WIDTH - GAP;
  const columns = Math.max(1, Math.min(count, fit(room)));
  const tileWidth = Math.floor(Math.max(0, Math.min((room - GAP * (columns - 1)) / columns, height * WIDEST)));
  return { columns, width: tileWidth, height: Math.floor(Math.max(0, Math.min(height, tileWidth))) };
}

export type Layout = "grid" | "speaker";

export interface Cast {
  /** Who is shown large; null in a grid. */
  focus: ParticipantRecord | null;
  /** Who has a tile, on the page that is looked at. */
  shown: ParticipantRecord[];
  /** From 0. */
  page: number;
  pages: number;
}

export interface Direction {
  meId: string | null;
  /** Who has spoken lately, the last first. */
  speakers: readonly string[];
  /** Whom this person wants to see in any case. */
  pinned: string | null;
  /** `row`: there is room for few; the others come before oneself, whoever is pinned before all. */
  layout: Layout | "row";
  page: number;
  /** Tiles on a page; with a focus, tiles beside it. */
  most: number;
  /** How many of them are in sight without scrolling, where that is fewer: who counts most is among those, and oneself is not. */
  inSight?: number;
}

/**
 * Who is seen where. As long as everybody fits they stand still; else those who are pinned, speak, show themselves or ask to speak come on the
 * first page, and oneself too. The focus is the pinned person, or whoever spoke last among the others, who stays until somebody else speaks.
 */
export function castOf(people: ParticipantRecord[], { meId, speakers, pinned, layout, page, most, inSight }: Direction): Cast {
  const others = people.filter((person) => person.participant_id !== meId);
  const byId = (id: string): ParticipantRecord | undefined => others.find((person) => person.participant_id === id);
  const spoke = speakers.map(byId).find((person) => person !== undefined);
  const chosen = pinned === null || layout === "row" ? undefined : people.find((person) => person.participant_id === pinned);
  const focus = chosen ?? (layout === "speaker" ? (spoke ?? others.find((person) => person.camera) ?? others[0] ?? null) : null);
  const rest = focus === null ? people : people.filter((person) => person !== focus);
  const front = Math.min(most, inSight ?? most);
  if (rest.length <= front) return { focus, shown: rest, page: 0, pages: 1 };
  const selfLast = layout === "row" || inSight !== undefined;
  const importance = (person: ParticipantRecord): number =>
    Number(person.participant_id === (selfLast ? pinned : meId)) * 16 +
    Number(speakers.includes(person.participant_id)) * 8 +
    Number(person.hand_raised_seq !== null) * 4 +
    Number(person.camera) * 2 +
    Number(person.mic) -
    Number(selfLast && person.participant_id === meId) * 16;
  const first = new Set(
    rest
      .map((person, index) => ({ person, index }))
      .sort((a, b) => importance(b.person) - importance(a.person) || a.index - b.index)
      .slice(0, front)
      .map(({ person }) => person),
  );
  const inOrder = [...rest.filter((person) => first.has(person)), ...rest.filter((person) => !first.has(person))];
  const pages = Math.ceil(rest.length / most);
  const at = Math.min(Math.max(0, page), pages - 1);
  return { focus, shown: inOrder.slice(at * most, (at + 1) * most), page: at, pages };
}

/** The last speakers after these are heard (loudest first): the same array while nobody new has come to the front. */
export function heard(speakers: readonly string[], now: readonly string[], most = 6): readonly string[] {
  const fresh = now.filter((id) => !speakers.slice(0, now.length).includes(id));
  if (fresh.length === 0) return speakers;
  return [...new Set([...fresh, ...speakers])].slice(0, most);
}
