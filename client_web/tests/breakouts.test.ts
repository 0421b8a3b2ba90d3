import { describe, expect, test } from "vitest";
import type { PlanRecord } from "../src/protocol/wire";
import { commandOf, firstSetup, movedInPlan, roomCount, roomSizes, taskOf, type Setup } from "../src/state/breakouts";

const setup = (change: Partial<Setup>): Setup => ({ ...firstSetup, ...change });

describe("the form to open rooms", () => {
  test("says how many rooms there will be, and how large", () => {
    expect([roomCount(setup({ number: 3 }), 10), roomSizes(setup({ number: 3 }), 10)]).toEqual([3, [3, 4]]);
    expect([roomCount(setup({ by: "size", number: 4 }), 10), roomSizes(setup({ by: "size", number: 4 }), 10)]).toEqual([3, [3, 4]]);
    expect(roomCount(setup({ method: "jigsaw", topics: "Causes\n\n Effects " }), 10)).toBe(2);
    expect(roomCount(setup({ method: "roster" }), 10)).toBe(0);
  });

  test("by number or by size the server decides the groups", () => {
    expect(commandOf(setup({ number: 3, minutes: 10 }), 9, "open")).toMatchObject({
      type: "OpenBreakouts", count: 3, size: null, rooms: [], duration_ms: 600_000, assignment: { kind: "random" },
    });
    expect(commandOf(setup({ by: "size", number: 4 }), 9, "prepare")).toMatchObject({ type: "PrepareBreakouts", count: null, size: 4 });
  });

  test("a task and names go to every room, so their number is said", () => {
    const command = commandOf(setup({ by: "size", number: 4, names: "Red\nBlue", task: "Compare.", steps: "Read\nTalk" }), 9, "open");
    const task = { text: "Compare.", steps: ["Read", "Talk"], materials: [] };
    expect(command).toMatchObject({ count: 3, size: null, rooms: [{ name: "Red", task }, { name: "Blue", task }, { name: "", task }] });
  });

  test("by hand, everybody is in the room they were put into", () => {
    expect(commandOf(setup({ method: "by_hand", number: 2, placed: { ann: 1, bob: 0, cy: 1 }, rest: "random" }), 5, "open")).toMatchObject({
      count: 2, assignment: { kind: "by_hand", groups: [["bob"], ["ann", "cy"]], rest: "random" },
    });
  });

  test("choosing, attributes, scores and roster", () => {
    expect(commandOf(setup({ method: "self_select", number: 2, capacity: 3 }), 5, "open")).toMatchObject({
      assignment: { kind: "self_select" }, rooms: [{ capacity: 3 }, { capacity: 3 }],
    });
    expect(commandOf(setup({ method: "mixed", attribute: "country, level" }), 5, "open")).toMatchObject({
      assignment: { kind: "attributes", attributes: ["country", "level"], mode: "mixed" },
    });
    expect(commandOf(setup({ method: "similar" }), 5, "open")).toMatchObject({ assignment: { kind: "score", mode: "alike" } });
    expect(commandOf(setup({ method: "roster" }), 5, "open")).toMatchObject({ count: null, size: null, assignment: { kind: "roster" } });
  });

  test("rotation and jigsaw prepare several rounds", () => {
    expect(commandOf(setup({ method: "rotation", number: 8, rounds: 6 }), 32, "prepare")).toMatchObject({ type: "PrepareRotation", rounds: 6, count: 8 });
    expect(commandOf(setup({ method: "jigsaw", topics: "A\nB" }), 8, "open")).toMatchObject({ type: "PrepareJigsaw", topics: [{ name: "A" }, { name: "B" }], open: true });
  });

  test("a link becomes material, and nothing at all is no task", () => {
    expect(taskOf(setup({ link: " https://example.org/board " }))?.materials).toEqual([{ title: "example.org/board", url: "https://example.org/board" }]);
    expect(taskOf(setup({ task: " ", steps: "\n" }))).toBeNull();
  });
});

test("somebody is moved within a plan, and only there", () => {
  const plan = {
    kind: "plan", plan_id: "bp", seq: 7, series: "single", position: 1, of: 1,
    plan: { title: "T", setup: {}, drawn: true, rooms: [{ room_id: "a", name: "A", participant_ids: ["x", "y"] }, { room_id: "b", name: "B", participant_ids: [] }] },
  } as PlanRecord;
  const rooms = (who: string, to: string | null): string[][] => {
    const command = movedInPlan(plan, who, to);
    return command.type === "EditPlan" ? command.rooms.map((room) => room.participant_ids ?? []) : [];
  };
  expect(rooms("x", "b")).toEqual([["y"], ["x"]]);
  expect(rooms("x", null)).toEqual([["y"], []]);
  expect(movedInPlan(plan, "x", "b")).toMatchObject({ plan_id: "bp", seq: 7, title: "T" });
});
