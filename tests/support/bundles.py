"""What the MCP registry (server.json, 2025-12-11) and MCP bundles (manifest 0.3) take, from their references."""

from __future__ import annotations

from typing import Any

_TEXT = {"type": "string", "minLength": 1}
_VERSION = {"type": "string", "pattern": r"^\d+\.\d+\.\d+([-+.]?[0-9A-Za-z.-]+)?$", "maxLength": 255}
_INPUT = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "pattern": "^[A-Z][A-Z0-9_]*$"},
        "description": _TEXT,
        "default": {"type": "string"},
        "choices": {"type": "array", "items": {"type": "string"}},
        "format": {"enum": ["string", "number", "boolean", "filepath"]},
        "isSecret": {"type": "boolean"},
        "isRequired": {"type": "boolean"},
    },
    "required": ["name"],
    "additionalProperties": False,
}
_PACKAGE = {
    "type": "object",
    "required": ["registryType", "identifier", "transport"],
    "properties": {
        "registryType": {"enum": ["pypi", "mcpb"]},
        "identifier": _TEXT,
        "version": _VERSION,
        "runtimeHint": {"enum": ["uvx"]},
        "fileSha256": {"type": "string", "pattern": "^[a-f0-9]{64}$"},
        "transport": {
            "type": "object",
            "required": ["type"],
            "properties": {"type": {"const": "stdio"}},
            "additionalProperties": False,
        },
        "packageArguments": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["type", "value"],
                "properties": {"type": {"const": "positional"}, "value": _TEXT},
                "additionalProperties": False,
            },
        },
        "environmentVariables": {"type": "array", "items": _INPUT},
    },
    "additionalProperties": False,
    "if": {"properties": {"registryType": {"const": "mcpb"}}},
    "then": {"required": ["fileSha256"], "properties": {"identifier": {"pattern": "^https://.*mcp.*"}}},
}
SERVER: dict[str, Any] = {
    "type": "object",
    "required": ["$schema", "name", "description", "version", "packages"],
    "properties": {
        "$schema": {"const": "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json"},
        "name": {"type": "string", "minLength": 3, "maxLength": 200, "pattern": "^[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+$"},
        "title": {"type": "string", "minLength": 1, "maxLength": 100},
        "description": {"type": "string", "minLength": 1, "maxLength": 100},
        "version": _VERSION,
        "packages": {"type": "array", "items": _PACKAGE, "minItems": 1},
    },
    "additionalProperties": False,
}
_COMMAND = {
    "type": "object",
    "required": ["command"],
    "properties": {
        "command": _TEXT,
        "args": {"type": "array", "items": {"type": "string"}},
        "env": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "additionalProperties": False,
}
_FIELD = {
    "type": "object",
    "required": ["type", "title", "description"],
    "properties": {
        "type": {"enum": ["string", "number", "boolean", "directory", "file"]},
        "title": _TEXT,
        "description": _TEXT,
        "required": {"type": "boolean"},
        "default": {"type": ["string", "number", "boolean", "array"]},
        "sensitive": {"type": "boolean"},
    },
    "additionalProperties": False,
}
MANIFEST: dict[str, Any] = {
    "type": "object",
    "required": ["manifest_version", "name", "version", "description", "author", "server"],
    "properties": {
        "manifest_version": {"const": "0.3"},
        "name": {"type": "string", "pattern": "^[a-z][a-z0-9-]*$"},
        "display_name": _TEXT,
        "version": _VERSION,
        "description": _TEXT,
        "author": {
            "type": "object",
            "required": ["name"],
            "properties": {"name": _TEXT},
            "additionalProperties": False,
        },
        "license": _TEXT,
        "keywords": {"type": "array", "items": _TEXT},
        "server": {
            "type": "object",
            "required": ["type", "entry_point", "mcp_config"],
            "properties": {
                "type": {"enum": ["python", "node", "binary"]},
                "entry_point": _TEXT,
                "mcp_config": _COMMAND,
            },
            "additionalProperties": False,
        },
        "tools": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name"],
                "properties": {"name": _TEXT, "description": _TEXT},
                "additionalProperties": False,
            },
        },
        "prompts_generated": {"type": "boolean"},
        "compatibility": {
            "type": "object",
            "properties": {
                "platforms": {"type": "array", "items": {"enum": ["darwin", "win32", "linux"]}},
                "runtimes": {"type": "object", "properties": {"python": _TEXT}, "additionalProperties": False},
            },
            "additionalProperties": False,
        },
        "user_config": {"type": "object", "additionalProperties": _FIELD},
    },
    "additionalProperties": False,
}
