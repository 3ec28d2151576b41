"""Interactive Brokers: the trades of a Flex query (XML or CSV) and the Trades section of an activity statement (CSV).

The tables are found here; they are read as any layout is. Beside the trades stand multipliers (of contracts, and of
bonds in percent of their face), splits, and what came into the account.
"""

from __future__ import annotations

from backend.importers.base import ImportedRun, ImportOptions
from backend.importers.interactive_brokers_tables import (
    flex_file,
    is_flex,
    is_statement,
    statement_file,
)
from backend.importers.interactive_brokers_xml import is_flex_xml
from backend.importers.layouts.finding import FoundTable, Located, located_in
from backend.importers.layouts.headers import bind_layout
from backend.importers.layouts.importer import Elsewhere, LayoutImporter, run_of
from backend.importers.layouts.interactive_brokers import STATEMENT, TRANSACTION_HISTORY
from backend.importers.layouts.sheet import open_layout


class InteractiveBrokersImporter:
    """Trades of an Interactive Brokers account."""

    name = "interactive-brokers"

    def recognises(self, filename: str, data: bytes) -> bool:
        """Flex XML, a Flex table with its own columns, a statement with a Trades section, or a transaction history."""
        return is_flex_xml(data) or is_statement(data) or is_flex(data) or _is_history(data)

    def read(self, filename: str, data: bytes, options: ImportOptions) -> ImportedRun:
        """Read the executions of one currency.

        Raises:
            ImportProblem: `several_currencies` naming them; `empty_file`; `bad_xml`; `bad_value` with line and column.
        """
        if _is_history(data):
            return LayoutImporter(self.name).read(filename, data, options)
        file = statement_file(data) if is_statement(data) else flex_file(data)
        found = FoundTable(Located(STATEMENT), file.table, file.left_out)
        sheet = open_layout(found, bind_layout(STATEMENT, file.table.headers), filename, options)
        cancelled = f"{file.cancelled:,} rows cancel earlier executions; each was read as the opposite execution."
        elsewhere = Elsewhere(file.splits, file.flows, [cancelled] if file.cancelled else [])
        return run_of(sheet, filename, elsewhere)


def _is_history(data: bytes) -> bool:
    located = located_in(data)
    return located is not None and located.layout is TRANSACTION_HISTORY
