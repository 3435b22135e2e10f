"""What a control process does of itself while it runs. Each duty goes on when one piece of its work failed."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import Iterator

import structlog

from server import clock
from server.app.channels import notifiers
from server.app.media import Media
from server.app.syslog import Syslog
from server.archive import MovingToObjects, objects_of
from server.converting.crafts import crafts, film
from server.depot import LEAST_FREE_BYTES
from server.domain.events import ended_login
from server.domain.quiz_clock import Moment
from server.domain.refusals import Refusal
from server.services.attending import sweep
from server.services.audit_checks import Checker
from server.services.audit_shipping import ship
from server.services.chapter_index import Indexer
from server.services.checkpoints import EVERY as CHECKPOINT_EVERY
from server.services.checkpoints import checkpoint, note_media_ready
from server.services.clips import end_overdue
from server.services.closing import keep_time
from server.services.counting import LOOK_EVERY_S as COUNT_EVERY_S
from server.services.counting import Told, count_all
from server.services.data_exports import DataExporter, forget_old_data_exports
from server.services.day_heads import HeadNoter
from server.services.departures import end_due
from server.services.exports import Exporter, forget_old_exports
from server.services.following import finish_left, follow, recover_recordings, restore_media
from server.services.guests import expire_invitations
from server.services.keep_sweep import Purger
from server.services.login import forget_old
from server.services.materials import forget_strays
from server.services.media import MediaReady
from server.services.micro_uploads import forget_uploads
from server.services.micro_work import Filmer
from server.services.moving import Mover
from server.services.outside_proofs import forget_loose_proofs
from server.services.oversight_days import DayTeller
from server.services.picturing import Picturer
from server.services.presence_checks import keep_checks
from server.services.question_pictures import forget_loose_pictures
from server.services.retention_sweep import Sweeper, cut_audit
from server.services.rights import end_lost_streams, end_streams_of
from server.services.roster_applying import Importer
from server.services.roster_imports import forget_old_imports
from server.services.sending import Sender
from server.services.sheet_bundles import SheetBundler, forget_old_bundles
from server.services.sign_in_codes import forget_old_proofs
from server.services.uses import EVERY_S as USES_EVERY_S
from server.services.watching import EVERY_S as WATCH_EVERY_S
from server.services.watching import watch
from server.services.workshop import Workshop
from server.tasks import Tasks
from server.web.attendance_files import SheetFiles
from server.web.site import Site

log = structlog.get_logger()

_SWEEP_S = 5.0
_HANDS_S = 1.0
_FINISH_S = 30.0
_WEIGH_S = 1.0
_SHIP_S = 1.0
_HOUSEKEEPING_S = 3600.0


class Duties:
    """Of one control process."""

    def __init__(self, site: Site, media: Media) -> None:
        self._site = site
        self._house = site.house
        self._media = media
        self._restore_due = False

    def start(self, tasks: Tasks) -> None:
        tasks.start(self._follow())
        tasks.start(self._recover())
        tasks.start(self._finish_left())
        tasks.start(self._sweep())
        tasks.start(self._expire_invitations())
        tasks.start(self._watch())
        tasks.start(self._look_at_streams())
        tasks.start(self._follow_logouts())
        tasks.start(self._checkpoint())
        tasks.start(keep_time(self._house, lambda: Moment(self._site.now(), clock.monotonic_ms())))
        tasks.start(self._count())
        tasks.start(self._keep_house())
        if self._site.settings.syslog:
            tasks.start(self._ship(Syslog(self._site.settings.syslog)))
        tasks.start(self._weigh())
        tasks.start(self._write_uses())
        tasks.start(Importer(self._house, self._site.now).run())
        tasks.start(self._send_notices())
        tasks.start(Checker(self._house, self._site.now).run())
        tasks.start(Exporter(self._house, self._site.now).run())
        tasks.start(Picturer(self._house).run())
        tasks.start(Indexer(self._house, self._site.now).run())
        tasks.start(DataExporter(self._house, self._site.now).run())
        tasks.start(SheetBundler(self._house, SheetFiles(self._site.press), self._site.now).run())
        tasks.start(Purger(self._house, self._site.now).run())
        tasks.start(HeadNoter(self._house, self._site.now).run())
        tasks.start(DayTeller(self._house, self._site.now).run())
        tasks.start(self._move_recordings())
        tasks.start(Sweeper(self._house, self._site.now).run())
        tasks.start(Filmer(self._house, film(self._site.settings.clip_limits), self._site.now).run())
        tasks.start(Workshop(self._house, crafts(self._site.settings.clip_limits), self._site.now).run())

    async def _move_recordings(self) -> None:
        objects = objects_of(self._site.settings)
        if objects is not None:
            store = MovingToObjects(
                self._site.settings.folder / "recordings", objects, keep_free_bytes=LEAST_FREE_BYTES
            )
            await Mover(self._house, store, self._site.now).run()

    # ---- the media process -----------------------------------------------------------------------------

    async def _follow(self) -> None:
        async for event in self._media.plane.events():
            self._site.meters.media_restarts.set(self._media.restarts)
            if isinstance(event, MediaReady):
                self._restore_due = True
                with _tolerated("outage"):
                    await note_media_ready(self._house, event.worker, self._site.now())
                await self._restore()
                continue
            with _tolerated("following"):
                await follow(self._house, event, self._site.now())

    async def _restore(self) -> None:
        """A database that is away when the media process returns must not leave it without its rooms."""
        with _tolerated("restoring"):
            await restore_media(self._house, self._site.now())
            self._restore_due = False

    async def _recover(self) -> None:
        with _tolerated("recovery"):
            finished = await recover_recordings(self._house, self._site.now())
            if finished:
                log.info("recordings.recovered", count=finished)

    async def _finish_left(self) -> None:
        while True:
            await asyncio.sleep(_FINISH_S)
            with _tolerated("unfinished recordings"):
                await finish_left(self._house, self._site.now(), dt.timedelta(seconds=_FINISH_S))

    # ---- from time to time -----------------------------------------------------------------------------

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_S)
            self._site.meters.waiting.set(self._site.waiting.count)
            if self._restore_due:
                await self._restore()
            with _tolerated("sweep"):
                await sweep(self._house, self._site.now())

    async def _expire_invitations(self) -> None:
        while True:
            await asyncio.sleep(_HANDS_S)
            with _tolerated("hands"):
                await expire_invitations(self._house, self._site.now())
            with _tolerated("clips"):
                await end_overdue(self._house, self._site.now())
            with _tolerated("checks"):
                await keep_checks(self._house, self._site.now())

    async def _watch(self) -> None:
        silence = dt.timedelta(seconds=self._site.settings.hand_silence_seconds)
        while True:
            await asyncio.sleep(WATCH_EVERY_S)
            with _tolerated("watch"):
                await watch(self._house, self._site.now(), silence)

    async def _look_at_streams(self) -> None:
        while True:
            await asyncio.sleep(self._site.settings.rights_seconds)
            with _tolerated("rights"):
                await end_lost_streams(self._house, self._site.now())

    async def _checkpoint(self) -> None:
        while True:
            await asyncio.sleep(CHECKPOINT_EVERY.total_seconds())
            with _tolerated("checkpoint"):
                await checkpoint(self._house, self._site.now())

    async def _count(self) -> None:
        told = Told()
        while True:
            await asyncio.sleep(COUNT_EVERY_S)
            with _tolerated("counting"):
                await count_all(self._house, told, self._site.now())

    async def _weigh(self) -> None:
        before_ms = clock.cpu_ms()
        while True:
            await asyncio.sleep(_WEIGH_S)
            now_ms = clock.cpu_ms()
            self._house.return_cost.weigh(now_ms - before_ms)
            before_ms = now_ms

    async def _write_uses(self) -> None:
        while True:
            await asyncio.sleep(USES_EVERY_S)
            with _tolerated("uses"):
                await self._house.uses.write(self._house.records)

    async def _keep_house(self) -> None:
        while True:
            with _tolerated("housekeeping"):
                await forget_old(self._house.records, self._site.now(), self._site.login_rules)
                await forget_old_proofs(self._house.records, self._site.now())
                await forget_strays(self._house, self._site.now())
                await forget_loose_proofs(self._house, self._site.now())
                await forget_loose_pictures(self._house, self._site.now())
                await forget_uploads(self._house, self._site.now())
                await forget_old_imports(self._house.records, self._site.now())
                await forget_old_exports(self._house, self._site.now())
                await forget_old_data_exports(self._house, self._site.now())
                await forget_old_bundles(self._house, self._site.now())
            with _tolerated("memberships"):
                await end_due(self._house, self._site.now())
            with _tolerated("audit log"):
                await cut_audit(self._house.records, self._site.settings.audit_days, self._site.now())
            await asyncio.sleep(_HOUSEKEEPING_S)

    async def _send_notices(self) -> None:
        async with notifiers(self._site.settings) as channels:
            house = self._house
            await Sender(house.records, house.name, channels, house.notices, self._site.now).run()

    async def _ship(self, syslog: Syslog) -> None:
        away = False
        while True:
            await asyncio.sleep(_SHIP_S)
            with _tolerated("syslog"):
                try:
                    shipped = await ship(self._house.records, syslog, self._site.now())
                except OSError as error:
                    if not away:
                        log.warning("audit.syslog_away", error=type(error).__name__)
                    away = True
                    continue
                away = False
                if shipped.lost:
                    log.error("audit.syslog_lost", lines=shipped.lost)

    # ---- at a hint -------------------------------------------------------------------------------------

    async def _follow_logouts(self) -> None:
        async with self._house.fanout.subscribe(None) as hints:
            while True:
                login = ended_login(await hints.next())
                if login is not None:
                    with _tolerated("logout"):
                        await end_streams_of(self._house, login, self._site.now())


@contextlib.contextmanager
def _tolerated(work: str) -> Iterator[None]:
    """A database that is away, or a bug in one piece of work, is not the end of the lecture: on to the next."""
    try:
        yield
    except Refusal as refusal:
        log.warning("work.postponed", work=work, code=refusal.code)
    except Exception:
        log.exception("work.failed", work=work)
