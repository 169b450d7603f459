"""The WSGI application of this process's environment, for granian and its like."""

import gc
import os

gc.disable()  # what is imported stays: looking through it for garbage took a fifth of the start

from tcma.config import read_settings  # noqa: E402
from tcma.web.app import create_app, hits_of  # noqa: E402
from tcma.wiring import build  # noqa: E402

app = create_app(build(read_settings(os.environ)))
gc.freeze()
gc.enable()
hits_of(app).start()
