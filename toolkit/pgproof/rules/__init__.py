"""Judgement: one file per rule. A rule looks at evidence and says holds, fails or unknown; it asks no server."""
