"""What OpenBB Workspace takes, written from its references of widgets.json and apps.json: names, kinds and limits."""

from __future__ import annotations

from typing import Any

_TEXT = {"type": "string", "minLength": 1}
_PATH = {"type": "string", "pattern": "^[a-z0-9][a-z0-9/_-]*$"}
_OPTION = {
    "type": "object",
    "required": ["label", "value"],
    "properties": {"label": _TEXT, "value": {"type": ["string", "number", "boolean"]}},
    "additionalProperties": False,
}
_PARAMETER = {
    "type": "object",
    "required": ["paramName", "type", "label", "value"],
    "properties": {
        "paramName": {"type": "string", "pattern": "^[a-z_]+$"},
        "type": {"enum": ["date", "text", "ticker", "number", "boolean", "endpoint", "form", "tabs"]},
        "value": {"type": ["string", "number", "boolean", "null"]},
        "label": _TEXT,
        "description": {"type": "string"},
        "show": {"type": "boolean"},
        "optional": {"type": "boolean"},
        "optionsEndpoint": _PATH,
        "options": {"type": "array", "items": _OPTION, "minItems": 1},
    },
    "additionalProperties": False,
    "if": {"properties": {"type": {"const": "endpoint"}}},
    "then": {"required": ["optionsEndpoint"]},
}
_COLUMN = {
    "type": "object",
    "required": ["field"],
    "properties": {
        "field": _TEXT,
        "chartDataType": {"enum": ["category", "series", "time", "excluded"]},
        "cellDataType": {"enum": ["text", "number", "boolean", "date", "dateString", "object"]},
        "renderFn": {"enum": ["greenRed", "titleCase", "hoverCard", "cellOnClick", "columnColor", "showCellChange"]},
        "renderFnParams": {"type": "object"},
    },
    "additionalProperties": False,
    "dependentRequired": {"renderFn": ["renderFnParams"]},
}
_TABLE = {
    "type": "object",
    "properties": {
        "enableCharts": {"type": "boolean"},
        "showAll": {"type": "boolean"},
        "chartView": {
            "type": "object",
            "required": ["enabled", "chartType", "cellRangeCols"],
            "properties": {
                "enabled": {"type": "boolean"},
                "chartType": {"enum": ["column", "bar", "line", "area"]},
                "cellRangeCols": {"type": "object", "additionalProperties": {"type": "array", "minItems": 2}},
            },
            "additionalProperties": False,
        },
        "columnsDefs": {"type": "array", "items": _COLUMN},
    },
    "additionalProperties": False,
}
WIDGETS: dict[str, Any] = {
    "type": "object",
    "propertyNames": {"pattern": "^[a-z0-9_]+$"},
    "additionalProperties": {
        "type": "object",
        "required": ["name", "description", "endpoint", "type", "gridData", "params"],
        "properties": {
            "name": _TEXT,
            "description": _TEXT,
            "category": _TEXT,
            "subCategory": _TEXT,
            "type": {"enum": ["chart", "table", "markdown", "metric", "note"]},
            "endpoint": _PATH,
            "gridData": {
                "type": "object",
                "required": ["w", "h"],
                "properties": {
                    "w": {"type": "integer", "minimum": 1, "maximum": 40},
                    "h": {"type": "integer", "minimum": 1, "maximum": 100},
                },
                "additionalProperties": False,
            },
            "data": {"type": "object", "properties": {"table": _TABLE}, "additionalProperties": False},
            "params": {"type": "array", "items": _PARAMETER},
            "source": {"type": "array", "items": _TEXT},
            "mcp_tool": {
                "type": "object",
                "required": ["mcp_server", "tool_id"],
                "properties": {"mcp_server": _TEXT, "tool_id": _TEXT},
                "additionalProperties": False,
            },
            "refetchInterval": {"type": "integer", "minimum": 1000},
        },
        "additionalProperties": False,
    },
}
_PLACE = {
    "type": "object",
    "required": ["i", "x", "y", "w", "h"],
    "properties": {
        "i": _TEXT,
        "groups": {"type": "array", "items": _TEXT},
        **{name: {"type": "integer", "minimum": 0} for name in "xywh"},
    },
    "additionalProperties": False,
}
APPS: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["name", "description", "img", "allowCustomization", "tabs", "groups"],
        "properties": {
            "name": _TEXT,
            "description": _TEXT,
            **{name: {"type": "string"} for name in ("img", "img_dark", "img_light")},
            "allowCustomization": {"type": "boolean"},
            "tabs": {
                "type": "object",
                "additionalProperties": {
                    "type": "object",
                    "required": ["id", "name", "layout"],
                    "properties": {"id": _TEXT, "name": _TEXT, "layout": {"type": "array", "items": _PLACE}},
                    "additionalProperties": False,
                },
            },
            "groups": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["name", "type", "paramName", "widgetIds", "defaultValue"],
                    "properties": {"type": {"enum": ["param", "endpointParam"]}},
                },
            },
            "prompts": {"type": "array", "items": _TEXT},
        },
        "additionalProperties": False,
    },
}
