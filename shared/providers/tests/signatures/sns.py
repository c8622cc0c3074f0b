"""Writes sns.json: messages as Amazon SNS documents them, signed by OpenSSL with a key that is made for it and kept nowhere.

    python3 sns.py > sns.json

What is signed, and in which order, is by
https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message-verify-message-signature.html
"""

import base64
import json
import subprocess
import tempfile
from pathlib import Path

TOPIC = "arn:aws:sns:ap-south-1:123456789012:mail"
HOST = "https://sns.ap-south-1.amazonaws.com"
NOTIFICATION = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
CONFIRMATION = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]


def openssl(*arguments, input=None):
    return subprocess.run(["openssl", *arguments], input=input, stdout=subprocess.PIPE, check=True).stdout


def signed(key, version, fields, message):
    text = "".join(f"{name}\n{message[name]}\n" for name in fields if name in message)
    digest = {"1": "-sha1", "2": "-sha256"}[version]
    signature = openssl("dgst", digest, "-sign", key, input=text.encode())
    return message | {
        "SignatureVersion": version,
        "Signature": base64.b64encode(signature).decode(),
        "SigningCertURL": f"{HOST}/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem",
    }


def notification(message, **more):
    return {
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": TOPIC,
        "Message": message,
        "Timestamp": "2026-11-20T10:00:00.000Z",
        "UnsubscribeURL": f"{HOST}/?Action=Unsubscribe",
    } | more


def confirmation(kind):
    return {
        "Type": kind,
        "MessageId": "165545c9-2a5c-472c-8df2-7ff2be2b3b1b",
        "Token": "2336412f37",
        "TopicArn": TOPIC,
        "Message": f"You have chosen to subscribe to the topic {TOPIC}.\nTo confirm it, visit the SubscribeURL.",
        "SubscribeURL": f"{HOST}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=2336412f37",
        "Timestamp": "2026-11-20T10:00:00.000Z",
    }


with tempfile.TemporaryDirectory() as folder:
    key, certificate = (str(Path(folder) / name) for name in ("key.pem", "certificate.pem"))
    subject = ["-subj", "/CN=sns.amazonaws.com", "-days", "36500"]
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, *subject)
    messages = [
        signed(key, version, fields, message)
        for version in ("1", "2")
        for fields, message in (
            (NOTIFICATION, notification("Hello\nGrüße", Subject="A subject")),
            (NOTIFICATION, notification('{"notificationType":"Delivery"}')),
            (CONFIRMATION, confirmation("SubscriptionConfirmation")),
            (CONFIRMATION, confirmation("UnsubscribeConfirmation")),
        )
    ]
    print(json.dumps({"certificate": Path(certificate).read_text(), "messages": messages}, indent=1, ensure_ascii=False))
