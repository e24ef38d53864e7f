#!/usr/bin/env python3
"""Reads openapi.yaml, refuses what is not a sound OpenAPI 3.1 document, and writes it for the daemon.

    openapi_to_json.py --check           says what is wrong, if anything
    openapi_to_json.py --hpp OUT.hpp     writes a header with usher::openapi_json
    openapi_to_json.py --json OUT.json   writes the plain document, for tests
"""
import json
import re
import sys
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
COMPONENTS = {"schemas", "responses", "parameters", "examples", "requestBodies", "headers", "securitySchemes", "links",
              "callbacks", "pathItems"}


class Unambiguous(yaml.SafeLoader):
    """A mapping that names a key twice is an error, as it is for YAML itself."""

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key, _ in node.value:
            if key.tag != "tag:yaml.org,2002:merge":
                if key.value in seen:
                    raise yaml.YAMLError(f"{key.value} is there twice{key.start_mark}")
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def walk(node, path="#"):
    yield path, node
    if isinstance(node, dict):
        for key, value in node.items():
            yield from walk(value, f"{path}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from walk(value, f"{path}/{index}")


def resolve(document, reference):
    node = document
    for part in reference.removeprefix("#/").split("/"):
        node = node[part.replace("~1", "/").replace("~0", "~")]
    return node


def operations(document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield path, method, item, operation


def check_references(document):
    used = set()
    for path, node in walk(document):
        if isinstance(node, dict) and isinstance(node.get("$ref"), str):
            used.add(node["$ref"])
            try:
                resolve(document, node["$ref"])
            except (KeyError, TypeError):
                yield f"{path}: {node['$ref']} leads nowhere"
    for kind, parts in document["components"].items():
        if kind not in COMPONENTS:
            yield f"#/components/{kind}: no such kind"
        for name in parts:
            if kind != "securitySchemes" and f"#/components/{kind}/{name}" not in used:
                yield f"#/components/{kind}/{name}: used nowhere"


def check_operation(document, path, method, item, operation):
    where = f"{method.upper()} {path}"
    for field in ("operationId", "summary", "tags", "responses"):
        if not operation.get(field):
            yield f"{where}: no {field}"
    for tag in operation.get("tags", []):
        if tag not in {t["name"] for t in document["tags"]}:
            yield f"{where}: unknown tag {tag}"
    for status, answer in operation.get("responses", {}).items():
        if not isinstance(status, str) or not re.fullmatch(r"[1-5]\d\d|default", status):
            yield f"{where}: a status is a quoted number: {status}"
        target = resolve(document, answer["$ref"]) if "$ref" in answer else answer
        if not target.get("description"):
            yield f"{where}: {status} has no description"
    declared = [resolve(document, p["$ref"]) if "$ref" in p else p
                for p in item.get("parameters", []) + operation.get("parameters", [])]
    in_path = {p["name"] for p in declared if p["in"] == "path"}
    if in_path != set(re.findall(r"{(\w+)}", path)):
        yield f"{where}: the path and its parameters differ"
    for parameter in declared:
        if parameter["in"] == "path" and parameter.get("required") is not True:
            yield f"{where}: {parameter['name']} must be required"
        if "schema" not in parameter:
            yield f"{where}: {parameter['name']} has no schema"
    for need in operation.get("security", document.get("security", [])):
        for scheme in need:
            if scheme not in document["components"]["securitySchemes"]:
                yield f"{where}: no security scheme {scheme}"


def check_texts(document):
    """In a flow mapping an unquoted comma ends the text, and what follows becomes a key without a value."""
    for path, node in walk(document):
        if isinstance(node, dict):
            for key, value in node.items():
                if value is None and "/example" not in path:
                    yield f"{path}: {key!r} has no value: is a text with a comma not quoted?"


def check_codes(document):
    names = re.search(r"enum class errc[^{]*{(.*?)};", (HERE / "error.hpp").read_text(), re.S).group(1)
    ours = set(re.findall(r"^\s*(\w+),", names, re.M)) - {"ok"}
    theirs = set(document["components"]["schemas"]["Code"]["enum"])
    for code in sorted(ours ^ theirs):
        yield f"the code {code} is in only one of error.hpp and openapi.yaml"


def faults(document):
    if not str(document.get("openapi", "")).startswith("3.1."):
        yield "not OpenAPI 3.1"
    for field in ("title", "version"):
        if not document.get("info", {}).get(field):
            yield f"info has no {field}"
    yield from check_references(document)
    yield from check_texts(document)
    known = {}
    for path, method, item, operation in operations(document):
        yield from check_operation(document, path, method, item, operation)
        name = operation.get("operationId")
        if name in known:
            yield f"{name} names two operations: {known[name]} and {method} {path}"
        known[name] = f"{method} {path}"
    yield from check_codes(document)


def main(words):
    document = yaml.load((HERE / "openapi.yaml").read_text(encoding="utf-8"), Unambiguous)
    wrong = list(faults(document))
    for line in wrong:
        print(f"openapi.yaml: {line}", file=sys.stderr)
    if wrong:
        return 1
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    match words:
        case ["--check"]:
            print(f"openapi.yaml: sound, {sum(1 for _ in operations(document))} operations")
        case ["--json", out]:
            Path(out).write_text(text + "\n", encoding="utf-8")
        case ["--hpp", out]:
            Path(out).write_text(
                "#pragma once\n\n#include <string_view>\n\nnamespace usher {\n\n"
                "/// protocol/openapi.yaml as JSON.\n"
                f'inline constexpr std::string_view openapi_json = R"openapi({text})openapi";\n\n'
                "} // namespace usher\n", encoding="utf-8")
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
