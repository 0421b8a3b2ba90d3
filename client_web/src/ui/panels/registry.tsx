/**
 * The panels beside the stage: one entry each, in the order of the bar. Nothing else has to know of a new one but the texts
 * (`controls.<name>` and `<name>.title`).
 */
import { IconChartBar, IconChecklist, IconClipboardCheck, IconLayoutGrid, IconListNumbers, IconMessage, IconMessageQuestion, IconUsers } from "@tabler/icons-react";
import { lazy, type ComponentType, type ReactNode } from "react";
import type { WorkshopView } from "../../state/selectors";
import { ChatPanel } from "./ChatPanel";
import { PeoplePanel } from "./PeoplePanel";
import { PollsPanel } from "./PollsPanel";
import type { PanelProps } from "./props";

interface PanelSpec {
  icon: ReactNode;
  Content: ComponentType<PanelProps>;
  /** Whether this person has it at all. */
  offered: (view: WorkshopView) => boolean;
  /** How much there is to do in it, shown as a number. */
  news?: (view: WorkshopView) => number;
}

const always = (): boolean => true;

export const PANELS = {
  chat: { icon: <IconMessage />, Content: ChatPanel, offered: always },
  people: {
    icon: <IconUsers />,
    Content: PeoplePanel,
    offered: always,
    news: (view) => (view.isHost ? view.hands.length + view.waiting.length : 0),
  },
  rooms: {
    icon: <IconLayoutGrid />,
    Content: lazy(async () => ({ default: (await import("./RoomsPanel")).RoomsPanel })),
    offered: (view) => view.allowed.has("OpenBreakouts"),
  },
  polls: {
    icon: <IconChartBar />,
    Content: PollsPanel,
    offered: always,
    news: (view) => (view.isHost ? 0 : view.polls.filter(({ poll, ballot }) => poll.status === "open" && !ballot).length),
  },
  review: {
    icon: <IconChecklist />,
    Content: lazy(async () => ({ default: (await import("./ReviewPanel")).ReviewPanel })),
    offered: always,
  },
  questions: {
    icon: <IconMessageQuestion />,
    Content: lazy(async () => ({ default: (await import("./QuestionsPanel")).QuestionsPanel })),
    offered: always,
    news: (view) => (view.allowed.has("AnswerQuestion") ? view.questions.filter(({ question }) => question.status === "open").length : 0),
  },
  agenda: {
    icon: <IconListNumbers />,
    Content: lazy(async () => ({ default: (await import("./AgendaPanel")).AgendaPanel })),
    offered: (view) => view.agenda !== null || view.allowed.has("SetAgenda"),
  },
  attendance: {
    icon: <IconClipboardCheck />,
    Content: lazy(async () => ({ default: (await import("./AttendancePanel")).AttendancePanel })),
    offered: always,
    news: (view) => (view.isHost ? view.objections : 0),
  },
} satisfies Record<string, PanelSpec>;

export type PanelName = keyof typeof PANELS;

export const specOf = (name: PanelName): PanelSpec => PANELS[name];
export const panelsFor = (view: WorkshopView): PanelName[] => (Object.keys(PANELS) as PanelName[]).filter((name) => specOf(name).offered(view));
