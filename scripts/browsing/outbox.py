"""Presses the buttons of the outbox page in Chromium, and asserts over the API what follows from them.

usage: outbox.py API [SCREENSHOTS]
"""

import json
import os
import pathlib
import shutil
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

API = sys.argv[1]
SHOTS = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
BASE = API.removesuffix("/v1")
PASSWORD = "sampark-demo-only"
# The whole of it may take so many seconds.
PATIENCE = 240


def late(*_):
    raise TimeoutError(f"it took more than {PATIENCE} s")


signal.signal(signal.SIGALRM, late)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
signal.alarm(PATIENCE)


def ask(method, path, body=None):
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(API + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def good(method, path, body=None):
    status, answer = ask(method, path, body)
    assert status < 300, f"{method} {path} answered {status}: {answer}"
    return answer["data"]


def eventually(what, probe):
    """Waits until the probe gives something, and returns it."""
    last, until = None, time.monotonic() + 30
    while time.monotonic() < until:
        last = probe()
        if last:
            return last
        time.sleep(0.1)
    raise AssertionError(f"{what}: not within 30 s")


def becomes(communication, status):
    def probe():
        return good("GET", f"/communications/{communication}")["status"] == status

    eventually(f"{communication} becomes {status}", probe)


def say(**body):
    said = good("POST", "/communications", body)["id"]
    becomes(said, "sent")
    return said


def newest(to):
    with urllib.request.urlopen(f"{BASE}/outbox.json?limit=1&to={urllib.request.quote(to)}", timeout=30) as answer:
        return json.load(answer)[0]


def inbound(lead):
    path = f"/communications/history?entityId={lead}&entityType=lead"
    return [one for one in good("GET", path)["communications"] if one["direction"] == "inbound"]


class Page:
    """The outbox page, as a person uses it."""

    def __init__(self, driver):
        self.driver = driver

    def open(self, path):
        self.driver.get(BASE.replace("127.0.0.1", "localhost") + path)

    def open_newest(self, channel, to):
        """Opens the list of what came to an address, and its first message."""
        self.open(f"/outbox?channel={channel}&to={urllib.request.quote(to)}")
        self.leave(self.all("ol.messages a")[0].click)

    def text(self):
        return self.driver.find_element(By.TAG_NAME, "body").text

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def leave(self, do):
        """Does what leads to another page, and waits for that."""
        before = self.driver.find_element(By.TAG_NAME, "html")
        do()
        WebDriverWait(self.driver, 30).until(lambda _: gone(before))

    def buttons(self):
        return [button.text for button in self.all("button[name=part]")]

    def told(self):
        return [one.text for one in self.all("ol.told li")]

    def press(self, name, by_key=False):
        button = next(button for button in self.all("button") if button.text == name)
        before = len(self.told())
        self.leave((lambda: button.send_keys(Keys.ENTER)) if by_key else button.click)
        told = self.told()
        assert len(told) == before + 1 and "200 OK" in told[-1], told

    def shot(self, name):
        if SHOTS:
            SHOTS.mkdir(parents=True, exist_ok=True)
            self.driver.save_screenshot(str(SHOTS / f"{name}.png"))


def gone(element):
    try:
        element.is_enabled()
        return False
    except Exception:
        return True


class Elsewhere(BaseHTTPRequestHandler):
    """A page of another origin, whose button leads to the outbox."""

    target = ""

    def do_GET(self):
        page = f'<form method="post" action="{self.target}"><button name="part" value="read">Win</button></form>'
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, *_):
        pass


def browser():
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for argument in ("--headless=new", "--disable-dev-shm-usage", "--no-proxy-server", "--window-size=1000,900"):
        options.add_argument(argument)
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))


def whatsapp(page, lead):
    template = {"name": "Follow up", "channel": "whatsapp", "body": "Hello {{ lead.first_name }}",
                "provider_template": "follow_up"}
    template = good("POST", "/templates", template)["id"]
    said = say(type="whatsapp", lead_id=lead, template_id=template)

    page.open("/outbox")
    page.leave(page.driver.find_element(By.LINK_TEXT, "WhatsApp").click)
    assert len(page.all("ol.messages > li")) == 1, page.text()
    page.shot("list")
    page.leave(page.driver.find_element(By.CSS_SELECTOR, "ol.messages a").click)
    assert "Hello Asha, may we call you?" in page.all(".whatsapp .bubble")[0].text, page.text()
    assert page.buttons() == ["Delivered", "Read", "Failed", "Reply"], page.buttons()
    page.press("Delivered")
    becomes(said, "delivered")
    page.press("Read", by_key=True)
    becomes(said, "read")

    words = "Yes & <b>please</b>, \"today\""
    page.all("input[name=words]")[0].send_keys(words)
    page.press("Reply")
    heard = eventually("the answer is on the timeline", lambda: inbound(lead))
    assert [one["content"] for one in heard] == [words], heard
    assert words in page.all(".bubble.mine")[0].text, page.text()
    page.shot("whatsapp")

    # Whoever wrote within a day may be answered in any words.
    said = say(type="whatsapp", lead_id=lead, content="How are you?")
    page.open(f"/outbox/{newest('+919876543210')['id']}")
    page.press("Failed")
    becomes(said, "failed")
    print("WhatsApp: delivered, read, failed, and an answer on the timeline")


def sms(page, lead):
    for button, status in (("Delivered", "delivered"), ("Failed", "failed")):
        said = say(type="sms", lead_id=lead, content="We will call you.")
        page.open_newest("sms", "+14155552671")
        assert "We will call you." in page.all(".sms .bubble")[0].text, page.text()
        assert page.buttons() == ["Delivered", "Failed", "Reply"], page.buttons()
        page.press(button)
        becomes(said, status)

    def write(words):
        page.all("input[name=words]")[0].send_keys(words)
        page.press("Reply")
        eventually("the answer is on the timeline", lambda: words in [one["content"] for one in inbound(lead)])

    write("Who is this?")
    offer = {"type": "sms", "lead_id": lead, "content": "An offer.", "purpose": "marketing"}
    write("Stop")
    status, answer = ask("POST", "/communications", offer)
    assert status == 409 and answer["code"] == "unsubscribed", answer
    write("Start")
    status, answer = ask("POST", "/communications", offer)
    assert status < 300 or answer["code"] != "unsubscribed", answer
    page.shot("sms")
    print("SMS: delivered and failed, an answer on the timeline, no offers after STOP and again after START")


def email(page, asha, ravi):
    parts = ((asha, "asha@example.com", "Complaint", "delivered"), (ravi, "ravi@example.com", "Bounced", "failed"))
    for lead, to, button, status in parts:
        mail = {"type": "email", "lead_id": lead, "subject": "Your <question>", "content": "Thank you."}
        said = say(**mail)
        page.open_newest("email", to)
        assert page.driver.find_element(By.TAG_NAME, "h1").text == "Your <question>", page.text()
        page.driver.switch_to.frame(page.all("iframe")[0])
        assert "Thank you." in page.text(), "the mail is not shown as HTML"
        page.driver.switch_to.default_content()
        assert page.buttons()[:3] == ["Delivered", "Bounced", "Complaint"], page.buttons()
        page.press(button)
        page.shot(f"email-{status}")
        becomes(said, status)

        def suppressed():
            status, answer = ask("POST", "/communications", mail)
            return status == 409 and answer["code"] == "suppressed"

        eventually(f"nobody writes there after {button}", suppressed)
    print("E-mail: a complaint and a bounce, and nobody writes there again")


def own_mail(page):
    """What the platform itself writes is told of by nobody, and the page says so."""
    assert ask("POST", "/auth/forgot-password", {"email": "owner@funds.example"})[0] < 300
    mail = eventually("the platform writes", lambda: newest("owner@funds.example"))
    page.open(f"/outbox/{mail['id']}")
    assert page.buttons() == [] and "stands on nobody's timeline" in page.text(), page.text()
    page.shot("own")
    print("the platform's own mail: no button, and why")


def stranger(page, message):
    """A button on a page of another origin does nothing here."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    Elsewhere.target = f"{BASE.replace('127.0.0.1', 'localhost')}/outbox/{message}/play"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        for host in ("127.0.0.1", "localhost"):
            page.driver.get(f"http://{host}:{server.server_port}/")
            page.leave(page.driver.find_element(By.TAG_NAME, "button").click)
            assert "pressed on this page only" in page.text(), page.text()
    finally:
        server.shutdown()
    page.open(f"/outbox/{message}")
    assert not any("read" in one for one in page.told()), page.told()
    print("a page of another origin: refused")


def looks(page, message):
    """A telephone and the dark are no hindrance, and every field has a label."""
    fields = page.driver.execute_script(
        "return [...document.querySelectorAll('input')].every(field => field.labels.length && field.labels[0].innerText)"
    )
    assert fields, "a field has no label"
    light = page.driver.execute_script("return getComputedStyle(document.body).backgroundColor")
    page.driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    )
    page.driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 320, "height": 640, "deviceScaleFactor": 1, "mobile": True}
    )
    for path in ("/outbox", f"/outbox/{message}"):
        page.open(path)
        width = page.driver.execute_script("return document.documentElement.scrollWidth")
        assert width <= 320, f"{path} is {width} wide on a screen of 320"
        page.shot("dark-" + path.strip("/").replace("/", "-"))
    dark = page.driver.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert light != dark, f"{light} in the light and in the dark"
    assert page.driver.execute_script("return document.scripts.length") == 0
    print("320 pixels wide, in the dark, without a script: well")


token = None
token = good("POST", "/auth/login", {"email": "owner@admissions.example", "password": PASSWORD})["access_token"]
asha = good("POST", "/leads", {"full_name": "Asha Example", "phone": "+919876543210", "email": "asha@example.com"})["id"]
ravi = good("POST", "/leads", {"full_name": "Ravi Example", "phone": "+14155552671", "email": "ravi@example.com"})["id"]
driver = browser()
try:
    page = Page(driver)
    whatsapp(page, asha)
    sms(page, ravi)
    email(page, asha, ravi)
    own_mail(page)
    stranger(page, newest("+14155552671")["id"])
    looks(page, newest("+919876543210")["id"])
finally:
    driver.quit()
