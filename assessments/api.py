"""REST of what happened, below /api/v1/trials/<id>/: the endpoints of every room."""

from .cases.api import urlpatterns as cases
from .cases.void_api import urlpatterns as of_cases
from .endpoints.api import urlpatterns as endpoints
from .events.api import urlpatterns as events
from .events.change_api import urlpatterns as changes
from .events.sponsor_api import urlpatterns as sponsor
from .response.api import urlpatterns as response
from .tables.api import urlpatterns as tables

urlpatterns = [*events, *changes, *sponsor, *cases, *of_cases, *endpoints, *response, *tables]
