"""What gunicorn loads in each of its workers."""

from receiver.app import create_app
from receiver.config import read_config
from receiver.logs import configure_logs

configure_logs()
app = create_app(read_config())
