"""Commands that run work without the web: database, imports, exports, checks, servers."""
