"""A parent to be killed: starts a stack on the given home, prints its process ids as JSON, and waits."""

import asyncio
import json
import signal
import sys
from pathlib import Path

from backend.local.stack import embedded_stack


async def main() -> None:
    async with embedded_stack(Path(sys.argv[1]), durable=False) as stack:
        print(json.dumps(stack.process_ids()), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    # A shell starts what it runs in the background with this signal ignored, and that is passed on.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    asyncio.run(main())
