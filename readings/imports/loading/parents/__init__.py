"""Parents of statements: meter points, their meters and registers, looked up or created in sets."""
