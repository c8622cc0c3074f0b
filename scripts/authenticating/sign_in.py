"""Sets up a second factor with an authenticator that is not ours, and signs in with its codes.

usage: sign_in.py API
"""

import json
import sys
import time
import urllib.error
import urllib.request
from urllib.parse import parse_qs, urlsplit

import pyotp

API = sys.argv[1]
EMAIL, PASSWORD = "owner@authenticator.example", "only for this check, 7 words long"


def post(path, body, token=None):
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(API + path, json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def good(path, body, token=None):
    status, answer = post(path, body, token)
    assert status < 300, f"{path} answered {status}: {answer}"
    return answer["data"]


owner = {"organization_name": "Authenticator", "first_name": "Asha", "email": EMAIL, "password": PASSWORD}
token = good("/auth/register", owner)["access_token"]

enrolment = good("/auth/mfa/enroll", {}, token)
url = urlsplit(enrolment["otpauth_url"])
assert (url.scheme, url.netloc) == ("otpauth", "totp"), url
assert parse_qs(url.query)["secret"] == [enrolment["secret"]], url
authenticator = pyotp.parse_uri(enrolment["otpauth_url"])

# A code that would end while it is on its way says nothing of either side.
if time.time() % 30 > 25:
    time.sleep(6)
now = time.time()
code, next_code = authenticator.at(now), authenticator.at(now + 30)
recovery = good("/auth/mfa/confirm", {"code": code}, token)["recovery_codes"]
assert len(recovery) == 10, recovery


def second_factor(answer):
    asked = good("/auth/login", {"email": EMAIL, "password": PASSWORD})
    assert asked["mfa_required"] is True and "access_token" not in asked, asked
    return post("/auth/mfa/verify", {"mfa_token": asked["mfa_token"]} | answer)


assert second_factor({"code": code})[0] == 401, "the code that set it up was taken again"
status, entered = second_factor({"code": next_code})
assert status == 200 and entered["data"]["access_token"], entered
assert second_factor({"code": next_code})[0] == 401, "a code was taken twice"
assert second_factor({"recovery_code": recovery[0]})[0] == 200, "a recovery code was not taken"
assert second_factor({"recovery_code": recovery[0]})[0] == 401, "a recovery code was taken twice"
print(f"signed in with the codes of pyotp {getattr(pyotp, '__version__', '')}".rstrip())
