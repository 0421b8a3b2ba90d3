"""From a run sheet to a document that reads as the same sheet. What is as it would be anyway is left out."""

import json
import re
from dataclasses import is_dataclass
from typing import Any

import yaml

from rooms.events.agenda import AgendaSheet, PollStep, ReviewStep
from rooms.events.polls import PollSetup
from server.agenda import durations
from server.agenda.shapes import MAIN_FIELD, SCALES, VERSION, shape, tag


def document(sheet: AgendaSheet) -> dict[str, Any]:
    """The document as plain values, ready for JSON."""
    found: dict[str, Any] = {"version": VERSION}
    if sheet.title:
        found["title"] = sheet.title
    if sheet.show != "all":
        found["show"] = sheet.show
    return {**found, "steps": [_step(step) for step in sheet.steps]}


def write_json(sheet: AgendaSheet) -> str:
    return json.dumps(document(sheet), ensure_ascii=False, indent=2) + "\n"


def write_yaml(sheet: AgendaSheet) -> str:
    text = yaml.dump(document(sheet), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    # A blank line between steps, as people write it.
    return "\n".join(f"\n{line}" if line.startswith("- ") else line for line in text.split("\n"))


def _step(step: Any) -> dict[str, Any]:
    found = {"kind": step.kind, **_fields(step)}
    if isinstance(step, ReviewStep) and found["review"].get("title") == step.title:
        del found["review"]["title"]
    if isinstance(step, PollStep) and step.poll is not None and step.title == step.poll.question[:200]:
        del found["title"]
    return found


def _fields(message: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, field in shape(type(message)).items():
        value = getattr(message, field.name)
        if not field.required and value == field.default:
            continue
        if field.ms:
            found[key] = None if value is None else durations.written(value)
        elif isinstance(message, PollSetup) and field.name == "right":
            found[key] = [message.options[index] for index in value if index < len(message.options)]
        else:
            found[key] = _value(value)
    return found


def _value(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_value(each) for each in value]
    if not is_dataclass(value) or isinstance(value, type):
        return value
    found = _fields(value)
    kind = tag(type(value))
    if kind is not None:
        return {"kind": kind, **found} if found else kind
    main = MAIN_FIELD.get(type(value))
    if main is not None and list(found) == [main]:
        return found[main]
    ends = SCALES.get(type(value))
    if ends is not None and not found.keys() - set(ends):
        return f"{getattr(value, ends[0])} to {getattr(value, ends[1])}"
    return found


# Line breaks of YAML 1.1 (section 4.2) that a person does not see as one: written bare, they come back as a space or as "\n".
_UNSEEN_BREAKS = re.compile("[\x85\u2028\u2029]")


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as blocks; never an alias."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    if _UNSEEN_BREAKS.search(text):
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')
    block = "\n" in text and text == text.strip() and not any(line != line.rstrip() for line in text.split("\n"))
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if block else None)


_Dumper.add_representer(str, _text)
