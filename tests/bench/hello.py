"""The least a WSGI server can be asked for."""


def app(environ, start_response):
    """Answer two words."""
    del environ
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "5")])
    return [b"hello"]
