"""Pictures of every face with sample data, to look at: ``python dev/shots.py http://127.0.0.1:5173 out/ [name…]``."""

import os
import pathlib
import sys

from playwright.sync_api import Page, sync_playwright

HERE = pathlib.Path(__file__).parent
FLAGS = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
         "--disable-background-networking", "--disable-component-update", "--autoplay-policy=no-user-gesture-required"]
PHONE, SMALL, DESK, HALL = (390, 844), (320, 640), (1440, 900), (1920, 1080)


def tap(*names: str):
    def act(page: Page) -> None:
        for name in names:
            page.get_by_test_id(name).first.click()
            page.wait_for_timeout(500)
    return act


def keys(*names: str):
    def act(page: Page) -> None:
        if names[0] == "Enter":
            page.get_by_test_id("venue-start").wait_for()
        for name in names:
            page.keyboard.press(name)
            page.wait_for_timeout(400)
    return act


def changed(**fields: object):
    """What the sample server answers, but for these fields."""
    def answer(route) -> None:
        response = route.fetch()
        route.fulfill(response=response, json={**response.json(), **fields})
    return answer


def wrong_login(page: Page) -> None:
    page.get_by_test_id("login-number").fill("0012")
    page.get_by_test_id("login-password").fill("wrong")
    page.get_by_test_id("login-enter").click()


def lose(page: Page) -> None:
    tap("phone-start")(page)
    page.wait_for_timeout(600)
    page.evaluate("""() => { window.__peerState = 'failed';
      for (const peer of window.__peers) { peer.connectionState = 'failed'; peer.dispatchEvent(new Event('connectionstatechange')) } }""")
    page.wait_for_timeout(1500)


def on_air(page: Page) -> None:
    keys("Enter", "3")(page)
    page.evaluate("fetch('/api/v1/lessons/live/take', {method: 'POST', body: JSON.stringify({slot: 'camera', source: 'venue-lv1'})})")
    page.wait_for_timeout(300)
    page.evaluate("document.querySelector('#app').__vue_app__.config.globalProperties.$pinia._s.get('lesson').refresh()")


def quiz(mode: str, *, age: int = 20):
    def act(page: Page) -> None:
        page.evaluate("(body) => fetch('/sample/quiz', {method: 'POST', body: JSON.stringify(body)})", {"mode": mode, "age": age})
        page.reload(wait_until="load")
        page.wait_for_timeout(1500)
    return act


def roll(act: str, **body: str):
    """One step of a roll call that somebody else made."""
    def done(page: Page) -> None:
        page.evaluate("([act, body]) => fetch(`/api/v1/lessons/live/${act}`, {method: 'POST', body: JSON.stringify(body)})", [act, body])
        page.wait_for_timeout(300)
        page.evaluate("document.querySelector('#app').__vue_app__.config.globalProperties.$pinia._s.get('lesson').refresh()")
    return done


def after(*acts):
    def act(page: Page) -> None:
        for one in acts:
            one(page)
    return act


def back(page: Page) -> None:
    page.evaluate("fetch('/api/v1/lessons/live/take', {method: 'POST', body: JSON.stringify({slot: 'camera', source: 'main'})})")


def pick(*names: str):
    """Some options of the running question, by their test ids."""
    def act(page: Page) -> None:
        page.get_by_test_id("quiz-sheet").wait_for()
        page.wait_for_timeout(400)
        for name in names:
            page.get_by_test_id(name).first.click(force=True)
            page.wait_for_timeout(300)
    return act


def type_code(code: str):
    def act(page: Page) -> None:
        tap("action", "way-code")(page)
        page.get_by_test_id("sign-in-code").fill(code)
        page.get_by_test_id("sign-in-send").click()
        page.wait_for_timeout(500)
    return act


def ask_review(page: Page) -> None:
    tap("review-open")(page)
    page.get_by_test_id("review-text").scroll_into_view_if_needed()


def to_end(page: Page) -> None:
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")


def to_chat(page: Page) -> None:
    page.locator("[data-testid=chat], [data-testid=chat-card]").first.scroll_into_view_if_needed()


def sheet_end(*names: str):
    def act(page: Page) -> None:
        tap(*names)(page)
        page.evaluate("document.querySelector('.inside').scrollTo(0, 9999)")
    return act


# "member:scene" sets what the sample server tells this member (dev/sample-member.ts).
MEMBER_SHOTS = {
    "m-phone": ("member:phone-none", "/m/live", PHONE, None), "m-phone-320": ("member:phone-none", "/m/live", SMALL, None),
    "m-venue": ("member:venue", "/m/open", PHONE, None), "m-venue-320": ("member:venue", "/m/open", SMALL, None),
    "m-ways": ("member:venue", "/m/live", PHONE, tap("action")), "m-scan": ("member:venue", "/m/live", PHONE, tap("action", "way-scan")),
    "m-code": ("member:venue", "/m/live", PHONE, tap("action", "way-code")), "m-code-wrong": ("member:venue", "/m/live", PHONE, type_code("000000")),
    "m-code-320": ("member:venue", "/m/live", SMALL, type_code("12")),
    "m-elsewhere": ("member:venue-elsewhere", "/m/live", PHONE, type_code("123456")), "m-away": ("member:venue", "/m/live", PHONE, tap("action", "way-phone")),
    "m-done": ("member:venue", "/m/live", PHONE, type_code("123456")), "m-in-venue": ("member:signed-venue", "/m/live", PHONE, None),
    "m-in-venue-late": ("member:signed-venue-late", "/m/live", SMALL, None), "m-one-tap": ("member:phone", "/m/live", PHONE, tap("action")),
    "m-signed-phone": ("member:signed-phone", "/m/live", PHONE, tap("phone-start")), "m-guest": ("member:guest", "/m/live", PHONE, None),
    "m-leave": ("member:venue", "/m/scheduled", PHONE, tap("leave-ask")), "m-leave-asked": ("member:venue-leave-asked", "/m/scheduled", PHONE, None), "m-leave-ok": ("member:phone-leave-approved", "/m/live", SMALL, None),
    "m-check": ("member:signed-phone-check", "/m/live", PHONE, None), "m-check-320": ("member:signed-phone-check", "/m/live", SMALL, None), "m-check-sent": ("member:signed-phone-check", "/m/live", PHONE, tap("check-here")),
    "m-not-open": ("member:venue", "/m/scheduled", PHONE, None), "m-missed": ("member:venue", "/m/ended", PHONE, None),
    "q-single": ("member:signed-phone-quiz", "/m/live", PHONE, pick()), "q-picked": ("member:signed-phone-quiz", "/m/live", PHONE, pick("option-1")),
    "q-320": ("member:signed-phone-quiz", "/m/live", SMALL, pick("option-4")), "q-multiple": ("member:signed-venue-multiple", "/m/live", PHONE, pick("option-1", "option-3")),
    "q-truefalse": ("member:signed-venue-truefalse", "/m/live", PHONE, pick("option-2")), "q-urgent": ("member:signed-phone-urgent", "/m/live", PHONE, pick("option-1")),
    "q-over": ("member:signed-phone-over", "/m/live", PHONE, tap("quiz-2")), "q-sending": ("member:signed-phone-quiz-mute", "/m/live", PHONE, pick("option-1", "quiz-submit")),
    "q-sent": ("member:signed-phone-quiz", "/m/live", PHONE, pick("option-1", "quiz-submit")), "q-late": ("member:signed-phone-quiz-late", "/m/live", PHONE, pick("option-2", "quiz-submit")),
    "q-folded": ("member:signed-phone-quiz", "/m/live", PHONE, pick("sheet-close")), "q-right": ("member:signed-phone-right", "/m/live", PHONE, tap("quiz-2")),
    "q-wrong": ("member:signed-phone-wrong", "/m/live", PHONE, sheet_end("quiz-2")), "q-missed": ("member:signed-phone-missed", "/m/live", SMALL, tap("quiz-2")),
    "q-land": ("member:signed-phone-quiz", "/m/live", (844, 390), pick("option-1")), "q-list": ("member:signed-phone-wrong", "/m/live", PHONE, to_end),
    "t-chat": ("member:signed-phone", "/m/live", PHONE, to_chat), "t-chat-320": ("member:signed-phone", "/m/live", SMALL, to_chat),
    "t-papers": ("member:signed-phone", "/m/live", PHONE, tap("tab-papers")), "t-credit": ("member:signed-phone", "/m/live", PHONE, tap("tab-credit")),
    "t-credit-ended": ("member:signed-phone", "/m/ended", PHONE, tap("tab-credit")), "t-passed": ("member:signed-venue", "/m/settled?tab=credit", PHONE, to_end),
    "t-failed": ("member:signed-venue-failed", "/m/settled?tab=credit", PHONE, to_end), "t-review": ("member:signed-venue-failed", "/m/settled?tab=credit", PHONE, ask_review),
    "t-review-declined": ("member:signed-venue-failed-declined", "/m/settled?tab=credit", SMALL, to_end),
    "s-confirm": ("member:venue", "/sign-in", PHONE, None), "s-confirm-320": ("member:venue", "/sign-in", SMALL, None), "s-done": ("member:venue", "/sign-in", PHONE, tap("sign-in-confirm")),
    "s-elsewhere": ("member:venue-elsewhere", "/sign-in", PHONE, tap("sign-in-confirm")), "s-expired": (None, "/sign-in?problem=sign_in_code_expired", PHONE, None),
    "s-no-proof": ("member:no-proof", "/sign-in", PHONE, None), "s-login": (None, "/sign-in", PHONE, None), "s-rescan": (None, "/sign-in?problem=sign_in_code_expired", PHONE, tap("rescan")),
    "c-credit": ("member:all", "/credit", PHONE, None), "c-credit-desk": ("member:all", "/credit", DESK, None), "c-none": ("member:none", "/credit", SMALL, None), "c-not-member": ("director", "/credit", PHONE, None),
}

SHOTS = {
    "login": (None, "/login", DESK, None), "login-phone": (None, "/login", PHONE, wrong_login),
    "portal": ("member", "/", DESK, None), "portal-phone": ("member", "/", PHONE, None), "portal-lecturer": ("lecturer", "/", DESK, None),
    "phone-before": ("member", "/m/live", PHONE, None), "phone": ("member", "/m/live", PHONE, tap("phone-start")), "phone-small": ("member", "/m/live", SMALL, tap("phone-start")),
    "phone-lines": ("member", "/m/live", PHONE, tap("phone-start", "line")), "phone-wait": ("member", "/m/scheduled", PHONE, None),
    "phone-lost": ("member", "/m/live", PHONE, lose), "phone-land": ("member", "/m/live", (844, 390), tap("phone-start")), "phone-audio": ("member", "/m/live", PHONE, tap("phone-start", "audio-only")),
    "venue-start": ("venue", "/venue/live", HALL, None), "venue": ("venue", "/venue/live", HALL, keys("Enter")), "venue-folded": ("venue", "/venue/live", HALL, keys("Enter", "1")),
    "venue-test": ("venue", "/venue/live", HALL, keys("Enter", "9")), "venue-air": ("venue", "/venue/live", HALL, on_air), "venue-back": ("venue", "/venue/live", HALL, back),
    "desk-before": ("lecturer", "/desk/open", DESK, None), "desk": ("lecturer", "/desk/live", DESK, tap("open-devices", "publish")), "desk-end": ("lecturer", "/desk/live", DESK, tap("end-lesson")),
    "desk-hall": ("lecturer", "/desk/live", HALL, tap("open-devices", "publish")),
    "console": ("director", "/console/live", DESK, keys("4")), "console-hall": ("director", "/console/live", HALL, keys("3", " ")), "console-end": ("director", "/console/live", DESK, tap("end-lesson")),
    "console-low": ("director", "/console/open", DESK, keys("4")),
    "console-clips": ("director", "/console/live", DESK, after(roll("clip/stop"), tap("clip-open"))), "console-clip": ("director", "/console/live", DESK, roll("clip", material_id="k1")),
    "desk-clip": ("lecturer", "/desk/live", DESK, after(roll("clip", material_id="k1"), tap("open-devices"))),
    "inquiries-console": ("director", "/console/live", DESK, tap("tab-inquiries")), "inquiries-merge": ("director", "/console/live", DESK, after(tap("tab-inquiries"), keys("j", "g"))),
    "inquiries-shown": ("director", "/console/live", HALL, tap("tab-inquiries", "view-shown")), "inquiries-phone": ("member:signed-phone", "/m/live", PHONE, lambda page: page.get_by_test_id("signals").evaluate("each => scrollTo(0, each.offsetTop - 330)")),
    "inquiries-venue": ("venue", "/venue/live", HALL, keys("Enter", "1")), "inquiries-desk": ("lecturer", "/desk/live", DESK, tap("open-devices")),
    "manage": ("director", "/manage/lessons", DESK, None), "manage-1024": ("director", "/manage/lessons", (1024, 768), None), "manage-none": ("director", "/manage/lessons?q=xyz&state=draft", DESK, None),
    "manage-form": ("director", "/manage/lessons/new", DESK, None), "manage-lesson": ("director", "/manage/lessons/live", DESK, None), "manage-ask": ("director", "/manage/lessons/scheduled", DESK, tap("step-open")),
    "recordings": ("director", "/manage/recordings", DESK, None), "player": ("director", "/manage/recordings/r2", DESK, None), "venues": ("director", "/manage/venues", DESK, None),
    "board": ("director", "/board/live", HALL, None), "board-1440": ("director", "/board/live", DESK, None), "board-before": ("director", "/board/scheduled", HALL, None),
    "venue-assist": ("venue", "/venue/live", HALL, keys("Enter", "5", "ArrowRight", "ArrowDown")), "venue-assist-ask": ("venue", "/venue/live", HALL, keys("Enter", "5", "ArrowRight", "Enter")),
    "venue-open": ("venue", "/venue/open", HALL, keys("Enter")),
    "venue-rail": ("venue", "/venue/live", HALL, after(quiz("none"), keys("Enter", "1"))),
    "venue-quiz": ("venue", "/venue/live", HALL, after(quiz("running"), keys("Enter"))), "venue-quiz-rail": ("venue", "/venue/live", HALL, after(quiz("running"), keys("Enter", "1"))),
    "venue-quiz-air": ("venue", "/venue/live", HALL, after(quiz("running"), on_air)), "venue-result": ("venue", "/venue/live", HALL, after(back, quiz("closed"), keys("Enter"))),
    "desk-agenda": ("lecturer", "/desk/live", DESK, after(quiz("none"), tap("open-devices", "publish"))), "desk-quiz": ("lecturer", "/desk/live", DESK, after(quiz("running"), tap("open-devices", "publish"))),
    "desk-result": ("lecturer", "/desk/live", DESK, after(quiz("closed"), tap("open-k1"))), "desk-form": ("lecturer", "/desk/live", DESK, after(quiz("none"), tap("add-question", "question-save"))),
    "console-attendance": ("director", "/console/live", DESK, tap("tab-attendance")), "console-units": ("director", "/console/live", HALL, tap("tab-attendance", "by-unit")),
    "console-hands": ("director", "/console/live", DESK, tap("tab-hands")), "phone-hand": ("member", "/m/live", PHONE, tap("hand")),
    "console-missing": ("director", "/console/live", DESK, tap("tab-attendance", "place-lv1")), "console-add": ("director", "/console/live", DESK, tap("tab-attendance", "roster-open-add")),
    "console-assist": ("director", "/console/live", DESK, after(tap("tab-attendance", "place-lv1"), lambda page: page.locator("[data-testid^=assist-]").first.click())),
    "console-contact": ("director", "/console/live", DESK, tap("tab-contact")), "venue-call": ("venue", "/venue/live", HALL, keys("Enter", "4")), "venue-calling": ("venue", "/venue/live", HALL, after(keys("Enter", "4"), tap("help-sound"))),
    "desk-calling": ("lecturer", "/desk/live", DESK, tap("call-open")), "console-menu": ("director", "/console/live", DESK, after(roll("speech", lesson_venue_id="lv2", speech="muted"), tap("menu-venue-lv1"))), "venue-muted": ("venue", "/venue/live", HALL, after(roll("speech", lesson_venue_id="lv1", speech="muted"), keys("Enter", "3"))),
    "venue-granted": ("venue", "/venue/live", HALL, after(roll("speech", lesson_venue_id="lv1", speech="speaking"), keys("Enter"))), "console-patrol": ("director", "/console/live", DESK, keys("p")), "console-roll-before": ("director", "/console/live", DESK, tap("tab-roll")), "console-roll": ("director", "/console/live", DESK, after(tap("tab-roll", "roll-start"), keys("1", "Enter", "2"))),
    "venue-called": ("venue", "/venue/live", HALL, after(roll("roll-calls"), keys("Enter"))), "venue-rolled": ("venue", "/venue/live", HALL, after(roll("roll-calls"), roll("roll-call/result", lesson_venue_id="lv1", result="no_sound"), keys("Enter"))),
    "console-rolled": ("director", "/console/live", HALL, after(roll("roll-calls"), roll("roll-call/result", lesson_venue_id="lv1", result="answered"), roll("roll-call/finish"), tap("tab-roll"))),
    "manage-ended": ("director", "/manage/lessons/ended", DESK, None), "manage-edit": ("director", "/manage/lessons/scheduled/edit", DESK, None),
    "assignments": ("director", "/manage/lessons/scheduled/assignments", DESK, None), "assignments-1024": ("director", "/manage/lessons/scheduled/assignments", (1024, 768), None),
    "roster": ("director", "/manage/lessons/live/roster", DESK, None), "roster-1024": ("director", "/manage/lessons/live/roster?state=missing", (1024, 768), None), "roster-before": ("director", "/manage/lessons/scheduled/roster", DESK, None),
    "leaves": ("director", "/manage/lessons/live/roster?view=leave", DESK, None), "doubts": ("director", "/manage/lessons/live/roster?view=doubts", DESK, None), "networks": ("director", "/manage/venues", DESK, lambda page: page.locator("[data-testid^=network-]").first.click()), "corrections": ("director", "/manage/lessons/live/roster?view=corrections", DESK, None), "correct": ("director", "/manage/lessons/live/roster", DESK, lambda page: page.locator("[data-testid^=correct-]").first.click()), "leaves-ask": ("director", "/manage/lessons/live/roster?view=leave", DESK, tap("leave-approve")), "leaves-1024": ("director", "/manage/lessons/live/roster?view=leave", (1024, 768), None),
    "settle": ("director", "/manage/lessons/ended/credit", DESK, None), "settle-ask": ("director", "/manage/lessons/ended/credit", DESK, tap("step-settle")),
    "verdicts": ("director", "/manage/lessons/settled/credit", DESK, None), "verdicts-1024": ("director", "/manage/lessons/settled/credit?passed=no", (1024, 768), None),
    "reviews": ("director", "/manage/reviews", DESK, None), "reviews-grant": ("director", "/manage/reviews", DESK, tap("grant-w1", "review-confirm")),
    "rules": ("director", "/manage/credit-rules", DESK, None), "rules-form": ("director", "/manage/credit-rules", DESK, tap("renew-rule2")), "rules-1024": ("director", "/manage/credit-rules", (1024, 768), None),
    "console-chat": ("director", "/console/live", DESK, tap("tab-chat")), "console-chapters": ("director", "/console/live", DESK, tap("chapters-open")), "console-mute": ("director", "/console/live", DESK, tap("tab-chat", "chat-mute", "mute-save")),
    "words": ("director", "/manage/words", DESK, None), "manage-chat": ("director", "/manage/lessons/live", DESK, to_chat),
    "venue-topic": ("venue", "/venue/live", HALL, keys("Enter", "2")),
    "venue-even": ("venue", "/venue/live", HALL, after(roll("slides/open", material_id="d1"), keys("Enter"))), "venue-large": ("venue", "/venue/live", HALL, after(roll("slides/open", material_id="d1"), keys("Enter", "7"))),
    "venue-camera": ("venue", "/venue/live", DESK, after(roll("slides/open", material_id="d1"), keys("Enter", "7", "7"))),
    "console-slides": ("director", "/console/live", DESK, after(roll("slides/open", material_id="d1"), tap("tab-slides"))), "desk-slides": ("lecturer", "/desk/live", DESK, after(roll("slides/open", material_id="d1"), tap("open-devices"))),
    "m-room-slides": ("member:signed-venue", "/m/live", PHONE, after(roll("slides/open", material_id="d1"), tap("to-slides"))), "m-room-back": ("member:signed-venue", "/m/live", SMALL, after(roll("slides/open", material_id="d1"), tap("to-slides", "slide-before"))),
    "m-slides": ("member:signed-phone", "/m/live", SMALL, after(roll("slides/open", material_id="d1"), tap("phone-start", "slide-before"))), "console-decks": ("director", "/console/live", DESK, after(roll("slides/close"), tap("tab-slides"))),
    "vp8-phone": ("member:signed-phone", "/m/live", PHONE, tap("phone-start")), "vp8-venue": ("venue", "/venue/live", HALL, keys("Enter", "1")),
    "manage-papers": ("director", "/manage/lessons/live", DESK, lambda page: page.get_by_test_id("materials").first.scroll_into_view_if_needed()),
    "manage-talk": ("director", "/manage/lessons/ended", DESK, lambda page: page.get_by_test_id("talk-card").first.scroll_into_view_if_needed()),
    "organisation": ("director", "/manage/organisation?unit=u3", DESK, None), "organisation-1024": ("director", "/manage/organisation?unit=u3", (1024, 768), None), "organisation-member": ("director", "/manage/organisation?unit=u3&member=m-3", DESK, None),
    "organisation-rules": ("director", "/manage/organisation?unit=u2&tab=rules", (1024, 768), None),
    "account": ("director", "/account", DESK, None), "account-phone": ("member", "/account", PHONE, None), "codes": ("director", "/codes", DESK, None), "codes-phone": ("director", "/codes", PHONE, tap("door-20111")),
    "login-code": (None, "/login", PHONE, tap("login-other")), "accounts": ("security", "/accounts", DESK, None),
    "consent": ("fresh", "/", PHONE, None), "consent-320": ("fresh", "/", SMALL, None), "consent-desk": ("fresh", "/", DESK, None), "consent-refuse": ("fresh", "/", PHONE, tap("consent-refuse")), "consent-left": ("fresh", "/", PHONE, tap("consent-refuse", "confirm-yes")),
    "privacy": ("security", "/privacy", DESK, None), "privacy-phone": ("security", "/privacy", PHONE, tap("consent-write")),
    "unknown": ("member", "/nowhere", DESK, None),
    "m-visit": ("member:venue", "/m/visit", PHONE, None), "v-visit": ("venue", "/venue/visit", HALL, keys("Enter")),
    "c-visit": ("director", "/console/visit", DESK, None), "d-visit": ("lecturer", "/desk/visit", DESK, None),
    "k-month": ("director", "/manage/calendar", DESK, None), "k-list": ("director", "/manage/calendar?view=list&series=s1", DESK, None),
    "k-courses": ("director", "/manage/courses", DESK, None), "k-dues": ("director", "/manage/dues", DESK, None),
    "k-rule": ("director", "/manage/dues", DESK, tap("rule-theme_day")), "k-form": ("director", "/manage/lessons/new?kind=theme_day", DESK, None),
    "k-phone": ("member", "/calendar", PHONE, tap("feed-make")), "k-portal": ("member", "/calendar", DESK, None),
    **MEMBER_SHOTS,
}


def main() -> None:
    base, out, *names = sys.argv[1:]
    dark, large, english = "dark" in names, "large" in names, "english" in names
    names = [name for name in names if name not in ("dark", "large", "english")]
    folder = pathlib.Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=FLAGS)
        for name, (role, path, (width, height), act) in SHOTS.items():
            if names and name not in names:
                continue
            context = browser.new_context(viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light",
                                          device_scale_factor=2 if width < 500 else 1, has_touch=width < 500, is_mobile=width < 500, permissions=["camera", "microphone"])
            context.add_init_script(path=str(HERE / "fake-peer.js"))
            if large:
                context.add_init_script("localStorage.setItem('dangxiao.large-type', 'true')")
            if english:
                context.route("**/api/v1/info", changed(language="en"))
            if name.startswith("vp8-"):
                context.add_init_script("RTCRtpReceiver.getCapabilities = () => ({ codecs: [{ mimeType: 'video/VP8', clockRate: 90000 }] })")
                context.route("**/api/v1/lessons/live", changed(video_codec="VP8"))
                context.route("**/api/v1/lessons/live/stage", changed(slots={"camera": "clip", "screen": None}))
            if role:
                person, _, scene = role.partition(":")
                context.add_cookies([{"name": "sample_role", "value": person, "url": base}, {"name": "sample_scene", "value": scene or "x", "url": base}])
            page = context.new_page()
            page.on("console", lambda message, name=name: print(name, message.type, message.text) if message.type == "error" else None)
            page.on("pageerror", lambda error, name=name: print(name, "PAGE ERROR", error))
            page.goto(base + path, wait_until="load")
            page.wait_for_timeout(1800)
            if act:
                act(page)
                page.wait_for_timeout(1300)
            page.screenshot(path=str(folder / f"{name}{'-dark' if dark else ''}{'-large' if large else ''}{'-english' if english else ''}.png"))
            context.close()
        browser.close()


if __name__ == "__main__":
    main()
