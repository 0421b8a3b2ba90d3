"""The OpenAPI 3.1 document, made from the routes and their models, and a page to read it with."""

import html
import json
import re
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from pydantic.json_schema import models_json_schema

from server.api.models import Problem
from server.api.routes import Route


def document(routes: Sequence[Route]) -> dict[str, Any]:
    """OpenAPI 3.1 of these routes."""
    used = {model for route in routes for model in (route.answer, route.body) if model is not None} | {Problem}
    ordered = sorted(used, key=lambda model: model.__name__)
    _, definitions = models_json_schema(
        [(model, "validation") for model in ordered], ref_template="#/components/schemas/{model}"
    )
    paths: dict[str, Any] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Atelier", "version": version("atelier"), "description": "Workshops, tokens and health."},
        "paths": paths,
        "components": {
            "schemas": definitions.get("$defs", {}),
            "securitySchemes": {
                "api_key": {"type": "http", "scheme": "bearer"},
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            },
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    def content(model: Any, media: str = "application/json") -> dict[str, Any]:
        return {media: {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}}

    answer = None if route.answer is None else content(route.answer)
    if answer is not None and route.example is not None:
        answer["application/json"]["example"] = route.example
    name = route.handler.__name__
    operation: dict[str, Any] = {
        "operationId": name,
        "summary": route.summary,
        "responses": {
            str(route.status): {
                "description": route.summary,
                **({"content": answer} if answer is not None else {}),
            },
            "default": {"description": "Refused", "content": content(Problem, "application/problem+json")},
        },
    }
    operation["parameters"] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", route.path)
    ]
    operation["parameters"] += [
        {"name": name, "in": "query", "required": False, "schema": schema, "description": description}
        for name, schema, description in route.query
    ]
    csv = {"text/csv": {"schema": {"type": "string"}}} if route.csv else {}
    if route.body is not None:
        taken = content(route.body)
        if route.many:
            taken = {media: {"schema": {"type": "array", "items": each["schema"]}} for media, each in taken.items()}
        yaml = content(route.body, "application/yaml") if route.yaml else {}
        operation["requestBody"] = {"required": True, "content": taken | csv | yaml}
    elif route.yaml:
        operation["responses"][str(route.status)]["content"] |= content(route.answer, "application/yaml")
    elif csv:
        operation["responses"][str(route.status)]["content"] |= csv
        kinds = {"type": "string", "enum": ["json", "csv"]}
        operation["parameters"].append({"name": "format", "in": "query", "required": False, "schema": kinds})
    if route.key:
        operation["security"] = [{"api_key": []}, *([{"token": []}] if route.token else [])]
    return operation


STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1d2530;background:#fff}
code,pre{font:13px/1.5 ui-monospace,monospace}pre{background:#f3f5f8;padding:.75rem 1rem;border-radius:8px;overflow:auto}
details{border:1px solid #d8dee6;border-radius:10px;margin:.6rem 0;padding:.6rem 1rem}summary{cursor:pointer}
b{display:inline-block;min-width:3.4rem}small{color:#5a6675}
@media(prefers-color-scheme:dark){body{background:#14181e;color:#e5eaf0}pre{background:#1e242c}details{border-color:#333c47}small{color:#9aa6b4}}
"""


def page(spec: dict[str, Any]) -> str:
    """The document as one self-contained page: every operation with what it takes and gives. No script, no other host."""
    schemas = spec["components"]["schemas"]
    parts: list[str] = []
    for path, operations in spec["paths"].items():
        for method, operation in operations.items():
            person = {"token": []} in operation.get("security", ())
            needs = "the API key or a person's token" if person else "the API key"
            key = f" <small>needs {needs}</small>" if "security" in operation else ""
            blocks = "".join(
                f"<p>{title}</p><pre>{_pretty(schemas[_name(content)])}</pre>"
                for title, content in _contents(operation)
            )
            parts.append(
                f"<details><summary><b>{method.upper()}</b> <code>{html.escape(path)}</code> "
                f"{html.escape(operation['summary'])}{key}</summary>{blocks}</details>"
            )
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Atelier API</title><style>{STYLE}</style><h1>Atelier API</h1>"
        f'<p>The same as <a href="/api/openapi.json">OpenAPI 3.1</a>; the socket is described by '
        f'<a href="/api/schema.json">its JSON Schema</a>.</p>{"".join(parts)}</html>'
    )


def _contents(operation: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    found = [("Body", operation["requestBody"]["content"])] if "requestBody" in operation else []
    found += [
        (f"Answer {status}", each["content"]) for status, each in operation["responses"].items() if "content" in each
    ]
    return found


def _name(content: dict[str, Any]) -> str:
    """The model of the first media type; of a list, what it is a list of."""
    schema = next(iter(content.values()))["schema"]
    return str(schema.get("items", schema)["$ref"]).rpartition("/")[2]


def _pretty(schema: Any) -> str:
    return html.escape(json.dumps(schema, indent=2))
