"""Receives webhooks of the local platform and verifies each with a library that is not ours.

usage: receive.py API
"""

import datetime
import json
import queue
import sys
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

from standardwebhooks import Webhook, WebhookVerificationError

API = sys.argv[1]
EMAIL, PASSWORD = "owner@webhooks.example", "only for this check, 7 words long"
received = queue.Queue()


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        received.put((dict(self.headers.items()), body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def ask(method, path, body=None, token=None):
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(API + path, data, headers, method=method), timeout=30) as answer:
        return json.load(answer)["data"]


def refused(webhook, body, headers):
    try:
        webhook.verify(body, headers)
    except WebhookVerificationError:
        return True
    return False


server = HTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()

owner = {"organization_name": "Webhooks", "first_name": "Asha", "email": EMAIL, "password": PASSWORD}
token = ask("POST", "/auth/register", owner)["access_token"]
endpoint = {"url": f"http://127.0.0.1:{server.server_port}/hooks", "events": ["lead.*"]}
made = ask("POST", "/webhook-endpoints", endpoint, token)
path, webhook = f"/webhook-endpoints/{made['webhook_endpoint']['id']}", Webhook(made["secret"])

ask("POST", f"{path}/test", None, token)
headers, body = received.get(timeout=30)
assert webhook.verify(body, headers)["type"] == "webhook.test", body

# The same message forged in every part that is signed, under another secret, and later than it is good.
other = Webhook("whsec_" + "A" * 43 + "=")
assert refused(webhook, body.replace(b"test", b"best"), headers), "another body was taken"
for part, value in [("webhook-id", "whd_other"), ("webhook-timestamp", "1"), ("webhook-signature", "v1,AAAA")]:
    assert refused(webhook, body, headers | {part: value}), f"another {part} was taken"
assert refused(other, body, headers), "another secret took it"
early = str(int(headers["webhook-timestamp"]) - 301)
when = datetime.datetime.fromtimestamp(int(early), tz=datetime.timezone.utc)
signature = webhook.sign(headers["webhook-id"], when, body.decode())
replayed = headers | {"webhook-timestamp": early, "webhook-signature": signature}
assert refused(webhook, body, replayed), "a replay was taken"

# While two secrets are good, a receiver with either verifies.
both = Webhook(ask("POST", f"{path}/rotate-secret", None, token)["secret"])
delivery = ask("POST", f"{path}/test", None, token)["id"]
headers, body = received.get(timeout=30)
assert headers["webhook-id"] == delivery
for either in (webhook, both):
    assert either.verify(body, headers)["type"] == "webhook.test"
assert refused(other, body, headers), "another secret took it"
server.shutdown()
print("standardwebhooks verified what was sent, and refused what was forged and replayed")
