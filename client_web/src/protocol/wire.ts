/** The shapes of server/PROTOCOL.md under the names that the client uses. All of them are generated. */
import type { Accepted, Goodbye, React, Refused, SlotBinding } from "./generated";

export type { ClientCommand, Record as WireRecord } from "./generated";
export type * from "./generated";

export type Refusal = Refused;
export type Ack = Accepted | Refused;
export type Binding = SlotBinding;
export type SentMedia = SlotBinding["media"];
export type Reaction = React["reaction"];
/** In the order in which they are offered. */
export const REACTIONS = ["thumbs_up", "clap", "heart", "laugh", "celebrate", "think"] as const satisfies readonly Reaction[];

/** Why the connection ends or was refused; with `elsewhere`, `url` is where the workshop is. */
export type Farewell = Goodbye & { url?: string };
