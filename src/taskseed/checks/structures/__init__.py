"""JSON: values, schemas."""
