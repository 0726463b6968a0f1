"""A run's page in a real browser: every view clicked through, at two widths, in light and dark.
usage: browse.py CHROMIUM ADDRESS VIEWS [PICTURES_FOLDER]

VIEWS: those that this run must have, "walk judge".

Talks to Chromium through the two pipes of --remote-debugging-pipe, so nothing but Python is needed. Prints a line `ok ...` for each thing that holds and
`FAILED ...` for each that does not; what the page asked the network for, and what it said on the console, are among them."""
import base64
import json
import os
import select
import subprocess
import sys
import tempfile
import time

WIDE, NARROW = (1200, 900), (390, 844)


class Browser:
    def __init__(self, program):
        self.profile = tempfile.TemporaryDirectory()
        to_it, self.to = os.pipe()
        self.of, of_it = os.pipe()
        for fd in (to_it, of_it):
            os.set_inheritable(fd, True)
        # the browser reads fd 3 and writes fd 4: a shell puts the pipes there
        command = 'exec "$@" 3<&%d 4>&%d' % (to_it, of_it)
        options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-pipe", "--no-first-run", "--disable-background-networking",
                   "--disable-component-update", "--user-data-dir=" + self.profile.name, "about:blank"]
        self.process = subprocess.Popen(["bash", "-c", command, "browser", program] + options, pass_fds=(to_it, of_it), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_it)
        os.close(of_it)
        self.number, self.rest, self.events, self.session = 0, b"", [], None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Runtime", "Network", "Log", "Page"):
            self.call(domain + ".enable")

    def receive(self, seconds):
        """The next message, or None when the time is over."""
        end = time.time() + seconds
        while b"\0" not in self.rest:
            left = end - time.time()
            if left <= 0 or not select.select([self.of], [], [], left)[0]:
                return None
            more = os.read(self.of, 1 << 20)
            if not more:
                raise SystemExit("FAILED the browser has ended")
            self.rest += more
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            reply = self.receive(60)
            if reply is None:
                raise SystemExit("FAILED no answer to " + method)
            if reply.get("id") == self.number:
                if "error" in reply:
                    raise SystemExit("FAILED %s: %s" % (method, reply["error"]))
                return reply["result"]
            self.events.append(reply)

    def run(self, script):
        reply = self.call("Runtime.evaluate", expression="(async () => {%s})()" % script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in reply:
            raise SystemExit("FAILED script: %s" % reply["exceptionDetails"])
        return reply["result"].get("value")

    def until(self, script, seconds=60):
        end = time.time() + seconds
        while time.time() < end:
            if self.run("return " + script):
                return True
            time.sleep(0.1)
        return False

    def look(self, size, dark=False):
        self.call("Emulation.setDeviceMetricsOverride", width=size[0], height=size[1], deviceScaleFactor=1, mobile=size == NARROW)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
                                                        {"name": "prefers-reduced-motion", "value": "reduce"}])

    def picture(self, path):
        data = self.call("Page.captureScreenshot", captureBeyondViewport=True)["data"]
        with open(path, "wb") as f:
            f.write(base64.b64decode(data))

    def key(self, name, code):
        for kind in ("rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=name, code=name, windowsVirtualKeyCode=code)

    def mouse(self, x, y):
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def close(self):
        self.call("Browser.close")
        self.process.wait(20)
        self.profile.cleanup()


failed = 0


def check(holds, what):
    global failed
    failed += not holds
    print("ok" if holds else "FAILED", what, flush=True)


# What is drawn at the walk's place, as a number; waits until no request is under way.
PLACE = """
    const found = document.getElementById('place').style, url = found.backgroundImage.slice(4, -1).replace(/"/g, '');
    const image = new Image(); image.src = url; await image.decode();
    const canvas = document.createElement('canvas'); canvas.width = image.width; canvas.height = image.height;
    const c = canvas.getContext('2d'); c.drawImage(image, 0, 0);
    let sum = 0; c.getImageData(0, 0, image.width, image.height).data.forEach((v, i) => { sum = (sum * 31 + v + i) % 1000000007; });
    return sum + ' ' + found.backgroundPosition;
"""


def walk(page):
    box = page.run("const pad = document.getElementById('pad'); pad.scrollIntoView({block: 'center', behavior: 'instant'});"
                   "const r = pad.getBoundingClientRect(); return [r.left, r.top, r.width, r.height]")

    def drawn():
        time.sleep(0.2)
        page.until("!walk.asked && !walk.again")
        return page.run(PLACE)

    def at(u, v):
        page.mouse(box[0] + u * box[2], box[1] + v * box[3])
        return drawn()

    page.until("document.getElementById('place').style.backgroundImage !== ''", 30)
    model = page.run("return was.model")
    first, second, again = at(0.1, 0.1), at(0.9, 0.8), at(0.1, 0.1)
    check(first != second, "the walk's picture follows the mouse")
    check(first == again or page.run("return was.model") != model, "and comes back, unless the model is another one")
    page.run("document.getElementById('pad').focus()")
    page.key("ArrowRight", 39)
    page.key("ArrowDown", 40)
    check(drawn() != again, "and the arrow keys")


def time_slider(page):
    count = page.run("return +document.getElementById('time').max")
    check(count >= 1, "there are grids over time")
    last = page.run("return document.getElementById('grid').src")
    page.run("document.getElementById('time').focus()")
    page.key("ArrowLeft", 37)
    check(page.until("document.getElementById('grid').complete && document.getElementById('grid').naturalWidth > 0"), "a grid is shown")
    check(page.until("document.getElementById('grid').src !== %s" % json.dumps(last), 20), "the slider's keys change it")
    page.run("document.getElementById('play').click()")
    shown = page.run("return document.getElementById('grid-at').textContent")
    check(page.until("document.getElementById('grid-at').textContent !== %s" % json.dumps(shown), 10), "it plays")
    page.run("document.getElementById('play').click()")


def views(page):
    names = page.run("return [...document.querySelectorAll('nav a')].filter(a => !a.hidden).map(a => a.hash)")
    for name in names:
        page.run("document.querySelector('nav a[href=\"%s\"]').click()" % name)
        shown = page.run("const r = document.querySelector('%s').getBoundingClientRect(); return r.width > 0 && r.height > 0" % name)
        check(shown, "view " + name)
        broken = "[...document.querySelectorAll('%s img')].filter(i => !i.closest('[hidden]') && !(i.complete && i.naturalWidth)).map(i => i.id).join()" % name
        check(page.until(broken + " === ''", 30), "its pictures " + page.run("return " + broken))
        page.run("document.querySelectorAll('%s details').forEach(d => { if (!d.open && d.offsetParent) d.querySelector('summary').click(); })" % name)
        check(page.run("return [...document.querySelectorAll('%s details')].every(d => d.open || !d.offsetParent)" % name), "its explanations open")
    return names


def polls(page, since):
    return [e for e in page.events[since:] if e["method"] == "Network.requestWillBeSent" and "status.json" in e["params"]["request"]["url"]]


def hidden(page):
    """A page that nobody can see asks for nothing; when it is seen again it does."""
    show = "Object.defineProperty(document, 'hidden', {value: %s, configurable: true}); document.dispatchEvent(new Event('visibilitychange'))"
    page.run(show % "true")
    page.until("false", 1)  # one may be on its way
    asked = len(page.events)
    page.until("false", 5)
    check(not polls(page, asked), "hidden, it asks for nothing")
    page.run(show % "false")
    for _ in range(60):
        page.until("false", 1)
        if polls(page, asked):
            break
    check(len(polls(page, asked)) > 0, "seen again, it asks")


def clicked_meanwhile(page):
    """A click while a picture is on its way must not stop the page from looking again."""
    if page.run("return document.getElementById('nearest-next').offsetParent === null"):
        return
    page.run("for (let i = 0; i < 5; i++) { was = {}; quietly(drawNearest()); document.getElementById('nearest-next').click(); }")
    asked = len(page.events)
    for _ in range(60):
        page.until("false", 1)
        if len(polls(page, asked)) > 1:
            break
    check(len(polls(page, asked)) > 1, "it goes on after clicks in between")


def buttons(page):
    for name in page.run("return [...document.querySelectorAll('button')].filter(b => b.offsetParent && b.id !== 'play').map(b => b.id)"):
        page.run("document.getElementById('%s').click()" % name)
        time.sleep(1)
        check(page.run("return document.getElementById('trouble').hidden"), "button " + name)
    page.run("for (const s of document.querySelectorAll('select')) if (s.offsetParent && s.options.length > 1) { s.selectedIndex = 1; s.dispatchEvent(new Event('change')); }")
    time.sleep(1)


def charts(page):
    page.run("document.getElementById('duel').scrollIntoView()") # they are drawn where they are seen
    check(page.until("document.querySelectorAll('#charts path').length >= 3"), "curves are drawn")
    page.run("document.querySelector('.chart svg').focus()")
    page.key("ArrowLeft", 37)
    check("at " in page.run("return document.querySelector('.chart .legend').textContent"), "a curve's figures can be read by keyboard")


def widths(page, folder):
    for size, dark, name in ((WIDE, False, "wide"), (NARROW, False, "narrow"), (WIDE, True, "dark")):
        page.look(size, dark)
        time.sleep(0.5)
        wide = page.run("return document.documentElement.scrollWidth")
        check(wide <= size[0], "%s: nothing sticks out (%s of %s)" % (name, wide, size[0]))
        if folder:
            page.picture("%s/%s.png" % (folder, name))
    ground = page.run("return getComputedStyle(document.body).backgroundColor")
    page.look(WIDE)
    check(page.run("return getComputedStyle(document.body).backgroundColor") != ground, "dark is another ground than light")


def quiet(page, address):
    asked = [e["params"]["request"]["url"] for e in page.events if e["method"] == "Network.requestWillBeSent"]
    start = address if address.startswith("http") else "file://"
    strangers = sorted({u for u in asked if not u.startswith((start, "data:"))})
    check(asked and not strangers, "%d requests, none to any other place %s" % (len(asked), strangers[:3]))
    lines = []
    for e in page.events:
        p = e.get("params", {})
        if e["method"] == "Runtime.exceptionThrown":
            lines.append(p["exceptionDetails"].get("exception", {}).get("description", p["exceptionDetails"]["text"]))
        elif e["method"] == "Runtime.consoleAPICalled":
            lines.append(str(p["args"][:1]))
        elif e["method"] == "Log.entryAdded":
            lines.append(p["entry"]["text"] + " " + p["entry"].get("url", ""))
    check(not lines, "nothing on the console %s" % lines[:3])


def main(program, address, needed, folder=None):
    page = Browser(program)
    page.look(WIDE)
    page.call("Page.navigate", url=address)
    check(page.until("document.body && document.body.dataset.ready === 'true'"), "the page is ready")
    check(page.run("return document.getElementById('trouble').hidden"), "without trouble: " + page.run("return document.getElementById('trouble').textContent"))
    charts(page)
    names = views(page)
    missing = [v for v in "doctor samples duel recipe tour".split() + needed.split() if "#" + v not in names]
    check(not missing, "all views of this run are there %s" % missing)
    time_slider(page)
    if "#walk" in names:
        walk(page)
    buttons(page)
    if address.startswith("http"):
        clicked_meanwhile(page)
        hidden(page)
    widths(page, folder)
    quiet(page, address)
    page.close()
    raise SystemExit(failed > 0)


main(*sys.argv[1:])
