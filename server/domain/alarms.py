"""What can be wrong with a running lesson, in words for the director."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

SENTENCES: dict[str, tuple[str, str]] = {
    "disk_low": ("录制磁盘空间不足，请尽快清理", "Little disk space is left for the recording: make room soon"),
    "disk_full": ("磁盘已满，录制已停止；直播不受影响", "The disk is full: recording has stopped, the lesson goes on"),
    "recorder_lag": ("录制跟不上，正在追赶", "The recorder is behind and catching up"),
    "no_frames": ("录制收不到画面，请检查讲师摄像头", "The recorder gets no picture: check the lecturer's camera"),
    "recorder_fault": ("录制程序出错，直播不受影响；请通知系统管理员", "The recorder failed: tell the administrator"),
    "storage_unavailable": ("录像存储不可用，数据暂存本机", "The storage is away: data waits on this machine"),
    "no_known_codec": (
        "画面不是 H264 格式，录像和流畅线路只有声音；请换浏览器或设备",
        "The picture is not H264: recording and HLS carry sound only; use another browser or device",
    ),
    "spare_ready": (
        "讲师机中断，备用讲师机已就绪，可以由它接管",
        "The lecturer's machine is gone; the spare one is ready to take over",
    ),
    "source_away": ("没有接通，请联系对方检查页面和网络", "Not connected: call them to check page and network"),
    "no_packets": ("收不到数据，请检查对方网络", "Nothing arrives: check their network"),
    "source_frozen": (
        "画面卡住，没有新的画面传来；请对方检查摄像头或重新打开页面",
        "No new frames come: check their camera, or reload",
    ),
    "source_still": (
        "画面一直没有变化，摄像头或采集盒可能卡住；无人的房间也会这样",
        "The picture does not change: camera or capture box may hang (an empty room looks like this too)",
    ),
    "source_black": ("画面全黑，请检查镜头盖、灯光和采集线", "The picture is black: lens cap, light, capture cable"),
    "source_silent": ("没有声音，请检查话筒和调音台", "No sound at all: check microphone and mixer"),
    "heavy_loss": ("上行丢包严重，请换网线或减小画面", "Much is lost on their uplink: use a cable, send less"),
    "no_keyframe": ("画面打不开（收不到关键帧），请对方重新推送", "No keyframe comes: let them publish again"),
    "media_unavailable": ("媒体服务中断，正在自动恢复", "The media process is away and coming back by itself"),
}


@dataclass(frozen=True, slots=True)
class Alarm:
    code: str
    detail: str
    since: dt.datetime
    source: str | None = None  # the media source that it is about; None: the lesson's

    @property
    def text(self) -> str:
        return SENTENCES.get(self.code, ("设备或系统异常", ""))[0]

    @property
    def text_en(self) -> str:
        return SENTENCES.get(self.code, ("", "Something is wrong with the system"))[1]
