"""The emulators' one clock: wall time, durations and sleep, with a scale and a hand to turn it."""

import asyncio
import time
from datetime import UTC, datetime, timedelta


class Clock:
    """Time for every emulator. Wall time runs at its real pace; `scale` divides durations only, so at 20 a
    token lives 180 s and the rate window is 0.25 s wide. `advance` moves both clocks and wakes all sleepers."""

    def __init__(self, scale: float = 1.0) -> None:
        if scale <= 0:
            raise ValueError("the time scale must be greater than 0")
        self.scale = scale
        self._offset = 0.0
        self._moved = asyncio.Event()

    def now(self) -> datetime:
        """The present as an aware time in UTC."""
        return datetime.now(UTC) + timedelta(seconds=self._offset)

    def monotonic(self) -> float:
        """Seconds that never run backwards, `advance` included."""
        return time.monotonic() + self._offset

    @property
    def offset(self) -> float:
        """Seconds that this clock is ahead of the machine's."""
        return self._offset

    def advance(self, seconds: float) -> None:
        """Moves the clock on by real (unscaled) seconds."""
        if seconds < 0:
            raise ValueError("the clock only goes forwards")
        self._offset += seconds
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    def seconds(self, seconds: float) -> float:
        """A duration of the real system as it is here."""
        return seconds / self.scale

    async def sleep(self, seconds: float) -> None:
        """Sleeps `seconds(seconds)`, or less if the clock is moved past the end."""
        deadline = self.monotonic() + self.seconds(seconds)
        while (left := deadline - self.monotonic()) > 0:
            try:
                async with asyncio.timeout(left):
                    await self._moved.wait()
            except TimeoutError:
                return
