"""A server in a network without IPv4: its pages, its socket and its media, over UDP and TCP."""

import asyncio
import contextlib
import re
import ssl

import pytest

from rooms.dtls import DtlsIdentity
from rooms.rtp import is_rtcp
from tests import netns
from tests.rooms.light_peer import LightPeer, TcpPeer, offer_sdp
from tests.rooms.studio import IDR, Camera

from .test_process import Process, RemoteSchool, until
from .test_sockets import Socket
from .test_sockets import ticket as socket_ticket

pytestmark = [pytest.mark.process, pytest.mark.media]


@contextlib.asynccontextmanager
async def without_ipv4(folder):
    """A school on a machine that has no IPv4 address."""
    if reason := netns.obstacle():
        pytest.skip(reason)
    with netns.only_ipv6(folder) as machine:
        process = Process(folder / "data", HOST="::", PLAIN_PORT=0)
        process.inside = machine.command()
        await process.start("serve")
        try:
            await process.ready()
            school = RemoteSchool(process)
            school.url = f"https://[{machine.address}]:{process.port}"
            try:
                yield school
            finally:
                await school.close()
        finally:
            if process.process.returncode is None:
                await process.end()


async def connected(person, lesson, peer, direction, **use):
    """What our side told of itself; the peer's media flows."""
    ticket = await person.ticket(lesson["id"], **use)
    headers = {"Content-Type": "application/sdp", "Authorization": f"Bearer {ticket['token']}"}
    answer = await person.ask("POST", ticket["url"], data=offer_sdp(peer, direction).encode(), headers=headers)
    assert answer.status == 201, answer.text
    assert answer.headers["Location"].startswith(person.school.url)
    peer.accept(answer.text)
    await asyncio.wait_for(peer.connect(), 60)
    return set(re.findall(r"a=candidate:\S+ 1 (\w+) \d+ (\S+) ", answer.text))


async def test_a_school_without_ipv4_has_its_pages_its_socket_and_its_media(tmp_path):
    async with without_ipv4(tmp_path) as school:
        assert school.context.verify_mode is ssl.CERT_REQUIRED, "the certificate is for the IPv6 address"
        admin, lecturer = await school.person("admin"), await school.person("lecturer")
        lesson = await school.new_lesson(admin, until="open")
        phone = Socket(school)
        async with phone.joined(ticket=await socket_ticket(admin, lesson), lesson_id=lesson["id"]):
            assert (await phone.ask("beat", {}))["server_time"]
            identity = DtlsIdentity()
            # The first speaks from here to there.
            camera, viewer = LightPeer(identity, "camera", netns.HERE6), TcpPeer(identity, "viewer", netns.THERE6)
            camera.host = netns.THERE6
            pictures = []
            viewer.on_media = pictures.append
            try:
                told = await connected(lecturer, lesson, camera, "sendonly", use="publish", source="main")
                assert told == {(way, at) for way in ("udp", "tcp") for at in (netns.THERE6, "127.0.0.1", "::1")}
                await connected(admin, lesson, viewer, "recvonly", use="watch", view="programme")
                lens = Camera(camera, "main")

                async def seen():
                    lens.frame(IDR)
                    return [datagram for datagram in pictures if not is_rtcp(datagram)]

                await until(seen)
            finally:
                camera.hang_up()
                viewer.hang_up()
