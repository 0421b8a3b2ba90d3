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

export interface Cast {
  shown: ParticipantRecord[];
  /** People in the room who have no tile. */
  hidden: number;
}

/**
 * The people with a tile. As long as everybody fits they stand still; else those who speak, show themselves or ask to speak come first,
 * and oneself is always among them.
 */
export function castOf(people: ParticipantRecord[], meId: string | null, speaking: readonly string[], most: number): Cast {
  if (people.length <= most) return { shown: people, hidden: 0 };
  const importance = (person: ParticipantRecord): number =>
    Number(person.participant_id === meId) * 16 +
    Number(speaking.includes(person.participant_id)) * 8 +
    Number(person.hand_raised_seq !== null) * 4 +
    Number(person.camera) * 2 +
    Number(person.mic);
  const first = new Set(
    people
      .map((person, index) => ({ person, index }))
      .sort((a, b) => importance(b.person) - importance(a.person) || a.index - b.index)
      .slice(0, most - 1) // the last tile says how many more there are
      .map(({ person }) => person),
  );
  return { shown: people.filter((person) => first.has(person)), hidden: people.length - first.size };
}
