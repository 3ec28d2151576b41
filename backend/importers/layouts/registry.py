"""All layouts, in the order in which they are tried where two would fit a header equally well."""

from __future__ import annotations

from typing import Final

from backend.importers.layouts.crypto import CRYPTO
from backend.importers.layouts.european import EUROPEAN
from backend.importers.layouts.forex import FOREX
from backend.importers.layouts.futures import FUTURES
from backend.importers.layouts.interactive_brokers import INTERACTIVE_BROKERS
from backend.importers.layouts.layout import Layout
from backend.importers.layouts.other import OTHER
from backend.importers.layouts.us_brokers import US_BROKERS

LAYOUTS: Final[tuple[Layout, ...]] = (*FUTURES, *US_BROKERS, *CRYPTO, *FOREX, *EUROPEAN, *OTHER, *INTERACTIVE_BROKERS)
