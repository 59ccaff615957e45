"""REST of what happened, below /api/v1/trials/<id>/: the endpoints of every room."""

from .endpoints.api import urlpatterns as endpoints
from .events.api import urlpatterns as events
from .response.api import urlpatterns as response
from .tables.api import urlpatterns as tables

urlpatterns = [*events, *endpoints, *response, *tables]
