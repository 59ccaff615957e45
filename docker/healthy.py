"""The web container's health: the log-in page answers, which asks sessions and database."""

import http.client
import sys

connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=6)
connection.request("GET", "/accounts/login/", headers={"Host": "localhost", "X-Forwarded-Proto": "https"})
sys.exit(0 if connection.getresponse().status == 200 else 1)
