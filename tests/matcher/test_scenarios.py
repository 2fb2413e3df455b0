"""What happens in the two systems, and what the matcher says to it; on a real Postgres, through its consumers."""

from __future__ import annotations

import asyncio
import time
from uuid import uuid4

import pytest
