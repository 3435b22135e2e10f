"""Every way the house says no: a stable code, its HTTP status, and what a person reads, Chinese and English.

``title`` says what happened, ``advice`` what to do now. docs/protocol.md, section 8, is held against ``MEANINGS``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Meaning:
    status: int
    title: str
    title_en: str
    advice: str
    advice_en: str


class Refusal(Exception):
    """The house will not do this; nothing has changed. ``detail`` is for logs, never for people.

    ``retry_after_s``: when trying again makes sense (``Retry-After``), where that is known.
    """

    def __init__(self, code: str, detail: str = "", *, retry_after_s: int | None = None) -> None:
        if code not in MEANINGS:
            raise ValueError(f"no such refusal: {code}")
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
        self.retry_after_s = retry_after_s

    @property
    def meaning(self) -> Meaning:
        return MEANINGS[self.code]


_SIGN_IN_AGAIN = ("请返回页面重试；仍不行时重新登录。", "Go back to the page and try again; if it fails, log in again.")
_TRY_SOON = ("请稍等片刻再试。", "Wait a moment and try again.")
_RELOAD = ("请刷新页面查看最新状态。", "Reload the page to see the present state.")
_CHECK_FORM = ("请检查填写的内容后重试。", "Check what was entered and try again.")
_ASK_ADMIN = ("如需办理，请联系管理员。", "Ask your administrator if you need this.")
_CALL_STAFF = ("请联系会务人员。", "Tell the staff of the lesson.")

MEANINGS: dict[str, Meaning] = {
    # -- who you are -------------------------------------------------------------------------------------
    "not_logged_in": Meaning(
        401, "尚未登录或登录已过期", "Not logged in, or the login has ended", "请重新登录。", "Log in again."
    ),
    "account_mixed": Meaning(
        422,
        "一个账号不能既是学员又是会场",
        "One account cannot be a member's and a venue's",
        "请为会场另设账号。",
        "Give the venue an account of its own.",
    ),
    "bad_credentials": Meaning(
        401,
        "编号或密码不正确",
        "The number or the password is wrong",
        "请核对后重试；忘记密码请联系管理员。",
        "Check both and try again; ask your administrator if you forgot the password.",
    ),
    "code_wrong": Meaning(
        401,
        "编号或验证码不正确，或验证码已失效",
        "The number or the code is wrong, or the code has expired",
        "请核对后重试；仍不行请向支部书记要一个新的。",
        "Check both and try again; if it fails, ask your branch secretary for a new one.",
    ),
    "provider_off": Meaning(
        404,
        "这里没有接入统一身份认证",
        "There is no identity provider here",
        "请用编号和密码登录。",
        "Log in with your number and password.",
    ),
    "provider_away": Meaning(
        503,
        "统一身份认证暂时没有回应",
        "The identity provider does not answer",
        "请稍后再试，或用编号和密码登录。",
        "Try again soon, or log in with your number and password.",
    ),
    "provider_refused": Meaning(
        401,
        "统一身份认证没有完成",
        "The identity provider did not let you through",
        "请再试一次；仍不行请用编号和密码登录。",
        "Try once more; if it fails, log in with your number and password.",
    ),
    "provider_stale": Meaning(
        409,
        "这次登录已过期",
        "This login has expired",
        "请在同一个浏览器里重新点“统一身份认证”。",
        "Begin again with the provider's button, in this very browser.",
    ),
    "provider_untrusted": Meaning(
        502,
        "统一身份认证的回答无法核实",
        "The identity provider's answer cannot be verified",
        "请用编号和密码登录，并告诉系统管理员。",
        "Log in with your number and password, and tell the system administrator.",
    ),
    "provider_account_unknown": Meaning(
        403,
        "统一身份认证通过了，但这里没有您的账号",
        "You are known to the identity provider, but have no account here",
        "请联系支部书记，确认您已在名单里。",
        "Ask your branch secretary whether you are on the roster.",
    ),
    "password_needed": Meaning(
        422,
        "验证码正确，请设置密码",
        "The code is right: now choose a password",
        "请为自己设置登录密码。",
        "Choose the password you will log in with.",
    ),
    "password_short": Meaning(
        422,
        "密码太短",
        "The password is too short",
        "请用更长的密码，例如几个词连在一起。",
        "Use a longer one, for instance several words in a row.",
    ),
    "password_common": Meaning(
        422,
        "这个密码太常见，容易被猜中",
        "This password is one that everybody tries first",
        "请换一个别人想不到的，不要用编号、姓名或连续的数字。",
        "Choose one that nobody thinks of: no number, no name, no run of digits.",
    ),
    "second_factor_needed": Meaning(
        401,
        "请输入动态验证码",
        "The second factor is needed",
        "请打开验证器应用，输入现在显示的六位数字；手机不在时用恢复码。",
        "Enter the six digits that your authenticator shows now, or a recovery code.",
    ),
    "second_factor_wrong": Meaning(
        401,
        "动态验证码不正确或已用过",
        "The second factor is wrong, or was used already",
        "请等验证器显示新的数字再试，并核对手机时间。",
        "Wait for the next digits and try again; check the phone's clock.",
    ),
    "second_factor_required": Meaning(
        403,
        "您的角色必须使用动态验证码",
        "Your role must log in with a second factor",
        "请先在“我的账号”里开启动态验证码。",
        "Set it up on the page of your account first.",
    ),
    "second_factor_set": Meaning(
        409,
        "动态验证码已经开启",
        "The second factor is on already",
        "要换一部手机，请先关闭再开启，或请安全管理员解除。",
        "To change phones turn it off first, or ask the security administrator to lift it.",
    ),
    "consent_outdated": Meaning(
        409,
        "同意书已有新的版本",
        "There is a newer text to agree to",
        "请刷新页面，阅读新的版本。",
        "Reload the page and read the new one.",
    ),
    "own_account": Meaning(
        403,
        "不能改变自己的角色",
        "Nobody changes the own roles",
        "请由另一位安全管理员办理。",
        "Ask another security administrator.",
    ),
    "roles_apart": Meaning(
        409,
        "系统、安全、审计管理员必须分开",
        "The system, security and audit administrators are kept apart",
        "三员之间以及与教学角色不能由同一账号兼任，请另设账号。",
        "No account holds two of them, or one beside a role in lessons: use another account.",
    ),
    "role_of_person": Meaning(
        409,
        "设备账号只能是会场操作员",
        "A device's account can only operate a venue",
        "请给本人的账号授予该角色。",
        "Give the role to a person's account.",
    ),
    "locked_out": Meaning(
        429,
        "失败次数过多，已暂时锁定",
        "Too many failures: locked for a while",
        "请几分钟后再试，或联系管理员。",
        "Try again in a few minutes, or ask your administrator.",
    ),
    "origin_refused": Meaning(
        403,
        "请求来源不被允许",
        "The request came from another site",
        "请从本系统的页面操作。",
        "Use this system's own pages.",
    ),
    "forbidden": Meaning(403, "没有权限进行此操作", "You may not do this", *_ASK_ADMIN),
    # -- finding things ----------------------------------------------------------------------------------
    "lesson_not_found": Meaning(
        404,
        "没有找到这场课",
        "There is no such lesson",
        "请核对链接，或确认您所在的党组织在参加范围内。",
        "Check the link, and that your unit takes part.",
    ),
    "recording_not_found": Meaning(
        404, "没有找到该录像", "There is no such recording", "请返回录像列表。", "Go back to the list of recordings."
    ),
    "recording_not_finished": Meaning(
        409, "录制尚未结束", "The recording has not ended", "请在下课后再导出。", "Export it when the lesson is over."
    ),
    "recording_deleted": Meaning(
        410,
        "录像已删除",
        "The recording was deleted",
        "考勤、学时和证据摘要仍在；需要时请看课程页。",
        "Attendance, credit and digests of evidence stay; see the lesson's page.",
    ),
    "recording_held": Meaning(
        409,
        "录像处于法定保全",
        "The recording is under a legal hold",
        "解除保全后才能删除；请联系安全管理员。",
        "It can be deleted once the hold is lifted; ask the security administrator.",
    ),
    "recording_needed": Meaning(
        409,
        "还有人可以用它补学",
        "Somebody may still make up with it",
        "补学截止后再删除。",
        "Delete it after the last deadline of make-up study.",
    ),
    "object_store_missing": Meaning(
        409,
        "没有配置对象存储",
        "No object store is configured",
        "请系统管理员设置 DANGXIAO_S3_ENDPOINT 等后重启，再选择对象存储。",
        "Have DANGXIAO_S3_ENDPOINT and the like set, restart, then choose it.",
    ),
    "keeping_too_short": Meaning(
        422,
        "保存天数不合规",
        "No fitting number of days",
        "常规与重要类请填 365 到 36500 天；永久类不设天数。",
        "Enter 365 to 36,500 days; the permanent class has none.",
    ),
    "nothing_recorded": Meaning(409, "该录像没有内容", "Nothing was recorded", *_RELOAD),
    "archive_damaged": Meaning(
        500,
        "录像文件已损坏或缺失",
        "A file of the archive is damaged or missing",
        "请系统管理员运行 dangxiao archive verify 查看是哪个文件。",
        "Have dangxiao archive verify say which file.",
    ),
    "export_not_ready": Meaning(409, "导出尚未完成", "The export is not ready", *_RELOAD),
    "export_gone": Meaning(
        410, "导出文件已过期删除", "The exported files are gone", "请重新导出。", "Export it again."
    ),
    "export_too_large": Meaning(
        413,
        "数据太多，一个文件放不下",
        "This is more than one file may hold",
        "请联系安全管理员，由技术人员从数据库导出。",
        "Ask the security administrator: it has to be taken from the database.",
    ),
    "export_interrupted": Meaning(
        500,
        "服务器重启，导出没有完成",
        "The server restarted and the export was not finished",
        "请重新导出。",
        "Export it again.",
    ),
    "group_not_found": Meaning(404, "没有找到该党小组", "There is no such group", *_RELOAD),
    "loan_not_found": Meaning(404, "该人员没有在借的借调", "This member is not on loan", *_RELOAD),
    "letter_not_found": Meaning(404, "没有找到该通知", "There is no such letter", *_RELOAD),
    "unit_not_found": Meaning(404, "没有找到该党组织", "There is no such unit", *_CHECK_FORM),
    "venue_not_found": Meaning(404, "没有找到该会场", "There is no such venue", *_CHECK_FORM),
    "device_not_found": Meaning(404, "没有找到该设备", "There is no such device", *_RELOAD),
    "pairing_not_found": Meaning(
        404,
        "配对码不正确或已过期",
        "The pairing code is wrong or has expired",
        "请核对会场屏幕上现在显示的八个字母。",
        "Check the eight letters that the venue's screen shows now.",
    ),
    "venue_retired": Meaning(
        409,
        "该会场已停用",
        "This venue is retired",
        "请先在会场登记中恢复使用。",
        "Restore it in the registry of venues first.",
    ),
    "account_erased": Meaning(
        409,
        "此人已注销，不能恢复",
        "This person was erased and cannot come back",
        "重新加入的，请作为新人录入。",
        "Somebody who joins again is entered as a new person.",
    ),
    "device_revoked": Meaning(
        409,
        "该设备已解除配对，不能重新启用",
        "This device was revoked and cannot be enabled again",
        "如需继续使用，请在会场页重新配对。",
        "Pair it again on the venue's page.",
    ),
    "devices_full": Meaning(
        409,
        "该会场的设备已达上限",
        "This venue has as many devices as it can have",
        "请先解除不再使用的设备。",
        "Revoke those that are no longer used first.",
    ),
    "operator_not_found": Meaning(404, "没有找到这条操作员安排", "There is no such assignment", *_RELOAD),
    "operator_of_person": Meaning(
        409,
        "只能指定个人账号为会场操作员",
        "Only a person's account operates a room",
        "会场设备和会场专用账号不用指定，请选择人员。",
        "A device and the room's own account need no assignment: choose a person.",
    ),
    "operator_past": Meaning(
        409,
        "日期不能早于今天",
        "The day is before today",
        "已过去的日子不再改动，请选择今天或以后的日期。",
        "What was, stays: choose today or a later day.",
    ),
    "operator_days": Meaning(
        409,
        "起止日期不对",
        "These days do not fit",
        "截止日须在起始日之后，且不晚于原定截止日。",
        "The last day comes after the first, and not after the one that was set.",
    ),
    "operator_over": Meaning(409, "该操作员已经结束", "This assignment has ended already", *_RELOAD),
    "already_operator": Meaning(
        409,
        "此人在这些日子里已是该会场的操作员",
        "This person operates the room on some of these days already",
        "如需调整，请先结束原有安排。",
        "End the other assignment first.",
    ),
    "operators_full": Meaning(
        409,
        "该会场的操作员已达上限",
        "This room has as many operators as it can have",
        "请先结束不再需要的操作员。",
        "End those that are no longer needed first.",
    ),
    "which_venue": Meaning(
        409,
        "您负责本场课的多个会场，请说明是哪一个",
        "You operate several rooms of this lesson: say which one",
        "请在“我的会场”中选择会场后重试。",
        "Choose the room in My rooms and try again.",
    ),
    "account_not_found": Meaning(404, "没有找到该账号", "There is no such account", *_CHECK_FORM),
    "no_such_page": Meaning(404, "没有这个页面", "There is no such page", "请核对地址。", "Check the address."),
    "method_not_allowed": Meaning(
        405, "该地址不支持此操作", "This address does not do that", "请核对操作方式。", "Check the method."
    ),
    # -- asking in the right form ------------------------------------------------------------------------
    "invalid_body": Meaning(422, "填写的内容不符合要求", "What was sent does not fit", *_CHECK_FORM),
    "body_too_large": Meaning(
        413, "提交的内容过大", "The body is too large", "请减少内容后重试。", "Send less and try again."
    ),
    "unsupported_media_type": Meaning(415, "不支持该内容类型", "This content type is not accepted", *_CHECK_FORM),
    "precondition_required": Meaning(428, "缺少版本信息", "The version is missing (If-Match)", *_RELOAD),
    "precondition_failed": Meaning(412, "内容已被他人修改", "Somebody else changed it meanwhile", *_RELOAD),
    "command_reused": Meaning(
        409,
        "同一操作编号已用于其他内容",
        "This command id was used for something else",
        "请刷新页面后重新操作。",
        "Reload the page and do it again.",
    ),
    "too_fast": Meaning(429, "操作过于频繁", "Too many requests", *_TRY_SOON),
    # -- lessons -----------------------------------------------------------------------------------------
    "illegal_transition": Meaning(409, "当前状态下不能进行此操作", "The lesson's state does not allow this", *_RELOAD),
    "lesson_not_on_air": Meaning(
        409,
        "这场课尚未开放或已经结束",
        "The lesson is not open, or is over",
        "请在开放后进入。",
        "Come back when it is open.",
    ),
    "not_editable": Meaning(
        409,
        "已开放的课不能再修改",
        "A lesson that was opened cannot be edited",
        "请先退回草稿，或新建一场课。",
        "Take it back to draft if possible, or make a new lesson.",
    ),
    "not_recorded": Meaning(
        409,
        "这场课未在录制",
        "This lesson is not being recorded",
        "请确认已开课且未设为不录制。",
        "It must be live and not set to 不录制.",
    ),
    "no_media": Meaning(
        409,
        "这场课不带音视频",
        "This lesson has no sound or picture",
        "签到和答题照常进行；需要直播时，请在排期前修改课程。",
        "Sign-in and quizzes work as ever; for a broadcast change the lesson before it opens.",
    ),
    "course_not_found": Meaning(404, "没有找到该课程系列", "There is no such course", *_CHECK_FORM),
    "course_closed": Meaning(
        409,
        "该课程系列已结束",
        "This course is over",
        "请选择其他课程系列，或先重新启用它。",
        "Choose another course, or open this one again first.",
    ),
    "group_dissolved": Meaning(
        409,
        "这场会的党小组已经撤销",
        "The group that was to hold this meeting is no more",
        "请先修改这场会，改选党小组或不指定党小组，再继续。",
        "Change the meeting first: choose another group, or none; then go on.",
    ),
    "calendar_unknown": Meaning(
        404,
        "日历地址无效",
        "This calendar address is not valid",
        "地址可能已撤销或更换，请在首页的课程日历里重新取得。",
        "It was revoked or replaced: get a new one from the calendar of lessons.",
    ),
    "series_not_found": Meaning(404, "没有找到这批课", "There is no such series", *_CHECK_FORM),
    "sign_in_on_the_spot": Meaning(
        409,
        "这场课须在现场签到",
        "This lesson is signed in to on the spot",
        "请扫描会场屏幕上的二维码或输入六位数字；没有屏幕时请支部书记协助签到。",
        "Scan the code on the venue's screen or type its six digits; without a screen the secretary signs you in.",
    ),
    "delivery_over": Meaning(
        409,
        "这场课的通知不再发送",
        "Notices of this lesson go out no more",
        "开课后、取消后不再发送；请改用电话名单联系。",
        "Nothing goes out after the start or a cancellation: use the call list.",
    ),
    # -- attendance, quizzes, credit ---------------------------------------------------------------------
    "member_not_found": Meaning(404, "没有找到该党员", "There is no such member", *_CHECK_FORM),
    "not_on_roster": Meaning(
        403,
        "您不在本场课的应到名单上",
        "You are not on the roster of this lesson",
        "请联系会务人员加入名单。",
        "Ask the staff of the lesson to add you.",
    ),
    "already_on_roster": Meaning(409, "该党员已在名单上", "This member is on the roster already", *_RELOAD),
    "sign_in_closed": Meaning(
        409,
        "现在不能签到",
        "Signing in is not open now",
        "签到从开放会场起，到下课为止；漏签请联系会务人员。",
        "It is open from the opening to the end of the lesson; tell the staff if you missed it.",
    ),
    "kiosk_by_operator": Meaning(
        403,
        "会场的屏幕不能自行开关自助签到",
        "A venue's screen does not turn its own kiosk on or off",
        "请由会场操作员用自己的账号，或由会控开关。",
        "The operator does it with the own login, or the director.",
    ),
    "kiosk_off": Meaning(
        409,
        "本会场没有开启自助签到",
        "Signing in at this venue's screen is not on",
        "请由会场操作员开启，或协助签到。",
        "Let the venue's operator turn it on, or sign you in.",
    ),
    "sign_in_code_expired": Meaning(
        409,
        "签到码已过期",
        "The sign-in code has expired",
        "请重新扫描屏幕上的二维码，或输入现在显示的签到码。",
        "Scan the code on the screen again, or type the one shown now.",
    ),
    "code_tries_used": Meaning(
        429,
        "签到码输错次数过多",
        "Too many wrong codes in this lesson",
        "请扫描会场屏幕上的二维码，或请会场工作人员协助签到。",
        "Scan the QR code on the venue's screen, or let the venue's operator sign you in.",
    ),
    "scan_needed": Meaning(
        409,
        "请扫码签到",
        "Scan the QR code to sign in",
        "会场很多，六位签到码只用于您本人的会场；在其他会场请扫描屏幕上的二维码。",
        "With so many venues six digits are for your own venue only; elsewhere scan the QR code on the screen.",
    ),
    "sign_in_code_wrong": Meaning(
        409,
        "签到码不正确",
        "The sign-in code is wrong",
        "请核对会场屏幕上的六位数字后重新输入。",
        "Check the six digits on the venue's screen and type them again.",
    ),
    "sign_in_code_invalid": Meaning(
        400,
        "二维码无效",
        "This is not one of our codes",
        "请扫描会场大屏上的签到二维码。",
        "Scan the sign-in code on the venue's screen.",
    ),
    "another_venue": Meaning(
        409,
        "这是另一会场的签到码",
        "This is another venue's code",
        "如果您现在就在该会场，请确认后签到；否则请扫描本会场的二维码。",
        "If you are in that venue now, confirm; else scan your own venue's code.",
    ),
    "proof_missing": Meaning(
        409,
        "没有有效的扫码凭据",
        "There is no valid scan to sign in with",
        "请重新扫描会场屏幕上的二维码。",
        "Scan the code on the venue's screen again.",
    ),
    "proof_used": Meaning(
        409,
        "这次扫码已用于签到",
        "This scan was used already",
        "每位党员请用自己的手机扫码；没有手机请找会场操作员协助签到。",
        "Each member scans with their own phone; without one, the venue's operator signs you in.",
    ),
    "device_taken": Meaning(
        409,
        "这部手机已为他人签到",
        "Somebody else signed in with this phone",
        "请用自己的手机扫码；没有手机请找会场操作员协助签到。",
        "Use your own phone; without one, the venue's operator signs you in.",
    ),
    "question_not_found": Meaning(404, "没有找到该题目", "There is no such question", *_RELOAD),
    "bank_question_not_found": Meaning(404, "题库中没有这道题", "There is no such question in the bank", *_RELOAD),
    "bank_retired": Meaning(
        409,
        "该题已停用",
        "The question is retired",
        "请先恢复使用，再修改或选用。",
        "Restore it before changing or taking it.",
    ),
    "bank_versions_full": Meaning(
        409,
        "该题的版本已达上限",
        "The question has as many versions as there may be",
        "请停用它，另建一道题。",
        "Retire it and make another.",
    ),
    "bank_full": Meaning(
        409,
        "该党组织的题目已达上限",
        "The unit has as many questions as there may be",
        "请在上级或其他党组织下建题，或联系管理员。",
        "Keep further questions under another unit, or ask your administrator.",
    ),
    "bank_not_live": Meaning(
        409,
        "这种题型目前不能在课上作答",
        "A question of this kind can't be asked in a lesson yet",
        "请选用单选、多选或判断题。",
        "Take one with a single choice, several choices, or true and false.",
    ),
    "bank_import_has_errors": Meaning(
        409,
        "题目表里还有错误，没有导入任何题目",
        "The table has errors; no question was imported",
        "请按列出的单元格改正后重新上传。",
        "Correct the cells that are listed and upload it again.",
    ),
    "bank_import_outdated": Meaning(
        409,
        "核对之后题库有了变化，没有导入任何题目",
        "The bank has changed since the check; no question was imported",
        "请重新上传，核对后再确认。",
        "Upload it again, look at it, then confirm.",
    ),
    "quiz_not_found": Meaning(404, "没有找到该测验", "There is no such quiz", *_RELOAD),
    "quiz_running": Meaning(
        409,
        "还有题目正在作答",
        "A question is being answered still",
        "请先停止答题，再发布下一题。",
        "Close it before you launch the next one.",
    ),
    "quiz_closed": Meaning(
        409, "本题已停止作答", "This question is closed", "请等待讲师讲解。", "Wait for the explanation."
    ),
    "already_answered": Meaning(
        409,
        "您已提交过本题",
        "You have answered this question",
        "每人每题提交一次，以第一次为准。",
        "Each member answers once; the first answer counts.",
    ),
    "option_unknown": Meaning(422, "没有该选项", "There is no such option", *_RELOAD),
    "rule_missing": Meaning(
        409,
        "没有适用的学时规则",
        "No credit rule is in force",
        "请先在设置里添加适用于本单位和日期的学时规则。",
        "Add a credit rule for this unit and date first.",
    ),
    "presence_pending": Meaning(
        409,
        "还有在线记录正在写入",
        "Some of the presence is still being written",
        "请过几秒再核定。",
        "Settle again in a few seconds.",
    ),
    "check_not_found": Meaning(404, "没有找到该随机确认", "There is no such check", *_RELOAD),
    "check_over": Meaning(
        409,
        "确认时间已过",
        "The time to confirm is over",
        "不影响继续听课；如有疑问，下课后可申请复核。",
        "The lesson goes on for you; ask for a review afterwards if in doubt.",
    ),
    "doubt_not_found": Meaning(404, "没有需要核实的签到", "There is nothing doubtful about this sign-in", *_RELOAD),
    "doubt_own": Meaning(
        403,
        "不能核实本人的签到",
        "You cannot decide about your own sign-in",
        "请由上级书记或管理员核实。",
        "Ask a secretary above you or the administrator.",
    ),
    "correction_not_found": Meaning(404, "没有找到该更正", "There is no such correction", *_RELOAD),
    "correction_own": Meaning(
        403,
        "不能更正本人的考勤，也不能复核自己提出的更正",
        "You cannot correct your own attendance, nor confirm a correction of your own",
        "请由另一位书记或管理员办理。",
        "Ask another secretary or the administrator.",
    ),
    "correction_waiting": Meaning(
        409,
        "该党员已有一项更正等待复核",
        "A correction of this member waits for a second person already",
        "请先复核那一项。",
        "Decide that one first.",
    ),
    "correction_decided": Meaning(409, "该更正已处理", "This correction was decided already", *_RELOAD),
    "correction_closed": Meaning(
        409,
        "这场课的考勤现在不能更正",
        "The attendance of this lesson cannot be corrected now",
        "签到开始后、核定学时前可以更正；核定后请走复核。",
        "It can be from sign-in to settling; afterwards ask for a review.",
    ),
    "correction_same": Meaning(422, "考勤已经是这个状态", "The attendance says this already", *_RELOAD),
    "sheet_not_found": Meaning(404, "没有找到该签到表", "There is no such sign-in sheet", *_RELOAD),
    "sheet_not_yet": Meaning(
        409,
        "应到名单还没有固定",
        "The roster is not frozen yet",
        "开放会场后才有签到表。",
        "There is a sheet once the lesson is open.",
    ),
    "sheet_too_early": Meaning(
        409,
        "下课后才能确认签到表",
        "A sign-in sheet is confirmed when the lesson is over",
        "请在下课后确认。",
        "Confirm it after the end.",
    ),
    "sheet_too_large": Meaning(
        413,
        "人数太多，放不进一张签到表",
        "Too many people for one sign-in sheet",
        "请逐个党组织打包下载，或按下级党组织分别生成。",
        "Have all units made as one archive, or make one for each unit below.",
    ),
    "sheet_empty": Meaning(
        409,
        "名单上没有这个党组织的人",
        "Nobody of this unit is on the roster",
        "请选择其他党组织。",
        "Choose another unit.",
    ),
    "sheet_changed": Meaning(
        409,
        "考勤刚刚有变化，没有确认",
        "The attendance has just changed: nothing was confirmed",
        "请核对最新内容后再确认。",
        "Look at what it says now, then confirm.",
    ),
    "sheet_busy": Meaning(
        503,
        "正在生成的签到表太多",
        "Too many sign-in sheets are being made",
        *_TRY_SOON,
    ),
    "sheet_same": Meaning(
        409,
        "内容与已确认的签到表相同",
        "It says the same as the confirmed sheet",
        "不需要重新确认。",
        "There is nothing to confirm again.",
    ),
    "sheet_needs_reason": Meaning(
        422,
        "请写明为什么重新确认",
        "A new version needs its reason",
        "原表会标明已被取代，请填写理由后再确认。",
        "The former sheet will be marked as superseded: enter why.",
    ),
    "not_missing": Meaning(409, "此人已经到场", "This member is there already", *_RELOAD),
    "phone_unknown": Meaning(
        404,
        "没有登记此人的电话",
        "No telephone number of this member is known",
        "可在“组织与人员”中补登。",
        "It can be entered under Organisation and people.",
    ),
    "place_closed": Meaning(
        409,
        "参加地点现在不能自选",
        "The place cannot be chosen now",
        "签到开始后，请联系支部书记或会务人员调整。",
        "Once sign-in is open, ask the secretary of your branch or the staff.",
    ),
    "place_given": Meaning(
        409,
        "参加地点已由会务指定",
        "Your place was given by the staff",
        "如需调整，请联系支部书记或会务人员。",
        "Ask the secretary of your branch or the staff to change it.",
    ),
    "place_not_open": Meaning(
        422,
        "不能选择该参加地点",
        "This place is not open to you",
        "请在列出的地点中选择。",
        "Choose one of those that are listed.",
    ),
    "place_signed_in": Meaning(
        409,
        "此人已经签到",
        "This member has signed in",
        "参加地点以签到为准，不再调整。",
        "Where somebody signed in counts; there is nothing to change.",
    ),
    "leave_not_found": Meaning(404, "没有找到该请假申请", "There is no such request for leave", *_RELOAD),
    "leave_stands": Meaning(
        409,
        "已有一份请假申请",
        "There is a request for leave already",
        "请等待审批，或先撤回原申请。",
        "Wait for the decision, or withdraw that request first.",
    ),
    "leave_decided": Meaning(409, "该请假申请已处理", "This request for leave was decided already", *_RELOAD),
    "leave_closed": Meaning(
        409,
        "这场课现在不能请假",
        "Leave from this lesson cannot be asked for or decided now",
        "排期后、下课前可以请假，核定学时前可以审批。",
        "It can be asked for from scheduling to the end, and decided until credit is settled.",
    ),
    "leave_own": Meaning(
        403,
        "不能审批本人的请假",
        "You cannot decide your own leave",
        "请由上级书记或管理员审批。",
        "Ask a secretary above you or the administrator.",
    ),
    "review_not_found": Meaning(404, "没有找到该复核申请", "There is no such review", *_RELOAD),
    "review_open": Meaning(
        409, "已有一份复核申请在处理中", "A review is being handled already", "请等待处理结果。", "Wait for its result."
    ),
    "review_decided": Meaning(409, "该复核申请已处理", "This review was decided already", *_RELOAD),
    "make_up_not_found": Meaning(404, "没有找到该补学", "There is no such lesson to make up", *_RELOAD),
    "make_up_closed": Meaning(
        409,
        "该补学已完成或已撤销",
        "This was made up already, or was withdrawn",
        "无需再办理；学时见“我的学时”。",
        "There is nothing left to do; see your credit.",
    ),
    "make_up_expired": Meaning(
        409,
        "补学期限已过",
        "The time to make it up is over",
        "如有特殊情况，请联系支部书记延长期限。",
        "Ask your branch secretary for more time if there is a reason.",
    ),
    "make_up_not_watched": Meaning(
        409,
        "还没有看完要求的回放",
        "Not enough of the recording was watched yet",
        "请先看完回放，再答题。",
        "Watch the recording first, then answer.",
    ),
    "make_up_passed": Meaning(409, "补学题目已经通过", "The questions were passed already", *_RELOAD),
    "make_up_no_attempts": Meaning(
        409,
        "答题次数已用完",
        "There are no attempts left",
        "请联系支部书记，可说明原因后增加次数。",
        "Ask your branch secretary, who may grant more with a reason.",
    ),
    "make_up_pause": Meaning(
        409,
        "两次答题之间需要间隔",
        "There has to be a pause between two attempts",
        "请利用这段时间看看回放，稍后再答。",
        "Look at the recording again meanwhile and try later.",
    ),
    "make_up_no_questions": Meaning(
        409,
        "本场课没有补学题目",
        "This lesson asks no questions",
        "看完回放即可。",
        "Watching the recording is enough.",
    ),
    "make_up_own": Meaning(
        403,
        "不能延长本人的补学期限",
        "You cannot extend your own time",
        "请由另一位书记或管理员办理。",
        "Ask another secretary or the administrator.",
    ),
    "attempt_not_found": Meaning(404, "没有找到这次答题", "There is no such attempt", *_RELOAD),
    "attempt_over": Meaning(409, "这次答题已经交卷", "This attempt was handed in already", *_RELOAD),
    "already_credited": Meaning(
        409,
        "本场课的学时已经授予",
        "The credit of this lesson was granted already",
        "可在“我的学时”里查看明细。",
        "Look at the entry among your credit.",
    ),
    "not_settled": Meaning(
        409,
        "学时尚未核定",
        "The credit is not settled yet",
        "核定后可查看结果和申请复核。",
        "You can see the result and ask for a review afterwards.",
    ),
    # -- hands -------------------------------------------------------------------------------------------
    "hand_not_found": Meaning(404, "没有找到这次举手", "There is no such hand", *_RELOAD),
    "hand_over": Meaning(
        409,
        "这次举手已经有了结果",
        "This hand was dealt with already",
        "请看最新的队列；需要时重新举手。",
        "Look at the queue as it is now; raise the hand again if needed.",
    ),
    "hand_active": Meaning(
        409,
        "还有人正在发言",
        "Somebody is speaking still",
        "请先结束当前发言，再请下一位。",
        "End it before you take the next one.",
    ),
    "hands_none": Meaning(409, "没有人在等待发言", "Nobody waits to speak", *_RELOAD),
    "hands_full": Meaning(
        409,
        "举手次数或排队人数已达上限",
        "Too many hands",
        "请稍后再举手，或用文字提问。",
        "Try later, or ask in writing.",
    ),
    "venue_muted": Meaning(
        409,
        "该会场已被会控静音",
        "Staff has muted this venue",
        "请先把它改为可发言。",
        "Let it speak first.",
    ),
    # -- roll calls --------------------------------------------------------------------------------------
    "roll_call_running": Meaning(
        409,
        "点名正在进行",
        "A roll call is running",
        "请先完成这一次点名，再开始下一次。",
        "Finish it before you begin the next one.",
    ),
    "roll_call_over": Meaning(
        409, "这次点名已经结束", "This roll call is over", "如需更正，请重新点名。", "Begin another one to correct it."
    ),
    "roll_call_empty": Meaning(
        409,
        "本场课没有分会场可点名",
        "The lesson has no sub-venue to call",
        "分会场在排课时加入。",
        "Sub-venues are added when the lesson is planned.",
    ),
    "roll_calls_used": Meaning(
        409,
        "本场课的点名次数已满",
        "The lesson has had as many roll calls as there may be",
        "以最后一次点名为准。",
        "The last one counts.",
    ),
    "not_called": Meaning(
        409,
        "现在没有点到本会场",
        "Your venue is not being called now",
        "点到时大屏会显示“点名中”，届时请应答。",
        "Answer when the screen says that you are called.",
    ),
    # -- calling the director ----------------------------------------------------------------------------
    "help_not_found": Meaning(404, "没有找到该呼叫", "There is no such call", *_RELOAD),
    "help_closed": Meaning(
        409, "这次呼叫已经结束", "This call is closed", "如需帮助，请再次呼叫。", "Call again if needed."
    ),
    "helps_used": Meaning(
        409, "本场课的呼叫次数已满", "The lesson has had as many calls as there may be", *_CALL_STAFF
    ),
    "notice_not_found": Meaning(404, "没有找到该通知", "There is no such notice", *_RELOAD),
    "notices_used": Meaning(
        409, "本场课的通知条数已满", "The lesson has had as many notices as there may be", *_RELOAD
    ),
    # -- preflight and failover ----------------------------------------------------------------------------
    "preflight_missing": Meaning(
        409,
        "该会场还没有可以签字的设备自检",
        "There is no preflight of this venue to sign off",
        "请先在会场大屏上完成设备自检；过期的需要重做。",
        "Run the preflight on the venue's screen first; one that is too old is run again.",
    ),
    "preflight_failed": Meaning(
        409,
        "有项目未通过，不能签字确认",
        "A check failed: it cannot be signed off",
        "请按提示处理后重做该项；仍不能解决的，请为本会场选择备用方案。",
        "Do what the check says and run it again; else choose a fallback for this venue.",
    ),
    "preflight_reason": Meaning(
        422,
        "有提醒项，签字时请写明原因",
        "There are warnings: say why it is signed off all the same",
        "请用一句话说明为什么可以接受。",
        "Say in a sentence why that is acceptable.",
    ),
    "probe_unknown": Meaning(
        404, "该线路测试已经结束", "This test of the line has ended", "请重新测试线路。", "Test the line again."
    ),
    "failover_active": Meaning(
        409,
        "该会场已经转到备用",
        "This venue's people have been moved already",
        "如需改变，请先恢复该会场，再转到别处。",
        "Restore the venue first, then move them elsewhere.",
    ),
    "failover_same": Meaning(
        422,
        "不能转到同一会场",
        "A venue is no fallback of itself",
        "请选择另一会场或手机。",
        "Choose another, or phones.",
    ),
    "failover_target": Meaning(
        409,
        "目标会场自己也已转到备用",
        "That venue's people have been moved themselves",
        "请选择另一会场，或转到手机。",
        "Choose another venue, or phones.",
    ),
    "failover_not_found": Meaning(404, "没有可以恢复的转移", "There is no such failover, or it was undone", *_RELOAD),
    "failovers_used": Meaning(
        409, "本场课的转移次数已满", "The lesson has had as many failovers as there may be", *_RELOAD
    ),
    # -- room kits -----------------------------------------------------------------------------------------
    "venue_key_main": Meaning(
        409,
        "主会场不发推流密钥",
        "The main venue gets no key of a room kit",
        "主会场的画面由讲师的电脑推送；密钥只发给分会场。",
        "The lecturer's machine sends its picture; keys are for sub-venues.",
    ),
    "venue_key_there": Meaning(
        409,
        "该会场已有推流密钥",
        "This venue has a key already",
        "密钥只显示一次；找不到了就先收回，再发新的。",
        "A key is shown once; if it is lost, revoke it and issue another.",
    ),
    "venue_key_not_found": Meaning(404, "没有找到该推流密钥", "There is no such key", *_RELOAD),
    # -- inquiries and chapters ----------------------------------------------------------------------------
    "inquiry_not_found": Meaning(404, "没有找到该提问", "There is no such inquiry", *_RELOAD),
    "inquiry_state": Meaning(409, "该提问现在不能这样处理", "The state of the inquiry does not allow this", *_RELOAD),
    "inquiry_merge": Meaning(
        409,
        "不能合并到该提问",
        "It cannot be merged into that inquiry",
        "请选择同一场课中待审或已采纳的另一条提问。",
        "Choose another inquiry of this lesson that waits or is approved.",
    ),
    "inquiries_waiting": Meaning(
        409,
        "您已有 3 条提问等待审核",
        "Three of your inquiries are waiting already",
        "请等其中一条有了结果再提问。",
        "Ask again when one of them was decided.",
    ),
    "inquiries_too_many": Meaning(
        429,
        "一小时内最多提问 10 次",
        "Ten inquiries an hour are the most",
        "请稍后再提，或为别人的提问点赞。",
        "Ask later, or vote for what others ask.",
    ),
    "chapter_not_found": Meaning(404, "没有找到该章节", "There is no such chapter", *_RELOAD),
    # -- materials and long work -------------------------------------------------------------------------
    "material_not_found": Meaning(404, "没有找到该资料", "There is no such material", *_RELOAD),
    "materials_used": Meaning(
        409,
        "本场课的资料份数已满",
        "The lesson has as many materials as there may be",
        "请先删除不再需要的资料。",
        "Delete what is not needed any more.",
    ),
    "materials_closed": Meaning(
        409,
        "这场课的资料不能再改动",
        "The materials of this lesson are closed",
        "已归档或已取消的课不再接收资料。",
        "A lesson that is archived or cancelled takes no more.",
    ),
    "material_not_ready": Meaning(
        409, "资料还在处理中", "The material is not ready", "请等处理完成后再用。", "Use it when it has been converted."
    ),
    "material_on_stage": Meaning(
        409, "课件正在展示", "The slides are on stage", "请先收起课件，再删除。", "Close them before you delete them."
    ),
    "slides_closed": Meaning(
        409, "这份课件没有在展示", "These slides are not on stage", "请先打开课件。", "Open them first."
    ),
    "page_unknown": Meaning(422, "没有这一页", "There is no such page", *_RELOAD),
    "file_too_large": Meaning(
        413, "文件过大", "The file is too large", "请压缩或拆分后再上传。", "Compress or split it and try again."
    ),
    "file_type_wrong": Meaning(
        415,
        "文件内容与所选类型不符",
        "The file is not of the chosen kind",
        "课件和讲义请导出为 PDF 后上传；改文件名不会改变内容。",
        "Export slides and handouts as PDF; renaming a file does not change what it is.",
    ),
    "upload_broken": Meaning(
        400,
        "文件没有传完",
        "The file did not arrive whole",
        "请检查网络后重新上传。",
        "Check the network and try again.",
    ),
    "pdf_encrypted": Meaning(
        422,
        "PDF 设有密码",
        "The PDF is protected by a password",
        "请去掉打开密码，重新导出后上传。",
        "Remove the password and export it again.",
    ),
    "pdf_broken": Meaning(
        422,
        "PDF 已损坏或不完整",
        "The PDF is damaged or incomplete",
        "请用原软件重新导出 PDF 后上传。",
        "Export it again from the program that made it.",
    ),
    "pdf_too_many_pages": Meaning(
        422, "PDF 超过 200 页", "The PDF has more than 200 pages", "请拆分后上传。", "Split it and try again."
    ),
    "pdf_page_wrong": Meaning(
        422,
        "PDF 中有一页尺寸异常",
        "A page of the PDF has an impossible size",
        "请把页面设为常用幅面后重新导出。",
        "Give the pages a usual size and export it again.",
    ),
    "conversion_too_heavy": Meaning(
        422,
        "文件过于复杂，处理超出时间或内存限制",
        "The file is too heavy: the conversion ran out of time or memory",
        "请简化或拆分文件（例如压平图片、减少矢量图形）后重新上传。",
        "Simplify or split it (flatten pictures, fewer vector drawings) and try again.",
    ),
    "conversion_failed": Meaning(
        422,
        "文件无法处理",
        "The file could not be converted",
        "请用原软件重新导出后上传；仍不行请联系管理员。",
        "Export it again; tell your administrator if that fails.",
    ),
    "clip_not_video": Meaning(
        415,
        "这不是视频文件",
        "The file is not a video",
        "请上传 MP4、MOV、MKV 等视频文件；改文件名不会改变内容。",
        "Upload a video such as MP4, MOV or MKV; renaming a file does not change what it is.",
    ),
    "clip_broken": Meaning(
        422,
        "视频文件不完整或已损坏",
        "The video is damaged or not complete",
        "请在播放器里确认能从头放到尾，重新导出后再上传。",
        "See whether it plays to its end, export it again and upload that.",
    ),
    "clip_no_picture": Meaning(
        422,
        "文件里只有声音，没有画面",
        "The file has sound and no picture",
        "请上传带画面的视频。",
        "Upload a video that has a picture.",
    ),
    "clip_too_large": Meaning(
        422,
        "视频画面尺寸过大",
        "The pictures of the video are too large",
        "请缩小画面（建议 1280×720）后导出，再上传。",
        "Export it with a smaller picture, best in 1280×720, and upload that.",
    ),
    "clip_too_long": Meaning(
        422,
        "视频太长",
        "The video is too long",
        "请剪短或分成几段上传。",
        "Shorten it or upload it in parts.",
    ),
    "clip_not_playing": Meaning(409, "现在没有播放短片", "No clip is playing", *_RELOAD),
    "clip_playing": Meaning(
        409, "短片正在播放", "The clip is playing", "请先停止播放，再删除。", "Stop it before you delete it."
    ),
    "job_not_found": Meaning(404, "没有找到该后台任务", "There is no such job", *_RELOAD),
    # -- micro-videos ------------------------------------------------------------------------------------
    "micro_not_found": Meaning(404, "没有找到该微视频", "There is no such micro-video", *_RELOAD),
    "micro_state": Meaning(
        409,
        "微视频现在的状态不能这样操作",
        "The micro-video is not in a state for that",
        "请刷新页面查看最新状态；正在转码的请先等待或取消。",
        "Reload the page; one that is being converted has to end first, or be cancelled.",
    ),
    "micro_order": Meaning(
        409,
        "课程里的微视频已有变化，顺序没有保存",
        "The course has changed: the order was not kept",
        *_RELOAD,
    ),
    "micro_used": Meaning(
        409,
        "这门课程的微视频已满 100 个",
        "The course has a hundred micro-videos already",
        "请把后面的内容放进另一门课程。",
        "Put what follows into another course.",
    ),
    "certificate_not_found": Meaning(404, "没有找到该证书", "There is no such certificate", *_RELOAD),
    "certificate_not_earned": Meaning(
        409,
        "还没有学完这门课程",
        "The course is not completed yet",
        "请看完课程中每个微视频并通过测试，证书会自动颁发。",
        "Watch every video of it and pass the tests: the certificate then comes by itself.",
    ),
    "certificate_withdrawn": Meaning(
        409,
        "证书已撤销",
        "The certificate was withdrawn",
        "如有疑问，请联系颁发单位。",
        "Ask who issued it if that surprises you.",
    ),
    "study_not_begun": Meaning(
        409,
        "还没有开始看这个微视频",
        "The micro-video was not begun yet",
        "请从课程页面打开微视频再看。",
        "Open it from the course's page.",
    ),
    "study_not_watched": Meaning(
        409,
        "还没有看够这个微视频",
        "Not enough of the micro-video was watched yet",
        "请先看完微视频，再测试。",
        "Watch it first, then take the test.",
    ),
    "study_passed": Meaning(409, "测试已经通过", "The test was passed already", *_RELOAD),
    "study_no_test": Meaning(
        409, "这个微视频没有测试", "This micro-video has no test", "看完即可。", "Watching it is enough."
    ),
    "study_pause": Meaning(
        409,
        "两次测试之间需要间隔",
        "There has to be a pause between two attempts",
        "请利用这段时间回看一下微视频，稍后再测。",
        "Look at the micro-video again meanwhile and try later.",
    ),
    "upload_not_found": Meaning(
        404,
        "没有找到这次上传",
        "There is no such upload",
        "可能已取消或过期，请重新选择文件上传。",
        "It was cancelled or has expired: choose the file again.",
    ),
    "upload_expired": Meaning(
        410,
        "这次上传已过期",
        "The upload has expired",
        "请重新选择文件上传。",
        "Choose the file again.",
    ),
    "upload_offset": Meaning(
        409,
        "续传的位置不对",
        "The upload does not go on there",
        "请从服务器记录的位置接着传；重新选择同一个文件会自动接上。",
        "Go on where the server says; choosing the same file again does that.",
    ),
    "upload_digest": Meaning(
        460,
        "文件内容与声明的校验值不符",
        "The content does not match its digest",
        "这一段没有保存，请重传；反复出现请检查文件和网络。",
        "The piece was not kept: send it again; check the file and the network if it happens again.",
    ),
    "upload_quota": Meaning(
        409,
        "同时上传的文件太多或太大",
        "Too many uploads are on their way, or too large ones",
        "请先完成或取消正在上传的视频。",
        "Finish or cancel those that are on their way first.",
    ),
    "upload_empty": Meaning(422, "文件是空的", "The file is empty", "请换一个文件。", "Choose another file."),
    "upload_name": Meaning(
        422,
        "文件名不能用",
        "The name of the file cannot be used",
        "文件名里不能有路径、斜杠或控制字符，请改名后再传。",
        "No path, slash or control character may stand in it: rename the file.",
    ),
    "upload_version": Meaning(
        412,
        "不支持这个版本的断点续传协议",
        "This version of the upload protocol is not spoken here",
        "请使用 tus 1.0.0。",
        "Use tus 1.0.0.",
    ),
    "film_playlist": Meaning(
        415,
        "这是播放列表，不是视频文件",
        "The file is a playlist and no video",
        "请上传视频文件本身；服务器不会去读列表里写的地址。",
        "Upload the video itself: the server reads no address that stands in a list.",
    ),
    # -- rosters that come as tables -----------------------------------------------------------------------
    "table_broken": Meaning(
        422,
        "表格无法读取",
        "The table cannot be read",
        "请用 WPS 或 Excel 另存为 .xlsx，或存为 UTF-8、GB18030 编码的 CSV 后再上传。",
        "Save it as .xlsx, or as CSV in UTF-8 or GB18030, and upload it again.",
    ),
    "table_too_large": Meaning(
        422,
        "表格的行或列太多",
        "The table has too many rows or columns",
        "一次最多 10 万行、64 列；请拆分后分次导入。",
        "At most 100,000 rows and 64 columns at once; split it.",
    ),
    "table_no_titles": Meaning(
        422,
        "表格里没有找到模板的标题行",
        "The table has no row with the template's titles",
        "请下载模板，把内容粘贴到模板里再上传。",
        "Download the template, paste your rows into it and upload that.",
    ),
    "import_not_found": Meaning(404, "没有找到这次导入", "There is no such import", *_RELOAD),
    "import_over": Meaning(409, "这次导入已经结束", "This import is over", *_RELOAD),
    "import_has_errors": Meaning(
        409,
        "名单里还有错误，没有导入任何人",
        "The roster has errors; nobody was imported",
        "请按列出的单元格改正后重新上传。",
        "Correct the cells that are listed and upload it again.",
    ),
    "import_outdated": Meaning(
        409,
        "核对之后人员有了变化，没有导入任何人",
        "People have changed since the check; nobody was imported",
        "请重新上传，核对后再确认。",
        "Upload it again, look at it, then confirm.",
    ),
    "import_forgotten": Meaning(
        409,
        "这张表格已不再保存，没有导入任何人",
        "This table is no longer kept; nobody was imported",
        "请重新上传。待确认的表格保存 7 天，其中有人注销时当即删除。",
        "Upload it again. A table waits for seven days, and goes at once when somebody in it is erased.",
    ),
    "import_cancelled": Meaning(
        409,
        "导入已取消，没有改变任何人",
        "The import was cancelled; nobody was changed",
        "需要时请重新上传。",
        "Upload it again if needed.",
    ),
    "import_failed": Meaning(
        500,
        "导入没有完成，没有改变任何人",
        "The import failed; nobody was changed",
        "请重试；仍不行请联系管理员。",
        "Try again; tell your administrator if that fails.",
    ),
    "erasure_not_found": Meaning(404, "没有找到该注销申请", "There is no such request", *_RELOAD),
    "hold_not_found": Meaning(404, "没有找到该保全", "There is no such legal hold", *_RELOAD),
    "retention_unlimited": Meaning(
        422,
        "这一类没有保存期限",
        "This class has no period",
        "请刷新页面，选择有期限的类别。",
        "Reload, and choose a class that has one.",
    ),
    "retention_too_short": Meaning(
        422,
        "低于这一类的最短保存期限",
        "Below the least period of this class",
        "请填写不少于最短期限的天数；日志类不少于 184 天。",
        "Enter at least the least period; of logs 184 days.",
    ),
    "retention_past": Meaning(
        422, "生效日期已过", "That day is past", "请选择今天或以后的日期。", "Choose today or a later day."
    ),
    "retention_count_changed": Meaning(
        409,
        "将清除的条数已经增加",
        "More would be cleared by now than you were told",
        "请重新查看条数后再确认。",
        "Look at the number again, then confirm.",
    ),
    "erasure_over": Meaning(409, "该注销申请已经处理", "The request was decided or withdrawn", *_RELOAD),
    "confirmation_wrong": Meaning(
        422,
        "输入的编号与此人不符",
        "What was typed is not this person's number",
        "请核对后重新输入此人的登录编号。",
        "Check, and type the person's login number again.",
    ),
    "erasure_in_lesson": Meaning(
        409,
        "此人还在未核定学时的课程中",
        "This person is in a lesson that is not settled",
        "请待课程结束并核定学时后再注销；讲师请先更换。",
        "Settle the lesson first; give a lesson of theirs to another lecturer.",
    ),
    "erasure_held": Meaning(
        409,
        "此人或其课程处于法定保全中",
        "A legal hold is on this person or on a lesson of theirs",
        "请先依规解除保全。",
        "Lift the hold first.",
    ),
    "erasure_last_administrator": Meaning(
        409,
        "此人是最后一位该类管理员",
        "This person is the last administrator of a kind",
        "请先授予另一人同样的角色。",
        "Give the role to somebody else first.",
    ),
    "job_over": Meaning(409, "该后台任务已经结束", "The job is over", *_RELOAD),
    "job_cancelled": Meaning(
        409, "处理已取消", "The conversion was cancelled", "需要时请重新上传。", "Upload it again if needed."
    ),
    "job_interrupted": Meaning(
        500,
        "服务器重启，处理没有完成",
        "The server restarted and the work was not finished",
        "请删除后重新上传。",
        "Delete it and upload it again.",
    ),
    # -- tickets and grants ------------------------------------------------------------------------------
    "ticket_invalid": Meaning(401, "入场凭据无效", "The ticket is not valid", *_SIGN_IN_AGAIN),
    "ticket_expired": Meaning(401, "入场凭据已过期", "The ticket has expired", *_SIGN_IN_AGAIN),
    "ticket_foreign": Meaning(403, "入场凭据不适用于此处", "The ticket is for something else", *_SIGN_IN_AGAIN),
    "grant_invalid": Meaning(
        403, "播放地址无效", "The playing address is not valid", "请重新打开播放页面。", "Open the player page again."
    ),
    "grant_expired": Meaning(
        403, "播放地址已过期", "The playing address has expired", "请重新打开播放页面。", "Open the player page again."
    ),
    # -- organisation and people -------------------------------------------------------------------------
    "past_fixed": Meaning(
        422,
        "过去的记录不能改变",
        "The past never changes",
        "请选择今天或以后的日期，并且不早于上一次变动。",
        "Choose today or a later day, and none before the last change.",
    ),
    "last_administrator": Meaning(
        409,
        "此人是最后一位该类管理员",
        "This person is the last administrator of a kind",
        "请先授予另一人同样的角色，再调离此人。",
        "Give the role to somebody else first; then this person can go.",
    ),
    "unit_misplaced": Meaning(
        422,
        "该组织不能隶属于所选的上级",
        "This unit cannot stand under that one",
        "党支部隶属党总支或党委，党总支隶属党委，且不能隶属于自己的下级。",
        "A branch stands under a general branch or a committee, a general branch under a committee, none under itself.",
    ),
    "unit_dissolved": Meaning(
        409,
        "该组织当日已撤销或尚未成立",
        "The unit does not stand on that day",
        "请另选组织或日期。",
        "Choose another unit or day.",
    ),
    "unit_not_empty": Meaning(
        409,
        "该组织届时还有下级组织或人员",
        "Units or members would be left in it",
        "请先把下级组织和人员转到别处。",
        "Move its units and members elsewhere first.",
    ),
    "number_taken": Meaning(
        409,
        "该编号已被使用",
        "This number is taken",
        "请核对编号，或在人员中搜索它。",
        "Check it, or search for it among the members.",
    ),
    "already_there": Meaning(409, "已经在该组织", "Already in that unit", "请选择另一个组织。", "Choose another unit."),
    "membership_ended": Meaning(
        409,
        "该人员的组织关系已经结束",
        "This membership has ended",
        "如需恢复，请办理转入。",
        "To take it up again, let it join a unit.",
    ),
    "loan_overlaps": Meaning(
        409, "与已有的借调时间重叠", "It overlaps another loan", "请先结束原来的借调。", "End the other loan first."
    ),
    # -- media -------------------------------------------------------------------------------------------
    "bad_sdp": Meaning(
        400,
        "无法识别的媒体协商内容",
        "The session description cannot be read",
        "请更新浏览器或设备后重试。",
        "Update the browser or device and try again.",
    ),
    "no_known_codec": Meaning(
        422,
        "设备不支持本场课使用的视频或音频格式",
        "The device has no video or sound format that this lesson uses",
        "请改用 Chrome、Edge 或 Safari；观看可改用流畅模式。",
        "Use Chrome, Edge or Safari; to watch, use the HLS player.",
    ),
    "too_many_tracks": Meaning(
        422,
        "一路推流只能有一个画面和一路声音",
        "A publication has one picture and one sound",
        "请在推流设备中只保留一路画面和一路声音；第二路画面另开一路推流。",
        "Leave one picture and one sound in it; a second picture is a publication of its own.",
    ),
    "sdp_too_large": Meaning(
        413,
        "媒体协商内容过大",
        "The session description is too large",
        "请更新浏览器或设备后重试。",
        "Update the browser or device and try again.",
    ),
    "source_taken": Meaning(
        409,
        "该画面已有人在推流",
        "Somebody already publishes this source",
        "请先在原设备上停止，或由会控强制接管。",
        "Stop it on the other device first, or let the director take it over.",
    ),
    "source_unknown": Meaning(404, "本场课没有该画面", "The lesson has no such source", *_RELOAD),
    "session_unknown": Meaning(404, "该连接已经结束", "This connection has ended", "请重新连接。", "Connect again."),
    "room_unknown": Meaning(404, "这场课的媒体尚未开放", "The lesson's media is not open", *_TRY_SOON),
    "slot_unknown": Meaning(404, "没有该画面位置", "There is no such slot", *_RELOAD),
    "node_full": Meaning(
        503,
        "媒体连接数已满",
        "The media server is full",
        "请稍后再试，或改用流畅模式观看。",
        "Try later, or watch by HLS.",
    ),
    "draining": Meaning(503, "服务器正在重启", "The server is restarting", *_TRY_SOON),
    "media_unavailable": Meaning(
        503,
        "媒体服务暂时不可用",
        "The media process is away",
        "系统正在自动恢复，请稍等片刻。",
        "It is coming back by itself; wait a moment.",
    ),
    "recording_unknown": Meaning(
        404, "没有找到该录像", "There is no such recording", "请返回录像列表。", "Go back to the list of recordings."
    ),
    "recording_finished": Meaning(409, "录制已经结束", "The recording has ended", *_RELOAD),
    "not_yet": Meaning(404, "画面尚未开始", "There is no picture yet", *_TRY_SOON),
    "disk_full": Meaning(507, "磁盘空间不足", "The disk is full", *_CALL_STAFF),
    "storage_unavailable": Meaning(503, "存储暂时不可用", "The storage is away", *_CALL_STAFF),
    # -- talking back ------------------------------------------------------------------------------------
    "chat_off": Meaning(
        409,
        "本场课未开放聊天",
        "The chat of this lesson is closed",
        "可在互动中提问。",
        "You may ask a question instead.",
    ),
    "word_listed": Meaning(
        422,
        "内容含有本单位设定的受限词语，未发送",
        "It holds a word that your organisation has listed; it was not sent",
        "请修改后再发。",
        "Change the text and send it again.",
    ),
    "talk_muted": Meaning(
        403,
        "您已被暂停发言",
        "You have been muted for a while",
        "到时间后可继续发言；如有疑问请联系会务人员。",
        "You may go on when the time is over; ask the staff if you have a question.",
    ),
    "slow_mode": Meaning(
        429,
        "本场课限制了发言间隔",
        "This lesson allows one line in a while",
        "请等倒计时结束再发。",
        "Wait for the countdown.",
    ),
    "chat_busy": Meaning(
        429, "现在发言的人太多", "Too many are writing just now", "请几秒后再发。", "Send it in some seconds."
    ),
    "line_not_found": Meaning(404, "没有找到这条发言", "There is no such line", *_RELOAD),
    "line_decided": Meaning(409, "这条发言已处理", "This line was decided already", *_RELOAD),
    "talkback_away": Meaning(
        409,
        "该会场的大屏页面没有打开",
        "That venue's page is not open",
        "对方听不到对讲，请先用电话联系。",
        "Nobody would hear you there; call them by telephone first.",
    ),
    "talkback_on_air": Meaning(
        409,
        "该会场正在全场发言，对讲会被全场听到",
        "That venue is on the air: everybody would hear you",
        "请先让它下屏或静音；确需对讲请确认。",
        "Take it off the air or mute it first, or confirm.",
    ),
    "talkback_busy": Meaning(
        409,
        "该会场正在与另一位会控对讲",
        "Somebody else is talking to that venue",
        "请等对讲结束再试。",
        "Try again when they have finished.",
    ),
    # -- the house itself --------------------------------------------------------------------------------
    "busy": Meaning(503, "系统繁忙", "The system is busy", *_TRY_SOON),
    "unavailable": Meaning(503, "数据服务暂时不可用", "The database is away", *_TRY_SOON),
    "internal": Meaning(
        500,
        "系统内部错误",
        "Something went wrong inside",
        "请重试；仍不行时把请求编号告诉管理员。",
        "Try again; if it fails, tell your administrator the request id.",
    ),
}
