"""Guards between the network and the pages: sizes, deadlines, proxies, and the pages for refused requests."""
