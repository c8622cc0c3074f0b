"""Writes signatures.json with the providers' own libraries, which the tests hold our verification against.

    python3 -m venv venv && venv/bin/pip install twilio==9.13.0 standardwebhooks==1.1.0
    venv/bin/python recipe.py > signatures.json

The secrets are those of the providers' own documents, and open nothing.
"""

import hashlib
import json
from datetime import datetime, timezone
from urllib.parse import parse_qsl, urlencode

from standardwebhooks import Webhook
from twilio.request_validator import RequestValidator

TWILIO_TOKEN = "12345"
STANDARD_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Parameters(dict):
    """Names that may come more than once, as a web framework has them."""

    def getall(self, name):
        return self[name]


def twilio(url, pairs):
    parameters = Parameters()
    for name, value in pairs:
        parameters.setdefault(name, []).append(value)
    body = urlencode(pairs)
    assert parse_qsl(body, keep_blank_values=True) == pairs
    validator = RequestValidator(TWILIO_TOKEN)
    signature = validator.compute_signature(url, parameters)
    return {"token": TWILIO_TOKEN, "url": url, "body": body, "signature": signature}


def twilio_json(url, body):
    url += "?bodySHA256=" + hashlib.sha256(body.encode()).hexdigest()
    signature = RequestValidator(TWILIO_TOKEN).compute_signature(url, {})
    return {"token": TWILIO_TOKEN, "url": url, "body": body, "signature": signature, "json": True}


def standard(id, seconds, body):
    at = datetime.fromtimestamp(seconds, tz=timezone.utc)
    signature = Webhook(STANDARD_SECRET).sign(id, at, body)
    return {"secret": STANDARD_SECRET, "id": id, "timestamp": seconds, "body": body, "signature": signature}


HOOK = "https://api.example.com/v1/webhooks/twilio/intg_01kaf0v3hteb9s1z6vqk4m2x8y"
DOCUMENTED = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Caller", "+12349013030"),
    ("Digits", "1234"),
    ("From", "+12349013030"),
    ("To", "+18005551212"),
]
print(
    json.dumps(
        {
            "twilio": [
                twilio("https://mycompany.com/myapp.php?foo=1&bar=2", DOCUMENTED),
                twilio("https://mycompany.com:443/myapp.php?foo=1&bar=2", DOCUMENTED),
                twilio(HOOK, [("CallStatus", "no-answer"), ("CallSid", "CA1"), ("Empty", ""), ("Name", "Ä & =?")]),
                twilio(HOOK, [("MediaUrl", "https://b.example"), ("MediaUrl", "https://a.example"), ("A", "1"), ("A", "1")]),
                twilio(HOOK, []),
                twilio_json(HOOK, '{"CallSid": "CA1", "text": "Grüße"}'),
            ],
            "standard": [
                standard("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, '{"test": 2432232314}'),
                standard("evt.1", 1795168800, '{"type": "call.ringing", "name": "Grüße"}'),
                standard("evt.2", 1795168800, ""),
            ],
        },
        indent=1,
        ensure_ascii=False,
    )
)
