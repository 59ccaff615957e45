"""REST of what happened, below /api/v1/trials/<id>/: the endpoints of every room."""

from .cases.api import urlpatterns as cases
from .endpoints.api import urlpatterns as endpoints
from .events.api import urlpatterns as events
from .events.sponsor_api import urlpatterns as sponsor
from .response.api import urlpatterns as response
from .tables.api import urlpatterns as tables

urlpatterns = [*events, *sponsor, *cases, *endpoints, *response, *tables]
