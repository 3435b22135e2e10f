"""企业微信 and the gateway for text messages, against a server that plays them."""

import asyncio
import json

import pytest
from aiohttp import web

from server.app import outgoing
from server.app.channels import notice_rules, notifiers
from server.app.sms_gateway import SmsAccess, SmsGateway, filled
from server.app.wecom import WeCom, WeComAccess
from server.domain.deliveries import Channel, Fate, Outcome
from server.services.notices import Letter
from server.settings import BadSetting, Settings
from server.settings.environment import shown

SENT = Outcome(Fate.SENT)


def letters(*addresses):
    return [Letter(f"id-{address}", address, "上课通知：《消防安全》") for address in addresses]


class Fake:
    """Both of them, on loopback: notes what it is asked, answers what it is told."""

    def __init__(self):
        self.tokens, self.sent, self.answers, self.lasts = 0, [], [], 7200
        self.token_answer = None

    async def token(self, request):
        assert dict(request.query) == {"corpid": "corp", "corpsecret": "secret"}
        self.tokens += 1
        told = {"errcode": 0, "errmsg": "ok", "access_token": f"t{self.tokens}", "expires_in": self.lasts}
        return web.json_response(self.token_answer or told)

    async def take(self, request):
        self.sent.append((request.query.get("access_token"), dict(request.headers), await request.text()))
        answer = self.answers.pop(0) if self.answers else {"errcode": 0}
        if isinstance(answer, int):
            return web.Response(status=answer, headers={"Location": "http://127.0.0.1:9/elsewhere"})
        if answer == "cut":
            request.transport.abort()
        if answer == "pieces":
            return await self._in_pieces(request, b'{"msg": "ok", ', b'"errcode": 0}')
        return web.Response(text=answer) if isinstance(answer, str) else web.json_response(answer)

    async def _in_pieces(self, request, *pieces):
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        for piece in pieces:
            await response.write(piece)
            for _ in range(50):  # turns of the loop, so that the other side reads what has come
                await asyncio.sleep(0)
        return response


@pytest.fixture
async def fake():
    fake = Fake()
    application = web.Application()
    application.router.add_get("/cgi-bin/gettoken", fake.token)
    application.router.add_post("/cgi-bin/message/send", fake.take)
    application.router.add_post("/sms", fake.take)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    fake.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
    yield fake
    await runner.cleanup()


@pytest.fixture
async def client():
    async with outgoing.session() as client:
        yield client


@pytest.fixture
def seconds():
    return [0.0]


@pytest.fixture
def wecom(fake, client, seconds):
    return WeCom(client, WeComAccess(fake.url, "corp", 1000002, "secret"), lambda: seconds[0])


async def test_a_message_goes_to_one_member_and_its_repetition_is_dropped_there(fake, wecom):
    assert await wecom.send(letters("10001")) == [SENT]
    assert json.loads(fake.sent[0][2]) == {
        "touser": "10001",
        "msgtype": "text",
        "agentid": 1000002,
        "text": {"content": "上课通知：《消防安全》"},
        "enable_duplicate_check": 1,
        "duplicate_check_interval": 14400,
    }
    await wecom.send(letters("10001"))
    assert fake.sent[0][2] == fake.sent[1][2]


async def test_one_token_serves_many_until_shortly_before_its_end(fake, wecom, seconds):
    await wecom.send(letters(*(str(number) for number in range(20))))
    seconds[0] = 6899.0
    await wecom.send(letters("a"))
    assert fake.tokens == 1
    seconds[0] = 6901.0
    await wecom.send(letters("b"))
    assert fake.tokens == 2


@pytest.mark.parametrize("code", [40014, 42001])
async def test_a_token_that_is_good_no_more_is_fetched_anew_once(fake, wecom, code):
    fake.answers = [{"errcode": code}]
    assert await wecom.send(letters("10001")) == [SENT]
    assert [token for token, *_ in fake.sent] == ["t1", "t2"]
    fake.answers = [{"errcode": code}, {"errcode": code}]
    assert await wecom.send(letters("10001")) == [Outcome(Fate.LATER, f"wecom_{code}")]
    assert fake.tokens == 3


async def test_who_is_not_there_is_given_up_and_whatever_is_busy_goes_later(fake, wecom):
    for answer, outcome in (
        ({"errcode": 0, "invaliduser": "zhang"}, Outcome(Fate.NEVER, "wecom_no_such_person")),
        ({"errcode": 0, "unlicenseduser": "zhang"}, Outcome(Fate.NEVER, "wecom_no_such_person")),
        ({"errcode": 81013}, Outcome(Fate.NEVER, "wecom_no_such_person")),
        ({"errcode": -1}, Outcome(Fate.LATER, "wecom_-1")),
        ({"errcode": 45009}, Outcome(Fate.LATER, "wecom_45009")),
        ({"errmsg": "?"}, Outcome(Fate.LATER, "wecom_unknown")),
        ("<html>", Outcome(Fate.UNKNOWN, "wecom_strange_answer")),
        ("cut", Outcome(Fate.UNKNOWN, "wecom_no_answer")),
        (502, Outcome(Fate.UNKNOWN, "wecom_http_502")),
        (302, Outcome(Fate.LATER, "wecom_http_302")),
    ):
        fake.answers = [answer]
        assert await wecom.send(letters("Zhang")) == [outcome], answer


async def test_an_address_that_would_be_many_is_refused_before_it_is_asked(fake, wecom):
    assert await wecom.send(letters("a|b", "@all")) == [Outcome(Fate.NEVER, "wecom_bad_address")] * 2
    assert (fake.tokens, fake.sent) == (0, [])


async def test_without_a_token_nothing_was_sent(fake, wecom):
    fake.token_answer = {"errcode": 40001, "errmsg": "invalid credential"}
    assert await wecom.send(letters("a")) == [Outcome(Fate.LATER, "wecom_token_40001")]
    assert fake.sent == []


async def test_after_a_token_that_was_not_to_be_had_nobody_asks_for_a_while(fake, wecom, seconds):
    fake.token_answer = {"errcode": -1}
    assert await wecom.send(letters("a", "b", "c")) == [Outcome(Fate.LATER, "wecom_token_-1")] * 3
    assert fake.tokens == 1
    fake.token_answer, seconds[0] = None, 21.0
    assert await wecom.send(letters("a")) == [SENT]


async def test_a_host_that_is_not_there_is_no_answer_to_wait_for(client):
    nowhere = SmsGateway(client, SmsAccess("http://127.0.0.1:9/sms", "to={phone}&text={text}"))
    assert await nowhere.send(letters("13800000000")) == [Outcome(Fate.LATER, "sms_unreachable")]


async def test_a_gateway_gets_its_template_filled_and_its_header(fake, client):
    access = SmsAccess(f"{fake.url}/sms", '{"to":["{phone}"],"args":{"t":"{text}"},"n":1}', "Authorization: Bearer k")
    assert await SmsGateway(client, access).send(letters("13800000000")) == [SENT]
    _, headers, body = fake.sent[0]
    assert json.loads(body) == {"to": ["13800000000"], "args": {"t": "上课通知：《消防安全》"}, "n": 1}
    assert headers["Authorization"] == "Bearer k"


async def test_what_a_gateway_says_decides_whether_it_is_tried_again(fake, client):
    gateway = SmsGateway(client, SmsAccess(f"{fake.url}/sms", "to={phone}&text={text}", success='"code": 0'))
    for answer, outcome in (
        ({"code": 0}, SENT),
        ({"code": 7}, Outcome(Fate.UNKNOWN, "sms_refused")),
        (400, Outcome(Fate.NEVER, "sms_http_400")),
        (429, Outcome(Fate.LATER, "sms_http_429")),
        (503, Outcome(Fate.LATER, "sms_http_503")),
        (302, Outcome(Fate.LATER, "sms_http_302")),
        (500, Outcome(Fate.UNKNOWN, "sms_http_500")),
        ("cut", Outcome(Fate.UNKNOWN, "sms_no_answer")),
    ):
        fake.answers = [answer]
        assert await gateway.send(letters("13800000000")) == [outcome], answer
    assert len(fake.sent) == 8  # a redirect is not followed


async def test_an_answer_that_comes_in_pieces_is_read_to_its_end(fake, client, wecom):
    gateway = SmsGateway(client, SmsAccess(f"{fake.url}/sms", "to={phone}&text={text}", success='"errcode": 0'))
    for channel in (gateway, wecom):
        fake.answers = ["pieces"]
        assert await channel.send(letters("13800000000")) == [SENT]


def test_what_a_message_says_becomes_no_field():
    letter = Letter("i", "13800000000", '"}&a={phone}{id}')
    assert json.loads(filled('{"x":"{text}"}', letter)[1]) == {"x": '"}&a={phone}{id}'}
    assert filled("x={text}", letter)[1] == b"x=%22%7D%26a%3D%7Bphone%7D%7Bid%7D"


async def test_channels_are_those_that_are_set_up():
    settings = Settings(wecom_corp_id="c", wecom_agent_id=1, wecom_secret="s", sms_url="https://sms.example.org/x")
    assert notice_rules(settings).channels == (Channel.WECOM, Channel.SMS)
    async with notifiers(settings) as made:
        assert set(made) == {Channel.WECOM, Channel.SMS}
    assert notice_rules(Settings()).channels == ()
    async with notifiers(Settings()) as made:
        assert made == {}


@pytest.mark.parametrize(
    "wrong",
    [
        {"wecom_corp_id": "c"},
        {"sms_url": "ftp://x"},
        {"sms_body": "no holes"},
        {"sms_body": '{"{phone}{text}'},
        {"sms_header": "no colon"},
        {"notice_quiet": "22-7"},
        {"notice_day_before": "25:00"},
    ],
)
def test_a_channel_that_is_set_up_wrongly_is_refused_at_the_start(wrong):
    with pytest.raises(BadSetting):
        Settings(**wrong)


def test_a_gateways_password_is_shown_nowhere():
    body = "password=geheim&to={phone}&text={text}"
    settings = Settings(sms_url="https://sms.example.org/x?key=geheim", sms_body=body, sms_header="Key: geheim")
    said = [repr(settings), repr(SmsAccess(settings.sms_url, settings.sms_body, settings.sms_header))]
    said += [text for _, text, _ in shown(settings)]
    with pytest.raises(BadSetting) as refused:
        Settings(sms_body="password=geheim")
    assert [each for each in (*said, str(refused.value)) if "geheim" in each] == []
