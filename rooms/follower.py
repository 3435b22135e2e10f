"""Following one stream at a time and changing over at keyframes: what viewers' outlets and taps have in common."""

from __future__ import annotations

from rooms.rtp import RtpPacket
from rooms.sequence import Delta, StreamMap
from rooms.stream import ReceivedStream, tail_of


class Following:
    """A receiver's place in the programme. Subclasses connect themselves in ``_attach`` and ``_detach``.

    ``following`` is where its packets come from, ``courting`` the stream whose next keyframe it waits for;
    meanwhile it stays with the old one (sound does not: a closed microphone falls silent at once).
    """

    def __init__(self, clock_rate: int, *, is_video: bool) -> None:
        self.map = StreamMap(clock_rate)
        self.is_video = is_video
        self.following: ReceivedStream | None = None
        self.courting: ReceivedStream | None = None
        self.first_index = 0
        self.listened = True  # its packets go to somebody

    def steer(self, stream: ReceivedStream | None) -> None:
        """Follow ``stream`` from its next keyframe on; ``None``: follow nothing from now on."""
        if stream is not self.courting:
            self._stop_courting()
        if stream is self.following:
            return
        if stream is None or not self.is_video:
            self.release()
        if stream is not None and stream is not self.courting:
            self.courting = stream
            stream.suitors[self] = None
            stream.requests.want()

    def _stop_courting(self) -> None:
        if self.courting is not None:
            self.courting.suitors.pop(self, None)
            self.courting = None

    def release(self) -> None:
        """Leave the stream that is followed; the numbering will go on from here."""
        stream, self.following = self.following, None
        if stream is None:
            return
        last = self._last_packet(stream)
        if last is not None:
            self.map.leave(tail_of(last, stream.codec.name))
        self._detach(stream)

    def quit(self) -> None:
        """Follow nothing and wait for nothing."""
        self._stop_courting()
        self.release()

    def adopt(self, stream: ReceivedStream, head: RtpPacket) -> None:
        """Begin with ``head``, now."""
        if self.courting is stream:
            self.courting = None
        self.release()
        self.following = stream
        self.first_index = head.index
        delta = self.map.enter(stream, tail_of(head, stream.codec.name), self._in_step_with(stream))
        self._cut(stream, delta)
        self._attach(stream)

    def _last_packet(self, stream: ReceivedStream) -> RtpPacket | None:
        """The newest packet of ``stream`` that this follower was given."""
        return stream.newest

    def _in_step_with(self, stream: ReceivedStream) -> Delta | None:
        return None

    def _cut(self, stream: ReceivedStream, delta: Delta) -> None:
        raise NotImplementedError

    def _attach(self, stream: ReceivedStream) -> None:
        raise NotImplementedError

    def _detach(self, stream: ReceivedStream) -> None:
        raise NotImplementedError
