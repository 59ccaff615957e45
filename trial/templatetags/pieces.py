"""The pieces of a page's middle, kept by `trial.kept_page`."""

from django import template
from django.template import Context, Node, NodeList
from django.template.base import Parser, Token

register = template.Library()


class Piece(Node):
    def __init__(self, name: str, nodelist: NodeList) -> None:
        self.name, self.nodelist = name, nodelist

    def render(self, context: Context) -> str:
        pieces: dict[str, str] | None = context.get("pieces")
        if pieces is None:
            return self.nodelist.render(context)
        if self.name not in pieces:
            pieces[self.name] = self.nodelist.render(context)
        return pieces[self.name]


@register.tag
def piece(parser: Parser, token: Token) -> Piece:
    """{% piece middle %}…{% endpiece %}: rendered once for a page whose view keeps its pieces, each time for others."""
    nodelist = parser.parse(("endpiece",))
    parser.delete_first_token()
    return Piece(token.split_contents()[1], nodelist)
