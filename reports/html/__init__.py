"""Reports as pages for a browser, each complete in one file."""
