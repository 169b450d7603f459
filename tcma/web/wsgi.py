"""The WSGI application of this process's environment, for granian and its like."""

import os

from tcma.config import read_settings
from tcma.web.app import create_app, hits_of
from tcma.wiring import build

app = create_app(build(read_settings(os.environ)))
hits_of(app).start()
