"""The audit log goes out by syslog: in order, nothing left out while the other side was away, details stay at home."""

import asyncio

import pytest

from server.app.syslog import Syslog
from server.domain.audit import extend, of_the_house
from server.domain.chain import EMPTY
from server.domain.syslog import framed, message
from server.services.audit_shipping import CLAIM, ship
from server.settings import BadSetting, Settings
from tests.store.samples import NOW

HOSTILE = of_the_house(NOW, "POST /x", 'a"b\\c]d\n', "s", name="张三")


def test_a_message_is_as_the_rfc_wants_it_and_has_no_detail():
    (line,) = extend(EMPTY, [HOSTILE])
    text = message(line, "my host").decode()
    assert text.startswith("<109>1 2026-")
    assert " myhost dangxiao - audit [dangxiao@32473 position=" in text
    assert 'about="a\\"b\\\\c\\]d"' in text
    assert text.endswith("\ufeffPOST /x done")
    assert "张三" not in text
    assert "\n" not in text
    assert framed(b"abc") == b"3 abc"


async def write(records, *actions):
    for action in actions:
        await records.write(lambda tx, action=action: tx.audit.add(of_the_house(NOW, action, "", "s")))


class Box:
    def __init__(self):
        self.actions, self.away = [], False

    async def send(self, lines):
        if self.away:
            raise ConnectionRefusedError
        self.actions += [line.action for line in lines]


async def test_what_waits_while_the_other_side_is_away_is_sent_afterwards(records):
    box = Box()
    await write(records, "before")
    assert (await ship(records, box, NOW)).sent == 0
    await write(records, "1", "2")
    box.away = True
    with pytest.raises(ConnectionRefusedError):
        await ship(records, box, NOW)
    box.away = False
    await write(records, "3")
    assert (await ship(records, box, NOW)).sent == 3
    assert (await ship(records, box, NOW)).sent == 0
    assert box.actions == ["1", "2", "3"]


async def test_of_two_processes_that_send_each_line_goes_out_once(records):
    box = Box()
    await ship(records, box, NOW)
    await write(records, "1", "2")

    class Slow:
        """While it sends, another process looks, too."""

        async def send(self, lines):
            assert (await ship(records, box, NOW + CLAIM / 2)).sent == 0
            await box.send(lines)

    assert (await ship(records, Slow(), NOW)).sent == 2
    await write(records, "3")
    assert (await ship(records, box, NOW)).sent == 1
    assert box.actions == ["1", "2", "3"]


async def test_what_a_process_had_claimed_when_it_died_is_sent_by_another_one(records):
    box = Box()
    await ship(records, box, NOW)
    await write(records, "1")
    assert await records.write(lambda tx: tx.audit.claim_sending(NOW, NOW + CLAIM))
    assert (await ship(records, box, NOW)).sent == 0
    assert (await ship(records, box, NOW + CLAIM)).sent == 1


async def test_what_was_cut_before_it_was_sent_is_counted(records):
    box = Box()
    await ship(records, box, NOW)
    await write(records, "1", "2")
    head = await records.read(lambda tx: tx.audit.head())
    await records.write(lambda tx: tx.audit.cut(head))
    await write(records, "3")
    shipped = await ship(records, box, NOW)
    assert (shipped.sent, shipped.lost) == (1, 2)


async def test_lines_arrive_by_tcp_with_their_length():
    got = asyncio.get_running_loop().create_future()

    async def take(reader, writer):
        got.set_result(await reader.read())
        writer.close()

    lines = extend(EMPTY, [HOSTILE, HOSTILE])
    server = await asyncio.start_server(take, "127.0.0.1", 0)
    async with server:
        await Syslog(f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}").send(lines)
        content = await got
    count, _, rest = content.partition(b" ")
    assert rest[: int(count)].startswith(b"<109>1 ")
    assert content.count(b"dangxiao@32473") == 2


async def test_lines_arrive_by_udp():
    got = asyncio.Queue()

    class Listener(asyncio.DatagramProtocol):
        def datagram_received(self, data, _addr):
            got.put_nowait(data)

    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Listener, local_addr=("127.0.0.1", 0))
    try:
        await Syslog(f"udp://127.0.0.1:{transport.get_extra_info('sockname')[1]}").send(extend(EMPTY, [HOSTILE]))
        assert (await got.get()).startswith(b"<109>1 ")
    finally:
        transport.close()


@pytest.mark.parametrize("url", ["syslog://x", "udp://", "tcp://a b:1", "tcp://host:port", "udp://host:514/path"])
def test_an_address_that_is_none_is_refused_at_start(url):
    with pytest.raises(BadSetting):
        Settings(syslog=url)


@pytest.mark.parametrize("url", ["", "udp://log.example.org", "tcp://10.0.0.1:601", "tcp://[2001:db8::1]:601"])
def test_addresses_of_both_kinds_are_taken(url):
    assert Settings(syslog=url).syslog == url
