"""The HTTP edge: sign-in checks, validation, SSE framing, problem+json. No arithmetic."""
