"""Meter readings: from flow files to a store that can be searched."""

VERSION = "0.2.0"
