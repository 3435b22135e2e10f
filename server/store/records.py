"""Satisfies ``server.services.records``: shelves over one connection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TypeVar

import sqlalchemy as sa

from server.domain.calendar import Calendar
from server.domain.refusals import Refusal
from server.store.access_codes import SqlAccessCodes
from server.store.accounts import SqlAccounts, SqlAttempts, SqlSessions
from server.store.assignments import SqlAssignments
from server.store.attendance import SqlOutages, SqlProofs, SqlSignIns, SqlSpans
from server.store.attendance_report import SqlAttendance
from server.store.audit_checks import SqlAuditChecks
from server.store.bank import SqlBank
from server.store.calendar import SqlCourses, SqlFeeds, SqlKindRules
from server.store.certificates import SqlCertificates
from server.store.checks import SqlChecks
from server.store.consents import SqlConsents
from server.store.corrections import SqlCorrections
from server.store.credit import SqlCreditRules, SqlReviews, SqlVerdicts
from server.store.data_exports import SqlDataExports
from server.store.database import Database
from server.store.deliveries import SqlDeliveries, SqlWaves
from server.store.entry_corrections import SqlEntryCorrections
from server.store.erasing import SqlErasing
from server.store.erasures import SqlErasures
from server.store.events import SqlCommands, SqlEvents
from server.store.exports import SqlExports
from server.store.failovers import SqlFailovers
from server.store.findings import SqlFindings
from server.store.hands import SqlHands
from server.store.helps import SqlHelps, SqlNotices
from server.store.imports import SqlImports
from server.store.inquiries import SqlChapters, SqlInquiries
from server.store.jobs import Alike
from server.store.keeping import SqlKeeping
from server.store.leaves import SqlLeaves
from server.store.ledger import SqlLedger
from server.store.lessons import SqlLessons, SqlProgrammes
from server.store.letters import SqlLetters
from server.store.make_ups import SqlMakeUps, SqlWatches
from server.store.materials import SqlJobs, SqlMaterials
from server.store.members import SqlMembers
from server.store.micro import SqlMicro, SqlUploads
from server.store.operators import SqlOperators
from server.store.opinions import SqlOpinions
from server.store.organisation import SqlOrganisation
from server.store.outside import SqlOutside
from server.store.oversight import SqlOversight
from server.store.pairings import SqlDevices
from server.store.papers import SqlPapers
from server.store.personal import SqlPersonal
from server.store.planned_launches import SqlPlannedLaunches
from server.store.preflights import SqlPreflights
from server.store.question_pictures import SqlQuestionPictures
from server.store.quiz_reports import SqlQuizReports
from server.store.quizzes import SqlQuestions, SqlQuizzes
from server.store.recordings import SqlAlarms, SqlMediaSessions, SqlRecordings
from server.store.remarks import SqlRemarks
from server.store.retaining import SqlRetention
from server.store.roll_calls import SqlRollCalls
from server.store.roster import SqlRoster
from server.store.schema import micro_watches
from server.store.second_factors import SqlSecondFactors
from server.store.seen import Seen
from server.store.sheet_bundles import SqlSheetBundles
from server.store.sheets import SqlSheets
from server.store.slides import SqlSlides
from server.store.studies import SqlStudies
from server.store.talk import SqlChat, SqlMutes, SqlWords
from server.store.trail import SqlAudit
from server.store.units import SqlUnits
from server.store.venue_keys import SqlVenueKeys
from server.store.venues import SqlVenues
from server.store.year_lists import SqlYearLists
from server.store.years import SqlStudyRoles, SqlYearRules

S = TypeVar("S")
T = TypeVar("T")


class SqlTransaction:
    """The shelves, for as long as the transaction lasts."""

    def __init__(self, connection: sa.Connection, calendar: Calendar) -> None:
        self._connection = connection
        self.calendar = calendar

    @cached_property
    def attendance(self) -> SqlAttendance:
        return SqlAttendance(self._connection)

    @cached_property
    def audit(self) -> SqlAudit:
        return SqlAudit(self._connection)

    @cached_property
    def audit_checks(self) -> SqlAuditChecks:
        return SqlAuditChecks(self._connection)

    @cached_property
    def exports(self) -> SqlExports:
        return SqlExports(self._connection)

    @cached_property
    def units(self) -> SqlUnits:
        return SqlUnits(self._connection)

    @cached_property
    def members(self) -> SqlMembers:
        return SqlMembers(self._connection)

    @cached_property
    def organisation(self) -> SqlOrganisation:
        return SqlOrganisation(self._connection)

    @cached_property
    def imports(self) -> SqlImports:
        return SqlImports(self._connection)

    @cached_property
    def venues(self) -> SqlVenues:
        return SqlVenues(self._connection)

    @cached_property
    def devices(self) -> SqlDevices:
        return SqlDevices(self._connection)

    @cached_property
    def operators(self) -> SqlOperators:
        return SqlOperators(self._connection)

    @cached_property
    def accounts(self) -> SqlAccounts:
        return SqlAccounts(self._connection)

    @cached_property
    def sessions(self) -> SqlSessions:
        return SqlSessions(self._connection)

    @cached_property
    def attempts(self) -> SqlAttempts:
        return SqlAttempts(self._connection)

    @cached_property
    def access_codes(self) -> SqlAccessCodes:
        return SqlAccessCodes(self._connection)

    @cached_property
    def second_factors(self) -> SqlSecondFactors:
        return SqlSecondFactors(self._connection)

    @cached_property
    def consents(self) -> SqlConsents:
        return SqlConsents(self._connection)

    @cached_property
    def personal(self) -> SqlPersonal:
        return SqlPersonal(self._connection)

    @cached_property
    def sheet_bundles(self) -> SqlSheetBundles:
        return SqlSheetBundles(self._connection)

    @cached_property
    def data_exports(self) -> SqlDataExports:
        return SqlDataExports(self._connection)

    @cached_property
    def erasures(self) -> SqlErasures:
        return SqlErasures(self._connection)

    @cached_property
    def erasing(self) -> SqlErasing:
        return SqlErasing(self._connection)

    @cached_property
    def retention(self) -> SqlRetention:
        return SqlRetention(self._connection)

    @cached_property
    def keeping(self) -> SqlKeeping:
        return SqlKeeping(self._connection)

    @cached_property
    def lessons(self) -> SqlLessons:
        return SqlLessons(self._connection)

    @cached_property
    def courses(self) -> SqlCourses:
        return SqlCourses(self._connection)

    @cached_property
    def kind_rules(self) -> SqlKindRules:
        return SqlKindRules(self._connection)

    @cached_property
    def feeds(self) -> SqlFeeds:
        return SqlFeeds(self._connection)

    @cached_property
    def programmes(self) -> SqlProgrammes:
        return SqlProgrammes(self._connection)

    @cached_property
    def events(self) -> SqlEvents:
        return SqlEvents(self._connection)

    @cached_property
    def commands(self) -> SqlCommands:
        return SqlCommands(self._connection)

    @cached_property
    def recordings(self) -> SqlRecordings:
        return SqlRecordings(self._connection)

    @cached_property
    def alarms(self) -> SqlAlarms:
        return SqlAlarms(self._connection)

    @cached_property
    def media_sessions(self) -> SqlMediaSessions:
        return SqlMediaSessions(self._connection)

    @cached_property
    def venue_keys(self) -> SqlVenueKeys:
        return SqlVenueKeys(self._connection)

    @cached_property
    def assignments(self) -> SqlAssignments:
        return SqlAssignments(self._connection)

    @cached_property
    def roster(self) -> SqlRoster:
        return SqlRoster(self._connection)

    @cached_property
    def sign_ins(self) -> SqlSignIns:
        return SqlSignIns(self._connection)

    @cached_property
    def proofs(self) -> SqlProofs:
        return SqlProofs(self._connection)

    @cached_property
    def spans(self) -> SqlSpans:
        return SqlSpans(self._connection)

    @cached_property
    def outages(self) -> SqlOutages:
        return SqlOutages(self._connection)

    @cached_property
    def oversights(self) -> SqlOversight:
        return SqlOversight(self._connection)

    @cached_property
    def question_pictures(self) -> SqlQuestionPictures:
        return SqlQuestionPictures(self._connection)

    @cached_property
    def outside(self) -> SqlOutside:
        return SqlOutside(self._connection)

    @cached_property
    def entry_corrections(self) -> SqlEntryCorrections:
        return SqlEntryCorrections(self._connection)

    @cached_property
    def leaves(self) -> SqlLeaves:
        return SqlLeaves(self._connection)

    @cached_property
    def checks(self) -> SqlChecks:
        return SqlChecks(self._connection)

    @cached_property
    def sheets(self) -> SqlSheets:
        return SqlSheets(self._connection)

    @cached_property
    def findings(self) -> SqlFindings:
        return SqlFindings(self._connection)

    @cached_property
    def corrections(self) -> SqlCorrections:
        return SqlCorrections(self._connection)

    @cached_property
    def bank(self) -> SqlBank:
        return SqlBank(self._connection)

    @cached_property
    def questions(self) -> SqlQuestions:
        return SqlQuestions(self._connection)

    @cached_property
    def quizzes(self) -> SqlQuizzes:
        return SqlQuizzes(self._connection, self.calendar)

    @cached_property
    def quiz_reports(self) -> SqlQuizReports:
        return SqlQuizReports(self._connection)

    @cached_property
    def papers(self) -> SqlPapers:
        return SqlPapers(self._connection)

    @cached_property
    def planned(self) -> SqlPlannedLaunches:
        return SqlPlannedLaunches(self._connection)

    @cached_property
    def opinions(self) -> SqlOpinions:
        return SqlOpinions(self._connection)

    @cached_property
    def remarks(self) -> SqlRemarks:
        return SqlRemarks(self._connection, self.calendar)

    @cached_property
    def hands(self) -> SqlHands:
        return SqlHands(self._connection)

    @cached_property
    def helps(self) -> SqlHelps:
        return SqlHelps(self._connection)

    @cached_property
    def notices(self) -> SqlNotices:
        return SqlNotices(self._connection)

    @cached_property
    def waves(self) -> SqlWaves:
        return SqlWaves(self._connection)

    @cached_property
    def deliveries(self) -> SqlDeliveries:
        return SqlDeliveries(self._connection)

    @cached_property
    def roll_calls(self) -> SqlRollCalls:
        return SqlRollCalls(self._connection)

    @cached_property
    def preflights(self) -> SqlPreflights:
        return SqlPreflights(self._connection)

    @cached_property
    def failovers(self) -> SqlFailovers:
        return SqlFailovers(self._connection)

    @cached_property
    def credit_rules(self) -> SqlCreditRules:
        return SqlCreditRules(self._connection)

    @cached_property
    def letters(self) -> SqlLetters:
        return SqlLetters(self._connection)

    @cached_property
    def year_lists(self) -> SqlYearLists:
        return SqlYearLists(self._connection)

    @cached_property
    def year_rules(self) -> SqlYearRules:
        return SqlYearRules(self._connection)

    @cached_property
    def study_roles(self) -> SqlStudyRoles:
        return SqlStudyRoles(self._connection)

    @cached_property
    def verdicts(self) -> SqlVerdicts:
        return SqlVerdicts(self._connection)

    @cached_property
    def ledger(self) -> SqlLedger:
        return SqlLedger(self._connection)

    @cached_property
    def reviews(self) -> SqlReviews:
        return SqlReviews(self._connection)

    @cached_property
    def make_ups(self) -> SqlMakeUps:
        return SqlMakeUps(self._connection)

    @cached_property
    def watches(self) -> SqlWatches:
        return SqlWatches(self._connection)

    @cached_property
    def chat(self) -> SqlChat:
        return SqlChat(self._connection)

    @cached_property
    def mutes(self) -> SqlMutes:
        return SqlMutes(self._connection)

    @cached_property
    def words(self) -> SqlWords:
        return SqlWords(self._connection)

    @cached_property
    def inquiries(self) -> SqlInquiries:
        return SqlInquiries(self._connection)

    @cached_property
    def chapters(self) -> SqlChapters:
        return SqlChapters(self._connection)

    @cached_property
    def materials(self) -> SqlMaterials:
        return SqlMaterials(self._connection)

    @cached_property
    def micro(self) -> SqlMicro:
        return SqlMicro(self._connection)

    @cached_property
    def uploads(self) -> SqlUploads:
        return SqlUploads(self._connection)

    @cached_property
    def studies(self) -> SqlStudies:
        return SqlStudies(self._connection)

    @cached_property
    def certificates(self) -> SqlCertificates:
        return SqlCertificates(self._connection)

    @cached_property
    def micro_watches(self) -> SqlWatches:
        return SqlWatches(self._connection, micro_watches, "video_id")

    @cached_property
    def slides(self) -> SqlSlides:
        return SqlSlides(self._connection)

    @cached_property
    def jobs(self) -> SqlJobs:
        return SqlJobs(self._connection)


class SqlRecords:
    def __init__(self, database: Database, calendar: Calendar | None = None) -> None:
        self._database = database
        self._calendar = calendar or Calendar()

    async def read(self, fn: Callable[[SqlTransaction], T]) -> T:
        return await self._database.read(lambda connection: fn(self._of(connection)))

    async def glance(self, fn: Callable[[SqlTransaction], T]) -> T:
        return await self._database.glance(lambda connection: fn(self._of(connection)))

    async def read_seen(self, fn: Callable[[SqlTransaction], T]) -> tuple[T, Seen | None]:
        return await self._database.read_seen(lambda connection: fn(self._of(connection)))

    async def write(self, fn: Callable[[SqlTransaction], T]) -> T:
        return await self._database.write(lambda connection: fn(self._of(connection)))

    async def write_together(self, fn: Callable[[SqlTransaction, Sequence[S]], Sequence[T | Refusal]], item: S) -> T:
        alike = Alike(fn, lambda connection, items: fn(self._of(connection), items))
        result: T = await self._database.write_alike(alike, item)
        return result

    def _of(self, connection: sa.Connection) -> SqlTransaction:
        return SqlTransaction(connection, self._calendar)
