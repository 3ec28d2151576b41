"""The demo account: real sample runs on the offline analyst, imported once as anyone would import them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import structlog
from pydantic import BaseModel, Field

from backend.importers.base import ImportOptions
from backend.ingest.files import read_run
from backend.ingest.run_columns import import_body, made_in_threads
from backend.store.client import Database
from backend.store.models import ModelStore
from backend.store.runs import RunStore

log = structlog.get_logger(__name__)

DEMO_DIR = Path(__file__).parents[1] / "local" / "demo"
_SEEDED = "demo-seeded.json"


class _DemoModel(BaseModel):
    name: str
    ai_model: str
    custom_instructions: str = ""


class _DemoRun(BaseModel):
    file: str
    model: _DemoModel
    run_name: str
    options: Mapping[str, Any] = Field(default_factory=dict)


async def seed_demo(database: Database, access_token: str, home: Path) -> None:
    """Import the demo's runs that were not imported before; what the account's user deletes stays deleted."""
    wanted = [_DemoRun.model_validate(item) for item in json.loads((DEMO_DIR / "manifest.json").read_text())]
    done_file = home / _SEEDED
    done: list[str] = json.loads(done_file.read_text()) if done_file.is_file() else []
    missing = [run for run in wanted if run.file not in done]
    if not missing:
        return
    client = database.as_user(access_token)
    models, runs = ModelStore(client), RunStore(client)
    ids = {model.name: model.id for model in (await models.list_models(limit=200, before_id=None)).items}
    for item in missing:
        if item.model.name not in ids:
            ids[item.model.name] = (await models.add_model(item.model.model_dump())).id
        options = ImportOptions(**{**item.options, "name": item.run_name})
        data = (DEMO_DIR / item.file).read_bytes()
        imported, summary = await asyncio.to_thread(read_run, item.file, data, None, options)
        body = import_body(ids[item.model.name], imported, summary, content_sha256=None, again=False)
        await runs.save_import(made_in_threads(body))
        done.append(item.file)
        done_file.write_text(json.dumps(done))
    log.info("demo_seeded", runs=len(missing))
