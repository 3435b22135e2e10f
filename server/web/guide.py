"""The plain port of an installation with a private CA: how to trust it, the certificate, and the way to HTTPS.

Nothing else is served here: no login, no cookie, no API.
"""

from __future__ import annotations

import base64
import html
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import segno
from aiohttp import hdrs, web

from server.web import certificates

_MOBILECONFIG = "application/x-apple-aspen-config"
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'"


@dataclass(frozen=True, slots=True)
class Guide:
    """``ca`` None: an ordinary certificate, so only the redirect is served. ``secure_url`` has no slash at the end."""

    ca: Path | None
    organisation: str
    secure_url: Callable[[str], str]  # from the host that the client asked for

    def application(self) -> web.Application:
        app = web.Application()
        app.on_response_prepare.append(_add_headers)
        if self.ca is not None:
            app.router.add_get("/ca.crt", self._certificate)
            app.router.add_get("/dangxiao.mobileconfig", self._mobileconfig)
            app.router.add_get("/", self._page)
            app.router.add_get("/ca", self._page)
        app.router.add_get("/{path:.*}", self._redirect)
        return app

    async def _page(self, request: web.Request) -> web.Response:
        assert self.ca is not None
        url = self.secure_url(_host(request)) + "/"
        here = f"http://{request.host}/"
        text = _PAGE.format(
            organisation=html.escape(self.organisation or "党校"),
            url=html.escape(url, quote=True),
            fingerprint=certificates.fingerprint(self.ca),
            here_qr=_qr(here),
            url_qr=_qr(url),
        )
        return web.Response(text=text, content_type="text/html")

    async def _certificate(self, _request: web.Request) -> web.Response:
        assert self.ca is not None
        headers = {hdrs.CONTENT_DISPOSITION: 'attachment; filename="dangxiao-ca.crt"'}
        return web.Response(body=certificates.der(self.ca), content_type="application/x-x509-ca-cert", headers=headers)

    async def _mobileconfig(self, _request: web.Request) -> web.Response:
        assert self.ca is not None
        body = mobileconfig(certificates.der(self.ca), self.organisation or "党校")
        return web.Response(body=body, content_type=_MOBILECONFIG)

    async def _redirect(self, request: web.Request) -> web.Response:
        location = self.secure_url(_host(request)) + request.rel_url.raw_path_qs
        return web.Response(status=308, headers={hdrs.LOCATION: location})


def mobileconfig(ca_der: bytes, organisation: str) -> bytes:
    """An Apple configuration profile that installs our root; its ids follow the certificate."""
    outer, inner = (str(uuid.uuid5(uuid.NAMESPACE_URL, f"dangxiao:{part}:{ca_der.hex()}")).upper() for part in "ab")
    return _PROFILE.format(
        organisation=html.escape(organisation),
        content=base64.b64encode(ca_der).decode(),
        outer=outer,
        inner=inner,
    ).encode()


def _host(request: web.Request) -> str:
    """The host name without the port."""
    return request.url.host or ""


def _qr(text: str) -> str:
    return segno.make(text, error="m").svg_data_uri(scale=4, border=2)


async def _add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.setdefault("Content-Security-Policy", _POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response.headers.setdefault(hdrs.CACHE_CONTROL, "no-store")
    response.headers.pop(hdrs.SERVER, None)


_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
<key>PayloadContent</key><array><dict>
<key>PayloadCertificateFileName</key><string>dangxiao-ca.crt</string>
<key>PayloadContent</key><data>{content}</data>
<key>PayloadDescription</key><string>{organisation}</string>
<key>PayloadDisplayName</key><string>{organisation} CA</string>
<key>PayloadIdentifier</key><string>dangxiao.ca.{inner}</string>
<key>PayloadType</key><string>com.apple.security.root</string>
<key>PayloadUUID</key><string>{inner}</string>
<key>PayloadVersion</key><integer>1</integer>
</dict></array>
<key>PayloadDisplayName</key><string>{organisation}</string>
<key>PayloadIdentifier</key><string>dangxiao.{outer}</string>
<key>PayloadRemovalDisallowed</key><false/>
<key>PayloadType</key><string>Configuration</string>
<key>PayloadUUID</key><string>{outer}</string>
<key>PayloadVersion</key><integer>1</integer>
</dict></plist>
"""

_PAGE = """<!doctype html>
<html lang="zh"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>{organisation} · 安装证书</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 18px/1.7 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif; max-width: 46rem; margin: 0 auto;
  padding: 1rem }}
h1 {{ font-size: 1.6rem }} h2 {{ font-size: 1.2rem; margin-top: 2rem }} .en {{ opacity: .75; font-size: .9em }}
a.button {{ display: inline-block; padding: .8rem 1.2rem; margin: .3rem .5rem .3rem 0; border-radius: .5rem;
  background: #b3261e; color: #fff; text-decoration: none }}
code {{ overflow-wrap: anywhere }} figure {{ display: inline-block; margin: 1rem 1rem 0 0 }}
figure img {{ background: #fff; padding: .3rem }}
</style></head><body>
<h1>{organisation}：安装本地证书</h1>
<p>手机和电脑要使用摄像头、麦克风，需先信任本服务器的证书。每台设备只需安装一次。<br>
<span class="en">Phones and computers need to trust this server's certificate before they may use camera and microphone.
Once per device.</span></p>
<p><a class="button" href="/ca.crt">下载证书 Download</a>
<a class="button" href="/dangxiao.mobileconfig">苹果设备描述文件 Apple profile</a></p>
<h2>苹果 iPhone / iPad</h2>
<ol><li>用 Safari 打开本页，点「苹果设备描述文件」，选「允许」。</li>
<li>打开「设置 → 已下载描述文件」，点「安装」。</li>
<li>打开「设置 → 通用 → 关于本机 → 证书信任设置」，打开本证书的开关。</li></ol>
<p class="en">In Safari tap the Apple profile and allow it; Settings → Profile Downloaded → Install; then Settings →
General → About → Certificate Trust Settings → switch it on.</p>
<h2>安卓 Android / 鸿蒙 HarmonyOS</h2>
<ol><li>点「下载证书」。</li><li>打开「设置 → 安全 → 更多安全设置 → 加密与凭据 → 安装证书 → CA 证书」
（各品牌名称略有不同），选择刚下载的 dangxiao-ca.crt。</li><li>用 Chrome 或 Edge 打开下面的地址。</li></ol>
<p class="en">Download, then Settings → Security → Encryption and credentials →
Install a certificate → CA certificate.</p>
<h2>Windows</h2>
<ol><li>点「下载证书」，双击打开，选「安装证书 → 本地计算机」。</li>
<li>选「将所有的证书都放入下列存储 → 受信任的根证书颁发机构」，完成后重启浏览器。</li></ol>
<p class="en">Open the file, Install Certificate → Local Machine → Trusted Root Certification Authorities; restart the
browser.</p>
<h2>核对指纹 Fingerprint (SHA-256)</h2><p><code>{fingerprint}</code></p>
<h2>安装后 Then</h2>
<p><a class="button" href="{url}">进入系统 Open</a><br><code>{url}</code></p>
<figure><img alt="本页二维码" src="{here_qr}"><figcaption>本页 This page</figcaption></figure>
<figure><img alt="系统二维码" src="{url_qr}"><figcaption>进入系统 The system</figcaption></figure>
</body></html>
"""
