"""Reads and writes workflow documents: the only door between JSON text and the model."""

from __future__ import annotations

from graphflow.graph.problem import DocumentError, Problem
from graphflow.graph.reader import read_document, read_tree
from graphflow.graph.writer import write_document

__all__ = ["DocumentError", "Problem", "read_document", "read_tree", "write_document"]
