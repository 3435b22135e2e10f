"""What needs Alembic itself (which takes a third of a second to import)."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from server.store.migrations import SchemaTooNew


def config() -> Config:
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent))
    made.set_main_option("path_separator", "os")
    return made


def check_known(revision: str | None) -> None:
    """Raises :class:`SchemaTooNew`. None is an empty database."""
    if revision is None:
        return
    try:
        ScriptDirectory.from_config(config()).get_revision(revision)
    except CommandError:
        raise SchemaTooNew(
            f"数据库由更新的版本创建（迁移 {revision}），请升级本程序。"
            f" The database was made by a newer version (migration {revision}): upgrade this program."
        ) from None


def upgrade(connection: sa.Connection) -> None:
    made = config()
    made.attributes["connection"] = connection
    command.upgrade(made, "head")
