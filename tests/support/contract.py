"""Holds live answers against protocol/openapi.yaml, both ways: what occurs must be in it, what is in it must occur."""
import datetime
import re
import subprocess
import sys
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# What `default` stands for, as the contract's description says: whatever any request can meet.
AT_THE_DOOR = {400, 404, 405, 406, 408, 411, 413, 414, 415, 429, 431, 500, 501, 503}
METHODS = ("get", "post", "put", "patch", "delete")
TYPES = {
    "object": lambda x: isinstance(x, dict),
    "array": lambda x: isinstance(x, list),
    "string": lambda x: isinstance(x, str),
    "integer": lambda x: isinstance(x, int) and not isinstance(x, bool),
    "number": lambda x: isinstance(x, (int, float)) and not isinstance(x, bool),
    "boolean": lambda x: isinstance(x, bool),
    "null": lambda x: x is None,
}
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def is_uuid(text):
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def is_time(text):
    if not RFC_3339.fullmatch(text):
        return False
    try:
        datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
        return True
    except ValueError:
        return False


FORMATS = {"uuid": is_uuid, "date-time": is_time}


class Schemas:
    """The part of JSON Schema that the contract uses. A keyword it does not know is an error, not a pass."""

    KNOWN = {"type", "required", "properties", "additionalProperties", "items", "enum", "const", "allOf", "oneOf",
             "anyOf", "format", "pattern", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems",
             "minProperties", "maxProperties", "uniqueItems", "$ref", "description", "example", "examples", "default",
             "title", "deprecated"}

    def __init__(self, document):
        self.document = document

    def resolve(self, node):
        while isinstance(node, dict) and "$ref" in node:
            at = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                at = at[part.replace("~1", "/").replace("~0", "~")]
            node = at
        return node

    def errors(self, schema, value, path="body"):
        schema = self.resolve(schema)
        for word in set(schema) - self.KNOWN:
            yield f"{path}: the validator does not know `{word}`"
        types = schema.get("type")
        if types is not None:
            types = types if isinstance(types, list) else [types]
            if not any(TYPES[t](value) for t in types):
                yield f"{path}: {value!r:.60} is not {' or '.join(types)}"
                return
        yield from self.value_errors(schema, value, path)
        if isinstance(value, dict):
            yield from self.object_errors(schema, value, path)
        if isinstance(value, list):
            yield from self.list_errors(schema, value, path)
        for part in schema.get("allOf", []):
            yield from self.errors(part, value, path)
        for word in ("oneOf", "anyOf"):
            if word in schema:
                fits = sum(not any(self.errors(part, value, path)) for part in schema[word])
                if fits == 0 or (word == "oneOf" and fits > 1):
                    yield f"{path}: fits {fits} of {word}"

    def value_errors(self, schema, value, path):
        if "enum" in schema and value not in schema["enum"]:
            yield f"{path}: {value!r} is not one of {schema['enum']}"
        if "const" in schema and value != schema["const"]:
            yield f"{path}: {value!r} is not {schema['const']!r}"
        if isinstance(value, str):
            check = FORMATS.get(schema.get("format"))
            if check and not check(value):
                yield f"{path}: {value!r} is no {schema['format']}"
            if "pattern" in schema and not re.search(schema["pattern"], value):
                yield f"{path}: {value!r} does not match {schema['pattern']}"
            if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
                yield f"{path}: {value!r:.40} is too short or too long"
        elif TYPES["number"](value):
            if not schema.get("minimum", value) <= value <= schema.get("maximum", value):
                yield f"{path}: {value} is out of range"

    def object_errors(self, schema, value, path):
        for name in schema.get("required", []):
            if name not in value:
                yield f"{path}.{name}: missing"
        known = schema.get("properties", {})
        for name, inner in known.items():
            if name in value:
                yield from self.errors(inner, value[name], f"{path}.{name}")
        if schema.get("additionalProperties") is False:
            for name in set(value) - set(known):
                yield f"{path}.{name}: not in the contract"
        if not schema.get("minProperties", 0) <= len(value) <= schema.get("maxProperties", len(value)):
            yield f"{path}: {len(value)} members"

    def list_errors(self, schema, value, path):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            yield f"{path}: {len(value)} items"
        if schema.get("uniqueItems") and len({repr(x) for x in value}) != len(value):
            yield f"{path}: an item is there twice"
        for number, one in enumerate(value):
            yield from self.errors(schema.get("items", {}), one, f"{path}[{number}]")


def undescribed(schemas, schema, value, path="body"):
    """Members of an answer that its schema does not name: an answer may not say what the contract keeps silent about."""
    schema = schemas.resolve(schema)
    if isinstance(value, list):
        for one in value:
            yield from undescribed(schemas, schema.get("items", {}), one, f"{path}[]")
    elif isinstance(value, dict):
        parts, known = [schema], {}
        while parts:
            part = schemas.resolve(parts.pop())
            known.update(part.get("properties", {}))
            parts += part.get("allOf", []) + part.get("oneOf", [])
        if not known:
            return  # any object
        for name, inner in value.items():
            if name in known:
                yield from undescribed(schemas, known[name], inner, f"{path}.{name}")
            else:
                yield f"{path}.{name}: not in the contract"


class Contract:
    def __init__(self):
        script = ("import sys; sys.path.insert(0, sys.argv[1]); import json, yaml, openapi_to_json as o;"
                  "print(json.dumps(yaml.load(open(sys.argv[1] + '/openapi.yaml'), o.Unambiguous)))")
        done = subprocess.run([sys.executable, "-B", "-c", script, str(ROOT / "protocol")], capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(done.stderr)
        import json
        self.document = json.loads(done.stdout)
        self.schemas = Schemas(self.document)
        self.codes = set(self.document["components"]["schemas"]["Code"]["enum"])
        self.operations = {}
        for path, item in self.document["paths"].items():
            pattern = re.compile(re.sub(r"\{\w+\}", "[^/]+", path))
            for method in METHODS:
                if method in item:
                    self.operations[method.upper(), path] = (pattern, item[method], item.get("parameters", []))
        self.seen = set()      # (method, path, status as the contract writes it)
        self.codes_seen = set()
        self.faults = {}       # what was answered that the contract does not say -> how often

    def find(self, method, target):
        path = target.split("?")[0]
        for (verb, name), (pattern, _, _) in self.operations.items():
            if verb == method and pattern.fullmatch(path):
                return verb, name
        return None

    def is_public(self, operation):
        security = self.operations[operation][1].get("security", self.document["security"])
        return not any("bearer" in one for one in security) or {} in security

    def body_schema(self, operation):
        body = self.schemas.resolve(self.operations[operation][1].get("requestBody", {}))
        return body.get("content", {}).get("application/json", {}).get("schema")

    def fault(self, operation, status, text):
        line = f"{' '.join(operation) if operation else 'no operation'} -> {status}: {text}"
        self.faults[line] = self.faults.get(line, 0) + 1

    def problem(self, operation, answer):
        """Whatever refuses is a problem of the closed list, whose status is the answer's."""
        if not answer.content_type.startswith("application/problem+json"):
            self.fault(operation, answer.status, f"refused as {answer.content_type or 'nothing'}")
            return
        said = answer.json
        for line in self.schemas.errors({"$ref": "#/components/schemas/Problem"}, said):
            self.fault(operation, answer.status, line)
        if said.get("status") != answer.status:
            self.fault(operation, answer.status, f"the problem says {said.get('status')}")
        self.codes_seen.add(said.get("code"))

    def see(self, method, target, answer):
        """Records one live answer."""
        operation = self.find(method, target)
        if answer.status >= 400:
            self.problem(operation, answer)
        if operation is None:
            if answer.status not in AT_THE_DOOR:
                self.fault(None, answer.status, f"{method} {target}")
            return
        responses = self.operations[operation][1]["responses"]
        described = responses.get(str(answer.status))
        if described is None:
            # There is such a route, so a 404 is about its thing, which the contract must say.
            if answer.status in AT_THE_DOOR - {404} or (answer.status == 401 and self.is_public(operation)):
                self.seen.add((*operation, "default"))
            else:
                self.fault(operation, answer.status, f"not in the contract ({answer.body[:120]!r})")
            return
        self.seen.add((*operation, str(answer.status)))
        described = self.schemas.resolve(described)
        if answer.status < 400:
            self.see_body(operation, described, answer)
        for name in described.get("headers", {}):
            if answer.status < 400 and answer.header(name) is None:
                self.fault(operation, answer.status, f"no {name}")

    def see_body(self, operation, described, answer):
        content = described.get("content")
        if not content:
            if answer.body and answer.status != 101:
                self.fault(operation, answer.status, "a body that the contract does not have")
            return
        kind = answer.content_type.split(";")[0]
        if kind not in content:
            self.fault(operation, answer.status, f"{kind} instead of {', '.join(content)}")
        elif kind == "application/json":
            schema = content[kind]["schema"]
            for line in (*self.schemas.errors(schema, answer.json), *undescribed(self.schemas, schema, answer.json)):
                self.fault(operation, answer.status, re.sub(r"\[\d+\]", "[]", line))

    def never_seen(self):
        for (method, path), (_, operation, _) in self.operations.items():
            for status in operation["responses"]:
                if status != "default" and (method, path, status) not in self.seen:
                    yield f"{method} {path} -> {status}"
