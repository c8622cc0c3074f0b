"""Prepares a platform for the fuzz: an organization whose limits no run can use up, an owner, a viewer, a few records.

usage: prepare.py API DYNAMODB    prints what the fuzz needs to know of it as NAME=value
"""

import json
import sys
import urllib.request

API, DYNAMODB = sys.argv[1:3]
PASSWORD = "only for the fuzz, 7 words long"
ENDLESS = 1_000_000_000


def send(url, body, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"} | headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refused:
        sys.exit(f"{url} answered {refused.code}: {refused.read().decode(errors='replace')}")


def api(path, body=None, token=None):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return send(API + path, body, **headers)["data"]


def table(operation, **body):
    target = f"DynamoDB_20120810.{operation}"
    return send(DYNAMODB, body, x_amz_target=target, Content_Type="application/x-amz-json-1.0")


def sign_in(email):
    return api("/auth/login", {"email": email, "password": PASSWORD})["access_token"]


def raise_limits(organization):
    """A plan is nothing that the API changes, so it is changed where it lies. Sign-ins take it over."""
    [name] = table("ListTables")["TableNames"]
    key = {"pk": {"S": f"{organization.split('_')[1]}#{organization}"}, "sk": {"S": "record"}}
    item = table("GetItem", TableName=name, Key=key, ConsistentRead=True)["Item"]
    record = json.loads(item["d"]["S"])
    record["limits"] = dict.fromkeys(record["limits"], ENDLESS)
    item["d"]["S"] = json.dumps(record)
    table("PutItem", TableName=name, Item=item)


def person(first_name):
    email = f"{first_name.lower()}@fuzz.example"
    return {"email": email, "password": PASSWORD, "first_name": first_name, "last_name": "Example"}


owner = person("Owner")
founded = api("/auth/register", owner | {"organization_name": "Fuzz"})
raise_limits(founded["organization"]["id"])
token = sign_in(owner["email"])

branch = api("/branches", token=token)["branches"][0]["id"]
viewer = person("Viewer")
place = {"role": "viewer", "branch_ids": [branch], "must_change_password": False}
api("/users", viewer | place, token)
api("/forms", {"name": "Website", "source": "Website", "branch_id": branch}, token)
for number in range(20):
    lead = {"full_name": f"Lead Example{number}", "email": f"lead{number}@fuzz.example", "source": "Fuzz"}
    api("/leads", lead, token)

print(f"BRANCH_ID={branch}")
print(f"USER_ID={founded['user']['id']}")
print(f"OWNER_TOKEN={token}")
print(f"VIEWER_TOKEN={sign_in(viewer['email'])}")
