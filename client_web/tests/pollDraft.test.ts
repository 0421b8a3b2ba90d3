import { describe, expect, test } from "vitest";
import { draftOf, isComplete, KINDS, NEW_POLL, setupOf, type PollDraft } from "../src/state/pollDraft";
import type { PollView } from "../src/state/selectors";

const written: PollDraft = {
  ...NEW_POLL, question: "Which?", options: [{ text: "A", right: false }, { text: "", right: false }, { text: "B", right: true }],
  least: 1, most: 2, low: 0, high: 10, lowLabel: "no", highLabel: "yes", explanation: "Because.", seconds: 30,
};

describe("setupOf", () => {
  test.each(KINDS)("%s says nothing that the kind does not use", (kind) => {
    const setup = setupOf({ ...written, kind });
    const used = Object.fromEntries(
      (["options", "right", "explanation", "min_choices", "max_choices", "scale"] as const).map((name) => [name, Boolean(setup[name]) && setup[name]?.toString() !== ""]),
    );
    const options = ["single", "multiple", "ranking", "quiz"].includes(kind);
    expect(used).toEqual({
      options, right: kind === "quiz", explanation: kind === "quiz", min_choices: kind === "multiple",
      max_choices: ["multiple", "ranking", "words"].includes(kind), scale: kind === "scale",
    });
    expect(setup.duration_ms).toBe(30_000);
  });

  test("empty options are left out, and the right ones counted without them", () => {
    expect(setupOf({ ...written, kind: "quiz" })).toMatchObject({ options: ["A", "B"], right: [1] });
  });
});

test("a poll is complete when there is enough to ask", () => {
  expect(isComplete(NEW_POLL)).toBe(false);
  expect(isComplete({ ...NEW_POLL, question: "Why?", kind: "text" })).toBe(true);
  expect(isComplete({ ...written, options: [{ text: "A", right: true }] })).toBe(false);
  expect(isComplete({ ...written, kind: "quiz", options: written.options.map((each) => ({ ...each, right: false })) })).toBe(false);
  expect(isComplete({ ...written, kind: "quiz" })).toBe(true);
});

test("a prepared poll is edited as it was written", () => {
  const view = {
    poll: {
      kind: "poll", poll_id: "p", seq: 1, question: "Which?", poll_kind: "quiz", options: [{ option_id: "o1", text: "A" }, { option_id: "o2", text: "B" }],
      min_choices: 1, max_choices: 1, scale: null, target: "rooms", status: "draft", closes_at_ms: null, duration_ms: 30_000, anonymous: false,
      results: "everyone", follows: null,
    },
    key: { kind: "answer_key", poll_id: "p", right_ids: ["o2"], explanation: "Because." },
  } as unknown as PollView;
  const draft = draftOf(view);
  expect(draft.pollId).toBe("p");
  expect(setupOf(draft)).toMatchObject({
    question: "Which?", kind: "quiz", options: ["A", "B"], right: [1], explanation: "Because.", target: "rooms", duration_ms: 30_000,
    anonymous: false, results: "everyone",
  });
});
