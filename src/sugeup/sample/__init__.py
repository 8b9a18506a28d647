"""The bundled sample: real figures of the Korean market with their provenance, see README.md."""
