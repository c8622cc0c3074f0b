"""What schemathesis does not learn from the OpenAPI document, so that its cases reach further than the door.

Ids come from the environment: see prepare.py.
"""

import os
import re

import schemathesis

# Operations whose Idempotency-Key is made up too. Elsewhere one key of many cases would stand for them all: its first
# answer again, or 422 because the body is another one.
KEYED = {"branch_create", "lead_assign"}
# Versions that records may have; any other text is a 412 or a 400 before anything is looked at.
VERSIONS = ['"1"', '"2"', "*"]
# Numbers that can be dialled: of random ones hardly any can.
PHONES = {"type": ["string", "null"], "pattern": "^98[0-9]{8}$"}
BRANCH, USER = os.environ["BRANCH_ID"], os.environ["USER_ID"]


@schemathesis.hook
def before_load_schema(context, raw_schema):
    for item in raw_schema["paths"].values():
        for operation in item.values():
            if isinstance(operation, dict):
                operation["parameters"] = [known(p, operation) for p in operation.get("parameters", []) if asked(p, operation)]
                for content in operation.get("requestBody", {}).get("content", {}).values():
                    with_phones(content["schema"], raw_schema["components"]["schemas"])


def with_phones(schema, schemas):
    """A body's own `phone`, wherever its schema has it."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rsplit("/", 1)[1]]
    for part in schema.get("allOf", []):
        with_phones(part, schemas)
    if "phone" in schema.get("properties", {}):
        schema["properties"]["phone"] = PHONES


def asked(parameter, operation):
    return parameter["name"] != "Idempotency-Key" or operation["operationId"] in KEYED


def known(parameter, operation):
    if parameter["name"] == "If-Match":
        return parameter | {"schema": {"enum": VERSIONS}}
    if parameter["in"] == "query":
        # `page=` is the same as no `page`, which the generator of the document cannot say.
        return parameter | {"allowEmptyValue": True}
    return parameter


@schemathesis.hook
def map_body(context, body):
    """Ids that could be somebody's become those of the branch and the owner that are there."""
    if isinstance(body, dict):
        return {name: existing(value) for name, value in body.items()}
    return body


def existing(value):
    if isinstance(value, list):
        return [existing(one) for one in value]
    if isinstance(value, str) and re.fullmatch("(br|usr)_[0-7][0-9a-hjkmnp-tv-z]{25}", value):
        return BRANCH if value.startswith("br_") else USER
    return value
