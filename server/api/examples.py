"""Answers as they look, for the OpenAPI document; `tests/unit/test_api.py` holds them against their models."""

from typing import Any, Final


def _person(who: str, name: str, role: str = "learner") -> dict[str, Any]:
    email = f"{name.lower()}@example.org"
    return {"participant_id": who, "name": name, "external_id": f"lms-{name.lower()}", "email": email, "role": role}


_QUIZ: Final[dict[str, Any]] = {
    "kind": "poll",
    "poll_id": "q_1",
    "seq": 20,
    "question": "Which is a cause?",
    "poll_kind": "quiz",
    "options": [{"option_id": "o_1", "text": "Rain"}, {"option_id": "o_2", "text": "Mud"}],
    "min_choices": 1,
    "max_choices": 1,
    "scale": None,
    "target": "workshop",
    "status": "closed",
    "closes_at_ms": None,
    "duration_ms": 60_000,
    "anonymous": False,
    "results": "everyone",
    "follows": None,
}
_KEY: Final[dict[str, Any]] = {
    "kind": "answer_key",
    "poll_id": "q_1",
    "right_ids": ["o_1"],
    "explanation": "Mud is what follows.",
}
_CRITERION: Final[dict[str, Any]] = {
    "criterion_id": "k_1",
    "title": "Clarity",
    "description": "",
    "scale": {"least": 1, "most": 5, "anchors": []},
    "weight": 1,
    "comment": "optional",
}
_RESULT: Final[dict[str, Any]] = {
    "kind": "review_result",
    "submission_id": "s_1",
    "round_id": "rr_1",
    "reviews": 2,
    "criteria": [{"criterion_id": "k_1", "count": 2, "median": 3.5, "lowest": 3, "highest": 4, "spread": 0.5}],
    "overall_percent": 62.5,
    "agreement_percent": 75.0,
}

WORKSHOP_SUMMARY: Final[dict[str, Any]] = {
    "workshop_id": "w_1",
    "title": "Essays",
    "at_ms": 1_767_229_260_000,
    "final": True,
    "began_at_ms": 1_767_225_600_000,
    "ended_at_ms": 1_767_229_200_000,
    "session_ms": 3_600_000,
    "attendance": {
        "came": 13,
        "learners": 12,
        "never_came": 1,
        "present": 11,
        "partial": 1,
        "absent": 1,
        "mean_percent": 94.2,
        "objections_open": 0,
    },
    "talk": [
        {"who": _person("p_fay", "Fay", "facilitator"), "spoken_ms": 900_000, "share_percent": 75.0},
        {"who": _person("p_ann", "Ann"), "spoken_ms": 300_000, "share_percent": 25.0},
    ],
    "talk_hosts_percent": 75.0,
    "activity": {
        "messages": 41,
        "hands": 7,
        "questions": 5,
        "questions_answered": 4,
        "help_calls": 1,
        "breakout_rounds": 1,
        "room_works": 4,
    },
    "agenda": [
        {
            "step_id": "pairs",
            "kind": "breakouts",
            "title": "Practise",
            "status": "done",
            "planned_ms": 900_000,
            "started_at_ms": 1_767_226_500_000,
            "took_ms": 930_000,
        }
    ],
    "polls": [
        {
            "poll": _QUIZ,
            "key": _KEY,
            "tally": {
                "kind": "tally",
                "poll_id": "q_1",
                "counts": [{"option_id": "o_1", "count": 9}, {"option_id": "o_2", "count": 3}],
                "scores": [],
                "values": [],
                "mean": None,
                "words": [],
                "right": 9,
                "ballots": 12,
                "eligible": 13,
            },
            "rooms": [],
            "answers": [],
            "shift": None,
        }
    ],
    "reviews": [
        {
            "round_id": "rr_1",
            "title": "Essays",
            "phase": "closed",
            "criteria": [_CRITERION],
            "reviews_assigned": 24,
            "reviews_done": 23,
            "overall_percent": 62.5,
            "agreement_percent": 75.0,
            "submissions": [
                {
                    "submission_id": "s_1",
                    "authors": [_person("p_ann", "Ann")],
                    "reviews_assigned": 2,
                    "reviews_done": 2,
                    "result": _RESULT,
                }
            ],
        }
    ],
}

_PARTICIPATION: Final[dict[str, Any]] = {
    **_person("p_ann", "Ann"),
    "percent": 80.0,
    "polls": {"done": 1, "offered": 2},
    "reviews": {"done": 1, "offered": 1},
    "works": {"done": 1, "offered": 1},
    "breakouts": {"done": 1, "offered": 1},
    "breakout_ms": 900_000,
    "spoken_ms": 300_000,
    "messages": 4,
    "hands": 1,
    "questions": 1,
    "help_calls": 0,
    "room_works": 1,
}

PARTICIPATION: Final[dict[str, Any]] = {
    "workshop_id": "w_1",
    "title": "Essays",
    "at_ms": 1_767_229_260_000,
    "final": True,
    "people": [_PARTICIPATION],
}

LEARNER_SUMMARY: Final[dict[str, Any]] = {
    "workshop_id": "w_1",
    "title": "Essays",
    "at_ms": 1_767_229_260_000,
    "final": True,
    "summary": {
        "participant_id": "p_ann",
        "attendance": {
            **_person("p_ann", "Ann"),
            "joined_at_ms": 1_767_225_600_000,
            "left_at_ms": 1_767_229_200_000,
            "connections": 1,
            "present_ms": 3_600_000,
            "session_ms": 3_600_000,
            "breakout_ms": 900_000,
            "spoken_ms": 300_000,
            "rooms": [
                {"room_id": "plenary", "name": "Plenary", "ms": 2_700_000},
                {"room_id": "r_2", "name": "Red", "ms": 900_000},
            ],
            "polls": {"done": 1, "offered": 2},
            "reviews": {"done": 1, "offered": 2},
            "works": {"done": 1, "offered": 1},
            "room_works": 1,
            "percent": 100.0,
            "verdict": "present",
            "measured_percent": 100.0,
            "measured_verdict": "present",
            "objection": "",
            "objected_at_ms": None,
            "correction": "",
            "corrected_at_ms": None,
            "corrected_by": None,
            "final": True,
        },
        "participation": _PARTICIPATION,
        "missed": {
            "steps": [
                {
                    "step_id": "welcome",
                    "kind": "plenary",
                    "title": "Welcome",
                    "started_at_ms": 1_767_225_000_000,
                    "took_ms": 600_000,
                    "present_ms": 0,
                }
            ],
            "breakouts": [
                {
                    "round_id": "b_1",
                    "number": 1,
                    "why": "away",
                    "room": "Red",
                    "task": {"text": "Compare the essays.", "steps": [], "materials": []},
                }
            ],
            "polls": [
                {
                    "poll_id": "q_2",
                    "question": "How sure are you?",
                    "kind": "scale",
                    "options": [],
                    "right_ids": None,
                    "explanation": "",
                    "why": "not_done",
                    "anonymous": False,
                }
            ],
            "works": [],
        },
        "quizzes": {
            "answered": 1,
            "right": 0,
            "wrong": [
                {
                    "poll_id": "q_1",
                    "question": _QUIZ["question"],
                    "kind": "quiz",
                    "options": _QUIZ["options"],
                    "right_ids": _KEY["right_ids"],
                    "explanation": _KEY["explanation"],
                    "answered_ids": ["o_2"],
                }
            ],
        },
        "reviews_due": [
            {
                "review_id": "v_2",
                "round_id": "rr_1",
                "round_title": "Essays",
                "submission_id": "s_2",
                "own": False,
                "status": "not_done",
                "missing": ["Clarity"],
            }
        ],
        "feedback": [
            {
                "round_id": "rr_1",
                "round_title": "Essays",
                "phase": "closed",
                "criteria": [_CRITERION],
                "submission": {
                    "kind": "submission",
                    "submission_id": "s_1",
                    "round_id": "rr_1",
                    "author_ids": ["p_ann"],
                    "text": "It was …",
                    "link": "",
                    "file_id": None,
                    "file_name": "",
                },
                "result": _RESULT,
                "reviews": [
                    {
                        "kind": "feedback",
                        "review_id": "v_1",
                        "round_id": "rr_1",
                        "submission_id": "s_1",
                        "reviewer_id": None,
                        "own": False,
                        "marks": [{"criterion_id": "k_1", "score": 4, "comment": "Clear"}],
                        "rating": None,
                    }
                ],
            }
        ],
        "questions": [
            {
                "question_id": "u_1",
                "text": "When do we meet again?",
                "anonymous": False,
                "status": "answered",
                "answer": "On Friday.",
            }
        ],
    },
}

QUESTIONS: Final[dict[str, Any]] = {
    "workshop_id": "w_1",
    "title": "Essays",
    "questions": [
        {
            "question_id": "u_1",
            "text": "When do we meet again?",
            "status": "answered",
            "votes": 5,
            "author": None,
            "answer": "On Friday.",
            "answered_by": "p_fay",
            "merged_into": None,
        }
    ],
}
