"""How people and programs reach the use-cases: MCP, REST, command line."""
