"""The command line: ``dangxiao`` or ``python -m server``.

Everything heavy is imported inside the commands: ``--help`` answers at once, and a Python that is too old gets a
sentence, not a traceback.
"""

# ruff: noqa: PLC0415 - heavy imports wait for the command that needs them

from __future__ import annotations

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - whoever starts us with an older one shall read why
    sys.exit("dangxiao needs Python 3.11 or newer; this is %d.%d" % sys.version_info[:2])  # noqa: UP031

import asyncio
import gc
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.app import Control, Ready
    from server.settings import Settings

USAGE = 2
FAILURE = 3
_OBJECTS_OF_A_START = 200_000
"""The garbage collector looks when there are so many new ones, not after every seven hundred: what is imported stays,
and to look at all of it again and again took a sixth of a start."""

_HELP = """党校: live lessons for many rooms and phones, on your own machine.

Without a command the server is started. Every setting comes from the environment (DANGXIAO_…); check-config lists
them with the values in force, docs/operations.md explains them. Ctrl-C ends in an orderly way within ten seconds."""

cli = typer.Typer(
    help=_HELP, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None, no_args_is_help=False
)


ledger = typer.Typer(help="The ledger of study credit.", no_args_is_help=True)
cli.add_typer(ledger, name="ledger")
audit = typer.Typer(help="The audit log.", no_args_is_help=True)
cli.add_typer(audit, name="audit")
sheet = typer.Typer(help="Sign-in sheets.", no_args_is_help=True)
cli.add_typer(sheet, name="sheet")


archive = typer.Typer(help="The archive of recordings.", no_args_is_help=True)
cli.add_typer(archive, name="archive")


@cli.callback(invoke_without_command=True)
def default(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        serve()


@cli.command()
def serve(
    media_workers: Annotated[
        int | None, typer.Option(help="Media processes; instead of DANGXIAO_MEDIA_WORKERS.", show_default=False)
    ] = None,
) -> None:
    """Start the server and its media processes; print where it is."""
    settings = _settings(**({} if media_workers is None else {"DANGXIAO_MEDIA_WORKERS": str(media_workers)}))
    os.umask(0o027)  # password hashes and recordings are not for everybody on this machine
    raise typer.Exit(asyncio.run(_serve(settings)))


@cli.command("check-config")
def check_config() -> None:
    """Check the settings and print those in force; nothing is started."""
    from server.settings import shown

    settings = _settings()
    for key, value, changed in shown(settings):
        typer.echo(f"{'*' if changed else ' '} {key}={value}")


@ledger.command()
def verify(
    noted: Annotated[str, typer.Option(help="The hash of a head from earlier: must still be in the ledger.")] = "",
) -> None:
    """Check every entry of the ledger; nothing is changed, the server may run meanwhile. Ends with 1 at a flaw."""
    from server.store.audit import report

    watched = sys.stderr.isatty()
    said, code = asyncio.run(report(_settings().database, noted or None, *([_progress] if watched else [])))
    if watched:
        typer.echo("\r\x1b[K", nl=False, err=True)
    typer.echo(said, err=code != 0)
    raise typer.Exit(code)


def _progress(done: int, total: int) -> None:
    """On one line, for who looks on: a million entries take half a minute."""
    more = "…" if done < total else "，正在比对余额与核定 comparing balances and verdicts…"
    typer.echo(f"\r\x1b[K已核对 checked {done:,} / {total:,} 条 entries{more}", nl=False, err=True)


@audit.command("verify")
def verify_audit(
    noted: Annotated[str, typer.Option(help="The hash of a head from earlier: must still be in the log.")] = "",
) -> None:
    """Check every line of the audit log; nothing is changed, the server may run meanwhile. Ends with 1 at a flaw."""
    from server.store.trail_check import report

    said, code = asyncio.run(report(_settings().database, noted or None))
    typer.echo(said, err=code != 0)
    raise typer.Exit(code)


@archive.command("verify")
def verify_archive(
    what: Annotated[
        str, typer.Argument(help="The id of one recording, or a sealed package (a .tar); without it all are read.")
    ] = "",
    key: Annotated[
        list[str] | None, typer.Option(help="Of a package: a key that may have signed it; without it the own one.")
    ] = None,
) -> None:
    """Hold every file of the archive, or of a package, against its digest; changes nothing. Ends with 1 at a flaw."""
    from server.archive import checking, objects_of

    if what.endswith(".tar"):
        keys = key or ([] if (own := _archive_key()) is None else [own])
        said, code = checking.report_package(Path(what), frozenset(keys))
    else:
        settings = _settings()
        said, code = checking.report(settings.folder / "recordings", what, objects_of(settings))
    typer.echo(said, err=code != 0)
    raise typer.Exit(code)


@archive.command("key")
def show_archive_key() -> None:
    """Print the fingerprint of the key with which this installation signs packages."""
    own = _archive_key()
    if own is None:
        _fail("no key yet: it is made at the first start", USAGE)
    typer.echo(own)


def _archive_key() -> str | None:
    from server.archive.checking import own_key

    return own_key(_settings().folder / "secrets" / "archive.key")


@sheet.command("verify")
def verify_sheet(
    file: Annotated[Path, typer.Argument(help="An XLSX or PDF as it was loaded down.", show_default=False)],
) -> None:
    """Check a sign-in sheet's file against what was confirmed: digest, chain of versions, the copy of the digest in the
    log of events, and of an XLSX every cell. Nothing is changed, the server may run meanwhile. Ends with 1 at a flaw.
    """
    from server.app.sheet_check import report
    from server.domain.calendar import Calendar

    settings = _settings()
    said, code = asyncio.run(report(settings.database, file, Calendar(settings.zone)))
    typer.echo(said, err=code != 0)
    raise typer.Exit(code)


@cli.command(hidden=True)
def worker(
    socket: Annotated[Path | None, typer.Option(help="Where the control process finds us.")] = None,
    number: Annotated[int, typer.Option(help="Which of the media processes.")] = 0,
    addresses: Annotated[str, typer.Option(help="Addresses of this machine, comma separated.")] = "",
    tail: Annotated[int, typer.Option(help="Memory of ours that outlives you, an open descriptor; -1: none.")] = -1,
    standby: Annotated[bool, typer.Option("--standby", help="Get everything loaded, then wait for the word.")] = False,
) -> None:
    """A media process. Started by serve; ends with its standard input."""
    if standby:
        from server.link.process import in_background

        in_background(lambda: __import__("server.worker"))
    from server.worker import Place
    from server.worker import main as run_worker

    settings = _settings()
    reached_at = tuple(filter(None, addresses.split(",")))
    if socket is None and not standby:
        _fail("worker is started by serve: it needs --socket or --standby", USAGE)
    place = None if socket is None else Place(socket, number, None if tail < 0 else tail)
    raise typer.Exit(run_worker(settings, reached_at, place))


def main() -> None:
    gc.set_threshold(_OBJECTS_OF_A_START)
    cli()


def _settings(**given: str) -> Settings:
    """From the environment, and what was ``given`` on the command line."""
    from server.settings import BadSetting, from_environment

    try:
        return from_environment({**os.environ, **given})
    except BadSetting as error:
        _fail(str(error), USAGE)


def _fail(sentence: str, code: int) -> NoReturn:
    typer.echo(f"dangxiao: {sentence}", err=True)
    raise typer.Exit(code)


async def _serve(settings: Settings) -> int:
    """Until SIGINT or SIGTERM. One sentence on standard error when it cannot start."""
    from server import logs
    from server.app import REASONS_NOT_TO_START, Ports, running
    from server.link.process import collect_seldom

    logs.configure(settings.log_level, settings.log_format)
    ending = _ending()
    try:
        async with running(settings, Ports(settings)) as control:
            collect_seldom()
            for line in _banner(settings, control.ready):
                typer.echo(line)
            await _until(ending, control)
            typer.echo("党校: 正在结束 … ending")
    except REASONS_NOT_TO_START as error:
        typer.echo(f"dangxiao: {error}", err=True)
        return FAILURE
    return 0


def _ending() -> asyncio.Event:
    ending = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ending.set)
    return ending


async def _until(ending: asyncio.Event, control: Control) -> None:
    """Raises what one of the server's own tasks died of."""
    tasks = {asyncio.ensure_future(ending.wait()), asyncio.ensure_future(control.failed())}
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()


def _banner(settings: Settings, ready: Ready) -> Iterator[str]:
    lan = ready.lan_url or ready.url
    yield f"党校 dangxiao 已就绪 ready: {ready.url}"
    yield f"  局域网 LAN:      {lan}/"
    if ready.guide_url:
        yield f"  证书 certificate: {ready.guide_url}  (每台手机先打开一次 once on each phone)"
    yield f"  管理 management: {lan}/manage"
    for name, path in _FACES:
        yield f"  {name}: {lan}/{path}/<lesson>"
    yield f"  媒体 media:      {_media(ready)}"
    if not ready.client_built:
        yield "  网页未构建 the web client is not built: run script/serve"
    yield from _demo(ready, lan)
    if settings.log_format == "text" or sys.stdout.isatty():
        yield _qr(lan + "/")


def _media(ready: Ready) -> str:
    several = f"{len(ready.udp_ports)} 个进程 processes, " if len(ready.udp_ports) > 1 else ""
    return f"{several}UDP {', '.join(map(str, ready.udp_ports))}, relay backend {ready.backend}"


_FACES = (
    ("手机 phone", "m"),
    ("会场大屏 venue", "venue"),
    ("讲师 lecturer", "desk"),
    ("会控 director", "console"),
)


def _demo(ready: Ready, lan: str) -> Iterator[str]:
    if not ready.demo:
        return
    yield "  演示账号 demo accounts (编号 number / 密码 password):"
    for account in ready.demo:
        who = f"{account.number:<12} {account.password:<16} {account.name} {account.role.value}"
        yield f"    {who}  {lan}{account.face}"


def _qr(url: str) -> str:
    import io

    import segno

    out = io.StringIO()
    segno.make(url, error="l").terminal(out, compact=True)
    return out.getvalue()


if __name__ == "__main__":
    main()
