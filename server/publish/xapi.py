"""From CloudEvents to xAPI 1.0.3 statements, by the virtual classroom profile (https://w3id.org/xapi/virtual-classroom).

A statement's id is the event's id, its actor an account (never a name or an address: an LRS cannot forget them), its object the
workshop, a breakout room (a virtual classroom whose parent is the workshop), a poll, a message, a room's work or a review round; the programme,
if there is one, is what it is grouped by. `registration` is the same
for everything about one person in one workshop. The same event always gives the same statement. Events that the profile
has no word for (presence, the lobby, names, roles) give none.

An anonymous question gives none either, because a statement says whose it is.
An anonymous poll's `poll.answered` says `responded` without a response: the profile's `answered` must have one.
"""

import uuid
from typing import Any
from urllib.parse import quote

from rooms.messages import ERASED
from server.publish.catalogue import PREFIX
from server.publish.cloudevents import CloudEvent

Statement = dict[str, Any]

VERSION = "1.0.3"
PROFILE = "https://w3id.org/xapi/virtual-classroom"
_VERBS = f"{PROFILE}/verbs"
_CLASSROOM = f"{PROFILE}/activity-types/virtual-classroom"
_INTERACTION = "http://adlnet.gov/expapi/activities/cmi.interaction"
_MESSAGE = "https://w3id.org/xapi/acrossx/activities/message"
_QUESTION = "http://adlnet.gov/expapi/activities/question"
_SESSION_ID = "https://w3id.org/xapi/cmi5/context/extensions/sessionid"
_ROLE = "https://w3id.org/xapi/lms/extensions/role"
_PRODUCT = "http://activitystrea.ms/product"
_ASSESSMENT = "http://adlnet.gov/expapi/activities/assessment"
_COURSE = "http://adlnet.gov/expapi/activities/course"
_REVIEW = ("review_round.", "submission.", "review.")
_EXTENSION = "urn:org-atelier:xapi"

_VERB = {
    "workshop.opened": ("http://adlnet.gov/expapi/verbs/initialized", "initialized"),
    "workshop.closed": ("http://adlnet.gov/expapi/verbs/terminated", "terminated"),
    "participant.joined": ("http://activitystrea.ms/join", "joined"),
    "participant.left": ("http://activitystrea.ms/leave", "left"),
    "hand.raised": (f"{_VERBS}/raised-hand", "raised hand"),
    "hand.lowered": (f"{_VERBS}/lowered-hand", "lowered hand"),
    "breakout.opened": ("http://adlnet.gov/expapi/verbs/initialized", "initialized"),
    "breakout.closed": ("http://adlnet.gov/expapi/verbs/terminated", "terminated"),
    "breakout.entered": ("http://activitystrea.ms/join", "joined"),
    "breakout.left": ("http://activitystrea.ms/leave", "left"),
    "chat.posted": ("https://w3id.org/xapi/acrossx/verbs/posted", "posted"),
    "poll.opened": ("http://adlnet.gov/expapi/verbs/asked", "asked"),
    "poll.answered": ("http://adlnet.gov/expapi/verbs/answered", "answered"),
    "poll.closed": ("http://activitystrea.ms/close", "closed"),
    "question.asked": ("http://adlnet.gov/expapi/verbs/asked", "asked"),
    "help.asked": ("http://activitystrea.ms/request", "requested"),
    "help.answered": ("http://activitystrea.ms/accept", "accepted"),
    "artefact.saved": ("http://activitystrea.ms/share", "shared"),
    "attendance.finalised": ("http://adlnet.gov/expapi/verbs/attended", "attended"),
    "attendance.corrected": ("http://adlnet.gov/expapi/verbs/attended", "attended"),
    "review_round.opened": ("http://adlnet.gov/expapi/verbs/initialized", "initialized"),
    "review_round.closed": ("http://adlnet.gov/expapi/verbs/terminated", "terminated"),
    "submission.shared": ("http://activitystrea.ms/submit", "submitted"),
    "submission.result": ("http://adlnet.gov/expapi/verbs/scored", "scored"),
    "review.assigned": ("http://activitystrea.ms/assign", "assigned"),
    "review.submitted": ("http://id.tincanapi.com/verb/reviewed", "reviewed"),
    "review.rated": ("http://id.tincanapi.com/verb/rated", "rated"),
}
_MEDIA_VERB = {
    ("media.started", "mic"): (f"{_VERBS}/unmuted", "unmuted"),
    ("media.stopped", "mic"): (f"{_VERBS}/muted", "muted"),
    ("media.started", "camera"): (f"{_VERBS}/started-camera", "started camera"),
    ("media.stopped", "camera"): (f"{_VERBS}/stopped-camera", "stopped camera"),
    ("media.started", "screen"): (f"{_VERBS}/shared-screen", "shared screen"),
    ("media.stopped", "screen"): (f"{_VERBS}/unshared-screen", "unshared screen"),
}
_INTERACTION_TYPE = {"ranking": "sequencing", "scale": "numeric", "text": "long-fill-in", "words": "fill-in"}
_NUMBERS = ("counts", "scores", "values", "mean", "words", "texts", "groups")
_RESPONDED = ("http://adlnet.gov/expapi/verbs/responded", "responded")


def statement_of(event: CloudEvent) -> Statement | None:
    """The statement of an event, or None where there is none to make."""
    name = event["type"].removeprefix(f"{PREFIX}.").rpartition(".")[0]
    data = event["data"]
    verb = _VERB.get(name) or _MEDIA_VERB.get((name, data.get("media")))
    if verb is None or (name == "question.asked" and data["participant"] is None):
        return None
    if name == "poll.answered" and data["option_ids"] is None:
        verb = _RESPONDED
    statement = {
        "id": event["id"],
        "version": "1.0.0",
        "actor": _agent(data["participant"] or data["actor"]),
        "verb": {"id": verb[0], "display": {"en-US": verb[1]}},
        "object": _object(name, event),
        "context": _context(name, event),
        "timestamp": event["time"],
    }
    result = _result(name, data)
    if result:
        statement["result"] = result
    return statement


def _agent(account: dict[str, Any]) -> dict[str, Any]:
    return {"objectType": "Agent", "account": {"homePage": account["homePage"], "name": account["name"]}}


def _home(event: CloudEvent) -> str:
    return str(event["data"]["actor"]["homePage"]).rstrip("/") + str(event["source"])


def _workshop(event: CloudEvent) -> dict[str, Any]:
    definition = {"type": _CLASSROOM, "name": {"und": event["data"]["workshop_title"]}}
    return {"objectType": "Activity", "id": _home(event), "definition": definition}


def _programme(event: CloudEvent) -> dict[str, Any]:
    name = event["data"]["programme"]
    home = str(event["data"]["actor"]["homePage"]).rstrip("/")
    definition = {"type": _COURSE, "name": {"und": name}}
    return {"objectType": "Activity", "id": f"{home}/programmes/{quote(name, safe='')}", "definition": definition}


def _object(name: str, event: CloudEvent) -> dict[str, Any]:
    data = event["data"]
    if name.startswith(("breakout.", "help.")):
        definition: dict[str, Any] = {"type": _CLASSROOM}
        if name == "breakout.opened":
            definition["name"] = {"und": data["name"]}
        return {"objectType": "Activity", "id": f"{_home(event)}/rooms/{data['room_id']}", "definition": definition}
    if name.startswith("poll."):
        definition = {"type": _INTERACTION}
        if name == "poll.opened":
            interaction = _INTERACTION_TYPE.get(data["poll_kind"], "choice")
            definition["interactionType"] = interaction
            definition["description"] = {"und": data["question"]}
            if data["options"]:
                definition["choices"] = [
                    {"id": choice["option_id"], "description": {"und": choice["text"]}} for choice in data["options"]
                ]
        return {"objectType": "Activity", "id": f"{_home(event)}/polls/{data['poll_id']}", "definition": definition}
    if name == "chat.posted":
        message_id = f"{_home(event)}/messages/{data['message_id']}"
        return {"objectType": "Activity", "id": message_id, "definition": {"type": _MESSAGE}}
    if name == "question.asked":
        definition = {"type": _QUESTION, "description": {"und": data["text"]}}
        return {
            "objectType": "Activity",
            "id": f"{_home(event)}/questions/{data['question_id']}",
            "definition": definition,
        }
    if name == "artefact.saved":
        definition = {"type": _PRODUCT, "name": {"und": data["title"]}}
        if data["url"] not in ("", ERASED):
            definition["moreInfo"] = data["url"]
        return {"objectType": "Activity", "id": f"{_home(event)}/works/{data['work_id']}", "definition": definition}
    if name.startswith(_REVIEW):
        definition = {"type": _ASSESSMENT}
        if name == "review_round.opened":
            definition["name"] = {"und": data["title"]}
        round_id = f"{_home(event)}/review-rounds/{data['round_id']}"
        return {"objectType": "Activity", "id": round_id, "definition": definition}
    return _workshop(event)


def _context(name: str, event: CloudEvent) -> dict[str, Any]:
    data = event["data"]
    activities: dict[str, Any] = {
        "category": [{"id": PROFILE, "definition": {"type": "http://adlnet.gov/expapi/activities/profile"}}]
    }
    if name.startswith(("breakout.", "help.", "poll.", *_REVIEW)) or name in (
        "chat.posted",
        "artefact.saved",
        "question.asked",
    ):
        activities["parent"] = [_workshop(event)]
    elif data["parent_room_id"] is not None:
        activities["other"] = [{"objectType": "Activity", "id": f"{_home(event)}/rooms/{data['room_id']}"}]
    if data.get("programme") is not None:
        activities["grouping"] = [_programme(event)]
    extensions = {_SESSION_ID: data["workshop_id"]}
    role = (data["participant"] or data["actor"])["role"]
    if role is not None:
        extensions[_ROLE] = role
    return {
        # The workshop as a whole where the event is about nobody in particular.
        "registration": data["registration"] or str(uuid.uuid5(uuid.NAMESPACE_URL, _home(event))),
        "contextActivities": activities,
        "platform": "Atelier",
        "extensions": extensions,
    }


def _result(name: str, data: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    if "duration_ms" in data:
        result["duration"] = _iso_duration(data["duration_ms"])
    if name == "poll.answered":
        result["completion"] = True
        if data["value"] is not None:
            result["response"] = str(data["value"])
        elif data["text"] is not None:
            result["response"] = data["text"].replace("\n", "[,]")
        elif data["option_ids"] is not None:
            result["response"] = "[,]".join(data["option_ids"])
        if data["right"] is not None:
            result["success"] = data["right"]
    if name == "poll.closed":
        result["extensions"] = {
            f"{_EXTENSION}:ballots": data["ballots"],
            f"{_EXTENSION}:eligible": data["eligible"],
            **{f"{_EXTENSION}:{each}": data[each] for each in _NUMBERS if data[each]},
        }
    if name == "chat.posted":
        result["extensions"] = {f"{_EXTENSION}:length": data["length"], f"{_EXTENSION}:channel": data["channel"]}
        if data["text"] is not None:
            result["response"] = data["text"]
    if name == "artefact.saved" and data["text"] is not None:
        result["response"] = data["text"]
    if name.startswith("attendance."):
        result.update(_attendance_result(data))
    if name.startswith(_REVIEW):
        result.update(_review_result(name, data))
    if name == "participant.left":
        result["extensions"] = {f"{_EXTENSION}:reason": data["reason"]}
    return result


def _attendance_result(data: dict[str, Any]) -> dict[str, Any]:
    """The time in the session, and how much of it that was; the sums stand in extensions."""
    told = ("rule", "verdict", "present_ms", "breakout_ms", "spoken_ms", "connections", "polls", "reviews", "works")
    extensions = {f"{_EXTENSION}:{key}": data[key] for key in (*told, "supersedes") if data.get(key) is not None}
    result: dict[str, Any] = {"duration": _iso_duration(data["session_ms"]), "extensions": extensions}
    if data["percent"] is not None:
        result["score"] = {"scaled": round(data["percent"] / 100, 4)}
        result["completion"] = data["verdict"] == "present"
    return result


def _review_result(name: str, data: dict[str, Any]) -> dict[str, Any]:
    """A score where there is one; what else is told stands in extensions."""
    if name == "review.rated":
        return {"score": {"raw": data["rating"], "min": 1, "max": 5}}
    if name == "submission.result":
        extensions = {f"{_EXTENSION}:reviews": data["reviews"], f"{_EXTENSION}:criteria": data["criteria"]}
        if data["overall_percent"] is None:
            return {"extensions": extensions}
        return {"score": {"scaled": round(data["overall_percent"] / 100, 4)}, "extensions": extensions}
    told = ("review_id", "submission_id", "own", "reassigned", "again", "automatic", "reviews_assigned", "reviews_done")
    extensions = {f"{_EXTENSION}:{key}": data[key] for key in told if data.get(key) is not None}
    return {"extensions": extensions, "completion": True} if name == "review.submitted" else {"extensions": extensions}


def _iso_duration(ms: int) -> str:
    """ISO 8601, to the hundredth of a second that xAPI compares."""
    return f"PT{ms / 1000:.2f}S"
